"""What came of one question, summed up and compared with confidence intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

_RESAMPLES = 2_000
_SEED = 20_150_618


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question was answered."""

    rank: int | None
    """Of the right passage among the hits; None: not among them."""
    answered: bool
    in_passage: bool
    """Whether the first hit's passage holds an answer."""
    in_sentence: bool
    """Whether its marked text does."""
    marked: int
    """Characters marked."""
    milliseconds: Mapping[str, float] = field(default_factory=dict[str, float])
    """How long each part took."""

    @property
    def reciprocal_rank(self) -> float:
        """1 for the first, 1/2 for the second, 0 where the right passage is not among the hits."""
        return 1 / self.rank if self.rank else 0.0


_COMPARED: dict[str, Callable[[Outcome], float]] = {
    "MRR@10": lambda one: one.reciprocal_rank,
    "in passage": lambda one: float(one.in_passage),
    "in sentence": lambda one: float(one.in_sentence),
}


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the means of ``outcomes`` by name."""

    def share(within: int) -> float:
        return float(np.mean([one.rank is not None and one.rank <= within for one in outcomes]))

    return {
        "MRR@10": float(np.mean([one.reciprocal_rank for one in outcomes])),
        "R@1": share(1),
        "R@5": share(5),
        "R@10": share(10),
        "in passage": float(np.mean([one.in_passage for one in outcomes])),
        "in sentence": float(np.mean([one.in_sentence for one in outcomes])),
        "marked": float(np.mean([one.marked for one in outcomes])),
        "answered": float(np.mean([one.answered for one in outcomes])),
    }


def latency(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Return percentiles of the milliseconds that each part took, by the part's name."""
    return {
        part: {
            f"p{share}": float(np.percentile([one.milliseconds[part] for one in outcomes], share))
            for share in (50, 90, 99)
        }
        for part in outcomes[0].milliseconds
    }


def compared(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> dict[str, list[float]]:
    """Return the gain of ``ours`` with its 95 % interval: mean, low, high, by paired bootstrap."""
    generator = np.random.default_rng(_SEED)
    picks = generator.integers(0, len(ours), (_RESAMPLES, len(ours)))
    gains: dict[str, list[float]] = {}
    for name, of in _COMPARED.items():
        difference = np.array([of(a) - of(b) for a, b in zip(ours, theirs, strict=True)])
        low, high = np.percentile(difference[picks].mean(axis=1), [2.5, 97.5])
        gains[name] = [float(difference.mean()), float(low), float(high)]
    return gains
