"""How are an article's blocks cut and joined into paragraphs that can be read alone?"""

import re
from collections.abc import Iterator
from itertools import pairwise

from corpus.analysis.sentences import ends_closed, sentence_spans
from corpus.archive.blocks import Block, Kind
from corpus.model import Paragraph

WHOLE = 550
"""A paragraph up to this width stays whole."""
TARGET = 400
"""A wider one is cut into even pieces of about this width."""
_LONGEST_SENTENCE = 2 * TARGET
_LATIN_WIDTH = 2 / 3
"""A Latin letter says less than a Han character; English paragraphs may be so much longer."""
_LONGEST_LOOK = int(_LONGEST_SENTENCE / _LATIN_WIDTH) + 2
"""Code points that are surely wider than the longest sentence, so that no more are counted."""

_FRAGMENT = 24
"""Narrower than this is no passage by itself."""
_DIALOGUE = 60
_ITEM = 100
_JOINED = 300
"""Lines of a dialogue or a list are gathered up to this width."""
_LONGEST_BOLD_HEADING = 40

_PAUSE = re.compile(r"[，、：,:—]\s*")
_SPOKEN = re.compile(r"[「『“\"—–-]|[^，。！？,.!?：:\s]{1,8}\s?[：:](?!//)")
_ADDRESS = re.compile(r"(?:[^\s:：/]{1,8}\s?[:：]\s*)?(?:https?\s?[:：]//\S+\s*)+")
"""A web address, perhaps with a word for what is found there."""

_LEADS_ON = ("：", ":", "，", ",", "、")
_NO_HEADING_END = tuple("。！；，、：,.!;:…—")


def paragraphs_of(blocks: list[Block]) -> list[Paragraph]:
    """Return the paragraphs of an article's own blocks, each with the heading above it."""
    found: list[Paragraph] = []
    for heading, section in _sections(blocks):
        found += [Paragraph(text, heading) for text in _joined(section)]
    return found


def width(text: str) -> float:
    """Return how much ``text`` a text is, in Han characters."""
    latin = len(text.encode("ascii", "ignore"))
    return len(text) - latin * (1 - _LATIN_WIDTH)


def _sections(blocks: list[Block]) -> Iterator[tuple[str, list[Block]]]:
    heading = ""
    section: list[Block] = []
    for block, following in pairwise([*blocks, None]):
        if block is None:
            break
        if block.kind is Kind.HEADING or _stands_for_heading(block, following):
            if section:
                yield heading, section
            heading, section = block.text, []
        else:
            section.append(block)
    if section:
        yield heading, section


def _stands_for_heading(block: Block, following: Block | None) -> bool:
    """Tell whether a short bold line is a heading: something plain stands under it."""
    return (
        block.strong
        and block.kind is Kind.TEXT
        and len(block.text) <= _LONGEST_BOLD_HEADING
        and not block.text.endswith(_NO_HEADING_END)
        and following is not None
        and following.kind is not Kind.HEADING
        and not following.strong
    )


def _joined(section: list[Block]) -> list[str]:
    """Join what cannot stand alone with its neighbour; cut what is too long."""
    texts: list[str] = []
    open_end = False  # whether the last text waits for what it leads up to
    last: Block | None = None
    for block in section:
        pieces = _cut(block.text)
        if texts and _belongs(texts[-1], last, block, open_end=open_end):
            between = " • " if _is_list(last, block) and not ends_closed(texts[-1]) else " "
            texts[-1] = f"{texts[-1]}{between}{pieces[0]}"
            del pieces[0]
        texts += pieces
        last = block
        open_end = width(texts[-1]) < _FRAGMENT or (
            block.text.endswith(_LEADS_ON) and width(block.text) < _ITEM
        )
    if len(texts) > 1 and width(texts[-1]) < _FRAGMENT:
        texts[-2:] = [f"{texts[-2]} {texts[-1]}"]
    return texts


def _belongs(text: str, last: Block | None, block: Block, *, open_end: bool) -> bool:
    """Tell whether ``block`` goes on in the same passage as ``text``, which ends with ``last``."""
    added = width(block.text)
    if width(text) + added > WHOLE:
        return False
    if open_end or _ADDRESS.fullmatch(block.text):
        return True
    if added < _FRAGMENT and (ends_closed(block.text) or block.kind is not Kind.TEXT):
        return True
    if width(text) + added > _JOINED or last is None:
        return False
    if _is_list(last, block):
        return added < _ITEM
    return added < _DIALOGUE and all(_SPOKEN.match(line.text) for line in (last, block))


def _is_list(last: Block | None, block: Block) -> bool:
    return last is not None and last.kind is block.kind and block.kind in {Kind.ITEM, Kind.ROW}


def _cut(text: str) -> list[str]:
    """Cut an overlong text at sentence ends into pieces of even width."""
    if width(text) <= WHOLE:
        return [text]
    sentences = [
        piece for start, end in sentence_spans(text) for piece in _cut_sentence(text, start, end)
    ]
    widths = [width(text[start:end]) for start, end in sentences]
    left = sum(widths)
    count = max(2, round(left / TARGET))
    pieces: list[tuple[int, int]] = []
    begun, gathered = 0, 0.0
    for at, added in enumerate(widths):
        goal = left / (count - len(pieces))
        # Stop where the end is nearer to the goal than one sentence further would be.
        if at > begun and len(pieces) < count - 1 and gathered + added / 2 > goal:
            pieces.append((sentences[begun][0], sentences[at - 1][1]))
            left -= gathered
            begun, gathered = at, 0.0
        gathered += added
    pieces.append((sentences[begun][0], sentences[-1][1]))
    return [text[start:end] for start, end in pieces]


def _cut_sentence(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is a passage by itself at pauses, or anywhere where it has none."""
    while width(text[start : min(end, start + _LONGEST_LOOK)]) > _LONGEST_SENTENCE:
        half = start + TARGET // 2
        pauses = [match.end() for match in _PAUSE.finditer(text, half, start + TARGET)]
        at = pauses[-1] if pauses else start + TARGET
        yield start, at
        start = at
    yield start, end
