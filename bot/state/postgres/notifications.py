"""Tells the other processes what has changed, by NOTIFY, and hears it from them.

A NOTIFY is part of the transaction that makes the change: others hear of nothing that was undone.
While the connection that listens is lost, so is what others say; the one after it lets each
listener know.
"""

import logging
import secrets
from asyncio import Event
from collections import defaultdict

from bot.state.database import Statement
from bot.state.peers import Listener, Notifications, Topic
from bot.state.postgres.session import ANSWER_SECONDS, Session, check

CHANNEL = "footnote"
MAX_TEXT_BYTES = 7_900  # PostgreSQL takes fewer than 8,000 with what stands before

_log = logging.getLogger(__name__)


class PostgresNotifications(Notifications):
    """Notifications of one process to all others, and theirs."""

    def __init__(self) -> None:
        self._sender = secrets.token_hex(4)
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self.has_begun = Event()
        """Set once nothing is missed, as long as the connection holds."""

    def about(self, topic: Topic, text: str = "") -> tuple[Statement, ...]:
        """Return what tells the others, to be run in the transaction that makes the change."""
        # A process knows what it does itself.
        said = f"{self._sender} {topic} {text}".encode()[:MAX_TEXT_BYTES].decode(errors="ignore")
        return (("SELECT pg_notify(?, ?)", (CHANNEL, said)),)

    def listen(self, topic: Topic, listener: Listener) -> None:
        """Call ``listener`` in the event loop for each notification of another process."""
        self._listeners[topic].append(listener)

    async def hear(self, session: Session) -> None:
        """Hear what others say, until the session is lost."""
        await session.execute(f"LISTEN {CHANNEL}".encode())
        if self.has_begun.is_set():
            _log.info("Notifications may have been missed: what is in memory is read again.")
            for topic in self._listeners:
                self._pass_on(topic, None)
        self.has_begun.set()
        while True:
            async for notification in session.notifies(timeout=ANSWER_SECONDS):
                self._take(notification.payload)
            await check(session, ANSWER_SECONDS)  # a lost host sends nothing

    def _take(self, payload: str) -> None:
        """Pass on what another process has said; another program may use the channel, too."""
        sender, _, said = payload.partition(" ")
        topic, is_whole, text = said.partition(" ")
        if is_whole and sender != self._sender:
            self._pass_on(topic, text)

    def _pass_on(self, topic: str, text: str | None) -> None:
        for listener in self._listeners.get(topic, ()):
            try:
                listener(text)
            except Exception:  # noqa: BLE001 (as said)
                # Such as what only a later version understands: the next must still be heard.
                _log.exception("A notification about %s was not understood.", topic)
