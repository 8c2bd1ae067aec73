"""Reads a post's body, Markdown or HTML, into paragraphs without markup and boilerplate."""

import re
from dataclasses import dataclass

from corpus.archive.blocks import Block, Kind, blocks_of
from corpus.archive.boilerplate import without_boilerplate
from corpus.archive.markdown import render
from corpus.archive.omissions import Omission, Reason
from corpus.archive.passages import paragraphs_of
from corpus.model import Paragraph

_DATA_URI = re.compile(r"data:[a-z]+/[-+.\w]+[^\"'\s<>()]{64,}", re.IGNORECASE)
"""An inlined picture, up to 0.6 MB."""
_MIN_OWN_CHARS = 2000
"""An article with so much text of its own is no photo essay."""
_PHOTO_ESSAY = 2
"""The captions of a photo essay are at least as long as its own text."""


@dataclass(frozen=True, slots=True)
class Body:
    """A post's body as it was read."""

    paragraphs: list[Paragraph]
    """Each readable by itself."""
    chars: int
    """Of the text that was read; the paragraphs may repeat a heading."""
    omissions: list[Omission]
    """What was left out, in the order of the page."""


def html_of(body: str, *, markdown: bool) -> str:
    r"""Return a post's body as HTML.

    Args:
        body: Markdown, HTML or both, with ``\n`` line ends.
        markdown: whether text outside HTML elements is Markdown.

    Raises:
        ArticleError: there is too much Markdown.
    """
    body = _DATA_URI.sub("data:image/png;base64,", body)
    return render(body) if markdown else body


def read_body(html: str, *, title: str) -> Body:
    """Read a post's body into paragraphs.

    Args:
        html: the body, see `html_of`.
        title: the post's title, which is dropped if the body repeats it.

    Raises:
        ArticleError: the body is too large or nested too deep.
    """
    page = _Page.of(html, title)
    if page.running_chars < _MIN_OWN_CHARS and page.has_captions:
        with_captions = _Page.of(html, title, captions=True)
        if with_captions.running_chars >= _PHOTO_ESSAY * page.running_chars:
            page = with_captions
    # A theme may name its whole article a share box, and a note may be no more than its title. Some
    # boilerplate is better than no text.
    if not page.has_text:
        page = _Page.of(html, title, by_name=False, captions=True)
    if not page.has_text:
        page = _Page.of(html, "", captions=True).without_headings()
    return Body(
        paragraphs_of(page.blocks),
        sum(len(block.text) for block in page.blocks),
        sorted(page.omissions, key=lambda omission: omission.position),
    )


def first_heading(html: str) -> str | None:
    """Return the text of the first heading in a post's body."""
    blocks, _ = blocks_of(html, by_name=False)
    return next((block.text for block in blocks if block.kind is Kind.HEADING), None)


@dataclass(frozen=True, slots=True)
class _Page:
    """The blocks of an article, and what else stands on its page."""

    blocks: list[Block]
    omissions: list[Omission]

    @classmethod
    def of(cls, html: str, title: str, *, by_name: bool = True, captions: bool = False) -> "_Page":
        shown, left_out = blocks_of(html, by_name=by_name, captions=captions)
        blocks, boilerplate = without_boilerplate(shown, title=title, captions=captions)
        return cls(blocks, left_out + boilerplate)

    @property
    def running_chars(self) -> int:
        """How many characters of text it has that is no heading."""
        return sum(len(block.text) for block in self.blocks if block.kind is not Kind.HEADING)

    @property
    def has_captions(self) -> bool:
        """Whether captions are left out."""
        return any(omission.reason is Reason.CAPTION for omission in self.omissions)

    @property
    def has_text(self) -> bool:
        """Whether it has more than headings."""
        return any(block.kind is not Kind.HEADING for block in self.blocks)

    def without_headings(self) -> "_Page":
        """Return the same page with its headings left out."""
        headings = [
            Omission(block.text, Reason.TITLE, block.position)
            for block in self.blocks
            if block.level
        ]
        return _Page([b for b in self.blocks if not b.level], self.omissions + headings)
