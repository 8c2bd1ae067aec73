"""What paragraphs does a post's body hold, once markup and page furniture are gone?"""

import re
from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt

from corpus.blocks import Block, Kind, blocks_of
from corpus.model import Paragraph
from corpus.passages import passages_of

_LIQUID = re.compile(r"\{%-?\s*\w[^%\n]*%\}|\{\{\s*(?:site|page|post|layout)\.[^{}\n]*\}\}")
_ATTRIBUTE_LIST = re.compile(r"^\{:[^{}\n]*\}[ \t]*$", re.MULTILINE)
_HTML_OR_FENCE = re.compile(
    r"^ {0,3}(?:(?P<fence>`{3,}|~{3,})[^\n]*$"
    r"|<(?P<tag>address|article|aside|blockquote|body|center|details|div|dl|figure|footer|form"
    r"|h[1-6]|header|html|main|nav|ol|p|pre|script|section|style|svg|table|ul)\b)",
    re.MULTILINE | re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def paragraphs(body: str, *, title: str, markdown: bool = True) -> list[Paragraph]:
    """Return the paragraphs of a post's body, each fit to be read by itself.

    Args:
        body: Markdown, HTML or both, with ``\\n`` line ends.
        title: the post's title, whose repetition is dropped.
        markdown: whether text outside HTML elements is Markdown.

    Raises:
        ArticleError: the body is too large or nested too deep.
    """
    return passages_of(blocks_of(to_html(body) if markdown else body), title=title)


def first_heading(body: str, *, markdown: bool = True) -> str | None:
    """Return the text of a body's first heading."""
    blocks = blocks_of(to_html(body) if markdown else body, by_name=False)
    return next((block.text for block in blocks if block.kind is Kind.HEADING), None)


def to_html(body: str) -> str:
    """Render Markdown, leaving HTML elements as they are.

    As in Jekyll, an HTML element that starts a line is HTML up to its end tag, blank and
    indented lines included, where CommonMark would see Markdown again.
    """
    body = _ATTRIBUTE_LIST.sub("", _LIQUID.sub("", body))
    return "\n".join(
        text if is_html else _markdown().render(text) for is_html, text in _segments(body)
    )


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(
        ["table", "strikethrough"]
    )


def _segments(body: str) -> Iterator[tuple[bool, str]]:
    """Part a body into Markdown and HTML; yields whether it is HTML, and the text."""
    start = at = 0
    while match := _HTML_OR_FENCE.search(body, at):
        if fence := match["fence"]:
            closing = re.compile(rf"^ {{0,3}}{fence}[`~]*[ \t]*$", re.MULTILINE)
            end_of_fence = closing.search(body, match.end())
            at = end_of_fence.end() if end_of_fence else len(body)
            continue
        if body[start : match.start()].strip():
            yield False, body[start : match.start()]
        start = at = _end_of_element(body, match.start(), match["tag"])
        yield True, body[match.start() : at]
    if body[start:].strip():
        yield False, body[start:]


def _end_of_element(body: str, start: int, tag: str) -> int:
    depth = 0
    for match in re.finditer(rf"<(/?){tag}\b[^<>]*>", body[start:], re.IGNORECASE):
        depth += -1 if match[1] else 1
        if depth <= 0:
            return start + match.end()
    # Never closed: a paragraph ends at a blank line, a container holds the rest.
    blank = _BLANK_LINE.search(body, start) if tag.lower() == "p" else None
    return blank.end() if blank else len(body)
