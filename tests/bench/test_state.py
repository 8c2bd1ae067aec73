"""A long question log keeps nobody waiting."""

from pathlib import Path

import pytest

from bench.state import main, measure
from bot.state import FILE_NAME
from tests.soak import Soak

MAX_PAGE, MAX_COMPLETION, MAX_PRESS = 0.5, 0.02, 0.1  # seconds


async def test_a_long_log_keeps_no_page_completion_or_press_waiting(
    tmp_path: Path, soak: Soak
) -> None:
    count = soak.times(2_000, 1_000_000)
    measured = await measure(tmp_path / FILE_NAME, count)
    log = f"{count:,} logged questions"
    # The page runs in turns with others, so its wall time follows from what else there is to do.
    page = f"{log}: `/archive questions`, of processor time"
    soak.timed(page, [measured.page_processor], within=MAX_PAGE)
    soak.timed("… completion", [measured.completion_of_busiest], within=MAX_COMPLETION)
    soak.timed("… a press beside the page", [measured.press], within=MAX_PRESS)


def test_the_figures_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rows", "100"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("100 questions, ")
    assert "(≤ 500)" in printed
