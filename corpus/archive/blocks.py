"""What blocks of text does a piece of HTML show, one under the other?"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.archive.cleaning import BREAK, CELL, lines_of
from corpus.errors import ArticleError

_LIMIT_CHARACTERS = 4_000_000
_LIMIT_DEPTH = 256
"""Open elements at once; the parser's time grows with the square. Real posts reach 31."""
_LIMIT_TAG = 16_384
"""Characters of one tag; comparing its attributes with one another is quadratic too."""
_SHORT_CELL = 200
_LAYOUT_FORM_PARAGRAPHS = 3

_HARMFUL_TAG = re.compile(r"</?(?:html|head|body|frameset|option|optgroup)\b[^<>]*>", re.IGNORECASE)
"""Thousands of these cost the parser seconds; a post's text needs none of them."""
_TAG = re.compile(r"<(?:!--.*?(?:-->|\Z)|(/?)([a-zA-Z][^\s/<>]*)([^<>]*)>)", re.DOTALL)


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_CLOSED_BY_ITSELF = _words(
    "area base br col embed hr img input link meta param source track wbr"
    " p li dd dt tr td th tbody thead tfoot rp rt"
)
_UNSEEN_TAGS = _words(
    "script style noscript template iframe object embed audio video canvas svg map"
    " button input select textarea datalist title rt rp"
)
_UNSEEN_BLOCKS = _words("nav footer head figcaption caption dialog")
_BLOCK_TAGS = _words(
    "address article aside blockquote body center dd details div dl dt fieldset figure form"
    " header hgroup hr html legend li main ol p pre section summary table tbody td tfoot th thead"
    " tr ul"
)
_TRANSPARENT = _words("p ul ol dl table tbody thead tfoot")
_CELLS = _words("td th")
_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_STRONG_TAGS = _words("b strong")
_IMAGE_TAGS = _words("img picture figure")
_FOOTNOTE = re.compile(r"\s*(?:[\[［(（【]?\d{1,3}[\]］)）】]?|[*†‡↩︎]+|\[\^?[\w-]{1,12}\])\s*")

_OWN_COMMENT = "[class*='by-node-author'], .bypostauthor"
"""How Drupal and WordPress mark a comment by the author of the post."""

_NAME_PARTS = re.compile(r"[-_:]+|(?<=[a-z])(?=[A-Z])")
_STATE_NAME = re.compile(
    r"(?:(?:tag|category)-(?!links|list|cloud)|(?:type|status|format|has|no|is|not|with|u)-|view-dom)"
)
"""Names that tell something about a page (its topics, its layout), not what an element is."""
_NOISE_NAME = re.compile(
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
    """What a block is in the page."""

    TEXT = "text"
    ITEM = "item"
    ROW = "row"
    HEADING = "heading"


_KINDS = {"li": Kind.ITEM, "tr": Kind.ROW}


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
    html = _HARMFUL_TAG.sub(" ", html)
    _refuse_unbounded(html)
    root = LexborHTMLParser(html).body
    if root is None:
        return []
    reader = _Reader(by_name=by_name, is_debate=_is_debate(root))
    reader.read(root)
    return reader.blocks


def _is_debate(root: LexborNode) -> bool:
    """Tell whether the comments are the article: most are by its own authors."""
    own = len(root.css(_OWN_COMMENT))
    return own > 0 and 2 * own > len(root.css(".comment"))


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
    is_debate: bool
    blocks: list[Block] = field(default_factory=list[Block])
    _parts: list[str] = field(default_factory=list[str])
    _characters: int = 0
    _linked: int = 0
    _bold: int = 0
    _links_open: int = 0
    _bolds_open: int = 0
    _kinds: list[Kind] = field(default_factory=lambda: [Kind.TEXT])
    _after_image: bool = False

    def read(self, root: LexborNode) -> None:
        """Gather the blocks under ``root``."""
        # What is still to be done: nodes to enter, and what to do once their children are read.
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
            elif self._is_unseen(node, tag):
                if tag in _BLOCK_TAGS or tag in _UNSEEN_BLOCKS:
                    self._flush()
            elif not (tag in _CELLS and self._took_cell(node)):
                pending += [self._enter(tag), node.child]
        self._flush()

    def _enter(self, tag: str) -> Callable[[], None] | None:
        """Note that an element begins; return what to do when it ends."""
        if tag in _HEADINGS:
            return self._open_block(Kind.HEADING)
        if tag in _BLOCK_TAGS:
            # A paragraph or a list within an item or a row goes on being that.
            inherited = self._kinds[-1] if tag in _TRANSPARENT else Kind.TEXT
            return self._open_block(_KINDS.get(tag, inherited))
        if tag == "a":
            self._links_open += 1
            return self._leave_link
        if tag in _STRONG_TAGS:
            self._bolds_open += 1
            return self._leave_strong
        return None

    def _is_unseen(self, node: LexborNode, tag: str) -> bool:
        if tag in _IMAGE_TAGS and not self._characters:
            self._after_image = True
        if tag in _UNSEEN_TAGS or tag in _UNSEEN_BLOCKS or tag.startswith(("-", "!")):
            return True
        if tag == "form":
            return len(node.css("p")) < _LAYOUT_FORM_PARAGRAPHS
        if tag == "sup":
            return _is_footnote_mark(node)
        return self.by_name and self._is_named_noise(node)

    def _took_cell(self, node: LexborNode) -> bool:
        """Take in a short table cell as part of its row; a long one is a block of a layout."""
        text = node.text()
        if len(text) > _SHORT_CELL or node.css_first("table, ul, ol") is not None:
            return False
        if self._characters:
            self._parts.append(CELL)
        self._add(text)
        return True

    def _open_block(self, kind: Kind) -> Callable[[], None]:
        self._flush()
        self._kinds.append(kind)
        return self._leave_block

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
        if names == " ":
            return False
        return _is_noise_name(names) or (not self.is_debate and _is_comment_name(names))

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
        for line in lines_of("".join(self._parts)):
            self.blocks.append(Block(line, self._kinds[-1], link_share, strong, self._after_image))
            self._after_image = False
        self._parts.clear()
        self._characters = self._linked = self._bold = 0


def _is_footnote_mark(node: LexborNode) -> bool:
    """Tell a footnote's number, which is bracketed or links to it, from an exponent."""
    text = node.text().strip()
    return bool(_FOOTNOTE.fullmatch(text)) and (
        not text.isdigit() or (node.id or "").startswith("fn") or node.css_first("a") is not None
    )


@lru_cache(maxsize=8192)
def _is_noise_name(names: str) -> bool:
    """Tell whether the classes and the id of an element, parted by spaces, call it noise."""
    for name in names.split():
        if _STATE_NAME.match(name):
            continue
        if _NOISE_NAME.search("-".join(_NAME_PARTS.split(name)).lower()):
            return True
    return False


def _is_comment_name(names: str) -> bool:
    """Tell whether the classes and the id of an element call it a comment, or a list of them."""
    return bool(_COMMENT_NAME.search(names))
