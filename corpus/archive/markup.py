"""Reads a post's body, Markdown or HTML, into paragraphs without markup and boilerplate."""

import re
from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt

from corpus.archive.blocks import Kind, blocks_of
from corpus.archive.boilerplate import without_boilerplate
from corpus.archive.passages import paragraphs_of
from corpus.errors import ArticleError
from corpus.model import Paragraph

_DATA_URI = re.compile(r"data:[a-z]+/[-+.\w]+[^\"'\s<>()]{64,}", re.IGNORECASE)
"""An inlined picture, up to 0.6 MB."""
_LIQUID = re.compile(r"\{%-?\s*\w[^%\n]*%\}|\{\{\s*(?:site|page|post|layout)\.[^{}\n]*\}\}")
_ATTRIBUTE_LIST = re.compile(r"^\{:[^{}\n]*\}[ \t]*$", re.MULTILINE)
_HTML_OR_FENCE = re.compile(
    r"^ {0,3}(?:(?P<fence>`{3,}|~{3,})[^\n]*$"
    r"|<(?P<tag>address|article|aside|blockquote|body|center|details|div|dl|figure|footer|form"
    r"|h[1-6]|header|html|main|nav|ol|p|pre|script|section|style|svg|table|ul)\b)",
    re.MULTILINE | re.IGNORECASE,
)
_MAX_MARKDOWN_CHARS = 300_000
_MAX_BRACKETS = 10_000
"""The parser takes some 10 microseconds a character, and 100 an unclosed bracket."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def body_paragraphs(body: str, *, title: str, markdown: bool = True) -> list[Paragraph]:
    r"""Return the paragraphs of a post's body, each readable by itself.

    Args:
        body: Markdown, HTML or both, with ``\n`` line ends.
        title: the post's title, which is dropped if the body repeats it.
        markdown: whether text outside HTML elements is Markdown.

    Raises:
        ArticleError: the body is too large or nested too deep.
    """
    html = _html(body, markdown=markdown)
    # A theme may name its whole article a share box, and a note may be no more than its title. Some
    # boilerplate is better than no text.
    for by_name, title_to_drop in ((True, title), (False, title), (True, "")):
        blocks = without_boilerplate(blocks_of(html, by_name=by_name), title=title_to_drop)
        if paragraphs := paragraphs_of(blocks):
            return paragraphs
    return []


def first_heading(body: str, *, markdown: bool = True) -> str | None:
    """Return the text of the first heading in a post's body."""
    blocks = blocks_of(_html(body, markdown=markdown), by_name=False)
    return next((block.text for block in blocks if block.kind is Kind.HEADING), None)


def _html(body: str, *, markdown: bool) -> str:
    body = _DATA_URI.sub("data:image/png;base64,", body)
    return _rendered(body) if markdown else body


def _rendered(body: str) -> str:
    """Render Markdown to HTML and leave HTML elements as they are.

    As in Jekyll, an HTML element at the start of a line goes on to its end tag, over blank and
    indented lines, after which CommonMark would read Markdown again.
    """
    segments = list(_segments(_ATTRIBUTE_LIST.sub("", _LIQUID.sub("", body))))
    markdown = [text for is_html, text in segments if not is_html]
    if sum(map(len, markdown)) > _MAX_MARKDOWN_CHARS:
        raise ArticleError(f"its Markdown is longer than {_MAX_MARKDOWN_CHARS:,} characters")
    if sum(text.count("[") for text in markdown) > _MAX_BRACKETS:
        raise ArticleError(f"its Markdown has more than {_MAX_BRACKETS:,} brackets")
    return "\n".join(text if is_html else _markdown().render(text) for is_html, text in segments)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(
        ["table", "strikethrough"]
    )


def _segments(body: str) -> Iterator[tuple[bool, str]]:
    """Split a body into Markdown and HTML; yield whether a segment is HTML, and its text."""
    start = position = 0
    while match := _HTML_OR_FENCE.search(body, position):
        if fence := match["fence"]:
            closing = re.compile(rf"^ {{0,3}}{fence}[`~]*[ \t]*$", re.MULTILINE)
            end_of_fence = closing.search(body, match.end())
            position = end_of_fence.end() if end_of_fence else len(body)
            continue
        if body[start : match.start()].strip():
            yield False, body[start : match.start()]
        start = position = _end_of_element(body, match.start(), match["tag"])
        yield True, body[match.start() : position]
    if body[start:].strip():
        yield False, body[start:]


def _end_of_element(body: str, start: int, tag: str) -> int:
    tags = re.compile(rf"<(/?){tag}\b[^<>]*>", re.IGNORECASE).finditer(body, start)
    depth = 0
    for match in tags:
        depth += -1 if match[1] else 1
        if depth <= 0:
            return match.end()
        if depth > 1 and tag.lower() == "p":
            break  # paragraphs do not nest: the first one is not closed
    # Without an end tag a paragraph ends at a blank line, and a container holds the rest.
    blank = _BLANK_LINE.search(body, start) if tag.lower() == "p" else None
    return blank.end() if blank else len(body)
