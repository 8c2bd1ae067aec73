"""Who owns the application on Discord: its owner, or those of its team who may change it.

Discord tells no event when a team changes, so it is asked again every hour, and before someone is
refused: they may have joined a moment ago. Where it does not answer, what it last said holds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import discord

from bot.gateway.connection import UNREACHABLE

INTERVAL = 3600.0  # seconds
MIN_INTERVAL = 60.0  # seconds, however many are refused
MAX_WAIT = 1.0  # seconds that a user waits for: 3 are left to answer an interaction

_log = logging.getLogger(__name__)


class ApplicationOwners:
    """The users whom Discord names as the application's owners, as it last did."""

    def __init__(
        self,
        look_up: Callable[[], Awaitable[discord.AppInfo]],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Know nobody yet.

        Args:
            look_up: asks Discord.
            sleep: waits for seconds; replaced in tests.
        """
        self._look_up = look_up
        self._sleep = sleep
        self._ids = frozenset[int]()
        self._looking_up: asyncio.Task[None] | None = None
        self._looked_up_at = -MIN_INTERVAL

    def __contains__(self, user_id: int) -> bool:
        return user_id in self._ids

    def note(self, application: discord.AppInfo) -> None:
        """Take over what Discord says of its application."""
        before, self._ids = self._ids, _owner_ids(application)
        for user_id in before - self._ids:
            _log.warning("User %d is no longer an owner of the application.", user_id)

    async def ask_again(self) -> None:
        """Ask Discord, unless it was asked within a minute, and wait a moment for its answer."""
        now = asyncio.get_running_loop().time()
        if self._looking_up is None and now - self._looked_up_at >= MIN_INTERVAL:
            self._looked_up_at = now
            self._looking_up = asyncio.create_task(self._refresh(), name="look up the owners")
            self._looking_up.add_done_callback(self._on_done)
        if self._looking_up is not None:
            await asyncio.wait([self._looking_up], timeout=MAX_WAIT)

    async def run(self) -> None:
        """Ask Discord every hour until cancelled."""
        try:
            while True:
                await self._sleep(INTERVAL)
                await self._refresh()
        finally:
            if self._looking_up is not None:
                self._looking_up.cancel()

    async def _refresh(self) -> None:
        try:
            self.note(await self._look_up())
        except UNREACHABLE as error:
            _log.warning("Discord does not tell who owns the application: %s.", error)

    def _on_done(self, _: asyncio.Task[None]) -> None:
        self._looking_up = None


def _owner_ids(application: discord.AppInfo) -> frozenset[int]:
    if application.team is None:
        return frozenset({application.owner.id})
    return frozenset(
        member.id
        for member in application.team.members
        if member.membership_state is discord.TeamMembershipState.accepted
        and member.role is not discord.TeamMemberRole.read_only
    )
