"""Which errors of Discord are waited out, and for how long."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import discord
import pytest
import yarl

from bot.gateway.connection import is_gateway, raise_if_final, retry_after


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


@pytest.mark.parametrize(
    "url",
    [
        "wss://gateway.discord.gg",
        "wss://gateway-us-east1-b.discord.gg",
        "wss://gateway-us-east1-b.discord.gg/?v=10",
    ],
)
def test_a_session_is_resumed_at_discord(url: str) -> None:
    assert is_gateway(url, yarl.URL("wss://gateway.discord.gg"))


@pytest.mark.parametrize(
    "url",
    [
        "ws://gateway.discord.gg",
        "https://gateway.discord.gg",
        "wss://discord.gg.example.com",
        "wss://evildiscord.gg",
        "wss://example.com/.discord.gg",
        "wss://example.com%2F.discord.gg",
        "wss://example.com%23.discord.gg",
        "wss://gateway.discord.gg@example.com",
        "wss://example.com#.discord.gg",
        "wss://127.0.0.1:8080",
        "wss://[",
        "gateway.discord.gg",
        "",
        5,
        None,
    ],
)
def test_a_session_is_resumed_nowhere_else(url: str) -> None:
    assert not is_gateway(url, yarl.URL("wss://gateway.discord.gg"))


def test_a_session_is_resumed_at_the_proxy_that_takes_the_place_of_discord() -> None:
    proxy = yarl.URL("ws://127.0.0.1:8080/gateway")
    assert is_gateway("ws://127.0.0.1:8080/gateway/resume", proxy)
    assert is_gateway("wss://gateway-us-east1-b.discord.gg", proxy)
    assert not is_gateway("ws://gateway-us-east1-b.discord.gg", proxy)
    assert not is_gateway("ws://example.com:8080/", proxy)
