"""What blocks of text does a piece of HTML show, one under the other?"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.cleaning import unescape, without_unseen
from corpus.errors import ArticleError
from corpus.noise import is_noise_name

_LIMIT_CHARACTERS = 4_000_000
_LIMIT_DEPTH = 256
"""Open elements at once; the parser's time grows with the square. Real posts reach 31."""
_LIMIT_TAG = 16_384
"""Characters of one tag; comparing its attributes with one another is quadratic too."""
_SHORT_CELL = 200
_LAYOUT_FORM_PARAGRAPHS = 3

_DATA_URI = re.compile(r"data:[a-z]+/[-+.\w]+[^\"'\s<>()]{64,}", re.IGNORECASE)
_HARMFUL_TAG = re.compile(r"</?(?:html|head|body|frameset|option|optgroup)\b[^<>]*>", re.IGNORECASE)
"""Thousands of these cost the parser seconds; a post's text needs none of them."""
_TAG = re.compile(r"<(?:!--.*?(?:-->|\Z)|(/?)([a-zA-Z][^\s/<>]*)([^<>]*)>)", re.DOTALL)
_CLOSED_BY_ITSELF = frozenset(
    "area base br col embed hr img input link meta param source track wbr"
    " p li dd dt tr td th tbody thead tfoot rp rt".split()
)

_UNSEEN_TAGS = frozenset(
    "script style noscript template iframe object embed audio video canvas svg map"
    " button input select textarea datalist dialog nav footer head title figcaption caption"
    " rt rp".split()
)
_BLOCK_TAGS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figure form"
    " header hgroup hr html legend li main ol p pre section summary table tbody td tfoot th thead"
    " tr ul".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STRONG_TAGS = frozenset({"b", "strong"})
_IMAGE_TAGS = frozenset({"img", "picture", "figure"})
_FOOTNOTE = re.compile(r"\s*(?:[\[［(（【]?\d{1,3}[\]］)）】]?|[*†‡↩︎]+|\[\^?[\w-]{1,12}\])\s*")

_BREAK = "\ue000"
"""Stands for <br>: a private-use character, which no cleaned text holds."""
_CELL = "\ue001"
_HAN = "\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CJK_MARKS = "\u3001-\u3003\u3008-\u3011\u3014-\u301b“”‘’…—\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40"
_JOIN_WITHOUT_SPACE = re.compile(
    f"(?<=[{_HAN}“‘…—])\n(?=[{_HAN}”’…—])|(?<=[{_CJK_MARKS}])\n|\n(?=[{_CJK_MARKS}])"
    r"|\n(?=[,.;:!?)\]])|(?<=[(\[])\n"
)
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_ENDS_A_LINE = re.compile(r"[。！？；：…!?.:;」』”’）)*—-]$")


class Kind(Enum):
    """What a block is in the page."""

    TEXT = "text"
    ITEM = "item"
    ROW = "row"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Block:
    """One run of text that stands by itself in the page, as one line."""

    text: str
    kind: Kind = Kind.TEXT
    link_share: float = 0.0
    """How much of it is link text, 0 to 1."""
    strong: bool = False
    """Whether all of it is bold."""
    after_image: bool = False
    """Whether an image stands right above it."""


def blocks_of(html: str, *, by_name: bool = True) -> list[Block]:
    """Return the blocks of text that ``html`` shows, in reading order.

    Scripts, forms, navigation, captions and, where ``by_name``, elements whose class or id calls
    them noise are left out.

    Raises:
        ArticleError: it is too large or nested too deep to be parsed in bounded time.
    """
    html = _HARMFUL_TAG.sub(" ", _DATA_URI.sub("data:", html))
    _refuse_unbounded(html)
    root = LexborHTMLParser(html).body
    if root is None:
        return []
    reader = _Reader(by_name=by_name)
    reader.read(root)
    return reader.blocks


def _refuse_unbounded(html: str) -> None:
    if len(html) > _LIMIT_CHARACTERS:
        raise ArticleError(f"its text is longer than {_LIMIT_CHARACTERS:,} characters")
    opened: dict[str, int] = {}
    depth = 0
    for closing, name, rest in _TAG.findall(html):
        if len(rest) > _LIMIT_TAG:
            raise ArticleError(f"its HTML has a tag longer than {_LIMIT_TAG:,} characters")
        tag = name.lower()
        if not tag or tag in _CLOSED_BY_ITSELF:
            continue
        # A closing tag that closes nothing must not make up for an open one.
        if not closing:
            opened[tag] = opened.get(tag, 0) + 1
            depth += 1
            if depth > _LIMIT_DEPTH:
                raise ArticleError(f"its HTML is nested deeper than {_LIMIT_DEPTH} elements")
        elif opened.get(tag):
            opened[tag] -= 1
            depth -= 1


