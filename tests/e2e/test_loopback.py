"""The stand-in is faithful: a small discord.py client of the tests' own lives on it as on Discord.

What the bot makes of Discord is tested elsewhere. Here it is what Discord makes of a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.http import Route

from tests.e2e.loopback.client import Loopback
from tests.e2e.loopback.follow import NotSeenError
from tests.e2e.loopback.payloads import GUILD, MEMBER, OWNER
from tests.e2e.loopback.rules import Rules
from tests.e2e.tiny import Tiny, echo, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def tiny(loopback: Loopback) -> AsyncIterator[Tiny]:
    async with running(loopback) as client:
        await loopback.wait_connected()
        yield client


@pytest.mark.usefixtures("tiny")
async def test_a_deferred_command_is_answered_by_an_edit(loopback: Loopback) -> None:
    interaction = await loopback.slash("echo", {"text": "颱風", "times": 2})
    assert (await interaction.first_response()).type == 5
    message = await interaction.final_message()
    assert message.text == "颱風颱風\nAgain"
    assert not message.ephemeral
    identify = await loopback.journal.wait_for("identify")
    assert (identify["shard"], identify["intents"]) == (0, 0)


@pytest.mark.usefixtures("tiny")
async def test_a_pressed_button_edits_its_message(loopback: Loopback) -> None:
    message = await (await loopback.slash("echo", {"text": "hello"})).final_message()
    assert message.buttons == {"again": "Again"}
    pressed = await loopback.press(message, "again", caller=OWNER)
    assert (await pressed.first_response()).type == 7
    edited = await pressed.final_message()
    assert edited.id == message.id
    assert edited.raw["content"] == "again by owner"


@pytest.mark.usefixtures("tiny")
async def test_a_choice_from_a_menu_is_answered_beside_its_message(loopback: Loopback) -> None:
    message = await (await loopback.slash("echo", {"text": "hello"})).final_message()
    picked = await loopback.select(message, "pick", ["b"])
    assert (await picked.first_response()).type == 6
    answer = await picked.final_message()
    assert answer.text == "picked ['b']"
    assert answer.ephemeral


@pytest.mark.usefixtures("tiny")
async def test_the_first_follow_up_takes_the_place_of_is_thinking(loopback: Loopback) -> None:
    interaction = await loopback.slash("follow")
    await interaction.final_message(lambda message: message.text == "edited")
    states = [(message.text, message.ephemeral) for message in interaction.messages()]
    assert states == [("first", True), ("second", False), ("edited", True)]
    first, second, edited = (message.id for message in interaction.messages())
    assert first == edited != second


@pytest.mark.usefixtures("tiny")
async def test_is_thinking_may_be_withdrawn_for_a_private_answer(loopback: Loopback) -> None:
    answer = await (await loopback.slash("private")).final_message()
    assert answer.text == "for you only"
    assert answer.ephemeral


async def test_a_message_may_be_sent_to_a_channel(loopback: Loopback, tiny: Tiny) -> None:
    await tiny.get_partial_messageable(GUILD.channel_id).send("news")
    sent = await loopback.journal.wait_for("message", how="created", interaction=None)
    assert sent["message"]["channel_id"] == str(GUILD.channel_id)


async def test_a_message_with_a_nonce_is_posted_once(loopback: Loopback, tiny: Tiny) -> None:
    channel = tiny.get_partial_messageable(GUILD.channel_id)
    first, same, other = [await channel.send("news", nonce=nonce) for nonce in ("a", "a", "b")]
    assert first.id == same.id != other.id
    await loopback.journal.wait_for("message", how="created", times=2)
    await loopback.journal.wait_for("message", how="repeated")


@pytest.mark.usefixtures("tiny")
async def test_a_subcommand_knows_its_caller_and_its_file_can_be_fetched(
    loopback: Loopback,
) -> None:
    for caller, where in ((MEMBER, str(GUILD.id)), (MEMBER.in_dm(), "a direct message")):
        interaction = await loopback.slash("archive whoami", caller=caller.speaking("zh-TW"))
        message = await interaction.final_message()
        assert message.text.startswith(f"{MEMBER.user.id} zh-TW {where}")
        assert message.ephemeral
        (attachment,) = message.raw["attachments"]
        assert await loopback.download(attachment["url"]) == b"a,b\n1,2\n"


@pytest.mark.usefixtures("tiny")
async def test_typing_is_autocompleted(loopback: Loopback) -> None:
    typed = await loopback.complete("complete", {"word": "w"}, "word")
    assert (await typed.first_response()).choices == ["w0", "w1", "w2"]


async def test_a_message_over_the_limits_is_refused(loopback: Loopback, tiny: Tiny) -> None:
    interaction = await loopback.slash("longest")
    error = await tiny.errors.get()
    assert isinstance(error, discord.HTTPException)
    assert (error.status, error.code) == (400, 50035)
    assert "Embed size exceeds maximum size of 6000" in error.text
    refused = [e["why"] for e in loopback.journal.entries if e["kind"] == "refused"]
    assert "Displayable text size exceeds maximum size of 4000" in refused[0]
    assert interaction.messages() == []


async def test_a_late_answer_is_to_an_unknown_interaction(loopback: Loopback, tiny: Tiny) -> None:
    interaction = await loopback.slash("echo", {"text": "late"}, ack_seconds=0)
    error = await tiny.errors.get()
    assert isinstance(error, discord.NotFound)
    assert error.code == 10062
    with pytest.raises(NotSeenError, match="not acknowledged in time"):
        await interaction.first_response()


async def test_a_second_acknowledgement_is_refused(loopback: Loopback, tiny: Tiny) -> None:
    interaction = await loopback.slash("twice")
    error = await tiny.errors.get()
    assert isinstance(error, discord.HTTPException)
    assert (error.status, error.code) == (400, 40060)
    assert (await interaction.final_message()).text == "once"


async def test_an_expired_token_edits_nothing(loopback: Loopback, tiny: Tiny) -> None:
    interaction = await loopback.slash("echo", {"text": "late"}, token_seconds=0)
    error = await tiny.errors.get()
    assert isinstance(error, discord.HTTPException)
    assert (error.status, error.code) == (401, 50027)
    assert interaction.messages() == []


@pytest.mark.usefixtures("tiny")
async def test_a_broken_connection_is_resumed_without_losing_an_event(loopback: Loopback) -> None:
    async with loopback.interrupted():
        interactions = [await loopback.slash("echo", {"text": f"lost {n}"}) for n in range(3)]
    await loopback.wait_resumed()
    answers = [(await lost.final_message()).raw["content"] for lost in interactions]
    assert answers == ["lost 0", "lost 1", "lost 2"]
    assert [e for e in loopback.journal.entries if e["kind"] == "identify"][1:] == []


@pytest.mark.usefixtures("tiny")
async def test_the_gateway_may_ask_for_a_resume_or_for_a_new_session(loopback: Loopback) -> None:
    await loopback.ask_to_reconnect()
    await loopback.wait_resumed(times=1)
    await loopback.invalidate(resumable=True)
    await loopback.wait_resumed(times=2)
    await loopback.invalidate(resumable=False)
    await loopback.wait_connected(times=2)
    assert (await (await loopback.slash("echo", {"text": "new"})).final_message()).text


async def test_each_shard_gets_the_events_of_its_guilds() -> None:
    async with Loopback(Rules(shards=2)) as loopback, running(loopback):
        await loopback.wait_connected(shard=0)
        await loopback.wait_connected(shard=1)
        in_guild = await loopback.slash("archive whoami")
        in_dm = await loopback.slash("archive whoami", caller=MEMBER.in_dm())
        assert str(GUILD.id) in (await in_guild.final_message()).text
        assert "direct" in (await in_dm.final_message()).text


async def test_a_guild_is_sent_to_those_who_asked_for_guilds(loopback: Loopback) -> None:
    async with running(loopback, discord.Intents(guilds=True)) as client:
        guild = await client.wait_for("guild_available", timeout=5)
        assert guild.name == GUILD.name
        assert guild.text_channels[0].id == GUILD.channel_id


async def test_a_wrong_token_does_not_log_in(loopback: Loopback) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", loopback.api_url)
        async with Tiny(discord.Intents.none()) as client:
            with pytest.raises(discord.LoginFailure):
                await client.start(loopback.rules.token[:-1])


async def test_the_gateway_closes_on_a_wrong_token_with_4004(loopback: Loopback) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{loopback.origin}/gateway?v=10&encoding=json") as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0}})
        assert (await socket.receive()).data == 4004


async def test_commands_over_the_limits_are_not_synced(loopback: Loopback) -> None:
    async with running(loopback) as client:
        await loopback.wait_connected()
        client.tree.add_command(
            app_commands.Command(name="long", description="x" * 101, callback=echo.callback)
        )
        with pytest.raises(discord.HTTPException, match="Must be 100 or fewer"):
            await client.tree.sync()
        assert "long" not in {command["name"] for command in await loopback.commands()}
