"""How often a test repeats what it does, and what takes longest to make: the packed dictionaries."""

from pathlib import Path

import pytest

from corpus.analysis import bilingual, packed_file, segmenter
from corpus.analysis.analyzer import Analyzer
from tests.folders import make_once

pytest_plugins = ["tests.soak", "tests.cluster.fixtures", "tests.postgres.fixtures"]


def pack(folder: Path) -> None:
    """Write the packed dictionaries."""
    Analyzer(cache_dir=folder).load()
    bilingual.prepare(folder)


@pytest.fixture(scope="session")
def dictionary_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give jieba's packed dictionary, beside the bilingual one: both take long to make."""
    return packed_file.path(segmenter.VERSION, make_once(tmp_path_factory, "packed", pack))
