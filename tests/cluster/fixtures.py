"""The clusters of a test run, and the part of one that a test has for itself."""

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest

from tests.cluster.nodes import Cluster, NoClusterError, class_path
from tests.folders import make_once

on_cluster = pytest.mark.xdist_group("cluster")
"""Marks tests of a cluster: one process of a test run has them all, and starts it once."""


@pytest.fixture(scope="session")
def class_path_of_node(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of a node; without Java or Maven the tests that need it are skipped."""

    def make(folder: Path) -> None:
        (folder / "path").write_text(class_path(folder))

    try:
        folder = make_once(tmp_path_factory, "cluster", make)
    except NoClusterError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(str(error))
    return (folder / "path").read_text()


@pytest.fixture(scope="session")
def one_node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster without an index name: that of OPENSEARCH_URL, or of one node."""
    if url := os.environ.get("OPENSEARCH_URL"):
        yield url.rstrip("/")
        return
    path = request.getfixturevalue("class_path_of_node")
    with Cluster(path, tmp_path_factory.mktemp("one-node"), 1) as cluster:
        yield f"http://{cluster.hosts}"


@pytest.fixture(scope="session")
def three_nodes(class_path_of_node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of three nodes; a test that kills one starts it again."""
    with Cluster(class_path_of_node, tmp_path_factory.mktemp("three-nodes"), 3) as cluster:
        yield cluster
