"""Which characters of a text never belong to what a reader reads?"""

import html
import re
from collections.abc import Iterator

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

BREAK = "\ue000"
"""Stands for <br>: a private-use character, which no cleaned text holds."""
CELL = "\ue001"
_HAN = "\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CJK_MARKS = "\u3001-\u3003\u3008-\u3011\u3014-\u301b“”‘’…—\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40"
_JOIN_WITHOUT_SPACE = re.compile(
    f"(?<=[{_HAN}“‘…—])\n(?=[{_HAN}”’…—])|(?<=[{_CJK_MARKS}])\n|\n(?=[{_CJK_MARKS}])"
    r"|\n(?=[,.;:!?)\]])|(?<=[(\[])\n"
)
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_ENDS_A_LINE = re.compile(r"[。！？；：…!?.:;」』”’）)*—-]")
_MARKER = re.compile(r"(?<=[\u3400-\u9fff。，、；：！？」』”’）.,;:!?\")])\s?\[\d{1,3}\]")
"""A footnote's number in running text; not an index in code, which follows a name."""


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


def lines_of(raw: str) -> Iterator[str]:
    """Yield what a reader takes for paragraphs within one block.

    An empty line parts them; so does a line break after a closing mark. Any other line break
    only folds the text.
    """
    pending: list[str] = []
    broken = 0
    for piece in raw.split(BREAK):
        line = _joined_line(piece)
        if not line:
            broken += 1
            continue
        if pending and (broken or _ENDS_A_LINE.match(pending[-1][-1])):
            yield " ".join(pending)
            pending.clear()
        pending.append(line)
        broken = 0
    if pending:
        yield " ".join(pending)


def _joined_line(raw: str) -> str:
    """Join source lines as a reader would: no space between Han characters, one between words."""
    text = without_unseen(unescape(raw.replace(CELL, " | ")))
    text = "\n".join(filter(None, map(str.strip, text.splitlines())))
    if "\n" in text:
        text = _JOIN_WITHOUT_SPACE.sub("", text).replace("\n", " ")
    if "[" in text:
        text = _MARKER.sub("", text)
    return _SPACES.sub(" ", text).strip()
