"""A term -> the 64-bit number it is looked up by: no dictionary of strings to keep or to search.

Nearly all terms are one to three Han characters. Those are written out, 21 bits a code point, so
their keys cannot collide and numpy computes them without making a string. Longer terms are hashed;
among a million of them two share a key with a probability of 1 in 18 million.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

BITS = 21
"""Of a code point: the largest is 0x10FFFF."""
LONGEST_WRITTEN_OUT = 3
_HASHED = 1 << 63


def term_key(term: str) -> int:
    """Return the key of ``term``, which must not be empty, below 2**64."""
    points = [ord(char) for char in term[: LONGEST_WRITTEN_OUT + 1]]
    match points:
        case [one]:
            return one
        case [one, two]:
            return one << BITS | two
        case [one, two, three]:
            return one << 2 * BITS | two << BITS | three
        case _:
            pass
    # A lone surrogate is folded away before it could come here; hostile input must not matter.
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") | _HASHED


def span_keys(points: Keys, starts: NDArray[np.int64], length: int) -> Keys:
    """Return the keys of the terms of ``length`` characters, at most three, at ``starts``.

    Args:
        points: the text's code points.
        starts: where each term begins, any shape.
        length: of every term, in code points.
    """
    keys = points[starts]
    for offset in range(1, length):
        keys = keys << np.uint64(BITS) | points[starts + offset]
    return keys
