"""Which characters of a text never belong to what a reader reads?"""

import html
import re

_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters but tab and line ends
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"  # soft hyphen, fillers, marks
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width and bidi
    "\U000e0000-\U000e0fff"  # tags and variation selectors nobody types
    "\ud800-\udfff"  # lone surrogates, which no encoding can write
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: icon fonts
    "]"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ROUNDS = 4
"""How often a text is taken to have been escaped at most."""


def without_unseen(text: str) -> str:
    """Return ``text`` without control, bidi, zero-width and private-use characters.

    Tabs and line ends stay.
    """
    return _UNSEEN.sub("", text)


def one_line(text: str) -> str:
    """Return ``text`` as one clean line: entities undone, nothing unseen, single spaces."""
    return " ".join(without_unseen(unescape(text)).split())


def unescape(text: str) -> str:
    """Undo HTML entities, also where they were escaped several times over (``&amp;amp;``)."""
    for _ in range(_ROUNDS):
        if "&" not in text:
            break
        undone = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if undone == text:
            break
        text = undone
    return text
