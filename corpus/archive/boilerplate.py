"""Separates the blocks of an article from those of the page around it."""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from corpus.archive import line_kinds
from corpus.archive.blocks import Block, Kind
from corpus.archive.headings import MIN_RUNNING_TEXT, MOSTLY_LINK, without_false_headings
from corpus.archive.omissions import Omission, Reason

_HALF_LINK = 0.5
_WHOLLY_LINK = 0.9
_TITLE_ZONE = 8
"""Blocks from the top among which the title may be repeated."""
_BYLINE_ZONE = 4
"""Blocks from the top among which a byline may stand below a lede."""
_MAX_FRAGMENT = 20
_MIN_HAN = 20
_MIN_LINKED_SENTENCE = 160
"""In a script without Han characters, in which titles are long and may be sentences."""


def without_boilerplate(
    blocks: list[Block], *, title: str, captions: bool = False
) -> tuple[list[Block], list[Omission]]:
    """Return the article's own blocks: its headings, and the text under them; and what is left out.

    Repetitions of the title, captions, buttons and lists of other articles are left out, and so are
    bylines, notices and links before the first or after the last paragraph of running text.

    Args:
        blocks: the blocks of the page, in reading order.
        title: the article's title; empty: no block is taken for its repetition.
        captions: whether captions are the article's own, too.
    """
    sieve = _Sieve()
    blocks = sieve.pass_on(blocks, _title_reasons(blocks, title))
    blocks = sieve.pass_on(blocks, _related_reasons(blocks))
    blocks = sieve.pass_on(blocks, [_page_reason(block, captions=captions) for block in blocks])
    blocks = without_false_headings(blocks)
    blocks = sieve.pass_on(blocks, _edge_reasons(blocks))
    blocks = sieve.pass_on(blocks, _end_reasons(blocks))
    return blocks, sieve.omissions


class _Sieve:
    """Parts blocks by the reasons to leave them out, and collects these."""

    def __init__(self) -> None:
        self.omissions: list[Omission] = []

    def pass_on(self, blocks: list[Block], reasons: Iterable[Reason | None]) -> list[Block]:
        """Return the blocks without a reason."""
        remaining: list[Block] = []
        for block, reason in zip(blocks, reasons, strict=True):
            if reason is None:
                remaining.append(block)
            else:
                self.omissions.append(Omission(block.text, reason, block.position))
        return remaining


def _is_running_text(block: Block) -> bool:
    """Return whether a block looks like running text: it is long, or ends as a sentence does."""
    return (
        block.kind is not Kind.HEADING
        and block.link_share < MOSTLY_LINK
        and not line_kinds.is_address(block.text)
        and (len(block.text) >= MIN_RUNNING_TEXT or line_kinds.ends_as_sentence(block.text))
    )


def _alphanumerics(text: str) -> str:
    """Return the letters and digits of ``text``, without differences of case and width."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _title_reasons(blocks: list[Block], title: str) -> list[Reason | None]:
    if not _alphanumerics(title):
        return [None] * len(blocks)
    return [
        Reason.TITLE
        if (i < _TITLE_ZONE or block.kind is Kind.HEADING) and _is_title(block, title)
        else None
        for i, block in enumerate(blocks)
    ]


def _is_title(block: Block, title: str) -> bool:
    """Return whether a block repeats ``title``; a heading may add or lack a site's name."""
    if len(block.text) > 2 * len(title) + _MAX_FRAGMENT:
        return False
    shorter, longer = sorted((_alphanumerics(block.text), _alphanumerics(title)), key=len)
    if block.kind is not Kind.HEADING:
        return shorter == longer
    return longer.startswith(shorter) and len(shorter) * 3 >= len(longer) * 2


