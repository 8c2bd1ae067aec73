"""Keeps a second bot off the data folder: two would answer everything twice."""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.errors import DataFolderError
from corpus.engines.local import filelock

LOCK = "bot.lock"


@contextmanager
def alone_in(data_dir: Path) -> Generator[None]:
    """Be the only bot in ``data_dir``, which is made where it is missing.

    The commands of the terminal ask for nothing here: they work beside a bot.

    Raises:
        DataFolderError: there is another one, or the folder cannot be used.
    """
    with ExitStack() as held:
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            if not os.access(data_dir, os.W_OK | os.X_OK):
                raise DataFolderError(f"The data folder {data_dir} cannot be written to.")
            is_mine = held.enter_context(filelock.locked(data_dir / LOCK, wait=False))
        except OSError as error:
            raise DataFolderError(
                f"The data folder {data_dir} cannot be used: {error.strerror}."
            ) from error
        if not is_mine:
            raise DataFolderError(
                f"Another bot is running in the data folder {data_dir}: stop it, or give this one a"
                " DATA_DIR of its own."
            )
        yield
