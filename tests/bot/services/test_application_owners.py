"""Who left the team loses the archive within the hour; who joined it has it at once."""

import asyncio
import logging
from collections.abc import Callable

import discord
import pytest

from bot.client import Footnote
from bot.services import application_owners
from bot.services.application_owners import INTERVAL, MIN_INTERVAL, ApplicationOwners
from tests.bot.test_client import application, team


class Discord:
    """Says who is in the team, fails, or takes long."""

    def __init__(self, footnote: Footnote, *ids: int) -> None:
        self._footnote = footnote
        self.ids = ids
        self.asked = 0
        self.error: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    async def look_up(self) -> discord.AppInfo:
        self.asked += 1
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return application(self._footnote, team=team(*((id_, 2, "admin") for id_ in self.ids)))


@pytest.fixture
def told(footnote: Footnote) -> Discord:
    """Return a Discord that says that users 2 and 3 own the application."""
    return Discord(footnote, 2, 3)


@pytest.fixture
def an_hour_later(
    told: Discord,
) -> Callable[[Callable[[], object]], asyncio.Task[ApplicationOwners]]:
    """Return what does something, lets an hour pass and gives the owners as known then."""

    async def pass_an_hour(change: Callable[[], object]) -> ApplicationOwners:
        slept = list[float]()
        later = asyncio.Event()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 2:
                later.set()
                await asyncio.Event().wait()

        owners = ApplicationOwners(told.look_up, sleep=sleep)
        owners.note(await told.look_up())
        change()
        running = asyncio.create_task(owners.run())
        await later.wait()
        running.cancel()
        await asyncio.wait([running])
        assert slept == [INTERVAL, INTERVAL]
        return owners

    return lambda change: asyncio.create_task(pass_an_hour(change))


async def test_who_left_the_team_is_no_owner_an_hour_later(
    told: Discord,
    an_hour_later: Callable[..., asyncio.Task[ApplicationOwners]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    owners = await an_hour_later(lambda: setattr(told, "ids", (3, 4)))
    assert [id_ for id_ in range(6) if id_ in owners] == [3, 4]
    assert "User 2 is no longer an owner" in caplog.text


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(104, "reset")])
async def test_what_discord_last_said_holds_while_it_does_not_answer(
    told: Discord,
    an_hour_later: Callable[..., asyncio.Task[ApplicationOwners]],
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    owners = await an_hour_later(lambda: setattr(told, "error", error))
    assert [id_ for id_ in range(6) if id_ in owners] == [2, 3]
    (record,) = [r for r in caplog.records if r.name == application_owners.__name__]
    assert record.levelno == logging.WARNING
    assert "does not tell who owns" in record.getMessage()


async def test_discord_is_asked_once_a_minute_however_many_are_refused(
    told: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = ApplicationOwners(told.look_up)
    await asyncio.gather(*(owners.ask_again() for _ in range(20)))
    await owners.ask_again()
    assert told.asked == 1
    assert 2 in owners
    told.ids = (4,)
    loop = asyncio.get_running_loop()
    later = loop.time() + MIN_INTERVAL
    monkeypatch.setattr(loop, "time", lambda: later)
    await owners.ask_again()
    assert told.asked == 2
    assert [id_ for id_ in range(6) if id_ in owners] == [4]


async def test_a_slow_answer_is_waited_for_a_moment_and_counts_when_it_comes(
    told: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application_owners, "MAX_WAIT", 0)
    told.answers.clear()
    owners = ApplicationOwners(told.look_up)
    await owners.ask_again()
    assert 2 not in owners
    lookup = owners._looking_up
    assert lookup is not None
    told.answers.set()
    await lookup
    assert 2 in owners
