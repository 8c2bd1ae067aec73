"""Which blocks of a page belong to the article, and which to the page around it?"""

import unicodedata
from itertools import pairwise

from corpus.analysis.sentences import ends_closed
from corpus.archive import boilerplate_patterns
from corpus.archive.blocks import Block, Kind

_REAL_LENGTH = 40
_HALF_LINK = 0.5
_MOSTLY_LINK = 0.6
_WHOLLY_LINK = 0.9
_TITLE_ZONE = 8
"""Blocks from the top in which the title may stand again."""
_LONGEST_CAPTION = 160
_LONGEST_CREDIT = 80
_LONGEST_NOTICE = 130
_BYLINE_ZONE = 4
_LONGEST_LEAD = 40
_FRAGMENT = 20


def without_boilerplate(blocks: list[Block], *, title: str) -> list[Block]:
    """Return the article's own blocks: headings, and the text under them.

    Left out are the title where it is said again, captions, buttons, lists of other articles,
    and what stands before the first or after the last real paragraph without being one:
    bylines, notices, links.
    """
    kept = _without_related(_without_title(blocks, title))
    kept = [block for block in kept if not _is_page_text(block)]
    first, last = _real_range(kept)
    kept = [
        block
        for at, block in enumerate(kept)
        if block.kind is Kind.HEADING
        or not (_is_opening_byline(block, at) or (not first <= at <= last and _is_marginal(block)))
    ]
    return _without_empty_end(kept)


def is_real(block: Block) -> bool:
    """Tell whether a block is running text by its looks: long, or closed like a sentence."""
    return (
        block.kind is not Kind.HEADING
        and block.link_share < _MOSTLY_LINK
        and (len(block.text) >= _REAL_LENGTH or ends_closed(block.text))
    )


def folded(text: str) -> str:
    """Return the letters and digits of ``text``, without case, width or marks, to compare."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _without_title(blocks: list[Block], title: str) -> list[Block]:
    wanted = folded(title)
    if not wanted:
        return blocks
    return [
        block
        for at, block in enumerate(blocks)
        if not (
            (at < _TITLE_ZONE or block.kind is Kind.HEADING)
            and len(block.text) <= 2 * len(title) + _FRAGMENT
            and _says_title(folded(block.text), wanted, exactly=block.kind is not Kind.HEADING)
        )
    ]


def _says_title(text: str, title: str, *, exactly: bool) -> bool:
    """Tell whether ``text`` is the title; a heading may lack or add a site's name at the end."""
    if text == title:
        return True
    shorter, longer = sorted((text, title), key=len)
    return not exactly and longer.startswith(shorter) and len(shorter) * 3 >= len(longer) * 2


def _without_related(blocks: list[Block]) -> list[Block]:
    """Drop lists of other articles: their head, and what follows up to a paragraph or heading."""
    kept: list[Block] = []
    dropping = False
    for block, following in pairwise([*blocks, None]):
        if block is None:
            break
        if _heads_related(block, following):
            dropping = True
        elif dropping and _ends_related(block):
            dropping = False
        if not dropping:
            kept.append(block)
    return kept


def _heads_related(block: Block, following: Block | None) -> bool:
    text = block.text.strip(" \t:：|｜-—–_·•*#►▶▌▍■◆●【】[]（）()<>《》…")
    if len(text) > _LONGEST_LEAD:
        return False
    if boilerplate_patterns.RELATED.fullmatch(text):
        return True
    return (
        following is not None
        and following.link_share >= _WHOLLY_LINK
        and block.text.endswith(("：", ":"))
        and bool(boilerplate_patterns.BACKWARD.search(text))
    )


def _ends_related(block: Block) -> bool:
    if block.link_share >= _MOSTLY_LINK:
        return False
    return block.kind is Kind.HEADING or is_real(block)


def _is_page_text(block: Block) -> bool:
    """Tell whether a block is a rule, a button, a pointer or a caption, wherever it stands."""
    if not any(map(str.isalnum, block.text)):
        return True
    if block.kind is Kind.HEADING:
        return False
    return (
        # Line numbers, page numbers, a date.
        (block.kind is Kind.TEXT and not any(map(str.isalpha, block.text)))
        or _is_button(block.text)
        or (
            block.link_share >= _HALF_LINK
            and bool(boilerplate_patterns.POINTER.fullmatch(block.text))
        )
        or _is_caption(block)
    )


def _is_button(text: str) -> bool:
    if len(text) > _FRAGMENT * 2:
        return False
    return bool(
        boilerplate_patterns.BUTTON.fullmatch(
            text.strip(" \t.。:：|｜-—–_·•*#►▶【】[]（）()<>…⚪️»«›‹!！")
        )
    )


def _is_caption(block: Block) -> bool:
    text = block.text
    if len(text) <= _LONGEST_CAPTION and boilerplate_patterns.CAPTION.match(text):
        return len(text) <= _LONGEST_CREDIT or not ends_closed(text) or block.after_image
    return (
        block.after_image
        and len(text) <= _LONGEST_CAPTION
        and bool(boilerplate_patterns.CREDIT.search(text))
    )


def _real_range(blocks: list[Block]) -> tuple[int, int]:
    """Return the positions of the first and last real paragraph; all of them where none is."""
    real = [at for at, block in enumerate(blocks) if is_real(block) and not _is_notice(block)]
    return (real[0], real[-1]) if real else (0, len(blocks))


def _is_notice(block: Block) -> bool:
    return len(block.text) <= _LONGEST_NOTICE and bool(
        boilerplate_patterns.NOTICE.fullmatch(block.text.strip())
    )


def _is_opening_byline(block: Block, at: int) -> bool:
    """Tell whether a block names the writer below a lede; further down it may name a book's."""
    return at < _BYLINE_ZONE and bool(boilerplate_patterns.OPENING_BYLINE.fullmatch(block.text))


def _is_marginal(block: Block) -> bool:
    """Tell whether a block at an article's edge is a byline, a notice or a link."""
    return (
        block.link_share >= _MOSTLY_LINK
        or bool(boilerplate_patterns.BYLINE.fullmatch(block.text))
        or _is_notice(block)
    )


def _without_empty_end(blocks: list[Block]) -> list[Block]:
    """Drop sections at the end that hold a few stray words and no paragraph."""
    end = len(blocks)
    for at in reversed(range(1, len(blocks))):
        block = blocks[at]
        if block.kind is Kind.HEADING:
            end = at
        elif block.kind is not Kind.TEXT or len(block.text) >= _FRAGMENT or is_real(block):
            break
    return blocks[:end]
