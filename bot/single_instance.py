"""Keeps a second bot off the data folder: two bots would answer everything twice."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import DataFolderError

LOCK = "bot.lock"


@contextmanager
def single_instance(
    data_dir: Path, *, advice: str = "stop it, or give this one a DATA_DIR of its own"
) -> Generator[None]:
    """Hold the lock of the only bot in ``data_dir``, which is created if missing.

    Most commands of the terminal do not take it: they work beside a bot. ``advice`` tells what to
    do where one runs.

    Raises:
        DataFolderError: there is another one, or the folder cannot be used.
    """
    lock = FileLock(data_dir / LOCK, mode=0o644, timeout=0)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise DataFolderError(f"The data folder {data_dir} cannot be written to.")
        lock.acquire()
    except Timeout as error:
        raise DataFolderError(
            f"Another bot is running in the data folder {data_dir}: {advice}."
        ) from error
    except OSError as error:
        raise DataFolderError(
            f"The data folder {data_dir} cannot be used: {error.strerror}."
        ) from error
    try:
        yield
    finally:
        lock.release()
