"""A term -> its 64-bit key in the index, which thus needs no dictionary of strings.

Nearly all terms are one to three Han characters. Their keys hold the code points themselves, 21
bits each, so they cannot collide and numpy computes them without strings. Longer terms are hashed;
among a million of them two share a key with a probability of 1 in 18 million.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

BITS = 21
"""Per code point, of which the largest is 0x10FFFF."""
MAX_PLAIN_CHARS = 3
"""A longer term is hashed."""
_HASHED = 1 << 63


def term_key(term: str) -> int:
    """Return the key of ``term``, which must not be empty, below 2**64."""
    if len(term) <= MAX_PLAIN_CHARS:
        key = 0
        for char in term:
            key = key << BITS | ord(char)
        return key
    # Folding removes lone surrogates; even so, hostile input must not fail here.
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") | _HASHED


def span_keys(points: Keys, starts: NDArray[np.int64], length: int) -> Keys:
    """Return the keys of the terms of ``length`` characters, at most three, at ``starts``.

    Args:
        points: code points of the text.
        starts: of the terms, any shape.
        length: of every term, in code points.
    """
    keys = points[starts]
    for offset in range(1, length):
        keys = keys << np.uint64(BITS) | points[starts + offset]
    return keys
