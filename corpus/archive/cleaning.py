"""Cleans the raw text of a page: entities, invisible characters, line breaks of the source."""

import html
import re
from collections.abc import Iterator

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters but tab and line ends
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"  # soft hyphen, fillers, marks
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width and bidi
    "\U000e0000-\U000e0fff"  # tags and variation selectors
    "\ud800-\udfff"  # lone surrogates, which no encoding can write
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: icon fonts
    "]"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_MAX_ESCAPED = 4
"""How many times over entities are undone."""

BREAK = "\ue000"
"""Stands for <br>: a private-use character, which no clean text holds."""
CELL = "\ue001"
"""Stands between the cells of a table row."""
_HAN = "\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CJK_MARKS = "\u3001-\u3003\u3008-\u3011\u3014-\u301b“”‘’…—\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40"
_JOIN_WITHOUT_SPACE = re.compile(
    f"(?<=[{_HAN}“‘…—])\n(?=[{_HAN}”’…—])|(?<=[{_CJK_MARKS}])\n|\n(?=[{_CJK_MARKS}])"
    r"|\n(?=[,.;:!?)\]])|(?<=[(\[])\n"
)
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_LINE_END = re.compile(r"[。！？；：…!?.:;」』”’）)*—-]")
_FOOTNOTE_NUMBER = re.compile(r"(?<=[\u3400-\u9fff。，、；：！？」』”’）.,;:!?\")])\s?\[\d{1,3}\]")
"""A footnote's number in running text. An index in code follows a name, and is not one."""


def without_invisible(text: str) -> str:
    """Return ``text`` without control, bidi, zero-width and private-use characters.

    Tabs and line ends stay.
    """
    return _INVISIBLE.sub("", text)


def one_line(text: str) -> str:
    """Return ``text`` as one line: entities undone, nothing invisible, single spaces."""
    return " ".join(without_invisible(unescape(text)).split())


def unescape(text: str) -> str:
    """Undo HTML entities, also those escaped several times over (``&amp;amp;``)."""
    for _ in range(_MAX_ESCAPED):
        if "&" not in text:
            break
        unescaped = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if unescaped == text:
            break
        text = unescaped
    return text


def lines_of(raw: str) -> Iterator[str]:
    """Yield the lines of one block that read as paragraphs.

    Paragraphs are separated by an empty line, or by a line break after a closing mark. Any other
    line break only wraps the text.

    Args:
        raw: the block's text as the source breaks it, with `BREAK` and `CELL`.
    """
    pending: list[str] = []
    after_empty = False
    for piece in raw.split(BREAK):
        line = _joined_line(piece)
        if not line:
            after_empty = True
            continue
        if pending and (after_empty or _LINE_END.match(pending[-1][-1])):
            yield " ".join(pending)
            pending.clear()
        pending.append(line)
        after_empty = False
    if pending:
        yield " ".join(pending)


def _joined_line(raw: str) -> str:
    """Join source lines: without a space between Han characters, with one between words."""
    text = without_invisible(unescape(raw.replace(CELL, " | ")))
    text = "\n".join(filter(None, map(str.strip, text.splitlines())))
    if "\n" in text:
        text = _JOIN_WITHOUT_SPACE.sub("", text).replace("\n", " ")
    if "[" in text:
        text = _FOOTNOTE_NUMBER.sub("", text)
    return _SPACES.sub(" ", text).strip()
