"""First answers and follow-ups: in time, never twice, and given up where nobody hears them."""

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.interactions import delivery
from bot.interactions.context import context_of
from bot.interactions.delivery import ExpiredError, UndeliveredError


class Sending:
    """Fails as it is told, one time after the other, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self._failures:
            raise self._failures.pop(0)
        return "taken"


async def forever() -> None:
    await asyncio.Event().wait()


def refused(status: int, code: int) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="no")
    return discord.HTTPException(response, {"code": code, "message": "No."})


@pytest.fixture
async def interaction() -> Any:  # noqa: ANN401
    made: Any = SimpleNamespace(extras={})
    delivery.start_clock(made)
    return made


def grow_older(interaction: Any, seconds: float) -> None:  # noqa: ANN401
    context = context_of(interaction)
    assert context.arrived_at is not None
    context.arrived_at -= seconds


@pytest.mark.parametrize(
    "error",
    [
        refused(404, 10062),
        refused(400, 40060),
        refused(429, 0),
        refused(503, 0),
        refused(401, 50027),
        aiohttp.ClientPayloadError(),
    ],
    ids=str,
)
async def test_what_discord_does_not_take_is_not_sent_again(
    interaction: Any,  # noqa: ANN401
    error: Exception,
) -> None:
    for deliver in (delivery.callback, delivery.follow_up):
        sending = Sending(error)
        with pytest.raises(UndeliveredError):
            await deliver(interaction, sending)
        assert sending.tries == 1


async def test_what_discord_says_is_wrong_is_ours_to_mend(interaction: Any) -> None:  # noqa: ANN401
    with pytest.raises(discord.HTTPException):
        await delivery.callback(interaction, Sending(refused(400, 50035)))


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_first_answer_whose_connection_broke_is_sent_again(
    interaction: Any,  # noqa: ANN401
    *,
    took_effect: bool,
) -> None:
    then = [refused(400, 40060)] if took_effect else []
    sending = Sending(aiohttp.ServerDisconnectedError(), *then)
    await delivery.callback(interaction, sending)
    assert sending.tries == 2


async def test_a_follow_up_whose_connection_broke_is_not(interaction: Any) -> None:  # noqa: ANN401
    sending = Sending(aiohttp.ServerDisconnectedError())
    with pytest.raises(UndeliveredError):
        await delivery.follow_up(interaction, sending)
    assert sending.tries == 1


@pytest.mark.parametrize("status", [None, 500, 503])
async def test_an_edit_is_sent_again_while_its_connection_breaks(
    interaction: Any,  # noqa: ANN401
    status: int | None,
) -> None:
    delays: list[float] = []

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    broken = [
        aiohttp.ServerDisconnectedError(),
        ConnectionResetError(),
        aiohttp.ClientPayloadError(),
    ]
    failures = broken if status is None else [refused(status, 0)] * 3
    sending = Sending(*failures)
    assert await delivery.edit(interaction, sending, sleep=sleep) == "taken"
    assert sending.tries == 4
    assert delays == [0.5, 1, 2]


@pytest.mark.parametrize("error", [refused(404, 10008), refused(401, 50027), refused(404, 10015)])
async def test_an_edit_that_nobody_can_see_is_given_up(
    interaction: Any,  # noqa: ANN401
    error: Exception,
) -> None:
    sending = Sending(error)
    with pytest.raises(UndeliveredError) as caught:
        await delivery.edit(interaction, sending)
    assert not isinstance(caught.value, ExpiredError)
    assert sending.tries == 1


async def test_an_edit_ends_with_the_life_of_its_token(interaction: Any) -> None:  # noqa: ANN401
    async def sleep(seconds: float) -> None:
        grow_older(interaction, seconds)

    sending = Sending(*[ConnectionResetError()] * 1_000)
    with pytest.raises(ExpiredError, match="over 840 s old"):
        await delivery.edit(interaction, sending, sleep=sleep)
    assert 30 < sending.tries < 50


async def test_a_first_answer_waits_no_longer_than_discord_does(
    interaction: Any,  # noqa: ANN401
) -> None:
    grow_older(interaction, delivery.MAX_CALLBACK_AGE - 0.01)
    with pytest.raises(UndeliveredError, match="within 3 s"):
        await delivery.callback(interaction, forever)


async def test_after_14_minutes_nothing_is_sent(interaction: Any) -> None:  # noqa: ANN401
    grow_older(interaction, 14 * 60 - 10)
    assert await delivery.follow_up(interaction, Sending()) == "taken"
    grow_older(interaction, 10)
    sending = Sending()
    with pytest.raises(UndeliveredError, match="over 840 s old"):
        await delivery.follow_up(interaction, sending)
    assert not sending.tries
