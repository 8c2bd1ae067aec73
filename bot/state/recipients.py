"""Members who have watches of their own, by the channel of their direct messages with the bot."""

from dataclasses import dataclass

from bot.state.database import Database, Statement
from bot.state.peers import Topic

MAX_FAILURES = 3
"""Messages in a row that Discord does not let through before a member's watches are paused."""

FORGET_IDLE: Statement = (
    "DELETE FROM recipient WHERE channel NOT IN (SELECT channel FROM watch)",
    (),
)
"""Forgets the members whose last watch was removed."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A member who has watches of their own."""

    channel_id: int
    is_paused: bool


class Recipients:
    """What is known of members beside their watches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user_id: int) -> Recipient | None:
        """Return a member; ``None`` if they have no watch."""
        row = await self._database.row(
            'SELECT channel, failures FROM recipient WHERE "user" = ?',
            (self._database.user_hash(user_id),),
        )
        return Recipient(row[0], row[1] >= MAX_FAILURES) if row else None

    async def count_failure(self, channel_id: int) -> None:
        """Note that Discord did not let a message through."""
        await self._database.write(
            ("UPDATE recipient SET failures = failures + 1 WHERE channel = ?", (channel_id,))
        )

    async def resume(self, user_id: int) -> Recipient | None:
        """Let a member's watches go on; return the member, ``None`` if they have no watch."""
        recipient = await self.get(user_id)
        if recipient is None:
            return None
        channel = recipient.channel_id
        await self._database.write(
            ("UPDATE recipient SET failures = 0 WHERE channel = ?", (channel,)),
            *self._database.notifications.about(Topic.CHANNEL, str(channel)),
        )
        return Recipient(channel, is_paused=False)
