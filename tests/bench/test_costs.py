"""The costs are measured with a library's own index, with a cluster and in a database."""

import json

import pytest

from bench.costs import main
from corpus.library import SAMPLE_ARCHIVE
from tests.cluster.fixtures import on_cluster
from tests.postgres.fixtures import on_postgres

FEW = ["--archive", str(SAMPLE_ARCHIVE), "--limit", "3"]


def test_the_costs_of_an_index_of_its_own_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(FEW) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header == "| | own index |"
    assert any(row.startswith("| processor_ms_a_question | ") for row in rows)


@on_cluster
def test_a_cluster_says_what_its_nodes_took(
    search_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*FEW, "--cluster", search_url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    own, cluster = told["own index"], told["cluster"]
    assert own["passages"] == cluster["passages"] > 0
    assert own["node_processor_ms_a_question"] == 0
    for name in ("disk_bytes_a_passage", "memory_bytes_an_article", "processor_ms_a_question"):
        assert cluster[name] > 0


@on_postgres
def test_a_database_grows_with_each_question(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*FEW, "--database", postgres_url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["database"]
    assert told["disk_bytes_a_question"] > 100
    assert told["ms_a_question"] > 0
