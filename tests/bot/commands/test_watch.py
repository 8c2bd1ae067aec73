"""/watch on a simulated Discord: who may, what is saved, what is refused, in three languages."""

from collections.abc import Callable
from typing import Any

import discord
import pytest
from discord import app_commands
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult

from bot.client import Footnote
from bot.commands.watch import PostedChannel
from bot.interactions.responses import UserError
from bot.state.watches import MAX_WATCHES, NewPost, WatchTarget
from corpus.model import Filters
from tests.bot.simulated import texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

NONE = Filters()


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("news")


@pytest.fixture
def reader(member: MemberActor, simcord_env: Env) -> MemberActor:
    return member.guild.add_member(simcord_env.create_user("reader-only"))


async def saved(footnote: Footnote, member: MemberActor) -> list[tuple[str, int]]:
    """Return the server's watches, by question and channel."""
    watches = await footnote.state.watches.of_guild(member.guild.id)
    return [(watch.question, watch.target.channel_id) for watch in watches]


async def refused(env: Env, result: InteractionResult) -> str:
    """Return the sentence that only the user sees."""
    assert isinstance(env.errors[-1], UserError)
    message = result.response or result.followups[0]
    assert message.ephemeral
    return texts(message)


async def test_a_watch_is_saved_for_this_channel_and_says_what_matches_today(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await member.slash(channel, "watch add", question="  颱風\n形成 ", source="島嶼氣象")
    assert result.ephemeral
    assert texts(result.response) == (
        f"New articles on this will be posted to <#{channel.id}>:\n**颱風 形成**\n"
        "-# Source: 島嶼氣象\n"
        "1 article matches today; only new ones will be posted.\n"
        "-# An article matches when one of its paragraphs, with its title, holds every word."
    )
    [watch] = await footnote.state.watches.of_guild(member.guild.id)
    assert watch.target == WatchTarget(member.guild.id, channel.id, "news")
    assert (watch.question, watch.filters) == ("颱風 形成", Filters(source="島嶼氣象"))
    assert not channel.history()


async def test_a_watch_may_be_for_another_channel_and_for_what_has_no_match_yet(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    there = member.guild.create_text_channel("elsewhere")
    result = await member.slash(channel, "watch add", question="鯨魚", channel=there)
    assert f"<#{there.id}>" in texts(result.response)
    assert "No article matches today." in texts(result.response)
    assert await saved(footnote, member) == [("鯨魚", there.id)]


async def test_markdown_and_mentions_in_a_question_are_shown_as_typed(
    member: MemberActor, channel: ChannelHandle
) -> None:
    await member.slash(channel, "watch add", question="茶 **x** <@1> [a](http://b)")
    result = await member.slash(channel, "watch list")
    assert "\\*\\*x\\*\\* \\<@\u200b1\\> \\[a\\](http\\://b)" in texts(result.response)


async def test_the_same_question_twice_in_a_channel_is_refused(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    await member.slash(channel, "watch add", question="Taiwan tea")
    result = await member.slash(channel, "watch add", question="taiwan TEA")
    said = await refused(simcord_env, result)
    assert said.startswith(f"<#{channel.id}> already watches this question.")
    there = member.guild.create_text_channel("elsewhere")
    await member.slash(channel, "watch add", question="Taiwan tea", channel=there)
    assert len(await saved(footnote, member)) == 2


async def test_a_server_has_25_watches_at_most(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    place = WatchTarget(member.guild.id, channel.id, "news")
    for number in range(MAX_WATCHES):
        await footnote.state.watches.add(place, f"第{number}個問題" * 20, Filters(tag="字" * 100))
    result = await member.slash(channel, "watch add", question="颱風")
    said = await refused(simcord_env, result)
    assert said.startswith("This server has 25 watches")
    assert "`/watch remove`" in said
    assert len(await saved(footnote, member)) == MAX_WATCHES
    listed = texts((await member.slash(channel, "watch list")).response)
    assert listed.startswith("### 25 watches of this server")
    assert listed.count(f"<#{channel.id}>") == MAX_WATCHES
    choices = await member.autocomplete(channel, "watch remove", "watch", "")
    assert len(choices) == MAX_WATCHES
    assert all(len(choice["name"]) <= 100 for choice in choices)


@pytest.mark.parametrize("question", ["？！", "\u200b", "\ud800"])
async def test_a_question_without_a_word_is_refused(
    question: str,
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
) -> None:
    result = await member.slash(channel, "watch add", question=question)
    assert "There is no word to look for" in await refused(simcord_env, result)
    assert await saved(footnote, member) == []


async def test_an_option_that_is_too_long_is_refused(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    result = await member.slash(channel, "watch add", question="茶", tag="字" * 101)
    assert await refused(simcord_env, result) == "“tag” is too long: 100 characters at most."
    assert await saved(footnote, member) == []


@pytest.mark.parametrize("command", ["watch on-this-day", "watch weekly", "watch add"])
async def test_who_may_not_manage_channels_may_not_have_a_channel_posted_to(
    command: str, reader: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    options = {"question": "茶", "dm": False} if command == "watch add" else {}
    result = await reader.slash(channel, command, **options)
    said = await refused(simcord_env, result)
    assert said == "Only members who may manage channels can do this. Nothing was changed."
    result = await reader.slash(channel, command, **{**options, "channel": channel})
    assert "You may not manage" in await refused(simcord_env, result)
    assert await footnote.state.watches.all() == []


async def test_a_servers_watches_are_shown_to_and_removed_by_its_moderators_alone(
    reader: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    await footnote.state.watches.add(WatchTarget(reader.guild.id, channel.id, "news"), "颱風", NONE)
    listed = await reader.slash(channel, "watch list")
    assert texts(listed.response).startswith("You watch nothing yet.")
    assert await reader.autocomplete(channel, "watch remove", "watch", "") == []
    result = await reader.slash(channel, "watch remove", watch="1")
    assert "such a watch" in await refused(simcord_env, result)
    assert await saved(footnote, reader) == [("颱風", channel.id)]


async def test_who_may_manage_only_this_channel_may_not_watch_for_another(
    reader: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    own = discord.PermissionOverwrite(manage_channels=True)
    here = reader.guild.create_text_channel("own", overwrites={reader: own})
    result = await reader.slash(here, "watch add", question="茶", channel=channel)
    said = await refused(simcord_env, result)
    assert said.startswith(f"You may not manage <#{channel.id}>.")
    await reader.slash(here, "watch add", question="茶")
    assert await saved(footnote, reader) == [("茶", here.id)]


@pytest.mark.parametrize(
    ("denied", "lacking"),
    [
        ({"view_channel": False}, "View Channel"),
        ({"send_messages": False}, "Send Messages"),
        ({"embed_links": False}, "Embed Links"),
    ],
)
async def test_a_channel_the_bot_may_not_post_in_is_refused_in_private(
    denied: dict[str, bool],
    lacking: str,
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
) -> None:
    assert footnote.user is not None
    overwrites = {footnote.user: discord.PermissionOverwrite(**denied)}
    closed = member.guild.create_text_channel("closed", overwrites=overwrites)
    for here in (channel, closed):
        result = await member.slash(here, "watch add", question="茶", channel=closed)
        said = await refused(simcord_env, result)
        assert said.startswith(f"I may not post in <#{closed.id}>.")
        assert lacking in said
    assert await saved(footnote, member) == []
    assert not closed.history()


async def test_a_channel_of_another_kind_is_refused(footnote: Footnote) -> None:
    # Discord's clients do not offer it.
    data: Any = {"id": "5", "type": 2, "name": "voice", "permissions": "8"}
    state: Any = footnote._connection
    voice = app_commands.AppCommandChannel(state=state, data=data, guild_id=9)
    interaction: Any = None
    with pytest.raises(UserError, match="error-watch-channel"):
        await PostedChannel().transform(interaction, voice)


async def test_a_list_tells_channel_question_conditions_and_when_it_last_posted(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    empty = await member.slash(channel, "watch list")
    assert texts(empty.response) == (
        "Nothing is watched in this server yet. Begin with `/watch add`."
    )
    watches = footnote.state.watches
    here = WatchTarget(member.guild.id, channel.id, "news")
    await watches.add(here, "颱風", Filters(source="島嶼氣象", tag="天氣"))
    await watches.add(here, "茶", NONE)
    await watches.add(WatchTarget(1, 2, "of another server"), "秘密", NONE)
    await watches.keep([], [NewPost(2, ["A message."])])
    [pending] = await watches.pending()
    await watches.mark_posted(pending)
    result = await member.slash(channel, "watch list")
    assert result.ephemeral
    shown = texts(result.response)
    assert shown.startswith(
        f"### 2 watches of this server\n<#{channel.id}> **颱風**\n"
        f"-# 島嶼氣象 · 天氣 · nothing posted yet\n<#{channel.id}> **茶**\n-# last posted <t:"
    )


async def test_a_watch_is_chosen_by_typing_and_removed(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    watches = footnote.state.watches
    here = WatchTarget(member.guild.id, channel.id, "news")
    await watches.add(WatchTarget(1, 2, "secret"), "別的伺服器", NONE)
    await watches.add(here, "颱風", Filters(author="林小氣"))
    await watches.add(here, "茶", NONE)
    choices = await member.autocomplete(channel, "watch remove", "watch", "")
    assert [choice["name"] for choice in choices] == ["颱風 → #news · 林小氣", "茶 → #news"]
    [choice] = await member.autocomplete(channel, "watch remove", "watch", "颱")
    result = await member.slash(channel, "watch remove", watch=choice["value"])
    assert result.ephemeral
    assert texts(result.response) == f"**颱風** is no longer watched in <#{channel.id}>."
    assert await saved(footnote, member) == [("茶", channel.id)]


@pytest.mark.parametrize("watch", ["1", "999", "颱風", "", "9" * 40, "-1", "\ud800"])
async def test_what_is_no_watch_of_this_server_is_refused(
    watch: str, member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    await footnote.state.watches.add(WatchTarget(1, 2, "elsewhere"), "颱風", NONE)
    [other] = await footnote.state.watches.of_guild(1)
    assert other.id == 1
    result = await member.slash(channel, "watch remove", watch=watch)
    assert "Neither this server nor you have such a watch." in await refused(simcord_env, result)
    assert await footnote.state.watches.of_guild(1) == [other]


@pytest.mark.parametrize(
    ("locale", "saved_text", "listed", "refusal", "gone"),
    [
        ("zh-TW", "有符合的新文章時，會貼到", "還沒有貼出過", "已經訂閱了這個問題", "已取消"),
        ("zh-CN", "有符合的新文章时，会发到", "还没有发出过", "已经订阅了这个问题", "已取消"),
        ("en-US", "New articles on this", "nothing posted yet", "already watches", "no longer"),
    ],
)
async def test_each_user_is_answered_in_their_language(  # noqa: PLR0913, PLR0917
    locale: str,
    saved_text: str,
    listed: str,
    refusal: str,
    gone: str,
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    result = await member.slash(channel, "watch add", question="颱風")
    assert saved_text in texts(result.response)
    result = await member.slash(channel, "watch add", question="颱風")
    assert refusal in await refused(simcord_env, result)
    assert listed in texts((await member.slash(channel, "watch list")).response)
    result = await member.slash(channel, "watch remove", watch="1")
    assert gone in texts(result.response)
