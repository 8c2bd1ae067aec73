"""Where the Han characters of a text are, found for a whole batch of articles at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

RANGES = (
    (0x3007, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
"""First and last code point of each block of Han characters."""

CLASS = "".join(
    f"{chr(first)}-{chr(last)}" if first < last else chr(first) for first, last in RANGES
)
"""The same, as a regular expression writes it between brackets."""

_SPACE = ord(" ")


class Split(NamedTuple):
    """A text, taken apart."""

    han: Ints
    """Start and end of each run of Han characters, shape (runs, 2)."""
    rest: str
    """The text with a space in place of each run."""
    origins: Ints
    """Where each character of the rest was."""


def split(text: str, longest: int) -> Split:
    """Take the Han characters out of ``text``, in runs of at most ``longest``."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    is_han = np.zeros(len(points), np.bool_)
    for first, last in RANGES:
        is_han |= (points >= first) & (points <= last)
    padded = np.zeros(len(points) + 2, np.bool_)
    padded[1:-1] = is_han
    runs = (padded[1:] != padded[:-1]).nonzero()[0].reshape(-1, 2)
    stays = ~is_han
    stays[runs[:, 0]] = True
    rest = np.where(is_han, _SPACE, points)[stays].astype("<u4").tobytes()
    origins = stays.nonzero()[0]
    if len(runs) and (runs[:, 1] - runs[:, 0]).max() > longest:
        cut = [
            (start, min(start + longest, last))
            for first, last in runs.tolist()
            for start in range(first, last, longest)
        ]
        runs = np.array(cut, np.int64)
    return Split(runs, rest.decode("utf-32-le", "surrogatepass"), origins)
