"""Folders that take long to make, made once for all processes of a test run."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.library import Library


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder ``name`` of this test run, which ``make`` fills in its first process."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # of all workers
    folder = root / name
    with FileLock(root / f"{name}.lock"):
        if not folder.exists():
            new = root / f"{name}.new"
            new.mkdir()
            make(new)
            new.rename(folder)
    return folder


def with_dictionary(data_dir: Path, dictionary: Path) -> Path:
    """Return the data folder as it is after the first start: with the packed dictionaries."""
    data_dir.mkdir(exist_ok=True)
    for file in dictionary.parent.iterdir():
        (data_dir / file.name).hardlink_to(file)
    return data_dir


def build_index(archive: Path, folder: Path, dictionary: Path) -> Path:
    """Put the index of ``archive`` into a folder in ``folder``, which may be copied, and return it.

    An index beside its archive would be that of whatever is beside the copy.
    """
    data_dir = with_dictionary(folder / "var", dictionary)

    async def build() -> None:
        async with Library(archive, data_dir) as library:
            await library.reindex()

    asyncio.run(build())
    return data_dir
