import json
from pathlib import Path

import pytest

from bench.scale import main
from corpus.library import SAMPLE_ARCHIVE
from tests.cluster.fixtures import on_cluster


@on_cluster
def test_a_cluster_finds_what_our_own_engine_finds(
    search_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--archive", str(SAMPLE_ARCHIVE), "--passages", "400", "--json"]
    assert main([*arguments, "--cluster", f"1 node={search_url}"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["passages"] == 400
    ours, cluster = figures["engines"]["own engine"], figures["engines"]["1 node"]
    assert ours["overlap"] == 1
    assert cluster["overlap"] > 0.9
    for row in (ours, cluster):
        assert row["passages_per_s"] > 0
        assert 0 < row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"]
        assert row["megabytes"] > 0


def test_whole_searches_read_what_was_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "indexes").mkdir()
    arguments = ["--archive", str(SAMPLE_ARCHIVE), "--passages", "400", "--dir", "indexes"]
    assert main([*arguments, "--compiled", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["engines"]["compiled"]["overlap"] == 1
    whole = figures["whole"]
    assert whole["passages"] == 400  # the sample itself has fewer
    assert 0 < whole["engine_p50_ms"] < whole["p50_ms"]
    assert whole["searching_mb"] > 0
    assert figures["writing_mb"] > 0


@pytest.mark.parametrize("cluster", ["1 node=", "1 node", "1 node=nowhere"])
def test_what_is_no_cluster_is_not_measured_as_one(
    cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--archive", str(SAMPLE_ARCHIVE), "--cluster", cluster])
    assert ended.value.code == 2
    assert "SEARCH_URL must be" in capsys.readouterr().err
