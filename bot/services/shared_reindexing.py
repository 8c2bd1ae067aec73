"""The reindex where several processes share a database: each builds its own index, or the leader.

Whoever wants a reindex stores a request. With the local engine each process has an index of its own
and does the same; one whose connection was lost looks for requests that it has not heard of. A
cluster has one index for all: the leader builds, tells how far it is, and stores the outcome. So a
request outlives a leader.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from bot.monitoring import logs
from bot.services.reindexing import Reindexer
from bot.state import DATABASE_ERRORS, State
from bot.state.peers import Refresh, Topic
from bot.state.reindexes import new_key
from corpus import CorpusError, IndexReport, Library, Progress, ReindexCancelledError

PROGRESS_SECONDS = 1.0
"""Between two tellings of the progress."""
SILENCE_SECONDS = 10.0
"""After which a reindex of which nobody tells the progress counts as ended."""
POLL_SECONDS = 15.0
"""Between two looks for what a lost notification was about."""
CANCEL_SECONDS = 5.0
"""For which a process waits until the leader has cancelled its reindex."""

_DONE, _FAILED, _CANCELLED = "done", "failed", "cancelled"

_CANCELLED_SENTENCE = "The reindex was cancelled."

OnEnd = Callable[[IndexReport | None], None]

_log = logging.getLogger(__name__)


class OwnIndexReindexer(Reindexer):
    """Reindexes the index of this process, and lets the others reindex theirs."""

    def __init__(self, library: Library, state: State, on_end: OnEnd) -> None:
        super().__init__(library, on_end)
        self._state = state
        self._known: set[str] = set()
        """The keys of the requests that were done, or made before the start."""
        self._has_looked = False
        self._looking = Refresh(self._look, "Requests for a reindex", *DATABASE_ERRORS)
        state.notifications.listen(Topic.REINDEX, self._asked)
        self._looking.ask()

    async def start_everywhere(self, *, full: bool = False) -> asyncio.Task[IndexReport]:
        """Start a reindex here, and let the other processes do the same."""
        task = self.start(full=full)
        key = new_key()
        self._known.add(key)  # now: others, and a look for what was missed, may see it at once
        try:
            await self._state.reindexes.add(key, full=full)
        except DATABASE_ERRORS as error:
            _log.error("The other processes were not told to reindex: %s.", error)
        return task

    async def close(self) -> None:
        """End a running reindex; the old index stays whole."""
        await self._looking.close()
        await super().close()

    def _asked(self, text: str | None) -> None:
        if text is None:
            self._looking.ask()
        else:
            kind, _, key = text.partition(" ")
            if key not in self._known:
                self._known.add(key)
                self._follow(full=kind == "full")

    async def _look(self) -> None:
        """Do what was asked for while nobody was heard."""
        latest = await self._state.reindexes.latest()
        missed = latest.keys() - self._known
        if missed and self._has_looked:
            self._follow(full=any(latest[key] for key in missed))
        self._known |= missed
        self._has_looked = True

    def _follow(self, *, full: bool) -> None:
        """Do what another process asked for: a full reindex after a running one that is none."""
        is_joined = self.is_running and not self.is_full
        task = self.start(full=full)
        if full and is_joined:
            task.add_done_callback(self._start_full)

    def _start_full(self, ended: asyncio.Task[IndexReport]) -> None:
        if not ended.cancelled():  # as it is when the bot stops
            self.start(full=True)


class SharedIndexReindexer(Reindexer):
    """Asks the leader for each reindex, and does them while this process leads."""

    def __init__(self, library: Library, state: State, on_end: OnEnd) -> None:
        super().__init__(library, on_end)
        self._state = state
        self._is_asked = asyncio.Event()
        self._has_ended = asyncio.Event()
        self._last_end = _DONE
        self._is_building = False
        self._cancellations = 0
        """Of requests, by any process, as far as this one knows."""
        self._heard_at: float | None = None
        """When a leader last told of its progress, by the event loop's clock."""
        self._opening = Refresh(library.open, "The new index", CorpusError)
        state.notifications.listen(Topic.REINDEXED, self._opening.ask)
        state.notifications.listen(Topic.REINDEXED, self._heard_end)
        state.notifications.listen(Topic.PROGRESS, self._heard_progress)
        state.notifications.listen(Topic.REINDEX, self._asked)
        state.notifications.listen(Topic.CANCEL, self._heard_cancel)
        state.leadership.on_elected(self._asked)
        self._serving = asyncio.create_task(self._serve(), name="reindex for all")

    @property
    def is_running(self) -> bool:
        """Whether a reindex runs now, here or at the leader."""
        return super().is_running or self._is_building or self._is_running_elsewhere

    @property
    def _is_running_elsewhere(self) -> bool:
        loop = asyncio.get_running_loop()
        return self._heard_at is not None and loop.time() - self._heard_at < SILENCE_SECONDS

    async def cancel(self) -> bool:
        """Cancel the running reindex, also one of the leader, or one that has not begun.

        Returns:
            whether that was in time.

        Raises:
            DatabaseError: the others cannot be told.
        """
        if self._is_building:
            return await super().cancel()
        if not self._is_running_elsewhere:
            outcome = _outcome(_CANCELLED, _CANCELLED_SENTENCE)
            said = f"{_CANCELLED} {_CANCELLED_SENTENCE}"
            was_in_time = await self._state.reindexes.cancel(outcome, said)
            # It hears not itself, and may have read the request, or begun, just now.
            self._cancellations += 1
            if self._is_building:
                await super().cancel()
            if was_in_time:
                self._note_end(_CANCELLED, _CANCELLED_SENTENCE)
            return was_in_time
        self._has_ended.clear()
        await self._state.tell(Topic.CANCEL)
        with suppress(TimeoutError):
            async with asyncio.timeout(CANCEL_SECONDS):
                await self._has_ended.wait()
                return self._last_end == _CANCELLED
        return False

    async def close(self) -> None:
        """Stop asking, following and building; what is asked for is the next leader's."""
        self._serving.cancel()
        await asyncio.wait([self._serving])
        await self._opening.close()
        await super().close()

    async def _reindex(self, *, full: bool) -> IndexReport:
        """Ask the leader for a reindex, and wait for its end."""
        try:
            key = new_key()
            await self._state.reindexes.add(key, full=full)
        except DATABASE_ERRORS as error:
            raise CorpusError(f"The reindex cannot be asked for: {error}.") from error
        self._is_asked.set()
        while True:
            self._has_ended.clear()
            try:
                if (outcome := await self._state.reindexes.outcome(key)) is not None:
                    return _report(outcome)
            except DATABASE_ERRORS as error:
                _log.info("The reindex goes on, but is not followed now: %s.", error)
            except LookupError as error:
                raise CorpusError("What came of the reindex is not known any more.") from error
            await _wait(self._has_ended)

    async def _serve(self) -> None:
        """Do what is asked for, while this process leads, until cancelled."""
        while True:
            self._is_asked.clear()
            try:
                while self._state.leadership.is_leader:
                    before = self._cancellations
                    full = await self._state.reindexes.waiting()
                    if before != self._cancellations:
                        continue  # what was read may be cancelled
                    if full is None:
                        break
                    await self._build(full=full)
            except DATABASE_ERRORS as error:
                _log.warning("A reindex for all processes waits: %s.", error)
            except Exception as error:  # noqa: BLE001 (or nothing would be built any more)
                logs.log_unexpected(error, "a reindex for all processes")
            await _wait(self._is_asked)

    async def _build(self, *, full: bool) -> None:
        """Build the index, and store and tell what came of it."""
        report, said, how = None, "", _FAILED
        self._is_building = True
        telling = asyncio.create_task(self._tell_progress(), name="tell the progress")
        try:
            report = await self._library.reindex(full=full, on_progress=self._set_progress)
            how, said = _DONE, report.problem or ""
        except ReindexCancelledError as error:
            how, said = _CANCELLED, str(error)
        except CorpusError as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001 (nobody may wait for ever)
            said = f"error {logs.log_unexpected(error, 'the reindex')}"
        finally:
            telling.cancel()
            self._is_building = False
        await self._state.reindexes.end(_outcome(how, said, report), f"{how} {said}")
        self._note_end(how, said)

    async def _tell_progress(self) -> None:
        while True:
            with suppress(*DATABASE_ERRORS):
                text = json.dumps(asdict(self.progress))
                await self._state.tell(Topic.PROGRESS, text)
            await asyncio.sleep(PROGRESS_SECONDS)

    def _asked(self, _text: str | None = None) -> None:
        self._is_asked.set()

    def _heard_progress(self, text: str | None) -> None:
        if text is not None:
            self._heard_at = asyncio.get_running_loop().time()
            self._set_progress(Progress(**json.loads(text)))

    def _heard_end(self, text: str | None) -> None:
        self._heard_at = None
        if text is None:
            self._has_ended.set()  # perhaps: who waits looks
        else:
            how, _, said = text.partition(" ")
            self._note_end(how, said)

    def _note_end(self, how: str, said: str) -> None:
        self._last_end = how
        if how != _CANCELLED:
            self.failure = said or None
        self._has_ended.set()

    def _heard_cancel(self, text: str | None) -> None:
        if text is None:
            return
        self._cancellations += 1
        if self._is_building:
            self._cancelling = asyncio.create_task(super().cancel(), name="cancel the reindex")


def _outcome(how: str, said: str, report: IndexReport | None = None) -> Mapping[str, Any]:
    """Return an outcome as it is stored."""
    return {"how": how, "said": said, "report": asdict(report) if report else None}


def _report(outcome: Mapping[str, Any]) -> IndexReport:
    """Return the report of a stored outcome.

    Raises:
        CorpusError: it is none.
    """
    if outcome["report"] is not None:
        return IndexReport.of(outcome["report"])
    kind = ReindexCancelledError if outcome["how"] == _CANCELLED else CorpusError
    raise kind(outcome["said"])


async def _wait(event: asyncio.Event) -> None:
    """Wait for an event, but not for ever: a lost notification sets none."""
    with suppress(TimeoutError):
        async with asyncio.timeout(POLL_SECONDS):
            await event.wait()
