"""Which errors of Discord are waited out, and for how long."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import discord
import pytest

from bot.gateway.connection import raise_if_final, retry_after


def refusal(status: int, **headers: str) -> discord.HTTPException:
    """Return what discord.py raises for an answer."""
    response = SimpleNamespace(status=status, reason="", headers=headers)
    return discord.HTTPException(response, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [refusal(429), refusal(500), refusal(503), ConnectionResetError(), aiohttp.ClientError()],
)
def test_what_passes_is_waited_for(error: Exception) -> None:
    raise_if_final(error)


@pytest.mark.parametrize(
    ("status", "raised"),
    [(401, discord.LoginFailure), (403, discord.HTTPException), (404, discord.HTTPException)],
)
def test_what_does_not_pass_is_raised(status: int, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        raise_if_final(refusal(status))


def test_discord_may_say_how_long_to_wait() -> None:
    assert retry_after(refusal(429, **{"Retry-After": "12.5"})) == 12.5
    assert retry_after(refusal(429, **{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})) == 0
    assert retry_after(refusal(503)) == 0
    assert retry_after(TimeoutError()) == 0
