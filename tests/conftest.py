"""How often a test repeats what it does, and what takes longest to make: a packed dictionary."""

from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer
from tests.folders import make_once

pytest_plugins = ["tests.soak"]


@pytest.fixture(scope="session")
def dictionary_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give jieba's dictionary cache, which takes longer to make than most tests to run."""
    folder = make_once(tmp_path_factory, "jieba", lambda empty: Analyzer(cache_dir=empty).load())
    (cache,) = folder.iterdir()
    return cache
