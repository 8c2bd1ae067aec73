"""A bounded work queue, fair to its users; when it is full callers get :class:`QueueFull`."""

import asyncio
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.interactions.responses import UserError

MAX_OF_USER = 8  # callers of one user, waiting or at work

_log = logging.getLogger(__name__)


class QueueFull(UserError):  # noqa: N818 (as asyncio's)
    """There is more to do than can be done while someone waits for it."""


class WorkQueue:
    """A few slots, given to the users in turn, and a queue of limited length and wait.

    With one slot, what one user asks makes another wait for two pieces of work at most: the one
    that runs, and one that came before.
    """

    def __init__(self, name: str, *, concurrency: int, max_waiting: int, max_wait: float) -> None:
        """Begin with an empty queue.

        Args:
            name: what the work is, a verb for the log.
            concurrency: slots at a time.
            max_waiting: callers that may wait for a slot.
            max_wait: seconds after which a waiting caller is told to try again.
        """
        self._name = name
        self._free = concurrency
        self._max_size = concurrency + max_waiting
        self._max_wait = max_wait
        self._sizes: Counter[int] = Counter()
        self._waiting: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()
        """Of each user, in the order of their turns."""
        self._is_overflowing = False

    @asynccontextmanager
    async def slot(
        self, user_id: int, acknowledge: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[None]:
        """Enter the queue, call ``acknowledge`` at once, and wait for a slot.

        Raises:
            QueueFull: the queue is full, or full of this user (nothing was acknowledged), or the
                wait too long.
        """
        if self._sizes.total() >= self._max_size or self._sizes[user_id] >= MAX_OF_USER:
            self._log_overflow()
            raise QueueFull("error-busy")
        self._sizes[user_id] += 1
        try:
            if acknowledge is not None:
                await acknowledge()
            await self._wait_for_slot(user_id)
            try:
                yield
            finally:
                self._free += 1
                self._hand_out()
        finally:
            self._sizes -= Counter((user_id,))
            if not self._sizes:
                self._is_overflowing = False

    async def _wait_for_slot(self, user_id: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(user_id, deque()).append(turn)
        self._hand_out()
        try:
            async with asyncio.timeout(self._max_wait):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came just then
                self._free += 1
            else:
                self._remove(user_id, turn)
            self._hand_out()
            if isinstance(error, TimeoutError):
                self._log_overflow()
                raise QueueFull("error-busy") from None
            raise

    def _hand_out(self) -> None:
        """Give free slots to the users in turn."""
        while self._free and self._waiting:
            user_id, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[user_id] = turns  # behind the others
            if not turn.done():
                self._free -= 1
                turn.set_result(None)

    def _remove(self, user_id: int, turn: "asyncio.Future[None]") -> None:
        turns = self._waiting.get(user_id, deque())
        if turn in turns:
            turns.remove(turn)
        if not turns:
            self._waiting.pop(user_id, None)

    def _log_overflow(self) -> None:
        """Log it once until the queue was empty again: many are refused at such a time."""
        if not self._is_overflowing:
            self._is_overflowing = True
            _log.warning("Too much at once to %s: some are told to try again.", self._name)