@dataclass(slots=True)
class _Reader:
    """Walks a tree once, without recursion, and gathers its blocks."""

    by_name: bool
    blocks: list[Block] = field(default_factory=list[Block])
    _parts: list[str] = field(default_factory=list[str])
    _characters: int = 0
    _linked: int = 0
    _bold: int = 0
    _links_open: int = 0
    _bolds_open: int = 0
    _kinds: list[Kind] = field(default_factory=lambda: [Kind.TEXT])
    _after_image: bool = False
    _verbatim: int = 0

    def read(self, root: LexborNode) -> None:
        leave: list[Callable[[], None] | None] = []
        node = root.child
        while node is not None:
            descend, on_leave = self._enter(node)
            if descend and (child := node.child) is not None:
                leave.append(on_leave)
                node = child
                continue
            if on_leave:
                on_leave()
            while node is not None and (following := node.next) is None:
                node = node.parent
                if not leave:
                    node = None
                    break
                if closing := leave.pop():
                    closing()
            else:
                node = following
        self._flush()

    def _enter(self, node: LexborNode) -> tuple[bool, Callable[[], None] | None]:
        """Take in a node; return whether to go into it, and what to do when leaving it."""
        tag = node.tag or ""
        if tag == "-text":
            self._add(node.text_content or "")
            return False, None
        if tag == "br":
            self._parts.append(_BREAK)
            return False, None
        if tag in _IMAGE_TAGS and not self._characters:
            self._after_image = True
        if tag in _UNSEEN_TAGS or tag.startswith(("-", "!")):
            return False, None
        if self.by_name and self._is_named_noise(node):
            if tag in _BLOCK_TAGS:
                self._flush()
            return False, None
        if tag in _HEADINGS:
            return self._enter_block(Kind.HEADING)
        if tag in _BLOCK_TAGS:
            return self._enter_block_tag(node, tag)
        if tag == "a":
            self._links_open += 1
            return True, self._leave_link
        if tag in _STRONG_TAGS:
            self._bolds_open += 1
            return True, self._leave_strong
        return not (tag == "sup" and _FOOTNOTE.fullmatch(node.text())), None

    def _enter_block_tag(
        self, node: LexborNode, tag: str
    ) -> tuple[bool, Callable[[], None] | None]:
        if tag in {"td", "th"}:
            text = node.text()
            if len(text) <= _SHORT_CELL and node.css_first("table, ul, ol") is None:
                if self._parts:
                    self._parts.append(_CELL)
                self._add(text)
                return False, None
            return self._enter_block(Kind.TEXT)
        if tag == "form" and len(node.css("p")) < _LAYOUT_FORM_PARAGRAPHS:
            return False, None
        if tag == "li":
            return self._enter_block(Kind.ITEM)
        if tag == "tr":
            return self._enter_block(Kind.ROW)
        if tag == "p":  # a paragraph of a list item belongs to the item
            return self._enter_block(self._kinds[-1])
        if tag in {"ul", "ol", "dl", "table", "tbody", "thead", "tfoot"}:
            return self._enter_block(self._kinds[-1])
        return self._enter_block(Kind.TEXT)

    def _enter_block(self, kind: Kind) -> tuple[bool, Callable[[], None]]:
        self._flush()
        self._kinds.append(kind)
        return True, self._leave_block

    def _leave_block(self) -> None:
        self._flush()
        self._kinds.pop()

    def _leave_link(self) -> None:
        self._links_open -= 1

    def _leave_strong(self) -> None:
        self._bolds_open -= 1

    def _is_named_noise(self, node: LexborNode) -> bool:
        attributes = node.attributes
        if not attributes:
            return False
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if names == " " or not is_noise_name(names):
            return False
        # A comment by the article's own author is part of the article.
        return node.css_first("[class*='by-node-author'], .bypostauthor") is None

    def _add(self, text: str) -> None:
        self._parts.append(text)
        seen = len(text.strip())
        self._characters += seen
        if self._links_open:
            self._linked += seen
        if self._bolds_open:
            self._bold += seen

    def _flush(self) -> None:
        if not self._characters:
            self._parts.clear()
            return
        link_share = self._linked / self._characters
        strong = self._bold >= self._characters
        for line in _lines("".join(self._parts)):
            self.blocks.append(
                Block(line, self._kinds[-1], link_share, strong, self._after_image)
            )
            self._after_image = False
        self._parts.clear()
        self._characters = self._linked = self._bold = 0


def _lines(raw: str) -> Iterator[str]:
    """Yield what a reader takes for paragraphs within one block.

    An empty line parts them; so does a line break after a closing mark. Any other line break
    only folds the text.
    """
    pending = ""
    broken = 0
    for piece in raw.split(_BREAK):
        line = _one_line(piece)
        if not line:
            broken += 1
            continue
        if pending and (broken or _ENDS_A_LINE.search(pending)):
            yield pending
            pending = line
        else:
            pending = f"{pending} {line}" if pending else line
        broken = 0
    if pending:
        yield pending


def _one_line(raw: str) -> str:
    """Join source lines as a reader would: no space between Han characters, one between words."""
    text = without_unseen(unescape(raw.replace(_CELL, " | ")))
    text = "\n".join(filter(None, map(str.strip, text.splitlines())))
    if "\n" in text:
        text = _JOIN_WITHOUT_SPACE.sub("", text).replace("\n", " ")
    return _SPACES.sub(" ", text).strip()
