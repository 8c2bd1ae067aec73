"""Sends the answers to an interaction: in time, never twice, never after its end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands

from bot.interactions.context import context_of

MAX_CALLBACK_AGE = 3.0  # seconds from an interaction to its first answer, Discord's limit
MAX_FOLLOW_UP_AGE = 14 * 60.0  # seconds; the token of an interaction lives 15 minutes
MIN_RETRY_DELAY, MAX_RETRY_DELAY = 0.5, 30.0  # seconds between two tries of an edit

_ALREADY_ANSWERED = 40060  # Discord's error code
# With these, another message would fail too: the token or the message is gone, the interaction has
# its answer, or Discord is overloaded.
_UNREACHABLE_STATUSES = frozenset({401, 404, 429})
_SERVER_ERROR = 500

_T = TypeVar("_T")


class UndeliveredError(app_commands.AppCommandError):
    """Discord accepted no answer, so the user cannot be reached."""


class ExpiredError(UndeliveredError):
    """Discord accepted no answer as long as the interaction lived, so the user still waits."""


def start_clock(interaction: discord.Interaction[Any]) -> None:
    """Note when ``interaction`` arrived."""
    context_of(interaction).arrived_at = asyncio.get_running_loop().time()


async def callback(
    interaction: discord.Interaction[Any], send: Callable[[], Awaitable[object]]
) -> None:
    """Send the first answer to ``interaction``, while Discord waits for one.

    Raises:
        UndeliveredError: Discord did not take it.
        HTTPException: Discord refuses what it says.
    """
    async with _until(interaction, MAX_CALLBACK_AGE):
        try:
            await send()
        except aiohttp.ClientConnectionError:
            # An idle connection that is closed just then looks like this. Discord takes one first
            # answer only: either it is this one, or it was the one whose connection broke.
            try:
                await send()
            except discord.HTTPException as error:
                if error.code != _ALREADY_ANSWERED:
                    raise


async def follow_up(interaction: discord.Interaction[Any], send: Callable[[], Awaitable[_T]]) -> _T:
    """Send a further answer to an ``interaction`` that has its first.

    Raises:
        UndeliveredError: Discord did not take it, or it is too late.
        HTTPException: Discord refuses what it says.
    """
    async with _until(interaction, MAX_FOLLOW_UP_AGE):
        return await send()


async def edit(
    interaction: discord.Interaction[Any],
    send: Callable[[], Awaitable[_T]],
    *,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> _T:
    """Edit an answer to an ``interaction``, again and again while its connection breaks.

    Twice the same edit does no harm, and without it "is thinking" would stand there for ever.

    Raises:
        ExpiredError: Discord did not take it before it was too late.
        UndeliveredError: Discord will never take it.
        HTTPException: Discord refuses what it says.
    """
    delay = MIN_RETRY_DELAY
    while True:
        async with _until(interaction, MAX_FOLLOW_UP_AGE):
            try:
                return await send()
            except (aiohttp.ClientError, OSError, discord.HTTPException) as error:
                if not _is_passing(error):
                    raise
            await sleep(delay)
        delay = min(2 * delay, MAX_RETRY_DELAY)


def _is_passing(error: Exception) -> bool:
    """Whether the same request may succeed later."""
    return not isinstance(error, discord.HTTPException) or error.status >= _SERVER_ERROR


@asynccontextmanager
async def _until(interaction: discord.Interaction[Any], seconds: float) -> AsyncGenerator[None]:
    now = asyncio.get_running_loop().time()
    arrived_at = context_of(interaction).arrived_at
    end = (now if arrived_at is None else arrived_at) + seconds
    too_late = ExpiredError if seconds == MAX_FOLLOW_UP_AGE else UndeliveredError
    if now >= end:
        raise too_late(f"it is over {seconds:.0f} s old")
    try:
        # discord.py waits as long as Discord's rate limit tells it to.
        async with asyncio.timeout_at(end):
            yield
    except TimeoutError as error:
        raise too_late(f"Discord took nothing within {seconds:.0f} s") from error
    except (aiohttp.ClientError, OSError) as error:
        raise UndeliveredError(f"{type(error).__name__}: {error}") from error
    except RuntimeError as error:
        # What aiohttp says of a closed session.
        if not interaction.client.is_closed():
            raise
        raise UndeliveredError("the bot is stopping") from error
    except discord.HTTPException as error:
        is_unreachable = error.status in _UNREACHABLE_STATUSES or error.status >= _SERVER_ERROR
        if is_unreachable or error.code == _ALREADY_ANSWERED:
            raise UndeliveredError(str(error)) from error
        raise
