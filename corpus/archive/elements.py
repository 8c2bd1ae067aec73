"""Tells which HTML elements a reader sees, and which of those are the article's own."""

import re
from collections.abc import Mapping
from functools import lru_cache

from selectolax.lexbor import LexborNode

from corpus.archive.styles import hidden_names, hides


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_HIDDEN_TAGS = _words(
    "script style noscript template iframe object embed audio video canvas svg map"
    " button input select textarea datalist title rt rp"
)
_HIDDEN_BLOCKS = _words("nav footer head dialog")
_CAPTION_TAGS = _words("figcaption caption")
BLOCK_TAGS = _words(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset"
    " figcaption figure footer form head header hgroup hr html legend li main nav ol p pre section"
    " summary table tbody td tfoot th thead tr ul"
)
IMAGE_TAGS = _words("img picture figure")

_FOOTNOTE = re.compile(r"\s*(?:[\[［(（【]?\d{1,3}[\]］)）】]?|[*†‡↩︎]+|\[\^?[\w-]{1,12}\])\s*")
_PERMALINK = re.compile(
    r"\s*(?:[#¶§🔗↩↑^⤴]\N{VARIATION SELECTOR-15}?\N{VARIATION SELECTOR-16}?)+\s*"
)
"""The text of a link to the heading it stands in, or back from a footnote."""
_MAX_DECORATION = 3
"""``aria-hidden`` marks icons and initials, but also text that a screen reader gets otherwise."""

_MIN_LAYOUT_PARAGRAPHS = 3
"""A form with so many paragraphs lays out the page and holds the article."""
_LAYOUT_CHARS = 100
"""So does one with so many characters for each of its controls, or with most of the page's text."""
_CONTROLS = "input:not([type='hidden']), select, textarea, button"
_NO_RUNNING_TEXT = "script, style, noscript, template, select, textarea, button, label"

_OWN_COMMENT = "[class*='by-node-author'], .bypostauthor"
"""How Drupal and WordPress mark a comment by the author of the post."""

_NAME_PARTS = re.compile(r"[-_:]+|(?<=[a-z])(?=[A-Z])")
_STATE_NAME = re.compile(
    r"(?:(?:tag|category)-(?!links|list|cloud)|(?:type|status|format|has|no|is|not|with|u)-|view-dom)"
)
"""Names that describe the page (its topics, its layout), not the element."""
_CAPTION_NAME = re.compile(
    r"""(?:^|-)(?: caption|captions|figcaption|picinfo
      | (?:photo|image|img|picture|pic|media|cap)-(?:credit|credits|cred|source|description)
      | image-(?:source|capture) | (?:dls-)capture
    )(?:-|$)""",
    re.VERBOSE,
)
_BOILERPLATE_NAME = re.compile(
    r"""(?:^|-)(?:
        share|shares|sharing|sharedaddy|sharebar|addtoany|social|socials
      | related|relatedposts|recommend|recommended|recommendation|recommendations|yarpp|recirc
      | nav|navbar|navigation|breadcrumb|breadcrumbs|pager|pagination|menu|toolbar|skiplink
      | footer|byline|meta|submitted|dateline
      | respond|disqus
      | subscribe|subscription|newsletter|donate|donation|sponsor|sponsored|paywall
      | ad|ads|adslot|adsbygoogle|advert|advertisement|advertising|adsense|promotion
      | cookie|cookies|consent|popup|copyright|disclaimer|likes|likebox|pageviews
      | login|signin|signup|screen-reader-text|sr-only|toc|highcharts
      | (?:read|see|view|load)-?more | more-(?:article|articles|posts|stories|news|reading|link)
      | see-also|also-read|further-reading|you-may-like
      | (?:prev|next|previous)-(?:post|article|next) | post-(?:nav|pager)
      | (?:about|entry|post|single|name)-author | author-(?:box|card|info|bio|wrap|wrapper|profile)
      | (?:post|entry|article)-tags | (?:cat|category|tag|tags)-(?:links|list|cloud) | tagcloud
    )(?:-|$)
    | ^(?:tags|taglist|links|sidebar|hidden|hide|invisible|is-hidden|d-none|visually-hidden
        |element-hidden|element-invisible|display-none|word-count|g-ai.*)$
    | -sidebar$""",
    re.VERBOSE,
)
_COMMENT_NAME = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|discussion)(?:$|[\s_-])", re.IGNORECASE
)


