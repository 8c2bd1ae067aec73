"""The reference of `bench.reading`: what a reader sees of a post, judged without our own rules.

A plain walk over the page gives every line that is shown. Which lines are no text of the article is
told by evidence that the reading does not use (lines that recur in the posts of a site) and by the
few signs that HTML itself gives: ``nav``, ``figcaption``, links, the names of comment sections.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

_UNSEEN = frozenset(
    "script style noscript template iframe object embed audio video canvas svg head title button"
    " input select textarea datalist rt rp".split()
)
_BREAKS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section"
    " summary table tbody td tfoot th thead tr ul".split()
)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:^|;)\s*opacity\s*:\s*0\s*(?:;|$)"
)
_HIDDEN_NAME = re.compile(r"(?:^|\s)(?:element-(?:hidden|invisible)|screen-reader-text|sr-only)")
_ASIDE_TAGS = frozenset("nav footer form".split())
_ASIDE_NAME = re.compile(
    r"(?:^|[\s_-])(?:respond|sharedaddy|share|sharing|social|jp-relatedposts"
    r"|related|navigation|breadcrumbs?|pagination|menu|sidebar|newsletter|subscribe|adsbygoogle"
    r"|author-(?:bio|info|box)|byline|submitted|(?:entry|post)-meta|tags?-(?:links|list))"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_MAX_ASIDE_SHARE = 0.4
"""Of the page's characters: an element with more holds the article, whatever its name."""
_COMMENT_NAME = re.compile(r"(?:^|[\s_-])(?:comments?|commentlist)(?:$|[\s_-])", re.IGNORECASE)
_OWN_COMMENT_NAME = re.compile(r"by-node-author|bypostauthor")
"""How Drupal and WordPress mark a comment by the author of the post, as in a debate."""
_CAPTION_TAGS = frozenset("figcaption caption".split())
_CAPTION_NAME = re.compile(
    r"caption|(?:^|[\s_-])(?:image|photo|picture|img)-?credits?|(?:^|\s)g-ai", re.IGNORECASE
)
"""Also the labels of charts that Adobe Illustrator exports."""
_CAPTION = re.compile(
    r"[（(▲△▼【\s]*(?:[圖图]片?(?:[來来]源|[說说]明|[:：／/｜|])|[題题][圖图]|[攝摄]影?[:：／/]"
    r"|photo|image|credits?\b)",
    re.IGNORECASE,
)
_MAX_CAPTION_CHARS = 120
_BYLINE = re.compile(
    r"[（(【\[]?(?:原?作者|[編编][輯辑]|[責责][編编]|[記记]者|[講讲]者|[譯译]者|翻[譯译]|校[對对]|文|撰[文稿]|整理"
    r"|[採采][訪访寫写]|[來来]源|by|source|posted|published|updated|author|translat\w+)"
    r"\s*[ :：|｜︱丨／/]",
    re.IGNORECASE,
)
_MAX_BYLINE_CHARS = 50
_PROVENANCE = re.compile(
    r"[（(]?(?:本文|原文|以下).{0,60}(?:[轉转][載载]|授[權权]|[編编][譯译]|翻[譯译]|刊[載载登於于發发]|原[載载]|[發发]表"
    r"|[節节摘選选]自|原[標标][題题])"
)
"""Where an article was first published, which belongs to its bylines."""
_MAX_PROVENANCE_CHARS = 90
_FOOTNOTE_MARK = re.compile(r"\[\d{1,3}\]|\d{1,3}")
_FOOTNOTE_NUMBER = re.compile(r"\[\d{1,3}\]")
_ADDRESS = re.compile(r"https?://[!-~]+")
_MOSTLY_LINKS = 0.7
_MIN_LINK_LIST = 3
_MIN_REPEATS = 3
_REPEATED_SHARE = 0.05
"""Of a site's posts: a line in more of them is the site's, not an article's."""
_MAX_REPEATED_CHARS = 12
"""Shorter lines may recur by chance: they must recur in twice as many posts."""


