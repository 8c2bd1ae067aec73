"""Joins and cuts the blocks of an article into paragraphs that can be read by themselves."""

import re
from collections.abc import Iterator
from itertools import pairwise

from corpus.analysis.sentences import ends_closed, sentence_spans
from corpus.archive.blocks import Block, Kind
from corpus.archive.line_kinds import is_date
from corpus.model import Paragraph

_LATIN_WIDTH = 2 / 3
"""A Latin letter says less than a Han character, so English paragraphs may be longer."""
_MAX_WIDTH = 550
"""A paragraph up to this width stays whole."""
_TARGET_WIDTH = 400
"""A wider one is cut into even pieces of about this width."""
_MAX_SENTENCE = 2 * _TARGET_WIDTH
_SENTENCE_WINDOW = int(_MAX_SENTENCE / _LATIN_WIDTH) + 2
"""Code points that are surely wider than the longest sentence: no more need to be measured."""

_MIN_WIDTH = 24
"""A narrower paragraph is joined to its neighbour."""
_MAX_DIALOGUE_LINE = 60
_MAX_SHORT_ITEM = 100
_MAX_JOINED = 300
"""Lines of a dialogue or a list are joined up to this width."""
_MAX_BOLD_HEADING = 40

_PAUSE = re.compile(r"[，、：,:—]\s*")
_SPOKEN = re.compile(r"[「『“\"—–-]|[^，。！？,.!?：:\s]{1,8}\s?[：:](?!//)")
_ADDRESS = re.compile(r"(?:[^\s:：/]{1,8}\s?[:：]\s*)?(?:https?\s?[:：]//\S++\s*+)+")
"""A web address, perhaps with a word before it."""

_OPEN_ENDS = ("：", ":", "，", ",", "、")
_NO_HEADING_END = tuple("。！；，、：,.!;:…—")


def paragraphs_of(blocks: list[Block]) -> list[Paragraph]:
    """Return the paragraphs of an article's own blocks, each with the heading above it."""
    return [
        Paragraph(text, heading)
        for heading, section in _sections(blocks)
        for text in _joined(section)
    ]


def _width(text: str) -> float:
    """Return how much ``text`` says, in Han characters."""
    latin = len(text.encode("ascii", "ignore"))
    return len(text) - latin * (1 - _LATIN_WIDTH)


def _sections(blocks: list[Block]) -> Iterator[tuple[str, list[Block]]]:
    heading, level = "", 0
    section: list[Block] = []
    for block, following in pairwise([*blocks, None]):
        if block is None:
            break
        is_heading = block.kind is Kind.HEADING or _is_bold_heading(block, following)
        if not is_heading and not _starts_list_of_headings(block, section):
            section.append(block)
            continue
        if section:
            yield heading, section
            heading, level = "", 0
        if not is_heading:
            section = [block]
            continue
        # A chapter's heading, right above that of its first section, belongs to that section.
        is_below = heading and (block.level == 0 or block.level > level)
        heading = f"{heading} · {block.text}" if is_below else block.text
        level, section = block.level, []
    if section:
        yield heading, section


def _starts_list_of_headings(block: Block, section: list[Block]) -> bool:
    return block.level > 0 and not (section and section[-1].level > 0)


def _is_bold_heading(block: Block, following: Block | None) -> bool:
    """Return whether a block is a short bold line with plain text under it."""
    return (
        block.is_bold
        and block.kind is Kind.TEXT
        and len(block.text) <= _MAX_BOLD_HEADING
        and not block.text.endswith(_NO_HEADING_END)
        and following is not None
        and following.kind is not Kind.HEADING
        and not following.is_bold
    )


def _joined(section: list[Block]) -> list[str]:
    """Return the texts of a section: short blocks joined to a neighbour, long ones cut."""
    texts: list[str] = []
    is_open = False  # whether the last text leads up to the next block
    last: Block | None = None
    for block in section:
        pieces = _cut(block.text)
        if texts and _continues(texts[-1], last, block, is_open=is_open):
            between = " • " if _is_list(last, block) and not ends_closed(texts[-1]) else " "
            texts[-1] = f"{texts[-1]}{between}{pieces[0]}"
            del pieces[0]
        texts += pieces
        last = block
        is_open = _width(texts[-1]) < _MIN_WIDTH or (
            block.text.endswith(_OPEN_ENDS) and _width(block.text) < _MAX_SHORT_ITEM
        )
    if len(texts) > 1 and _width(texts[-1]) < _MIN_WIDTH:
        texts[-2:] = [f"{texts[-2]} {texts[-1]}"]
    return texts


def _continues(text: str, last: Block | None, block: Block, *, is_open: bool) -> bool:
    """Return whether ``block`` continues the passage ``text``, which ends with ``last``."""
    added = _width(block.text)
    if _width(text) + added > _MAX_WIDTH or is_date(block.text):
        return False  # a date belongs to what follows it
    if is_open or _ADDRESS.fullmatch(block.text):
        return True
    if added < _MIN_WIDTH and (ends_closed(block.text) or block.kind is not Kind.TEXT):
        return True
    if _width(text) + added > _MAX_JOINED or last is None:
        return False
    if _is_list(last, block):
        return added < _MAX_SHORT_ITEM
    return added < _MAX_DIALOGUE_LINE and all(_SPOKEN.match(line.text) for line in (last, block))


def _is_list(last: Block | None, block: Block) -> bool:
    return last is not None and last.kind is block.kind and block.kind in {Kind.ITEM, Kind.ROW}


def _cut(text: str) -> list[str]:
    """Cut an overlong text at sentence ends into pieces of even width."""
    if _width(text) <= _MAX_WIDTH:
        return [text]
    sentences = [
        piece for start, end in sentence_spans(text) for piece in _cut_sentence(text, start, end)
    ]
    widths = [_width(text[start:end]) for start, end in sentences]
    remaining = sum(widths)
    count = max(2, round(remaining / _TARGET_WIDTH))
    pieces: list[tuple[int, int]] = []
    first, piece_width = 0, 0.0
    for i, width in enumerate(widths):
        goal = remaining / (count - len(pieces))
        # End the piece here if that is nearer to the goal than after one more sentence.
        if i > first and len(pieces) < count - 1 and piece_width + width / 2 > goal:
            pieces.append((sentences[first][0], sentences[i - 1][1]))
            remaining -= piece_width
            first, piece_width = i, 0.0
        piece_width += width
    pieces.append((sentences[first][0], sentences[-1][1]))
    return [text[start:end] for start, end in pieces]


def _cut_sentence(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of an overlong sentence, cut at pauses; without any, cut anywhere."""
    while _width(text[start : min(end, start + _SENTENCE_WINDOW)]) > _MAX_SENTENCE:
        half, target = start + _TARGET_WIDTH // 2, start + _TARGET_WIDTH
        pauses = [match.end() for match in _PAUSE.finditer(text, half, target)]
        cut = pauses[-1] if pauses else target
        yield start, cut
        start = cut
    yield start, end
