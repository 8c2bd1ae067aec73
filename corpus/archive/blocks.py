"""Reads HTML into blocks of text, without hidden text and boilerplate."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.archive.cleaning import BREAK, CELL, lines_of
from corpus.archive.elements import (
    BLOCK_TAGS,
    IMAGE_TAGS,
    UNDISPLAYED_TAGS,
    Elements,
    displayed_text,
)
from corpus.archive.omissions import Omission, Reason
from corpus.archive.styles import unseen
from corpus.errors import ArticleError

_MAX_CHARS = 4_000_000
_MAX_DEPTH = 256
"""Of open elements; the parser's time grows with the square. Real posts reach 31."""
_MAX_TAG_CHARS = 16_384
"""The parser compares every attribute of a tag with all others, which is quadratic, too."""
_MAX_CELL = 200
_STRUCTURE = "table, ul, ol"
"""In a cell: more than a piece of a row."""

_HARMFUL_TAG = re.compile(r"</?(?:html|head|body|frameset|option|optgroup)\b[^<>]*>", re.IGNORECASE)
"""Thousands of these tags cost the parser seconds; a post's text needs none of them."""
_TAG = re.compile(r"<(?:!--.*?(?:-->|\Z)|(/?)([a-zA-Z][^\s/<>]*+)([^<>]*+)>)", re.DOTALL)


_NEEDS_NO_END = frozenset(
    (
        "area base br col embed hr img input link meta param source track wbr"
        " p li dd dt tr td th tbody thead tfoot rp rt"
    ).split()
)
_TRANSPARENT = frozenset("p ul ol dl table tbody thead tfoot".split())
_CELLS = frozenset({"td", "th"})
_BOLD_TAGS = frozenset({"b", "strong"})
_HEADING_LEVELS = {f"h{level}": level for level in range(1, 7)}
_EMPTY_LINE = re.compile(r"\n[ \t]*\n\s*")


class Kind(Enum):
    """The element that a block comes from."""

    TEXT = "text"
    ITEM = "item"
    ROW = "row"
    HEADING = "heading"


WRITTEN = "data-written"
"""The attribute of a heading that was rendered from Markdown."""
_KINDS = {"li": Kind.ITEM, "tr": Kind.ROW}


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text that stands by itself on the page, as one line."""

    text: str
    kind: Kind = Kind.TEXT
    link_share: float = 0.0
    """The share of its characters that are in links, 0 to 1."""
    is_bold: bool = False
    """Whether all of it is bold."""
    after_image: bool = False
    """Whether an image stands right above it."""
    level: int = 0
    """Of a heading, 1 to 6; an item of a list of headings keeps it."""
    is_written: bool = False
    """Whether it is a heading in Markdown, by the author's hand."""
    position: int = 0
    """Among all pieces of the page, also those left out."""


def blocks_of(
    html: str, *, by_name: bool = True, captions: bool = False
) -> tuple[list[Block], list[Omission]]:
    """Return the blocks of text that ``html`` shows, in reading order, and what is left out.

    Forms, navigation and what styles hide are left out.

    Args:
        html: a post's body.
        by_name: whether to leave out elements, too, whose class or id names navigation, sharing,
            advertisements or comments.
        captions: whether captions are text, too.

    Raises:
        ArticleError: ``html`` is too large or nested too deep to be parsed in bounded time.
    """
    html = _HARMFUL_TAG.sub(" ", html)
    _check_cost(html)
    root = LexborHTMLParser(html).body
    if root is None:
        return [], []
    reader = _Reader(Elements(root, by_name=by_name, captions=captions))
    reader.read(root)
    return reader.blocks, reader.omissions


def _is_short(cell: LexborNode) -> bool:
    """Return whether a table cell is a piece of its row, not a part of a layout."""
    return len(cell.text()) <= _MAX_CELL and cell.css_first(_STRUCTURE) is None


def _check_cost(html: str) -> None:
    """Raise ArticleError if ``html`` would take the parser more than bounded time."""
    if len(html) > _MAX_CHARS:
        raise ArticleError(f"its text is longer than {_MAX_CHARS:,} characters")
    open_tags: dict[str, int] = {}
    depth = 0
    for closing, name, rest in _TAG.findall(html):
        if len(rest) > _MAX_TAG_CHARS:
            raise ArticleError(f"its HTML has a tag longer than {_MAX_TAG_CHARS:,} characters")
        tag = name.lower()
        if not tag or tag in _NEEDS_NO_END:
            continue
        # An end tag without its start tag must not lower the depth.
        if not closing:
            open_tags[tag] = open_tags.get(tag, 0) + 1
            depth += 1
            if depth > _MAX_DEPTH:
                raise ArticleError(f"its HTML is nested deeper than {_MAX_DEPTH} elements")
        elif open_tags.get(tag):
            open_tags[tag] -= 1
            depth -= 1


