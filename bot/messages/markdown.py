r"""Text from outside -> Discord markdown that shows exactly that text: escape, mark, shorten.

Discord's markdown is not CommonMark. Its rules are tried in turn at each position: a backslash
before any ASCII punctuation shows that character; ``**`` and ``__`` pair with the next such mark,
whatever stands around them, so marks inside Chinese text and beside full-width punctuation need no
spaces. Every function takes time linear in its text. discord.py's ``escape_markdown`` does not, and
leaves masked links, ``<#id>``, ``</command:id>`` and ``<t:…>`` alive.
"""

import math
import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from urllib.parse import urlsplit

from bot.messages.addresses import link_target
from bot.messages.characters import EMOJI, INVISIBLE

Span = tuple[int, int]
"""Code-point offsets, the end not included."""

ELLIPSIS = "…"
_BYTES_A_UNIT = 2.48  # 4,000 units are then 9,920 bytes

_BREAK = re.compile("[\t\n\r\x85\u2028\u2029]")
_SPECIAL = re.compile(
    r"[\\*_~|`\[\]<>]"
    r"|:(?=//|[A-Za-z0-9_+-]+:)"  # a bare address, an emoji's short name
    r"|@(?=everyone|here|[!&]?[0-9])"
)
# A heading, a list, small print: only where a line begins. Quotes are covered above.
_LINE_START = re.compile(r"\s*(?:[#+-]|[0-9]+(?=\.))")
_SENTENCE_END = "。！？!?；;…\n"
_CLAUSE_END = "，,、：:）)」』”"


def one_line(text: str, max_chars: int) -> str:
    """Return ``text`` on one line, cut to ``max_chars`` characters; not escaped."""
    line = " ".join(INVISIBLE.sub("", _BREAK.sub(" ", text)).split())
    return line if len(line) <= max_chars else line[: max_chars - 1].rstrip() + ELLIPSIS


def escape(text: str, *, line_start: bool = True) -> str:
    """Return markdown that shows ``text``, without marks, links, mentions or pings.

    Args:
        text: anything; line breaks become spaces, invisible characters are removed.
        line_start: whether it stands where a line or a quoted line begins.
    """
    text = INVISIBLE.sub("", _BREAK.sub(" ", text))
    begin = ""
    if line_start and (match := _LINE_START.match(text)):
        # The mark itself, or the full stop after a number.
        end = match.end()
        begin = text[: end - 1] + "\\" + text[end - 1]
        if text[end - 1].isdigit():
            begin = text[:end] + "\\."
            end += 1
        text = text[end:]
    return begin + _SPECIAL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    # A backslash does not keep the server from resolving a mention, a zero-width space does.
    return "@\u200b" if match[0] == "@" else "\\" + match[0]


def mark(text: str, bold: Sequence[Span], underlined: Span | None = None) -> str:
    """Return ``text`` escaped, with words in bold and a part of it underlined.

    Args:
        text: a line, or the beginning of one.
        bold: spans of ``text`` in any order; touching ones become one, so that no four asterisks
            meet.
        underlined: may begin or end inside a bold span.
    """
    size = len(text)
    start, end = _clip(underlined or (0, 0), size)
    if not escape(text[start:end]).strip():
        start = end = 0
    spans = _merged(bold, size)
    cuts = sorted({0, start, end, size, *(offset for span in spans for offset in span)})
    bold_starts = {
        offset for first, last in spans for offset in (first, start, end) if first <= offset < last
    }
    regions: tuple[list[tuple[bool, str]], ...] = ([], [], [])
    blank = True
    for first, last in pairwise(cuts):
        piece = escape(text[first:last], line_start=blank)
        blank = blank and not piece.strip()
        if piece:
            region = regions[0 if last <= start else 1 if last <= end else 2]
            region.append((first in bold_starts and not piece.isspace(), piece))
    before, inside, after = map(_bolded, regions)
    return before + (f"__{inside}__" if inside else "") + after


def _bolded(pieces: list[tuple[bool, str]]) -> str:
    """Join the pieces; neighbours in bold, with nothing visible between them, share their marks."""
    parts: list[str] = []
    for bold, group in groupby(pieces, key=itemgetter(0)):
        joined = "".join(piece for _, piece in group)
        parts.append(f"**{joined}**" if bold else joined)
    return "".join(parts)