def _related_reasons(blocks: list[Block]) -> list[Reason | None]:
    """Mark lists of other articles: the heading, and all up to a heading or running text.

    Without a heading, but with a line that leads up to it, a list goes on as long as there are
    links.
    """
    reasons: list[Reason | None] = []
    in_list = is_headed = False
    for block, following in pairwise([*blocks, None]):
        if block is None:
            break
        if line_kinds.starts_related(block.text):
            in_list = is_headed = True
        elif _leads_to_links(block, following):
            in_list, is_headed = True, False
            if line_kinds.has_sentence(block.text):
                reasons.append(None)
                continue
        elif in_list and _ends_related(block, is_headed=is_headed):
            in_list = False
        reasons.append(Reason.RELATED_LIST if in_list else None)
    return reasons


def _leads_to_links(block: Block, following: Block | None) -> bool:
    return (
        following is not None
        and following.link_share >= _WHOLLY_LINK
        and line_kinds.points_elsewhere(block.text, following.text)
    )


def _ends_related(block: Block, *, is_headed: bool) -> bool:
    if block.link_share >= MOSTLY_LINK:
        return False
    return not is_headed or block.kind is Kind.HEADING or _is_running_text(block)


def _page_reason(block: Block, *, captions: bool) -> Reason | None:
    """Return why a block is never text of an article: it is a rule, a button, a caption."""
    if not any(map(str.isalnum, block.text)):
        return Reason.FURNITURE
    if block.kind is Kind.HEADING:
        return None
    # a line number, a page number
    is_number = block.kind is Kind.TEXT and not any(map(str.isalpha, block.text))
    if (is_number and not line_kinds.is_date(block.text)) or line_kinds.is_button(block.text):
        return Reason.FURNITURE
    if block.link_share >= _HALF_LINK and line_kinds.is_pointer(block.text):
        return Reason.RELATED_LIST
    is_caption = not captions and line_kinds.is_caption(block.text, after_image=block.after_image)
    return Reason.CAPTION if is_caption else None


def _running_text_range(blocks: list[Block]) -> tuple[int, int]:
    """Return the positions of the first and the last block of running text; without any: all."""
    running = [
        i
        for i, block in enumerate(blocks)
        if _is_running_text(block) and not line_kinds.is_notice(block.text)
    ]
    return (running[0], running[-1]) if running else (0, len(blocks))


def _edge_reasons(blocks: list[Block]) -> list[Reason | None]:
    """Mark bylines, notices and links before the first and after the last running text."""
    first, last = _running_text_range(blocks)
    return [
        None
        if block.kind is Kind.HEADING
        else _edge_reason(block, i, is_edge=i < first or i > last)
        for i, block in enumerate(blocks)
    ]


def _edge_reason(block: Block, position: int, *, is_edge: bool) -> Reason | None:
    # Further down such a line may name the author of a book.
    if position < _BYLINE_ZONE and line_kinds.is_opening_byline(block.text):
        return Reason.BYLINE
    if not is_edge:
        return None
    if line_kinds.is_byline(block.text) or line_kinds.is_date(block.text):
        return Reason.BYLINE
    is_link = block.link_share >= MOSTLY_LINK or line_kinds.is_address(block.text)
    if is_link and not _is_linked_text(block):
        return Reason.NAVIGATION
    return Reason.NOTICE if line_kinds.is_notice(block.text) else None


def _is_linked_text(block: Block) -> bool:
    """Return whether a block is text, though most of it is a link: a sentence, or an address."""
    text = block.text
    if line_kinds.is_labelled_address(text):
        return True
    if line_kinds.has_title_at_end(text) or not line_kinds.ends_as_sentence(text):
        return False
    han = sum("\u3400" <= char <= "\u9fff" for char in text)
    return len(text) >= (MIN_RUNNING_TEXT if han >= _MIN_HAN else _MIN_LINKED_SENTENCE)


def _end_reasons(blocks: list[Block]) -> list[Reason | None]:
    """Mark sections at the end that hold a few stray words and no paragraph."""
    end = len(blocks)
    for i in reversed(range(1, len(blocks))):
        block = blocks[i]
        if block.kind is Kind.HEADING:
            end = i
        elif (
            block.kind is not Kind.TEXT
            or len(block.text) >= _MAX_FRAGMENT
            or _is_running_text(block)
        ):
            break
    return [Reason.FURNITURE if i >= end else None for i in range(len(blocks))]
