import json

import pytest

from bench.search import main
from corpus.library import SAMPLE_ARCHIVE


def test_whole_searches_are_timed_stage_by_stage(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--archive", str(SAMPLE_ARCHIVE), "--questions", "4", "--compiled", "--json"]
    assert main(arguments) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["questions"] == 4
    assert figures["passages"] > 0
    assert (
        0 < figures["engine_p50_ms"] < figures["p50_ms"] <= figures["p90_ms"] <= figures["p99_ms"]
    )
    assert {"query", "texts", "second stage", "hits"} <= figures["stages"].keys()
    assert figures["compiled"]["questions"] == 4
    assert figures["compiled"]["engine_p50_ms"] > 0


def test_a_grown_archive_is_searched(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--archive", str(SAMPLE_ARCHIVE), "--passages", "700", "--questions", "2"]
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("700 passages, 2 questions")
