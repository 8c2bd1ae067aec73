"""The parent's side of a reindex: starts the child, passes its progress on, ends it with us."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.errors import CorpusError, DiskFullError, WrongArchiveError
from corpus.indexing.job import Job
from corpus.model import IndexReport, Progress, Skipped

_LONGEST_MESSAGE = 64 * 2**20  # bytes: the report names every skipped file
_STDERR_SHOWN = 2_000  # characters
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""It multiplies no matrices, and the server that forks workers must have no other thread."""

_KINDS: dict[str, type[CorpusError]] = {
    kind.__name__: kind for kind in (DiskFullError, WrongArchiveError)
}
"""Of the child's failures, those that are told apart."""


async def run(job: Job, on_progress: Callable[[Progress], None]) -> IndexReport:
    """Build the next generation in a child process and return its report.

    Cancelling kills the child.

    Raises:
        CorpusError: the child failed; the message is its own, or says how it ended.
    """
    package_root = str(Path(__file__).parents[2])
    search_path = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
    try:
        # What the child puts there goes with it, even where it is killed.
        with TemporaryDirectory(prefix="footnote-", ignore_cleanup_errors=True) as scratch:
            environment = {**_ONE_THREAD, "PYTHONPATH": search_path, "TMPDIR": scratch}
            return await _run(job, on_progress, {**os.environ, **environment})
    except OSError as error:
        raise CorpusError(f"The reindex cannot be started: {error.strerror}.") from error


async def _run(
    job: Job, on_progress: Callable[[Progress], None], environment: dict[str, str]
) -> IndexReport:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "corpus",
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=_LONGEST_MESSAGE,
        env=environment,
    )
    assert process.stderr
    complaints = asyncio.ensure_future(process.stderr.read())
    try:
        return await _follow(process, complaints, job, on_progress)
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.shield(asyncio.gather(process.wait(), complaints))


async def _follow(
    process: Process,
    complaints: asyncio.Future[bytes],
    job: Job,
    on_progress: Callable[[Progress], None],
) -> IndexReport:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
    failure: CorpusError | None = None
    report = None
    async for line in process.stdout:
        message = json.loads(line)
        if "progress" in message:
            on_progress(Progress(**message["progress"]))
        elif "error" in message:
            failure = _KINDS.get(message["kind"], CorpusError)(message["error"])
        elif "report" in message:
            skipped = tuple(Skipped(**one) for one in message["report"].pop("skipped"))
            report = IndexReport(**message["report"], skipped=skipped)
    status = await process.wait()
    said = (await complaints).decode(errors="replace").strip()
    if report is not None and status == 0:
        return report
    if failure is not None:
        raise failure
    ended = f"The reindex ended early, with status {status}."
    raise CorpusError(f"{ended} It said: {said[-_STDERR_SHOWN:]}" if said else ended)
