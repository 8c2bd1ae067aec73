"""The outcomes of questions, summarised and compared with confidence intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

_RESAMPLES = 2_000
_SEED = 20_150_618


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question was answered."""

    rank: int | None
    """Of the right passage among the hits; None if it is not one of them."""
    answered: bool
    in_passage: bool
    """Whether the first hit's passage holds an answer."""
    in_sentence: bool
    """Whether the marked text of the first hit holds an answer."""
    marked: int
    """Characters of the marked text."""
    milliseconds: Mapping[str, float] = field(default_factory=dict[str, float])
    """Of each part of the search."""

    @property
    def reciprocal_rank(self) -> float:
        """1 for the first hit, 1/2 for the second, 0 if the right passage is not a hit."""
        return 1 / self.rank if self.rank else 0.0


_METRICS: dict[str, Callable[[Outcome], float]] = {
    "MRR@10": lambda outcome: outcome.reciprocal_rank,
    "in passage": lambda outcome: float(outcome.in_passage),
    "in sentence": lambda outcome: float(outcome.in_sentence),
}


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the means of ``outcomes`` by name."""

    def mean(metric: Callable[[Outcome], float]) -> float:
        return float(np.mean([metric(outcome) for outcome in outcomes]))

    def recall(k: int) -> float:
        return mean(lambda outcome: outcome.rank is not None and outcome.rank <= k)

    return {
        "MRR@10": mean(lambda outcome: outcome.reciprocal_rank),
        "R@1": recall(1),
        "R@5": recall(5),
        "R@10": recall(10),
        "in passage": mean(lambda outcome: outcome.in_passage),
        "in sentence": mean(lambda outcome: outcome.in_sentence),
        "marked": mean(lambda outcome: outcome.marked),
        "answered": mean(lambda outcome: outcome.answered),
    }


def latency(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Return percentiles of the milliseconds of each part of the search, by name."""
    return {
        part: {
            f"p{percentile}": float(
                np.percentile([outcome.milliseconds[part] for outcome in outcomes], percentile)
            )
            for percentile in (50, 90, 99)
        }
        for part in outcomes[0].milliseconds
    }


def gains(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> dict[str, list[float]]:
    """Return the gain of ``ours`` with its 95 % interval: mean, low, high, by paired bootstrap."""
    generator = np.random.default_rng(_SEED)
    samples = generator.integers(0, len(ours), (_RESAMPLES, len(ours)))
    intervals: dict[str, list[float]] = {}
    for name, metric in _METRICS.items():
        difference = np.array([metric(a) - metric(b) for a, b in zip(ours, theirs, strict=True)])
        low, high = np.percentile(difference[samples].mean(axis=1), [2.5, 97.5])
        intervals[name] = [float(difference.mean()), float(low), float(high)]
    return intervals
