"""A fresh loopback Discord for each test that asks for one, and what its bot need not make anew."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.loopback.client import Loopback
from tests.e2e.questions import SAMPLE
from tests.folders import build_index, make_once, with_dictionary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    """Start a loopback Discord, and stop it when the test is over."""
    async with Loopback() as started:
        yield started


@pytest.fixture
def packed_dictionary(tmp_path: Path, dictionary_cache: Path) -> None:
    """Put jieba's dictionary into the data folder, as it is after the first start."""
    with_dictionary(tmp_path / "data", dictionary_cache)


@pytest.fixture(scope="session")
def index_of_the_sample(tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path) -> Path:
    """Return a data folder with the index of the bundled sample; to be copied."""
    made = make_once(
        tmp_path_factory, "sample", lambda empty: build_index(SAMPLE, empty, dictionary_cache)
    )
    return made / "var"


@pytest.fixture
def indexed_sample(tmp_path: Path, index_of_the_sample: Path) -> Path:
    """Return the folder of a bot whose data folder holds the index of the bundled sample."""
    shutil.copytree(index_of_the_sample, tmp_path / "data")
    return tmp_path
