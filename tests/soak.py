"""The reliability run. `make test` does each thing a few times; `make soak` as often as promised.

A test that asks for the `soak` fixture is part of both. It repeats what it does `soak.times(…)` and
asserts what must hold however slow the machine is. What it measured it notes as rows: `make soak`
prints them as one table and fails where a promise was not kept; `make test` looks at no clock.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from statistics import quantiles
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One promise and what came of it."""

    promise: str
    measured: str
    kept: bool


@dataclass(slots=True)
class Soak:
    """What this run does and what it has measured so far."""

    full: bool
    rows: list[Row] = field(default_factory=list)

    def times(self, quick: int, full: int) -> int:
        """Return how often to do something."""
        return full if self.full else quick

    def note(self, promise: str, measured: str, *, kept: bool = True) -> None:
        """Put a row into the table: what was promised, and the counts or figures seen."""
        self.rows.append(Row(promise, measured, kept))

    def timed(
        self, promise: str, seconds: Sequence[float], *, within: float, percentile: int = 100
    ) -> None:
        """Note whether a percentile of `seconds` is at most `within`; 100 is the slowest."""
        reached = (
            max(seconds)
            if percentile == 100 or len(seconds) < 2
            else quantiles(seconds, n=100, method="inclusive")[percentile - 1]
        )
        which = "slowest" if percentile == 100 else f"p{percentile}"
        measured = f"{which} {_spoken(reached)} of {len(seconds)} (≤ {_spoken(within)})"
        self.note(promise, measured, kept=reached <= within)


def _spoken(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


_SOAK = pytest.StashKey[Soak]()


@pytest.fixture(scope="session")
def soak(pytestconfig: pytest.Config) -> Soak:
    """Return how often to repeat, and where to note what was measured."""
    return pytestconfig.stash[_SOAK]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="the long reliability run, and only that")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SOAK] = Soak(full=config.getoption("--soak"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only what the long run repeats."""
    if not config.getoption("--soak"):
        return
    others = [item for item in items if "soak" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a long run that broke a promise, though each of its tests passed."""
    rows = session.config.stash[_SOAK].rows
    if session.config.getoption("--soak") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = (
            pytest.ExitCode.OK if all(row.kept for row in rows) else pytest.ExitCode.TESTS_FAILED
        )


def pytest_terminal_summary(config: pytest.Config) -> None:
    """Print the table."""
    if not config.getoption("--soak"):
        return
    table = Table("promise", "measured", "", title="Reliability")
    for row in config.stash[_SOAK].rows:
        table.add_row(row.promise, row.measured, "kept" if row.kept else "MISSED")
    Console(file=sys.stdout, width=120, highlight=False).print(table)
