"""How often a test repeats what it does, and what takes longest to make: a packed dictionary."""

from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer

pytest_plugins = ["tests.soak"]


@pytest.fixture(scope="session")
def dictionary_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give jieba's dictionary cache, which takes longer to make than most tests to run."""
    folder = tmp_path_factory.mktemp("jieba")
    Analyzer(cache_dir=folder).load()
    (cache,) = folder.iterdir()
    return cache
