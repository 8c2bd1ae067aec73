import json
from pathlib import Path

import pytest

import corpus
from bench import __main__ as command
from bench import engines, index

SAMPLE = Path(corpus.__file__).parent / "sample"


def test_the_engines_report_has_its_columns_and_agrees_with_rank_bm25(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--archive", str(SAMPLE), "--passages", "120", "--rounds", "1", "--json"]
    chosen = [
        "--engines",
        "footnote,footnote-compiled,rank-bm25,sqlite-fts5",
        "--dir",
        str(tmp_path),
    ]
    assert engines.main([*arguments, *chosen]) == 0
    output = capsys.readouterr()
    result = json.loads(output.out)
    assert result["passages"] == 120
    assert result["questions"] > 10
    names = {"footnote", "footnote-compiled", "rank-bm25", "sqlite-fts5"}
    assert set(result["engines"]) == names
    for row in result["engines"].values():
        assert set(row) == {"p50_ms", "p90_ms", "p99_ms", "build_s", "rss_mb", "disk_mb"}
    difference = float(output.err.split("questions: ")[-1])
    assert difference < 1e-6


def test_the_index_report_counts_the_changed_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--archive", str(SAMPLE), "--workers", "1", "--json", "--dir", str(tmp_path)]
    assert index.main(options) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["changed"]["changed"] == result["files_changed"] == 1
    assert result["unchanged"]["changed"] == 0
    assert result["full"]["peak_mb"] > 0


def test_an_unknown_measurement_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "speed"])
    assert command.main() == 2
    assert "quality" in capsys.readouterr().err
