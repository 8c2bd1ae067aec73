"""The parent's side of a reindex: starts the child, follows, cancels and ends it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

from corpus.errors import CorpusError, DiskFullError, ReindexCancelledError, WrongArchiveError
from corpus.hidden import Hidden
from corpus.indexing.job import Job
from corpus.model import IndexReport, Progress
from corpus.scratch import ScratchFolder

_MAX_MESSAGE_BYTES = 64 * 2**20  # the report names every skipped file
_MAX_STDERR_CHARS = 2_000  # of the error message
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""It multiplies no matrices, and the server that forks workers must have no other thread."""

_ERROR_TYPES: dict[str, type[CorpusError]] = {
    kind.__name__: kind for kind in (DiskFullError, WrongArchiveError)
}
"""The child's errors that callers tell apart."""


class Reindexer:
    """Runs one child at a time to build the next generation, and opens the result."""

    def __init__(
        self, job: Job, hidden: Hidden, open_newest: Callable[[], Awaitable[None]]
    ) -> None:
        self._job = job
        self._hidden = hidden
        self._open_newest = open_newest
        self._running: asyncio.Task[IndexReport] | None = None
        self._building: asyncio.Task[IndexReport] | None = None
        self._listeners: list[Callable[[Progress], None]] = []

    @property
    def is_running(self) -> bool:
        """Whether the next generation is being built or opened."""
        return self._running is not None

    async def run(
        self, *, full: bool, on_progress: Callable[[Progress], None] | None
    ) -> IndexReport:
        """Build the next generation, or join the running build; see ``Library.reindex``."""
        if self._running is None:
            self._running = asyncio.ensure_future(self._run(full=full))
            self._running.add_done_callback(self._on_done)
        if on_progress is not None:
            self._listeners.append(on_progress)
        try:
            return await asyncio.shield(self._running)
        finally:
            if on_progress is not None:
                self._listeners.remove(on_progress)

    async def cancel(self) -> bool:
        """Kill the child; return whether it was still building."""
        building = self._building
        if building is None:
            return False
        building.cancel()
        await asyncio.wait([building])
        return building.cancelled()

    async def close(self) -> None:
        """Kill the child, if there is one, and wait for its end."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def _on_done(self, task: asyncio.Task[IndexReport]) -> None:
        self._running = None
        if not task.cancelled():
            # Callers that still wait get the error; without any, asyncio must not report it.
            task.exception()

    async def _run(self, *, full: bool) -> IndexReport:
        def notify(progress: Progress) -> None:
            for listener in tuple(self._listeners):
                listener(progress)

        self._building = building = asyncio.ensure_future(self._build(notify, full=full))
        try:
            report = await building
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ReindexCancelledError("The reindex was cancelled.") from None
        finally:
            self._building = None
        await self._open_newest()
        return report

    async def _build(self, notify: Callable[[Progress], None], *, full: bool) -> IndexReport:
        job = self._job.rebuilding() if full else self._job
        hidden = await asyncio.to_thread(self._hidden.addresses)
        return await run_child(job.without(hidden), notify)


async def run_child(job: Job, on_progress: Callable[[Progress], None]) -> IndexReport:
    """Build the next generation in a child process and return its report.

    Cancelling kills the child.

    Raises:
        CorpusError: the child failed; the message is the child's, or gives its exit status.
    """
    try:
        # The child's temporary files are removed with this folder, even if the child is killed.
        with ScratchFolder() as scratch:
            environment = child_environment() | _ONE_THREAD | {"TMPDIR": str(scratch.path)}
            return await _run_child(job, on_progress, environment)
    except OSError as error:
        raise CorpusError(f"The reindex cannot be started: {error.strerror}.") from error


def child_environment() -> dict[str, str]:
    """Return the environment of a child that imports the same package as this process."""
    package_root = str(Path(__file__).parents[2])
    search_path = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": search_path}


async def _run_child(
    job: Job, on_progress: Callable[[Progress], None], environment: dict[str, str]
) -> IndexReport:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "corpus",
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=_MAX_MESSAGE_BYTES,
        env=environment,
    )
    assert process.stderr
    stderr = asyncio.ensure_future(process.stderr.read())
    try:
        return await _follow(process, stderr, job, on_progress)
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.shield(asyncio.gather(process.wait(), stderr))


async def _follow(
    process: Process,
    stderr: asyncio.Future[bytes],
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
            failure = _ERROR_TYPES.get(message["kind"], CorpusError)(message["error"])
        elif "report" in message:
            report = IndexReport.of(message["report"])
    status = await process.wait()
    stderr_text = (await stderr).decode(errors="replace").strip()
    if report is not None and status == 0:
        return report
    if failure is not None:
        raise failure
    sentence = f"The reindex ended early, with status {status}."
    if stderr_text:
        sentence += f" It said: {stderr_text[-_MAX_STDERR_CHARS:]}"
    raise CorpusError(sentence)
