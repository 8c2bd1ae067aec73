"""Data folders that a test begins with, so that it need not make anew what takes long to make."""

import asyncio
from pathlib import Path

from corpus.library import Library


def with_dictionary(data_dir: Path, dictionary: Path) -> Path:
    """Return the data folder as it is after the first start: with jieba's packed dictionary."""
    data_dir.mkdir(exist_ok=True)
    (data_dir / dictionary.name).hardlink_to(dictionary)
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
