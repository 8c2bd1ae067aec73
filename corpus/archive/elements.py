"""Tells which HTML elements a reader sees, and which of those are the article's own."""

import re
from collections.abc import Mapping
from functools import lru_cache

from selectolax.lexbor import LexborNode

from corpus.archive.omissions import Reason
from corpus.archive.styles import hides, is_block, makes_blocks, sheet_names


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


UNDISPLAYED_TAGS = _words(
    "script style noscript template iframe object embed audio video canvas svg map title head"
)
"""Elements whose text, if there is any, no browser shows as text of the page."""
_UNDISPLAYED = ", ".join(sorted(UNDISPLAYED_TAGS))
_REASONS_BY_TAG = {
    **dict.fromkeys(_words("button input select textarea datalist"), Reason.CONTROL),
    **dict.fromkeys(_words("nav footer"), Reason.NAVIGATION),
    **dict.fromkeys(_words("rt rp"), Reason.FURNITURE),
}
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
    r"""(?:^|-)(?P<caption> caption|captions|figcaption|picinfo
      | (?:photo|image|img|picture|pic|media|cap)-(?:credit|credits|cred|source|description)
      | image-(?:source|capture) | (?:dls-)capture
    )(?:-|$)""",
    re.VERBOSE,
)
_BOILERPLATE_NAME = re.compile(
    r"""(?:^|-)(?:
        (?P<share_list> share|shares|sharing|sharedaddy|sharebar|addtoany|social|socials
          | likes|likebox )
      | (?P<related_list>
            related|relatedposts|recommend|recommended|recommendation|recommendations|yarpp|recirc
          | (?:read|see|view|load)-?more | more-(?:article|articles|posts|stories|news|reading|link)
          | see-also|also-read|further-reading|you-may-like )
      | (?P<navigation>
            nav|navbar|navigation|breadcrumb|breadcrumbs|pager|pagination|menu|toolbar|skiplink
          | footer|toc | (?:prev|next|previous)-(?:post|article|next) | post-(?:nav|pager)
          | (?:post|entry|article)-tags | (?:cat|category|tag|tags)-(?:links|list|cloud)
          | tagcloud )
      | (?P<byline>
            byline|meta|submitted|dateline|pageviews | (?:about|entry|post|single|name)-author
          | author-(?:box|card|info|bio|wrap|wrapper|profile) )
      | (?P<comment> respond|disqus )
      | (?P<advertisement>
            subscribe|subscription|newsletter|donate|donation|sponsor|sponsored|paywall
          | ad|ads|adslot|adsbygoogle|advert|advertisement|advertising|adsense|promotion
          | cookie|cookies|consent|popup )
      | (?P<notice> copyright|disclaimer )
      | (?P<control> login|signin|signup )
      | (?P<hidden> screen-reader-text|sr-only )
      | (?P<furniture> highcharts )
    )(?:-|$)
    | (?P<edge> ^(?:tags|taglist|links|sidebar|word-count)$ | -sidebar$ )
    | (?P<chart> ^g-ai.*$ )
    | (?P<unseen> ^(?:hidden|hide|invisible|is-hidden|d-none|visually-hidden
        |element-hidden|element-invisible|display-none)$ )""",
    re.VERBOSE,
)
_REASONS_BY_GROUP = {
    **{reason.name.lower(): reason for reason in Reason},
    "edge": Reason.NAVIGATION,
    "chart": Reason.FURNITURE,
    "unseen": Reason.HIDDEN,
}
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
        self._sheet = sheet_names(root)

    def reason_left_out(self, node: LexborNode, tag: str) -> Reason | None:
        """Return why an element is left out with all it holds; None: it is not."""
        if reason := _REASONS_BY_TAG.get(tag) or self._reason_by_tag(node, tag):
            return reason
        attributes = node.attributes
        if not attributes:
            return None
        if self._is_hidden(node, attributes):
            return Reason.HIDDEN
        return self._reason_by_name(attributes) if self._by_name else None

    def _reason_by_tag(self, node: LexborNode, tag: str) -> Reason | None:
        if tag in _CAPTION_TAGS:
            return None if self._captions else Reason.CAPTION
        if tag == "dialog":
            return None if "open" in node.attributes else Reason.HIDDEN
        if tag == "form":
            return None if self._is_layout(node) else Reason.CONTROL
        is_mark = (tag == "sup" and _is_footnote_mark(node)) or (
            tag == "a" and _PERMALINK.fullmatch(node.text())
        )
        return Reason.FURNITURE if is_mark else None

    def is_most_of_page(self, node: LexborNode) -> bool:
        """Return whether an element holds half of the page's text, which a script then reveals."""
        return 2 * len(node.text()) >= self._chars

    def is_block(self, node: LexborNode, style: str) -> bool:
        """Return whether an element is a block by ``style``, a sheet, or its parent's style."""
        around = node.parent.attributes.get("style") if node.parent else None
        return (
            (bool(style) and is_block(style))
            or (bool(around) and makes_blocks(around))
            or _is_named(node.attributes, self._sheet.blocks)
        )

    def _is_hidden(self, node: LexborNode, attributes: Mapping[str, str | None]) -> bool:
        if attributes.get("aria-hidden") == "true" and len(node.text().strip()) <= _MAX_DECORATION:
            return True
        is_hidden = (
            ("hidden" in attributes and attributes["hidden"] != "until-found")
            or ("style" in attributes and hides(attributes["style"] or ""))
            or _is_named(attributes, self._sheet.hidden)
        )
        return is_hidden and not self.is_most_of_page(node)

    def _is_layout(self, form: LexborNode) -> bool:
        if len(form.css("p")) >= _MIN_LAYOUT_PARAGRAPHS:
            return True
        chars = len(form.text()) - sum(len(node.text()) for node in form.css(_NO_RUNNING_TEXT))
        return 2 * chars >= self._chars or chars >= (len(form.css(_CONTROLS)) + 1) * _LAYOUT_CHARS

    def _reason_by_name(self, attributes: Mapping[str, str | None]) -> Reason | None:
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if names == " ":
            return None
        if group := _named_group(names, _BOILERPLATE_NAME):
            return _REASONS_BY_GROUP[group]
        if not self._captions and _named_group(names, _CAPTION_NAME):
            return Reason.CAPTION
        return Reason.COMMENT if not self._is_debate and _COMMENT_NAME.search(names) else None


def _is_named(attributes: Mapping[str, str | None], names: frozenset[str]) -> bool:
    """Return whether an element has one of these classes (``.name``) and ids (``#name``)."""
    if not names:
        return False
    classes = {f".{name}" for name in (attributes.get("class") or "").split()}
    return not names.isdisjoint(classes | {f"#{attributes.get('id')}"})


def displayed_text(node: LexborNode) -> str:
    """Return the text of an element that is left out as one line, without scripts and styles."""
    if node.css_first(_UNDISPLAYED) is None:
        return " ".join(node.text(separator=" ").split())
    texts = (
        part.text_content or ""
        for part in node.traverse(include_text=True)
        if part.tag == "-text" and part.parent and part.parent.tag not in UNDISPLAYED_TAGS
    )
    return " ".join(" ".join(texts).split())


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
def _named_group(names: str, pattern: re.Pattern[str]) -> str | None:
    """Return the group of ``pattern`` that fits one of an element's classes or its id.

    Args:
        names: these, joined by spaces.
        pattern: with a named group around each alternative.
    """
    for name in names.split():
        if _STATE_NAME.match(name):
            continue
        if match := pattern.search("-".join(_NAME_PARTS.split(name)).lower()):
            return match.lastgroup
    return None
