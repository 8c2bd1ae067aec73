"""Which blocks are the article's own text, and how are they cut and joined to be read alone?"""

from corpus.blocks import Block, Kind
from corpus.model import Paragraph


def passages_of(blocks: list[Block], *, title: str) -> list[Paragraph]:
    """First version."""
    heading = ""
    out: list[Paragraph] = []
    for b in blocks:
        if b.kind is Kind.HEADING:
            heading = b.text
        else:
            out.append(Paragraph(b.text, heading))
    return out
