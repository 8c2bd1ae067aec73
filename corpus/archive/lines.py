"""How does text that is broken over source lines and <br> read as lines of a page?"""

import re
from collections.abc import Iterator

from corpus.archive.cleaning import unescape, without_unseen

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


def lines_of(raw: str) -> Iterator[str]:
    """Yield what a reader takes for paragraphs within one block.

    An empty line parts them; so does a line break after a closing mark. Any other line break
    only folds the text.
    """
    pending: list[str] = []
    broken = 0
    for piece in raw.split(BREAK):
        line = _one_line(piece)
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


def _one_line(raw: str) -> str:
    """Join source lines as a reader would: no space between Han characters, one between words."""
    text = without_unseen(unescape(raw.replace(CELL, " | ")))
    text = "\n".join(filter(None, map(str.strip, text.splitlines())))
    if "\n" in text:
        text = _JOIN_WITHOUT_SPACE.sub("", text).replace("\n", " ")
    if "[" in text:
        text = _MARKER.sub("", text)
    return _SPACES.sub(" ", text).strip()
