"""The clusters of a test run, and the part of one that a test has for itself."""

import os
from collections.abc import Iterator
from secrets import token_hex

import pytest

from corpus.engines.opensearch import cluster
from tests.cluster.nodes import Cluster, NoClusterError, class_path, prepare
from tests.folders import make_once

on_cluster = pytest.mark.xdist_group("cluster")
"""Marks tests of a cluster: one process of a test run has them all, and starts it once."""


@pytest.fixture(scope="session")
def node_class_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the class path of a node; skip without Java or Maven, but fail where CI runs."""
    try:
        folder = make_once(tmp_path_factory, "cluster", prepare)
    except NoClusterError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(str(error))
    return class_path(folder)


@pytest.fixture(scope="session")
def one_node(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the address of the cluster that OPENSEARCH_URL names, or else of one node."""
    if url := os.environ.get("OPENSEARCH_URL"):
        yield url.rstrip("/")
        return
    path: str = request.getfixturevalue("node_class_path")
    with Cluster(path, tmp_path_factory.mktemp("one-node"), 1) as cluster:
        yield f"http://{cluster.hosts}"


@pytest.fixture(scope="session")
def three_nodes(
    node_class_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """Start three nodes; a test that kills one starts it again."""
    with Cluster(node_class_path, tmp_path_factory.mktemp("three-nodes"), 3) as cluster:
        yield cluster


def _be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the questions of a test take as long as a busy machine needs."""
    monkeypatch.setattr(cluster, "QUESTION_SECONDS", 60.0)
    monkeypatch.setattr(cluster, "REQUEST_SECONDS", 20.0)


@pytest.fixture
def search_url(one_node: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a SEARCH_URL on one node, with a name that no other test has."""
    _be_patient(monkeypatch)
    return f"{one_node}/test-{token_hex(6)}"


@pytest.fixture
def search_url_of_three(three_nodes: Cluster, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a SEARCH_URL on three nodes, with a name that no other test has."""
    _be_patient(monkeypatch)
    return f"http://{three_nodes.hosts}/test-{token_hex(6)}"
