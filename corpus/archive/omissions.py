"""Text of a page that is no text of its article, and the reason why it is left out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The kind of text that is left out."""

    HIDDEN = "hidden"
    """Not shown, by its style or its class."""
    CONTROL = "control"
    """Of a form: fields, buttons, their labels."""
    NAVIGATION = "navigation"
    """Menus, tables of contents, links at the article's edges."""
    SHARE_LIST = "share list"
    RELATED_LIST = "related list"
    """Other articles, and lines that only point to one."""
    ADVERTISEMENT = "advertisement"
    """Also requests to subscribe, to donate and to accept cookies."""
    COMMENT = "comment"
    CAPTION = "caption"
    BYLINE = "byline"
    """Who wrote, edited or first published the article, and when; also its author's portrait."""
    NOTICE = "notice"
    """On rights, on following and subscribing."""
    TITLE = "title"
    """The article's, once more."""
    FURNITURE = "furniture"
    """Rules, marks, page numbers, words of buttons, labels of charts, sections without text."""


@dataclass(frozen=True, slots=True)
class Omission:
    """A piece of text that is left out."""

    text: str
    """One line."""
    reason: Reason
    position: int = 0
    """Among all pieces of the page."""


def chars_by_reason(omissions: Iterable[Omission]) -> dict[str, int]:
    """Return how many characters are left out for each reason, the most first."""
    chars = Counter[str]()
    for omission in omissions:
        chars[omission.reason.value] += len(omission.text)
    return dict(chars.most_common())
