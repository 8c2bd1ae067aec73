"""Renders a post's Markdown to HTML as its site does: CommonMark, with kramdown's additions."""

import re
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import isWhiteSpace
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline, emphasis, strikethrough
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from corpus.archive.blocks import WRITTEN
from corpus.archive.code_parts import FENCE
from corpus.archive.kramdown import without_attributes, without_comments
from corpus.errors import ArticleError

_HTML_OR_FENCE = re.compile(
    rf"^ {{0,3}}(?:{FENCE}"
    r"|<(?P<tag>address|article|aside|blockquote|body|center|details|div|dl|figure|footer|form"
    r"|h[1-6]|header|html|main|nav|ol|p|pre|script|section|style|svg|table|ul)\b)",
    re.MULTILINE | re.IGNORECASE,
)
_MARKDOWN_INSIDE = re.compile(
    r"\smarkdown\s*=\s*(?:\"(?:1|block|span)\"|'(?:1|block|span)'|(?:1|block|span)\b)",
    re.IGNORECASE,
)
"""In a start tag: kramdown reads what the element holds as Markdown."""
_MARKDOWN_TAG = re.compile(rf"<[a-z][^<>]*{_MARKDOWN_INSIDE.pattern}[^<>]*>", re.IGNORECASE)
_MAX_MARKDOWN_CHARS = 300_000
_MAX_BRACKETS = 10_000
"""The parser takes some 10 microseconds a character, and 100 an unclosed bracket."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_PLACEHOLDER = re.compile(r"<!--html (\d+)-->")
_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff‘’“”—…]"
)


def render(body: str) -> str:
    """Render Markdown to HTML and leave HTML elements as they are.

    As in Jekyll, an HTML element at the start of a line goes on to its end tag, over blank and
    indented lines, after which CommonMark would read Markdown again.

    Raises:
        ArticleError: there is too much Markdown to be parsed in bounded time.
    """
    elements: list[str] = []
    pieces: list[str] = []
    for is_html, text in _segments(without_comments(body)):
        if is_html:
            # One document: footnotes and link addresses may be defined beyond the element.
            pieces.append(f"\n\n<!--html {len(elements)}-->\n\n")
            elements.append(text)
        else:
            pieces.append(without_attributes(_MARKDOWN_TAG.sub(r"\g<0>\n\n", text)))
    markdown = "".join(pieces)
    if len(markdown) > _MAX_MARKDOWN_CHARS:
        raise ArticleError(f"its Markdown is longer than {_MAX_MARKDOWN_CHARS:,} characters")
    if markdown.count("[") > _MAX_BRACKETS:
        raise ArticleError(f"its Markdown has more than {_MAX_BRACKETS:,} brackets")
    html = _markdown().render(markdown)

    unused = dict(enumerate(elements))

    def element(match: re.Match[str]) -> str:
        # Each stands for its element once: a post may write such a comment as often as it likes.
        return unused.pop(int(match[1]), "")

    return _PLACEHOLDER.sub(element, html)


@cache
def _markdown() -> MarkdownIt:
    markdown = (
        MarkdownIt("commonmark", {"html": True, "maxNesting": 20})
        .enable(["table", "strikethrough"])
        .use(footnote_plugin, inline=False)
        .use(deflist_plugin)
        .use(tasklists_plugin)
    )
    markdown.inline.ruler.at("emphasis", _also_beside_cjk(emphasis.tokenize))
    markdown.inline.ruler.at("strikethrough", _also_beside_cjk(strikethrough.tokenize))
    markdown.add_render_rule("heading_open", _heading)
    return markdown


def _heading(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    tokens[index].attrSet(WRITTEN, "")
    return renderer.renderToken(tokens, index, options, env)


def _also_beside_cjk(rule: Callable[[StateInline, bool], bool]) -> Callable[..., bool]:
    """Return a rule of markdown-it that takes a run of ``*`` or ``~``, also beside wide marks.

    CommonMark wants a space, or another mark, between a word and an asterisk that is followed by
    a mark. Chinese has no spaces, and kramdown wants none: ``通過了**「不落地」。**從下個月``.
    """

    def tokenize(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 (markdown-it's)
        start, first = state.pos, len(state.delimiters)
        if not rule(state, silent):
            return False
        before = state.src[start - 1] if start else " "
        after = state.src[state.pos] if state.pos < state.posMax else " "
        if state.src[start] != "_" and (_CJK.match(before) or _CJK.match(after)):
            for delimiter in state.delimiters[first:]:
                delimiter.open = delimiter.open or not isWhiteSpace(ord(after))
                delimiter.close = delimiter.close or not isWhiteSpace(ord(before))
        return True

    return tokenize


def _segments(body: str) -> Iterator[tuple[bool, str]]:
    """Split a body into Markdown and HTML; yield whether a segment is HTML, and its text.

    Of an element that holds Markdown only the start tag is taken for HTML.
    """
    start = position = 0
    while match := _HTML_OR_FENCE.search(body, position):
        if fence := match["fence"]:
            closing = re.compile(rf"^ {{0,3}}{fence}[`~]*[ \t]*$", re.MULTILINE)
            end_of_fence = closing.search(body, match.end())
            position = end_of_fence.end() if end_of_fence else len(body)
            continue
        if body[start : match.start()].strip():
            yield False, body[start : match.start()]
        end_of_element = _end_of_element(body, match.start(), match["tag"])
        if _MARKDOWN_INSIDE.search(body, match.start(), end_of_element):
            # The start tag only: the parser knows the end tag.
            start = position = body.find(">", match.start()) + 1 or len(body)
        else:
            start = position = end_of_element
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