def _merged(spans: Sequence[Span], size: int) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(_clip(span, size) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _clip(span: Span, size: int) -> Span:
    start = min(max(span[0], 0), size)
    return start, min(max(span[1], start), size)


def window(text: str, focus: Span, budget: int) -> Span:
    """Return the part of ``text`` of at most ``budget`` characters to show around ``focus``.

    It begins and ends at a sentence or a clause where there is one, and never within a Latin word
    if a space is near enough. The focus comes first: text after it gets twice the room of text
    before it.
    """
    size = len(text)
    if size <= budget:
        return 0, size
    first, last = _clip(focus, size)
    if last - first >= budget:
        return first, _before_word(text, first, first + budget)
    spare = budget - (last - first)
    before = min(first, max(spare // 3, spare - (size - last)))
    start, end = first - before, min(size, last + spare - before)
    if start > 0:
        start = _after_break(text, start, first)
    if end < size:
        end = _before_break(text, last, end)
    while start < first and text[start].isspace():
        start += 1
    return start, end


def _after_break(text: str, start: int, stop: int) -> int:
    for ends in (_SENTENCE_END, _CLAUSE_END):
        # The character before ``start`` counts: a sentence may begin just there.
        for i in range(start - 1, stop):
            if text[i] in ends:
                return i + 1
    if _is_within_word(text, start):
        return text.find(" ", start, stop) + 1 or start
    return start


def _before_break(text: str, start: int, end: int) -> int:
    for ends in (_SENTENCE_END, _CLAUSE_END):
        for i in range(end - 1, start - 1, -1):
            if text[i] in ends:
                return i + 1
    return _before_word(text, start, end)


def _before_word(text: str, start: int, end: int) -> int:
    if _is_within_word(text, end):
        space = text.rfind(" ", start, end)
        return space if space > start else end
    return end


def _is_within_word(text: str, offset: int) -> bool:
    around = text[max(offset - 1, 0) : offset + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()  # noqa: PLR2004 (both sides)


def excerpt(
    text: str, bold: Sequence[Span], answer: Span | None, *, budget: int, max_units: int
) -> str:
    """Return the part of ``text`` around ``answer`` as markdown of at most ``max_units`` units.

    Args:
        text: a passage.
        bold: spans of it to set in bold.
        answer: the span to underline, unless all that is shown lies within it.
        budget: characters of the passage to show at most.
        max_units: see :func:`units`; escaping and marks take their share of it.
    """
    focus = answer or next(iter(bold), (0, 0))
    budget = min(budget, max_units)
    while budget > 0:
        start, end = window(text, focus, budget)
        shown = _moved(answer, start) if answer else None
        if shown and shown[0] <= 0 and shown[1] >= end - start:
            shown = None
        body = mark(text[start:end], [_moved(span, start) for span in bold], shown)
        line = (ELLIPSIS if start > 0 else "") + body + (ELLIPSIS if end < len(text) else "")
        size = units(line)
        if size <= max_units:
            return line
        budget = min(budget - 1, budget * max_units // size)
    return ""


def _moved(span: Span, by: int) -> Span:
    return span[0] - by, span[1] - by


def link(label: str, url: str | None) -> str:
    """Return ``label``, one line not yet escaped, linked to ``url`` where that can be a link.

    An emoji inside the label can show the link raw in messages of components (discord-api-docs,
    issues 7510 and 7673): the longest part of the label without any is linked.
    """
    target = link_target(url)
    if target is None:
        return escape(label)
    parts = EMOJI.split(label)
    texts = range(0, len(parts), 2)
    linked = max(texts, key=lambda i: len(parts[i].strip()))
    if not escape(parts[linked]).strip():
        # There is nothing but emoji: the site's name is linked.
        host = urlsplit(target).hostname or target
        return f"{escape(label)} [{escape(host, line_start=False)}]({target})".strip()
    return "".join(
        _masked(part, target) if i == linked else escape(part, line_start=i == 0)
        for i, part in enumerate(parts)
    )


def _masked(text: str, target: str) -> str:
    """Return ``text``, which has something visible, as the label of a link."""
    # A square bracket would end the label even behind a backslash, and Discord does not link a
    # label that itself looks like an address.
    text = text.replace("[", "［").replace("]", "］").replace("://", "：//")
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return f"{text[:start]}[{escape(text[start:end], line_start=False)}]({target}){text[end:]}"


def units(text: str) -> int:
    """Return the length of ``text`` as Discord counts it, or more.

    It documents UTF-16 units, 4,000 for a message of components. Beside that, about 10,170 bytes
    of UTF-8 in a message, with 12 more for each text, end in a server error (discord-api-docs,
    issue 8554), and Chinese has three bytes a character.
    """
    utf16 = len(text) + sum(char > "\uffff" for char in text)
    return max(utf16, math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_A_UNIT))
