"""Tells the headings of an article from text that is only written as one."""

from dataclasses import replace
from itertools import pairwise

from corpus.analysis.sentences import ends_closed
from corpus.archive.blocks import Block, Kind

MIN_RUNNING_TEXT = 40
"""A line of so many characters is running text, whether or not it ends as a sentence does."""
MOSTLY_LINK = 0.6
"""Of a block's characters: with so many in links it leads to other pages."""
_MAX_HEADING = 120


def without_false_headings(blocks: list[Block]) -> list[Block]:
    """Turn headings that head nothing into text: paragraphs, and the items of a list."""
    blocks = [
        replace(block, kind=Kind.TEXT, level=0) if _is_paragraph(block) else block
        for block in blocks
    ]
    end = len(blocks)
    while end and blocks[end - 1].kind is Kind.HEADING:
        end -= 1
    # The frame of a page may end in headings; a post in Markdown has none, nor is it all headings.
    is_own = (end == 0 and end + 1 < len(blocks)) or all(b.is_written for b in blocks[end:])
    return [
        replace(block, kind=Kind.ITEM)
        if (i < end or is_own) and _heads_nothing(block, following)
        else block
        for i, (block, following) in enumerate(pairwise([*blocks, None]))
        if block is not None
    ]


def _is_paragraph(block: Block) -> bool:
    """Return whether a heading is a paragraph, which its author only wanted large."""
    length = len(block.text)
    return (
        block.kind is Kind.HEADING
        and block.link_share < MOSTLY_LINK
        and (
            length > _MAX_HEADING
            or (
                length >= MIN_RUNNING_TEXT
                and ends_closed(block.text)
                and not block.text.endswith(("？", "?"))
            )
        )
    )


def _heads_nothing(block: Block, following: Block | None) -> bool:
    """Return whether no text and no lower heading follows a heading."""
    return (
        block.kind is Kind.HEADING
        and block.link_share < MOSTLY_LINK
        and (
            following is None or (following.kind is Kind.HEADING and following.level <= block.level)
        )
    )
