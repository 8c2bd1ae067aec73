"""Splits Chinese and English text into sentences."""

import re
from itertools import pairwise

_QUOTES = {"「": "」", "『": "』", "“": "”"}
_PARENTHESES = {"（": "）", "(": ")"}
_TITLES = {"《": "》", "〈": "〉", "【": "】"}
_CLOSER_OF = _QUOTES | _PARENTHESES | _TITLES
_OPENERS = frozenset(_CLOSER_OF)
_BRACKET = re.compile("[" + re.escape("".join([*_CLOSER_OF, *_CLOSER_OF.values()])) + "]")

_MAX_ENCLOSURE = 80
"""Code points: a quotation up to this length belongs to the sentence that quotes it."""
_MAX_LOOK_BACK = 6
"""Open brackets among which a closing one looks for its own, so that stray ones cost nothing."""

_FINAL_MARKS = tuple("。｡．！？；…!?.")
_CLOSERS = "」』”’）)]】》〉\"'"
_MAX_CLOSING = 8
_MARKS = "。｡．！？；…!?."
_END = re.compile(
    rf"[{_MARKS}\s](?:(?<=[{_MARKS}])[{_MARKS}]*[」』”’）)\]】》〉\"']*|(?<=\n)\n*|(?<=\s)(?=• ))"
)
"""One set of characters comes first: the engine looks for it without trying each alternative."""
_ELLIPSES = ("…", "...", "。。")
_ASCII_END = re.compile(r"[!?.]+$")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>「」『』“”（）《》，。！？；、\u4e00-\u9fff]+")
_CONTINUES_AFTER_ELLIPSIS = "，、：,的等和與与及或"
_INTRODUCES = "：:，,"

_ABBREVIATION = re.compile(
    r"""(?:^|[\s(（"“‘'「])(?:
        (?:[A-Za-z]\.)*[A-Za-z]    # J. K. Rowling, U.S., p.m.
      | Mr|Mrs|Ms|Dr|Prof|Rev|Fr|St|Mt|Sr|Jr|Gen|Col|Lt|Sgt|Capt|Gov|Sen|Rep|Hon|Pres
      | vs|etc|cf|al|approx|dept|est|vol|pp|ed|eds|trans|fig|figs|ch|sec|art
      | Inc|Ltd|Co|Corp|Bros|Univ|Assn
      | Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec
    )$""",
    re.VERBOSE,
)
_NUMBERED = re.compile(r"\s*[(（]?\d{1,3}$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the code-point spans of the sentences of ``text``, in order.

    A sentence keeps its closing quotes and brackets. Spans are disjoint, have no white space at
    either end, and together cover every character of ``text`` that is not white space.
    """
    spans: list[tuple[int, int]] = []
    last_has_words = True
    for start, end in pairwise([0, *_cuts(text), len(text)]):
        piece = text[start:end].rstrip()
        right = start + len(piece)
        piece = piece.lstrip()
        left = right - len(piece)
        if not piece:
            continue
        # A stray quote or an emoji is no sentence: it belongs to its neighbour.
        has_words = piece[0].isalnum() or any(map(str.isalnum, piece))
        if spans and not (last_has_words and has_words):
            spans[-1] = spans[-1][0], right
            last_has_words = last_has_words or has_words
        else:
            spans.append((left, right))
            last_has_words = has_words
    return spans


def ends_closed(text: str) -> bool:
    """Return whether ``text`` ends as a sentence does, closing quotes and brackets aside."""
    return text[-_MAX_CLOSING:].rstrip(_CLOSERS).endswith(_FINAL_MARKS)


def _cuts(text: str) -> list[int]:
    """Return the positions inside ``text`` where a sentence ends."""
    cuts: list[int] = []
    ends = [match for match in _END.finditer(text) if match.end() < len(text)]
    if not ends:
        return cuts
    enclosures = _short_enclosures(text)
    has_url = "://" in text or "www." in text
    urls = [match.span() for match in _URL.finditer(text)] if has_url else []
    enclosure = url = start = 0
    for match in ends:
        first, end = match.span()
        while url < len(urls) and urls[url][1] <= first:
            url += 1
        # The last full stop of a URL may end the sentence; those inside it never do.
        if url < len(urls) and urls[url][0] <= first and end < urls[url][1]:
            continue
        while enclosure < len(enclosures) and enclosures[enclosure][1] < first:
            enclosure += 1
        if enclosure < len(enclosures) and enclosures[enclosure][0] < first:
            opened, closed = enclosures[enclosure]
            if closed >= end or not _ends_with_its_enclosure(text, start, opened, end):
                continue
        if _is_final(text, start, match):
            cuts.append(end)
            start = end
    return cuts


def _short_enclosures(text: str) -> list[tuple[int, int]]:
    """Return the outermost short quotations and brackets: the offsets of both marks, in order."""
    stack: list[tuple[str, int]] = []
    enclosures: list[tuple[int, int]] = []
    for match in _BRACKET.finditer(text):
        mark, offset = match[0], match.start()
        if mark in _CLOSER_OF:
            stack.append((_CLOSER_OF[mark], offset))
            continue
        for depth in range(1, min(len(stack), _MAX_LOOK_BACK) + 1):
            closer, opened = stack[-depth]
            if closer == mark:
                del stack[-depth:]
                if offset - opened <= _MAX_ENCLOSURE:
                    while enclosures and enclosures[-1][0] > opened:
                        enclosures.pop()
                    enclosures.append((opened, offset))
                break
    return enclosures


def _ends_with_its_enclosure(text: str, start: int, opened: int, end: int) -> bool:
    """Return whether a sentence ends with the enclosure that holds its last mark.

    「真的嗎？」他問。 goes on after the quotation; 他問：「真的嗎？」她不答。 does not.
    """
    mark = text[opened]
    if mark in _TITLES:
        return False
    before = text[start:opened].rstrip()
    if mark in _PARENTHESES:
        return not before
    introduced = bool(before) and before[-1] in _INTRODUCES
    return introduced or text[end] in _OPENERS or text[end].isspace()


def _is_final(text: str, start: int, match: re.Match[str]) -> bool:
    end = match.end()
    marks = match[0].rstrip(_CLOSERS)
    if marks.endswith(_ELLIPSES) and text[end] in _CONTINUES_AFTER_ELLIPSIS:
        return False
    # A Chinese mark or a line break ends a sentence whatever follows.
    return not _ASCII_END.fullmatch(marks) or _is_ascii_end_final(text, start, match, marks)


def _is_ascii_end_final(text: str, start: int, match: re.Match[str], marks: str) -> bool:
    first, end = match.span()
    following = text[end]
    if not following.isspace():
        # Without a space, only Chinese typed with ASCII marks ends here: 真的嗎?我不信!
        before = text[first - 1] if first else ""
        # A full stop also separates the parts of foreign names: 汉娜.阿伦特
        return marks != "." and _is_han(before) and (_is_han(following) or following in _OPENERS)
    begins = text[end : end + 8].lstrip()[:1]
    if begins.islower() or (begins.isdigit() and text[max(start, first - 2) : first] == "No"):
        return False
    return marks != "." or not (
        _ABBREVIATION.search(text, max(start, first - 16), first)
        or _NUMBERED.fullmatch(text, start, first)
    )


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf"
