"""What nobody has thought of: whoever is waiting gets a number, and the log says what it was."""

import logging
from collections.abc import Awaitable, Callable

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult

from bot.client import Footnote
from bot.interactions import delivery
from bot.localization import Texts
from bot.views import archive as archive_view
from corpus.errors import CorpusError, EngineError
from tests.bot.simulated import HeldLibrary, make_admin, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

DETAIL = "a detail that is nobody's business"
PREFIX = Texts().get("en-US")("error-unexpected", id="")


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("anywhere")


async def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError(DETAIL)


def number_in_log(log: pytest.LogCaptureFixture) -> str:
    """Return the number under which the one error was logged, with its traceback."""
    [record] = [entry for entry in log.records if entry.exc_info]
    assert record.levelno == logging.ERROR
    assert DETAIL in log.text
    word, number, *_ = record.getMessage().split()
    assert word == "Error"
    return number


async def slash_before_it_is_acknowledged(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    footnote.state.guilds.get = fail  # type: ignore[method-assign, assignment]
    return await member.slash(channel, "ask", question="颱風")


async def slash_after_it_is_acknowledged(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    footnote.library.search = fail  # type: ignore[method-assign, assignment]
    return await member.slash(channel, "ask", question="颱風")


async def public_slash(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    footnote.library.search = fail  # type: ignore[method-assign, assignment]
    return await member.slash(channel, "ask", question="颱風", private=False)


async def context_menu(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    footnote.library.key_terms = fail  # type: ignore[method-assign, assignment]
    message = await member.send(channel, "颱風什麼時候來？")
    return await member.context_menu(channel, "Ask the archive", message)


async def button(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    message = (await member.slash(channel, "forget")).response
    assert message is not None
    footnote.state.forget = fail  # type: ignore[method-assign, assignment]
    return await member.click(message, custom_id="forget")


async def select(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    message = (await member.slash(channel, "settings")).response
    assert message is not None
    footnote.state.guilds.change = fail  # type: ignore[method-assign, assignment]
    return await member.select(message, ["3"], custom_id="settings:page")


async def modal(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    make_admin(footnote, member.id)
    message = (await member.slash(channel, "archive synonyms")).response
    assert message is not None
    opened = await member.click(message, label="Edit")
    footnote.library.set_synonyms = fail  # type: ignore[method-assign, assignment]
    return await member.submit_modal(opened, {"synonyms": "a = b"})


async def background_work(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> InteractionResult:
    make_admin(footnote, member.id)
    footnote.library.reindex = fail  # type: ignore[method-assign, assignment]
    return await member.slash(channel, "archive reindex")


@pytest.mark.parametrize(
    "kind",
    [
        slash_before_it_is_acknowledged,
        slash_after_it_is_acknowledged,
        public_slash,
        context_menu,
        button,
        select,
        modal,
        background_work,
    ],
)
async def test_every_kind_of_interaction_is_answered_with_the_number_in_the_log(
    kind: Callable[..., Awaitable[InteractionResult]],
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    result = await kind(member, channel, footnote)
    [message] = [
        message
        for message in (*result.followups, result.response)
        if message and PREFIX in texts(message)
    ]
    assert message.ephemeral
    assert texts(message) == PREFIX + number_in_log(caplog)
    assert simcord_env.errors is not None  # a command's are also seen by the test kit


async def test_an_error_of_the_archive_is_told_without_the_password_of_an_address(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    async def unreachable(*_: object, **__: object) -> None:
        raise CorpusError("https://keeper:canary@example.org/posts.git cannot be reached")

    make_admin(footnote, member.id)
    footnote.library.reindex = unreachable  # type: ignore[method-assign, assignment]
    result = await member.slash(channel, "archive reindex")
    assert "example.org" in texts(result.response)
    assert "canary" not in texts(result.response)
    assert simcord_env.errors


async def test_completion_that_fails_offers_nothing_and_is_logged(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    caplog: pytest.LogCaptureFixture,
) -> None:
    footnote.library.titles = fail  # type: ignore[method-assign, assignment]
    assert await member.autocomplete(channel, "ask", "question", "颱") == []
    assert number_in_log(caplog)
    assert f"user {member.id}" in caplog.text


async def test_a_reindex_that_fails_after_its_message_can_be_edited_is_told_by_number(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(archive_view, "MAX_FOLLOW", 0)
    make_admin(footnote, member.id)
    held = HeldLibrary(footnote)
    await member.slash(channel, "archive reindex")
    held.failure = ZeroDivisionError(DETAIL)
    held.let_go()
    await simcord_env.settle()
    text = str(channel.last_message.components)
    assert number_in_log(caplog) in text
    assert DETAIL not in text


async def test_what_cannot_be_told_for_want_of_a_connection_is_logged_and_over(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unplugged(*_: object, **__: object) -> None:
        raise ConnectionResetError("unplugged")

    monkeypatch.setattr(discord.Interaction, "edit_original_response", unplugged)
    monkeypatch.setattr(discord.Member, "send", unplugged)
    monkeypatch.setattr(delivery, "MAX_FOLLOW_UP_AGE", 0.01)
    monkeypatch.setattr(footnote.library, "stats", fail)
    await member.slash(channel, "sources")
    assert "An error could not be told to its user: " in caplog.text
    assert "Nor could its user be told by a message: unplugged" in caplog.text
    assert [type(error).__name__ for error in simcord_env.errors] == ["CommandInvokeError"]


async def test_a_cluster_that_is_away_is_said_to_be_without_its_address(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def search(*_: object, **__: object) -> None:
        raise EngineError("The search cluster at https://h1:9200/posts does not answer.")

    footnote.library.search = search  # type: ignore[method-assign, assignment]
    result = await member.slash(channel, "ask", question="颱風")
    assert simcord_env.errors
    shown = texts(result.response)
    assert "search server" in shown
    assert "h1" not in shown
    assert "https://h1:9200/posts does not answer" in caplog.text