def letters(text: str) -> str:
    """Return the letters and digits of a text, without differences of case and width.

    Numbers of footnotes are none of them.
    """
    text = _FOOTNOTE_NUMBER.sub("", text)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a reader sees."""

    text: str
    link_share: float
    is_aside: bool
    """Whether it stands in navigation, comments, or a list for sharing."""
    is_caption: bool
    key: str
    """Its letters, by which it is compared."""

    @property
    def is_links(self) -> bool:
        """Whether it leads to other pages."""
        return self.link_share >= _MOSTLY_LINKS

    @property
    def is_byline(self) -> bool:
        """Whether it says who wrote or published the article."""
        length = len(self.text)
        return (length <= _MAX_BYLINE_CHARS and bool(_BYLINE.match(self.text))) or (
            length <= _MAX_PROVENANCE_CHARS and bool(_PROVENANCE.match(self.text))
        )


def lines_of(html: str) -> list[Line]:
    """Return the lines that ``html`` shows, in its order."""
    root = LexborHTMLParser(html).body
    if root is None:
        return []
    walk = _Walk(len(root.text()))
    walk.read(root, _Place())
    return walk.lines


def repeated_keys(pages: Iterable[list[Line]]) -> frozenset[str]:
    """Return the lines that recur in the posts of one site."""
    counts = Counter[str]()
    number = 0
    for page in pages:
        number += 1
        counts.update({line.key for line in page if line.key})
    at_least = max(_MIN_REPEATS, _REPEATED_SHARE * number)
    return frozenset(
        key
        for key, count in counts.items()
        if count >= (at_least if len(key) > _MAX_REPEATED_CHARS else 2 * at_least)
    )


def article_lines(page: list[Line], repeated: frozenset[str], title: str) -> Iterator[Line]:
    """Yield the lines that are text of the article: no captions, navigation and bylines."""
    title_key = letters(title)
    for line in page:
        if (
            line.key
            and not line.key.isdigit()
            and line.key not in repeated
            and line.key != title_key
            and not (line.is_links or line.is_aside or line.is_caption or line.is_byline)
        ):
            yield line


def noise_keys(page: list[Line], repeated: frozenset[str]) -> frozenset[str]:
    """Return the lines of a page that are none of its article: recurring ones, lists of links."""
    keys = {line.key for line in page if line.key in repeated}
    for run in _runs_of_links(page):
        keys |= {line.key for line in run}
    return frozenset(key for key in keys if key)


def _runs_of_links(page: list[Line]) -> Iterator[list[Line]]:
    run: list[Line] = []
    for line in [*page, None]:
        if line is not None and line.is_links:
            run.append(line)
            continue
        if len(run) >= _MIN_LINK_LIST:
            yield run
        run = []


@dataclass(frozen=True, slots=True)
class _Place:
    """What the elements around a text are."""

    is_link: bool = False
    is_aside: bool = False
    is_caption: bool = False
    is_own_comment: bool = False

    def inside(self, node: LexborNode, tag: str, page_chars: int) -> "_Place":
        """Return the place inside an element that stands here."""
        attributes = node.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        is_own = self.is_own_comment or bool(_OWN_COMMENT_NAME.search(names))
        is_aside = self.is_aside or bool(_COMMENT_NAME.search(names))
        if not is_aside and (tag in _ASIDE_TAGS or _ASIDE_NAME.search(names)):
            is_aside = len(node.text()) <= _MAX_ASIDE_SHARE * page_chars
        return _Place(
            self.is_link or tag == "a",
            is_aside and not is_own,
            self.is_caption or tag in _CAPTION_TAGS or bool(_CAPTION_NAME.search(names)),
            is_own,
        )


@dataclass(slots=True)
class _Walk:
    """Collects the lines of a page, whose depth the reading has bounded."""

    page_chars: int
    lines: list[Line] = field(default_factory=list[Line])
    _parts: list[str] = field(default_factory=list[str])
    _linked: list[str] = field(default_factory=list[str])
    _place: _Place = _Place()

    def read(self, element: LexborNode, place: _Place) -> None:
        """Read an element's children."""
        for node in element.iter(include_text=True):
            tag = node.tag or ""
            if tag == "-text":
                self._add(node.text_content or "", place)
            elif _is_shown(node, tag):
                if tag in _BREAKS:
                    self.end_line()
                self.read(node, place.inside(node, tag, self.page_chars))
                if tag in _BREAKS:
                    self.end_line()
        if element.tag == "body":
            self.end_line()

    def end_line(self) -> None:
        """End the line that has been collected so far."""
        text = " ".join("".join(self._parts).split())
        if text:
            share = _words("".join(self._linked)) / _words(text) if _words(text) else 1.0
            is_caption = self._place.is_caption or (
                len(text) <= _MAX_CAPTION_CHARS and bool(_CAPTION.match(text))
            )
            self.lines.append(Line(text, share, self._place.is_aside, is_caption, letters(text)))
        self._parts.clear()
        self._linked.clear()

    def _add(self, text: str, place: _Place) -> None:
        if not "".join(self._parts).strip():
            self._place = place
        self._parts.append(text)
        if place.is_link:
            self._linked.append(text)


def _words(text: str) -> int:
    """Return how many characters a text has; an address in it says nothing by itself."""
    return len("".join(_ADDRESS.sub("", text).split()))


def _is_shown(node: LexborNode, tag: str) -> bool:
    if tag in _UNSEEN or tag.startswith(("-", "!")):
        return False
    if tag == "sup":
        return not _FOOTNOTE_MARK.fullmatch(node.text().strip())
    attributes = node.attributes
    return not (
        "hidden" in attributes
        or _HIDDEN_STYLE.search(attributes.get("style") or "")
        or _HIDDEN_NAME.search(f" {attributes.get('class') or ''}")
    )