class Elements:
    """The elements of one page."""

    def __init__(self, root: LexborNode, *, by_name: bool, captions: bool) -> None:
        """Look at the page as a whole.

        Args:
            root: its body.
            by_name: whether a class or id that names navigation, sharing, advertisements or
                comments makes an element boilerplate.
            captions: whether captions belong to the article.
        """
        self._by_name = by_name
        self._captions = captions
        self._chars = len(root.text())
        self._is_debate = _is_debate(root)
        self._hidden_names = hidden_names(root)

    def is_left_out(self, node: LexborNode, tag: str) -> bool:
        """Return whether an element with all it holds is hidden, a control or boilerplate."""
        if tag in _HIDDEN_TAGS or tag.startswith(("-", "!")) or self._is_no_text(node, tag):
            return True
        attributes = node.attributes
        return bool(attributes) and (
            self._is_hidden(node, attributes)
            or (self._by_name and self._is_named_boilerplate(attributes))
        )

    def _is_no_text(self, node: LexborNode, tag: str) -> bool:
        if tag in _CAPTION_TAGS:
            return not self._captions
        if tag in _HIDDEN_BLOCKS:
            return not (tag == "dialog" and "open" in node.attributes)
        if tag == "form":
            return not self._is_layout(node)
        if tag == "sup":
            return _is_footnote_mark(node)
        return tag == "a" and bool(_PERMALINK.fullmatch(node.text()))

    def is_most_of_page(self, node: LexborNode) -> bool:
        """Return whether an element holds half of the page's text, which a script then reveals."""
        return 2 * len(node.text()) >= self._chars

    def _is_hidden(self, node: LexborNode, attributes: Mapping[str, str | None]) -> bool:
        if attributes.get("aria-hidden") == "true" and len(node.text().strip()) <= _MAX_DECORATION:
            return True
        is_hidden = (
            ("hidden" in attributes and attributes["hidden"] != "until-found")
            or ("style" in attributes and hides(attributes["style"] or ""))
            or (bool(self._hidden_names) and self._is_hidden_by_sheet(attributes))
        )
        return is_hidden and not self.is_most_of_page(node)

    def _is_hidden_by_sheet(self, attributes: Mapping[str, str | None]) -> bool:
        names = {f".{name}" for name in (attributes.get("class") or "").split()}
        return not self._hidden_names.isdisjoint(names | {f"#{attributes.get('id')}"})

    def _is_layout(self, form: LexborNode) -> bool:
        if len(form.css("p")) >= _MIN_LAYOUT_PARAGRAPHS:
            return True
        chars = len(form.text()) - sum(len(node.text()) for node in form.css(_NO_RUNNING_TEXT))
        return 2 * chars >= self._chars or chars >= (len(form.css(_CONTROLS)) + 1) * _LAYOUT_CHARS

    def _is_named_boilerplate(self, attributes: Mapping[str, str | None]) -> bool:
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if names == " ":
            return False
        if _names_match(names, _BOILERPLATE_NAME):
            return True
        if not self._captions and _names_match(names, _CAPTION_NAME):
            return True
        return not self._is_debate and bool(_COMMENT_NAME.search(names))


def _is_debate(root: LexborNode) -> bool:
    """Return whether the comments are the article: most of them are by its own authors."""
    own = len(root.css(_OWN_COMMENT))
    return own > 0 and 2 * own > len(root.css(".comment"))


def _is_footnote_mark(node: LexborNode) -> bool:
    """Return whether a ``sup`` is a footnote's number, in brackets or linked, not an exponent."""
    text = node.text().strip()
    return bool(_FOOTNOTE.fullmatch(text)) and (
        not text.isdigit() or (node.id or "").startswith("fn") or node.css_first("a") is not None
    )


@lru_cache(maxsize=8192)
def _names_match(names: str, pattern: re.Pattern[str]) -> bool:
    """Return whether one of an element's classes and its id, joined by spaces, fits ``pattern``."""
    return any(
        not _STATE_NAME.match(name)
        and bool(pattern.search("-".join(_NAME_PARTS.split(name)).lower()))
        for name in names.split()
    )
