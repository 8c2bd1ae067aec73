"""``python -m corpus``: the child process that builds an index.

It gets its job as one JSON line on standard input and answers on standard output with a JSON object
a line: ``{"progress": {…}}`` while it works, then ``{"report": {…}}`` or ``{"error": "…", …}``.
Parsing articles that nobody vouches for stays out of the bot's process, which can kill the child.
"""

import errno
import json
import os
import sqlite3
import sys
import threading
import time
from dataclasses import asdict
from typing import Any

from corpus.errors import CorpusError, DiskFullError
from corpus.indexing.builder import build
from corpus.indexing.job import Job, ProgressListener
from corpus.indexing.memory import give_back_freed
from corpus.model import Progress

_REPORT_EVERY = 0.1  # seconds
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NICER = 10  # than the process that started it: whoever asks meanwhile goes first


def main() -> int:
    """Do the one job that standard input names."""
    give_back_freed()
    os.nice(_NICER)
    job = Job(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        report = build(job, _throttled(lambda progress: _say(progress=asdict(progress))))
    except (CorpusError, OSError, sqlite3.Error) as error:
        failure = told(error, job)
        _say(error=str(failure), kind=type(failure).__name__)
        return 1
    _say(report=asdict(report))
    return 0


def told(error: CorpusError | OSError | sqlite3.Error, job: Job) -> CorpusError:
    """Return ``error`` as one sentence for the archive's keeper."""
    if isinstance(error, CorpusError):
        return error
    if _is_full(error):
        return DiskFullError(
            f"There is not enough space in {job.data_dir}: make some, or let DATA_DIR name a folder"
            " on a larger disk."
        )
    if isinstance(error, OSError):
        return CorpusError(f"{error.filename or job.data_dir} cannot be used: {error.strerror}.")
    return CorpusError(f"{job.data_dir} cannot be used: {error}.")


def _is_full(error: OSError | sqlite3.Error) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    # What names no file is of the module tempfile: not one folder takes a temporary one.
    takes_none = isinstance(error, FileNotFoundError) and error.filename is None
    return takes_none or error.errno in _FULL


def _throttled(on_progress: ProgressListener) -> ProgressListener:
    """Pass on each change of phase, and within a phase at most ten reports a second."""
    last_phase, last_time = "", 0.0

    def report(progress: Progress) -> None:
        nonlocal last_phase, last_time
        now = time.monotonic()
        if progress.phase != last_phase or now - last_time >= _REPORT_EVERY:
            last_phase, last_time = progress.phase, now
            on_progress(progress)

    return report


def _exit_with_parent() -> None:
    # The parent never writes a second line: standard input ends when the parent does, however
    # it ends.
    sys.stdin.read()
    os._exit(1)


def _say(**message: Any) -> None:  # noqa: ANN401 (JSON)
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
