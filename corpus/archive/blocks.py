"""Reads HTML into blocks of text, without hidden text and boilerplate."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.archive.cleaning import BREAK, CELL, lines_of
from corpus.errors import ArticleError

_MAX_CHARS = 4_000_000
_MAX_DEPTH = 256
"""Of open elements; the parser's time grows with the square. Real posts reach 31."""
_MAX_TAG_CHARS = 16_384
"""The parser compares every attribute of a tag with all others, which is quadratic, too."""
_MAX_CELL = 200
_MIN_LAYOUT_PARAGRAPHS = 3
"""A form with so many paragraphs lays out the page and holds the article."""

_HARMFUL_TAG = re.compile(r"</?(?:html|head|body|frameset|option|optgroup)\b[^<>]*>", re.IGNORECASE)
"""Thousands of these tags cost the parser seconds; a post's text needs none of them."""
_TAG = re.compile(r"<(?:!--.*?(?:-->|\Z)|(/?)([a-zA-Z][^\s/<>]*)([^<>]*)>)", re.DOTALL)


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_NEEDS_NO_END = _words(
    "area base br col embed hr img input link meta param source track wbr"
    " p li dd dt tr td th tbody thead tfoot rp rt"
)
_HIDDEN_TAGS = _words(
    "script style noscript template iframe object embed audio video canvas svg map"
    " button input select textarea datalist title rt rp"
)
_HIDDEN_BLOCKS = _words("nav footer head figcaption caption dialog")
_BLOCK_TAGS = _words(
    "address article aside blockquote body center dd details div dl dt fieldset figure form"
    " header hgroup hr html legend li main ol p pre section summary table tbody td tfoot th thead"
    " tr ul"
)
_TRANSPARENT = _words("p ul ol dl table tbody thead tfoot")
_CELLS = _words("td th")
_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_BOLD_TAGS = _words("b strong")
_IMAGE_TAGS = _words("img picture figure")
_FOOTNOTE = re.compile(r"\s*(?:[\[［(（【]?\d{1,3}[\]］)）】]?|[*†‡↩︎]+|\[\^?[\w-]{1,12}\])\s*")

_OWN_COMMENT = "[class*='by-node-author'], .bypostauthor"
"""How Drupal and WordPress mark a comment by the author of the post."""

_NAME_PARTS = re.compile(r"[-_:]+|(?<=[a-z])(?=[A-Z])")
_STATE_NAME = re.compile(
    r"(?:(?:tag|category)-(?!links|list|cloud)|(?:type|status|format|has|no|is|not|with|u)-|view-dom)"
)
"""Names that describe the page (its topics, its layout), not the element."""
_BOILERPLATE_NAME = re.compile(
    r"""(?:^|-)(?:
        share|shares|sharing|sharedaddy|sharebar|addtoany|social|socials
      | related|relatedposts|recommend|recommended|recommendation|recommendations|yarpp|recirc
      | nav|navbar|navigation|breadcrumb|breadcrumbs|pager|pagination|menu|toolbar|skiplink
      | footer|byline|meta|submitted|dateline
      | caption|captions|figcaption|picinfo
      | respond|disqus
      | subscribe|subscription|newsletter|donate|donation|sponsor|sponsored|paywall
      | ad|ads|adslot|adsbygoogle|advert|advertisement|advertising|adsense|promotion
      | cookie|cookies|consent|popup|copyright|disclaimer|likes|likebox|pageviews
      | login|signin|signup|screen-reader-text|sr-only|toc|highcharts
      | (?:read|see|view|load)-?more | more-(?:article|articles|posts|stories|news|reading|link)
      | see-also|also-read|further-reading|you-may-like
      | (?:prev|next|previous)-(?:post|article|next) | post-(?:nav|pager)
      | (?:photo|image|img|picture|pic|media|cap)-(?:credit|credits|cred|source|description)
      | image-(?:source|capture) | (?:dls-)capture
      | (?:about|entry|post|single|name)-author | author-(?:box|card|info|bio|wrap|wrapper|profile)
      | (?:post|entry|article)-tags | (?:cat|category|tag|tags)-(?:links|list|cloud) | tagcloud
    )(?:-|$)
    | ^(?:tags|taglist|links|sidebar|hidden|d-none|visually-hidden|element-hidden
        |element-invisible|word-count|g-ai.*)$
    | -sidebar$""",
    re.VERBOSE,
)

_COMMENT_NAME = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|discussion)(?:$|[\s_-])", re.IGNORECASE
)


class Kind(Enum):
    """The element that a block comes from."""

    TEXT = "text"
    ITEM = "item"
    ROW = "row"
    HEADING = "heading"


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


