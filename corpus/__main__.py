"""``python -m corpus``: the child process that builds an index.

It reads its job as one JSON line from standard input and writes one JSON object per line to
standard output: ``{"progress": {…}}`` while it works, then ``{"report": {…}}`` or
``{"error": "…", …}``. Untrusted articles are parsed here, outside the bot's process, which can kill
this one.
"""

import errno
import json
import os
import sqlite3
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.errors import CorpusError, DiskFullError
from corpus.indexing.builder import build
from corpus.indexing.job import Job, ProgressListener
from corpus.indexing.process_memory import give_back_freed
from corpus.model import Progress

_REPORT_INTERVAL = 0.1  # seconds
_DISK_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NICENESS = 10  # answering questions has priority


def main() -> int:
    """Do the job that standard input describes."""
    give_back_freed()
    os.nice(_NICENESS)
    fields = json.loads(sys.stdin.readline())
    job = Job(**fields).without(fields["hidden"])  # JSON has lists, which nothing can be kept by
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        listener = _throttled(lambda progress: _send(progress=asdict(progress)))
        report = build(job, listener, is_last=True)
    except (CorpusError, OSError, sqlite3.Error) as error:
        failure = corpus_error(error, job)
        _send(error=str(failure), kind=type(failure).__name__)
        return 1
    _send(report=asdict(report))
    return 0


def corpus_error(error: CorpusError | OSError | sqlite3.Error, job: Job) -> CorpusError:
    """Return ``error`` as one whose message is a sentence for the archive's keeper."""
    if isinstance(error, CorpusError):
        return error
    if isinstance(error, FileNotFoundError) and error.filename is None:
        error = _error_of_temporary_file() or error
    if _is_disk_full(error):
        return DiskFullError(
            f"There is not enough space in {job.data_dir}: make some, or let DATA_DIR name a folder"
            " on a larger disk."
        )
    if isinstance(error, OSError):
        return CorpusError(
            f"{error.filename or job.data_dir} cannot be used: {error.strerror or error}."
        )
    return CorpusError(f"{job.data_dir} cannot be used: {error}.")


def _is_disk_full(error: OSError | sqlite3.Error) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    return error.errno in _DISK_FULL_ERRNOS


def _error_of_temporary_file() -> OSError | None:
    """Return why no folder accepts a temporary file, which the module tempfile does not tell."""
    file = Path(os.environ.get("TMPDIR", "/tmp")) / f"footnote-{os.getpid()}"  # noqa: S108
    try:
        with file.open("xb") as opened:
            opened.write(b"-")
    except OSError as error:
        error.filename = error.filename or str(file.parent)
        return error
    finally:
        with suppress(OSError):
            file.unlink()
    return None


def _throttled(on_progress: ProgressListener) -> ProgressListener:
    """Pass on every change of phase, and at most ten reports a second within a phase."""
    last_phase, last_time = "", 0.0

    def report(progress: Progress) -> None:
        nonlocal last_phase, last_time
        now = time.monotonic()
        if progress.phase != last_phase or now - last_time >= _REPORT_INTERVAL:
            last_phase, last_time = progress.phase, now
            on_progress(progress)

    return report


def _exit_with_parent() -> None:
    # The parent writes no second line: standard input ends when the parent does, however that is.
    sys.stdin.read()
    os._exit(1)


def _send(**message: Any) -> None:  # noqa: ANN401 (JSON)
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