@dataclass(slots=True)
class _Reader:
    """Walks the tree once, without recursion, and collects its blocks."""

    elements: Elements
    blocks: list[Block] = field(default_factory=list[Block])
    omissions: list[Omission] = field(default_factory=list[Omission])
    _parts: list[str] = field(default_factory=list[str])
    _chars: int = 0
    _linked_chars: int = 0
    _bold_chars: int = 0
    _open_links: int = 0
    _open_bolds: int = 0
    _open_pres: int = 0
    _open_cells: int = 0
    """Short cells of a row, in which no block begins."""
    _kinds: list[tuple[Kind, int]] = field(default_factory=lambda: [(Kind.TEXT, 0)])
    """Of the open blocks, with the level of a heading."""
    _unseen: list[frozenset[str]] = field(default_factory=lambda: [frozenset[str]()])
    """Of the open elements with a style: what keeps their text from being seen."""
    _after_image: bool = False
    _is_written: bool = False

    def read(self, root: LexborNode) -> None:
        """Collect the blocks under ``root``."""
        # Nodes to read, and between them what ends an element once its children are read.
        pending: list[LexborNode | Callable[[], None] | None] = [root.child]
        while pending:
            node = pending.pop()
            if node is None:
                continue
            if not isinstance(node, LexborNode):
                node()
                continue
            pending.append(node.next)
            tag = node.tag or ""
            if tag == "-text":
                self._add(node.text_content or "")
            elif tag == "br":
                self._parts.append(" " if self._open_cells else BREAK)
            elif tag not in UNDISPLAYED_TAGS and not tag.startswith(("-", "!")):
                pending += self._read_element(node, tag)
        self._flush()

    def _read_element(
        self, node: LexborNode, tag: str
    ) -> list[LexborNode | Callable[[], None] | None]:
        """Begin an element or leave it out; return what is still to be done, the last first."""
        if tag in IMAGE_TAGS and not self._chars and not self._open_cells:
            self._after_image = True
        if reason := self.elements.reason_left_out(node, tag):
            if tag in BLOCK_TAGS and tag not in _CELLS and not self._open_cells:
                self._flush()
            self._omit(displayed_text(node), reason)
            return []
        if tag in _CELLS and _is_short(node):
            return [self._open_cell(), node.child]
        return [*self._enter(node, tag), node.child]

    def _enter(self, node: LexborNode, tag: str) -> list[Callable[[], None]]:
        """Begin an element; return what ends it, the last first."""
        style = node.attributes.get("style") or ""
        ends = self._enter_style(node, style)
        if self._open_cells:
            if tag in BLOCK_TAGS or self.elements.is_block(node, style):
                self._parts.append(" ")
            return ends
        if tag in _HEADING_LEVELS:
            ends.append(self._open_block(Kind.HEADING, _HEADING_LEVELS[tag]))
            self._is_written = WRITTEN in node.attributes
        elif tag in BLOCK_TAGS:
            # A paragraph or a list inside an item or a row is still that item or row.
            inherited = self._kinds[-1][0] if tag in _TRANSPARENT else Kind.TEXT
            ends.append(self._open_block(_KINDS.get(tag, inherited)))
            if tag == "pre":
                self._open_pres += 1
                ends.append(self._end_pre)
        elif tag == "a":
            self._open_links += 1
            ends.append(self._end_link)
        elif tag in _BOLD_TAGS:
            self._open_bolds += 1
            ends.append(self._end_bold)
        elif tag == "code" and self._open_pres:
            # Editors write each line of a listing as a code element of its own.
            self._parts.append(BREAK)
        if tag not in BLOCK_TAGS and self.elements.is_block(node, style):
            ends.append(self._open_block(*self._kinds[-1]))
        return ends

    def _enter_style(self, node: LexborNode, style: str) -> list[Callable[[], None]]:
        hidden = unseen(style, self._unseen[-1]) if style else self._unseen[-1]
        if hidden > self._unseen[-1] and self.elements.is_most_of_page(node):
            hidden = self._unseen[-1]
        if hidden == self._unseen[-1]:
            return []
        self._unseen.append(hidden)
        return [self._end_style]

    def _open_cell(self) -> Callable[[], None]:
        """Begin a table cell that is a piece of its row, which is one block."""
        if self._chars:
            self._parts.append(CELL)
        self._open_cells += 1
        return self._end_cell

    def _end_cell(self) -> None:
        self._open_cells -= 1

    def _open_block(self, kind: Kind, level: int = 0) -> Callable[[], None]:
        self._flush()
        self._kinds.append((kind, level))
        return self._end_block

    def _end_block(self) -> None:
        self._flush()
        self._kinds.pop()

    def _end_link(self) -> None:
        self._open_links -= 1

    def _end_bold(self) -> None:
        self._open_bolds -= 1

    def _end_pre(self) -> None:
        self._open_pres -= 1

    def _end_style(self) -> None:
        self._unseen.pop()

    def _omit(self, text: str, reason: Reason) -> None:
        if text:
            self.omissions.append(Omission(text, reason, self._position))

    @property
    def _position(self) -> int:
        return len(self.blocks) + len(self.omissions)

    def _add(self, text: str) -> None:
        if self._unseen[-1]:
            self._omit(" ".join(text.split()), Reason.HIDDEN)
            return
        if self._open_pres:
            text = _EMPTY_LINE.sub(2 * BREAK, text).replace("\n", " ")
        self._parts.append(text)
        chars = len(text.strip())
        self._chars += chars
        if self._open_links:
            self._linked_chars += chars
        if self._open_bolds:
            self._bold_chars += chars

    def _flush(self) -> None:
        """End the block that has been collected so far, if there is one."""
        if not self._chars:
            self._parts.clear()
            return
        link_share = self._linked_chars / self._chars
        is_bold = self._bold_chars >= self._chars
        kind, level = self._kinds[-1]
        for line in lines_of("".join(self._parts)):
            self.blocks.append(
                Block(
                    line,
                    kind,
                    link_share,
                    is_bold,
                    after_image=self._after_image,
                    level=level,
                    is_written=self._is_written and kind is Kind.HEADING,
                    position=self._position,
                )
            )
            self._after_image = False
        self._parts.clear()
        self._chars = self._linked_chars = self._bold_chars = 0
