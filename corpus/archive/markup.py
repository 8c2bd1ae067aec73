"""Reads a post's body, Markdown or HTML, into paragraphs without markup and boilerplate."""

import re

from corpus.archive.blocks import Block, Kind, blocks_of
from corpus.archive.boilerplate import without_boilerplate
from corpus.archive.markdown import render
from corpus.archive.passages import paragraphs_of
from corpus.model import Paragraph

_DATA_URI = re.compile(r"data:[a-z]+/[-+.\w]+[^\"'\s<>()]{64,}", re.IGNORECASE)
"""An inlined picture, up to 0.6 MB."""
_MIN_OWN_CHARS = 2000
"""An article with so much text of its own is no photo essay."""
_PHOTO_ESSAY = 2
"""The captions of a photo essay are at least as long as its own text."""


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
    blocks = _own_blocks(html, title)
    if _chars(blocks) < _MIN_OWN_CHARS:
        with_captions = _own_blocks(html, title, captions=True)
        if _chars(with_captions) >= _PHOTO_ESSAY * _chars(blocks):
            blocks = with_captions
    # A theme may name its whole article a share box, and a note may be no more than its title. Some
    # boilerplate is better than no text.
    return (
        paragraphs_of(blocks)
        or paragraphs_of(_own_blocks(html, title, by_name=False, captions=True))
        or paragraphs_of([b for b in _own_blocks(html, "", captions=True) if not b.level])
    )


def first_heading(body: str, *, markdown: bool = True) -> str | None:
    """Return the text of the first heading in a post's body."""
    blocks = blocks_of(_html(body, markdown=markdown), by_name=False)
    return next((block.text for block in blocks if block.kind is Kind.HEADING), None)


def _html(body: str, *, markdown: bool) -> str:
    body = _DATA_URI.sub("data:image/png;base64,", body)
    return render(body) if markdown else body


def _own_blocks(
    html: str, title: str, *, by_name: bool = True, captions: bool = False
) -> list[Block]:
    return without_boilerplate(
        blocks_of(html, by_name=by_name, captions=captions), title=title, captions=captions
    )


def _chars(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks if block.kind is not Kind.HEADING)
