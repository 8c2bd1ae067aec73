"""The long run repeats in full, prints one table, and fails where a promise was not kept."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytest_plugins = ["pytester"]

SUITE = """
    def test_repeats(soak):
        soak.note("things done", str(soak.times(2, 100)))
        soak.timed("speed", [0.1] * 99 + [9.0], within={limit}, percentile=99)

    def test_other():
        pass
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def run(pytester: pytest.Pytester, limit: float, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(SUITE.replace("{limit}", str(limit)))
    return pytester.runpytest_subprocess("-p", "tests.soak", *arguments)


def test_the_quick_form_looks_at_no_clock(pytester: pytest.Pytester) -> None:
    result = run(pytester, 0.01)
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*Reliability*")


def test_the_long_run_prints_its_table(pytester: pytest.Pytester) -> None:
    result = run(pytester, 0.5, "--soak")
    result.assert_outcomes(passed=1, deselected=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*things done*100*kept*", "*speed*p99 189 ms*kept*"])


def test_the_long_run_fails_where_a_promise_is_not_kept(pytester: pytest.Pytester) -> None:
    result = run(pytester, 0.1, "--soak")
    result.assert_outcomes(passed=1, deselected=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*speed*p99*MISSED*"])