def blocks_of(html: str, *, by_name: bool = True) -> list[Block]:
    """Return the blocks of text that ``html`` shows, in reading order.

    Scripts, forms, navigation and captions are left out.

    Args:
        html: a post's body.
        by_name: whether to leave out elements, too, whose class or id names navigation, sharing,
            advertisements or comments.

    Raises:
        ArticleError: ``html`` is too large or nested too deep to be parsed in bounded time.
    """
    html = _HARMFUL_TAG.sub(" ", html)
    _check_cost(html)
    root = LexborHTMLParser(html).body
    if root is None:
        return []
    reader = _Reader(by_name=by_name, is_debate=_is_debate(root))
    reader.read(root)
    return reader.blocks


def _is_debate(root: LexborNode) -> bool:
    """Return whether the comments are the article: most of them are by its own authors."""
    own = len(root.css(_OWN_COMMENT))
    return own > 0 and 2 * own > len(root.css(".comment"))


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

    by_name: bool
    is_debate: bool
    blocks: list[Block] = field(default_factory=list[Block])
    _parts: list[str] = field(default_factory=list[str])
    _chars: int = 0
    _linked_chars: int = 0
    _bold_chars: int = 0
    _open_links: int = 0
    _open_bolds: int = 0
    _kinds: list[Kind] = field(default_factory=lambda: [Kind.TEXT])
    _after_image: bool = False

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
                self._parts.append(BREAK)
            elif self._is_hidden(node, tag):
                if tag in _BLOCK_TAGS or tag in _HIDDEN_BLOCKS:
                    self._flush()
            elif not (tag in _CELLS and self._read_cell(node)):
                pending += [self._enter(tag), node.child]
        self._flush()

    def _enter(self, tag: str) -> Callable[[], None] | None:
        """Begin an element; return what ends it."""
        if tag in _HEADINGS:
            return self._open_block(Kind.HEADING)
        if tag in _BLOCK_TAGS:
            # A paragraph or a list inside an item or a row is still that item or row.
            inherited = self._kinds[-1] if tag in _TRANSPARENT else Kind.TEXT
            return self._open_block(_KINDS.get(tag, inherited))
        if tag == "a":
            self._open_links += 1
            return self._end_link
        if tag in _BOLD_TAGS:
            self._open_bolds += 1
            return self._end_bold
        return None

    def _is_hidden(self, node: LexborNode, tag: str) -> bool:
        if tag in _IMAGE_TAGS and not self._chars:
            self._after_image = True
        if tag in _HIDDEN_TAGS or tag in _HIDDEN_BLOCKS or tag.startswith(("-", "!")):
            return True
        if tag == "form":
            return len(node.css("p")) < _MIN_LAYOUT_PARAGRAPHS
        if tag == "sup":
            return _is_footnote_mark(node)
        return self.by_name and self._is_named_boilerplate(node)

    def _read_cell(self, node: LexborNode) -> bool:
        """Add a short table cell to its row; return False for a layout's cell, read as blocks."""
        text = node.text()
        if len(text) > _MAX_CELL or node.css_first("table, ul, ol") is not None:
            return False
        if self._chars:
            self._parts.append(CELL)
        self._add(text)
        return True

    def _open_block(self, kind: Kind) -> Callable[[], None]:
        self._flush()
        self._kinds.append(kind)
        return self._end_block

    def _end_block(self) -> None:
        self._flush()
        self._kinds.pop()

    def _end_link(self) -> None:
        self._open_links -= 1

    def _end_bold(self) -> None:
        self._open_bolds -= 1

    def _is_named_boilerplate(self, node: LexborNode) -> bool:
        attributes = node.attributes
        if not attributes:
            return False
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if names == " ":
            return False
        return _is_boilerplate_name(names) or (not self.is_debate and _is_comment_name(names))

    def _add(self, text: str) -> None:
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
        for line in lines_of("".join(self._parts)):
            self.blocks.append(Block(line, self._kinds[-1], link_share, is_bold, self._after_image))
            self._after_image = False
        self._parts.clear()
        self._chars = self._linked_chars = self._bold_chars = 0


def _is_footnote_mark(node: LexborNode) -> bool:
    """Return whether a ``sup`` is a footnote's number, in brackets or linked, not an exponent."""
    text = node.text().strip()
    return bool(_FOOTNOTE.fullmatch(text)) and (
        not text.isdigit() or (node.id or "").startswith("fn") or node.css_first("a") is not None
    )


@lru_cache(maxsize=8192)
def _is_boilerplate_name(names: str) -> bool:
    """Return whether an element's classes and id, joined by spaces, name boilerplate."""
    for name in names.split():
        if _STATE_NAME.match(name):
            continue
        if _BOILERPLATE_NAME.search("-".join(_NAME_PARTS.split(name)).lower()):
            return True
    return False


def _is_comment_name(names: str) -> bool:
    """Return whether an element's classes and id name comments on the article."""
    return bool(_COMMENT_NAME.search(names))
