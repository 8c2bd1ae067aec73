"""A bot whose archive is a git repository follows it, whatever becomes of the server."""

from __future__ import annotations

import random
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.corpus.git_server import Cut, Origin, serving
from tests.e2e.loopback.payloads import MEMBER, OWNER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.e2e.loopback.seen import Message

pytestmark = pytest.mark.usefixtures("packed_dictionary")

POLL = {"GIT_POLL": "1s"}
HALF = "could not be brought up to date: .* did not send all of its posts"


def post(name: str, text: str) -> str:
    return f"---\ntitle: {name}\ndate: 2024-01-01\nfrom: https://example.org/{name}\n---\n{text}\n"


POSTS = {
    "_posts/tea.md": post("tea", "高山茶種在海拔一千公尺以上，日夜溫差大。"),
    "_posts/typhoon.md": post("typhoon", "颱風在溫暖的海面上形成，水氣上升時放出大量的熱。"),
    "_posts/wall.md": post("wall", "城牆用夯土築成，外面包上一層磚。"),
}
CHANGES = {
    "_posts/tea.md": None,
    "_posts/typhoon.md": post("typhoon", "颱風登陸之後會很快減弱，因為沒有水氣。"),
    "_posts/rail.md": post("rail", "高鐵列車清晨從南港出發，開往左營。"),
    "_posts/whales.md": post("whales", "漁船在外海遇見一群鯨魚，停下來等候牠們游過。"),
    # Not to be packed small, so that a server has something to be in the middle of.
    "_posts/noise.md": post("noise", "".join(random.Random(7).choices("天地玄黃宇宙洪荒", k=9000))),
}


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    made = Origin(tmp_path / "origin")
    made.commit(POSTS)
    return made


async def ready(bot: BotProcess, loopback: Loopback) -> None:
    """Wait until people can use the bot, and its first index is there."""
    await bot.meanwhile(loopback.wait_connected())
    await bot.meanwhile(bot.wait_for_line("Indexed 3 articles"))


async def answered(bot: BotProcess, loopback: Loopback, question: str) -> Message:
    interaction = await loopback.slash(
        "ask", {"question": question}, caller=MEMBER.speaking("zh-TW")
    )
    return await bot.meanwhile(interaction.final_message())


async def shown_status(bot: BotProcess, loopback: Loopback) -> str:
    interaction = await loopback.slash("archive status", caller=OWNER.speaking("zh-TW"))
    return (await bot.meanwhile(interaction.final_message())).text


async def sees_the_old_state(bot: BotProcess, loopback: Loopback) -> None:
    assert "https://example.org/tea" in (await answered(bot, loopback, "高山茶種在哪裡")).links
    assert "形成" in (await answered(bot, loopback, "颱風")).text
    assert not (await answered(bot, loopback, "鯨魚")).links


async def sees_the_new_state(bot: BotProcess, loopback: Loopback) -> None:
    assert not (await answered(bot, loopback, "高山茶種在哪裡")).links
    typhoon = (await answered(bot, loopback, "颱風")).text
    assert "登陸" in typhoon
    assert "形成" not in typhoon
    assert "https://example.org/whales" in (await answered(bot, loopback, "鯨魚")).links


async def test_a_pushed_commit_is_answered_from_without_a_restart(
    loopback: Loopback, tmp_path: Path, origin: Origin
) -> None:
    with serving(origin.repo) as address:
        async with BotProcess.on(loopback, tmp_path, ARCHIVE=address, **POLL) as bot:
            await ready(bot, loopback)
            await sees_the_old_state(bot, loopback)
            before = origin.repo.head().decode()
            assert before[:12] in await shown_status(bot, loopback)
            commit = origin.commit(CHANGES)
            await bot.meanwhile(bot.wait_for_line("Indexed 5 articles"))
            await sees_the_new_state(bot, loopback)
            status = await shown_status(bot, loopback)
            assert commit[:12] in status
            assert before[:12] not in status
            bot.stop()
            assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr


async def test_a_server_that_dies_in_mid_fetch_is_told_once_and_followed_when_it_is_back(
    loopback: Loopback, tmp_path: Path, origin: Origin
) -> None:
    cut = Cut()
    with ExitStack() as server:
        address = server.enter_context(serving(origin.repo, cut))
        async with BotProcess.on(loopback, tmp_path, ARCHIVE=address, **POLL) as bot:
            await ready(bot, loopback)
            cut.is_on = True
            origin.commit(CHANGES)
            await bot.meanwhile(bot.wait_for_line(f"ERROR .*{HALF}"))
            await bot.meanwhile(bot.wait_for_line(f"INFO .*{HALF}"))
            server.close()
            assert cut.count == 2
            assert len(re.findall(f"ERROR .*{HALF}", bot.stderr)) == 1
            await sees_the_old_state(bot, loopback)
            cut.is_on = False
            server.enter_context(serving(origin.repo, cut, port=urlsplit(address).port or 0))
            await bot.meanwhile(bot.wait_for_line("Indexed 5 articles"))
            await sees_the_new_state(bot, loopback)
            bot.stop()
            assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr


async def test_a_first_clone_that_is_interrupted_starts_over(
    loopback: Loopback, tmp_path: Path, origin: Origin
) -> None:
    cut = Cut()
    cut.is_on = True
    with serving(origin.repo, cut) as address:
        async with BotProcess.on(loopback, tmp_path, ARCHIVE=address, **POLL) as bot:
            await bot.meanwhile(loopback.wait_connected())
            await bot.meanwhile(bot.wait_for_line(f"ERROR .*{HALF}"))
            assert not (await answered(bot, loopback, "颱風")).links
            cut.is_on = False
            await bot.meanwhile(bot.wait_for_line("Indexed 3 articles"))
            await sees_the_old_state(bot, loopback)
    assert "Traceback" not in bot.stderr
