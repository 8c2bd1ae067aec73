"""/watch on a simulated Discord: what is new is posted once, whatever happens in between."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot import watching
from bot.client import Footnote
from bot.run import open_client
from bot.settings import Settings
from bot.state import FILE_NAME, State
from bot.state.guilds import GuildSettings
from bot.state.watches import Post
from corpus.model import Filters
from tests.bot.simulated import component_texts, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with an archive of this test's own."""
    archive = tmp_path / "archive"
    (archive / "_posts").mkdir(parents=True)
    made = Settings(archive=archive, data_dir=tmp_path / "own", ask_cooldown=None)
    made.data_dir.mkdir()
    write(made, "old", "舊的文章說花唄是一種先買後付的服務。")
    return made


@pytest.fixture
async def footnote(footnote: Footnote) -> Footnote:
    await footnote.library.reindex()
    await footnote.watching.look()
    return footnote


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("news")


def write(settings: Settings, name: str, text: str) -> None:
    front = f"title: {name}\ndate: 2024-01-02\ncategories: [晚報]\nfrom: https://example.org/{name}"
    (settings.archive / "_posts" / f"{name}.md").write_text(  # type: ignore[operator]
        f"---\n{front}\n---\n{text}\n", encoding="utf-8"
    )


async def reindexed(footnote: Footnote) -> bool:
    await footnote.library.reindex()
    footnote.watching._seen = None  # built within the same second as the one before
    return await footnote.watching.look()


def posted(channel: ChannelHandle) -> list[str]:
    return [
        component_texts([one.to_dict() for one in message.components])
        for message in channel.history()
    ]


async def test_a_new_match_is_posted_once_and_what_was_there_never(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, settings: Settings
) -> None:
    result = await member.slash(channel, "watch add", words="花唄")
    assert result.ephemeral
    assert f"<#{channel.id}>" in texts(result.response)
    assert "It has some already." in texts(result.response)
    await reindexed(footnote)
    assert posted(channel) == []
    write(settings, "new", "花呗的用户今年又增加了。@everyone")
    write(settings, "other", "花開了，唄是讚歌。")
    assert await reindexed(footnote)
    (told,) = posted(channel)
    assert "[new](https://example.org/new)" in told
    assert "**花呗**" in told
    assert "@everyone" not in told
    await reindexed(footnote)
    assert len(posted(channel)) == 1


async def test_many_at_once_end_in_a_summary(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, settings: Settings
) -> None:
    await member.slash(channel, "watch add", words="花唄")
    rng = random.Random(1)
    for number in range(watching.MOST_POSTS + 3):
        different = "".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(60))
        write(settings, f"n{number}", f"花唄的用戶增加了，{different}。")
    await reindexed(footnote)
    told = posted(channel)
    assert len(told) == watching.MOST_POSTS + 1
    assert "還有 3 篇新文章" in told[-1]


async def test_a_crash_between_post_and_mark_makes_no_second_message(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await member.slash(channel, "watch add", words="花唄")
    write(settings, "new", "花唄的用戶增加了。")
    nonces: list[object] = []
    send = discord.abc.Messageable.send

    async def noted(self: object, *arguments: object, **options: object) -> object:
        nonces.append(options["nonce"])
        return await send(self, *arguments, **options)  # type: ignore[arg-type,call-overload]

    async def killed(_: Post) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(discord.abc.Messageable, "send", noted)
    with monkeypatch.context() as crashing:
        crashing.setattr(footnote.state.watches, "set_posted", killed)
        with pytest.raises(asyncio.CancelledError):
            await reindexed(footnote)
    # As after a restart: what is to be posted is in the file, not in the process.
    async with State.open(settings.data_dir / FILE_NAME) as state:
        assert len(await state.watches.outbox()) == 1
    await footnote.watching.look()
    await footnote.watching.look()
    assert len(nonces) == 2
    assert nonces[0] == nonces[1]
    assert len(str(nonces[0])) <= 25


async def test_a_channel_that_is_gone_takes_its_watches_with_it(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, settings: Settings
) -> None:
    await member.slash(channel, "watch add", words="花唄")
    guild_id = member.guild.id
    await footnote.state.watches.add(guild_id, 123456789012345678, "花唄", Filters())
    write(settings, "new", "花唄的用戶增加了。")
    assert await reindexed(footnote)
    assert len(posted(channel)) == 1
    assert [one.channel_id for one in await footnote.state.watches.of_guild(guild_id)] == [
        channel.id
    ]


async def test_a_first_index_is_no_news(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, settings: Settings
) -> None:
    await member.slash(channel, "watch add", words="花唄")
    await footnote.state.watches._database.write(("DELETE FROM known_article", ()))
    write(settings, "new", "花唄的用戶增加了。")
    await reindexed(footnote)
    assert posted(channel) == []
    write(settings, "newer", "花唄的用戶減少了。")
    await reindexed(footnote)
    assert len(posted(channel)) == 1


async def test_every_word_must_occur_and_the_filters_hold(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, settings: Settings
) -> None:
    await member.slash(channel, "watch add", words="花唄 利率", source="晚報")
    await member.slash(channel, "watch add", words="花唄", source="早報")
    write(settings, "a", "花唄的用戶增加了。")
    write(settings, "b", "花唄的利率下降了，用戶很高興。")
    await reindexed(footnote)
    (told,) = posted(channel)
    assert "[b](" in told


async def test_a_watch_speaks_the_servers_language(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, settings: Settings
) -> None:
    await footnote.state.guilds.set(member.guild.id, GuildSettings("en-US"))
    await member.slash(channel, "watch add", words="花唄")
    write(settings, "new", "花唄的用戶增加了。")
    await reindexed(footnote)
    assert "New on 花唄" in posted(channel)[0]


LISTED = {
    "en-US": ("watches nothing yet", "### Watched on this server", "No longer watched: **花唄**"),
    "zh-TW": ("還沒有追蹤", "### 這個伺服器的追蹤", "不再追蹤：**花唄**"),
    "zh-CN": ("还没有追踪", "### 这个服务器的追踪", "不再追踪：**花唄**"),
}


@pytest.mark.parametrize("locale", LISTED)
async def test_watches_are_listed_and_removed(
    member: MemberActor, channel: ChannelHandle, speak: Callable[[str], None], locale: str
) -> None:
    none, title, removed = LISTED[locale]
    speak(locale)
    assert none in texts((await member.slash(channel, "watch list")).response)
    await member.slash(channel, "watch add", words="花唄")
    listed = texts((await member.slash(channel, "watch list")).response)
    assert title in listed
    assert f"<#{channel.id}> · **花唄**" in listed
    (choice,) = await member.autocomplete(channel, "watch remove", "watch", "花")
    result = await member.slash(channel, "watch remove", watch=choice["value"])
    assert removed in texts(result.response)
    assert none in texts((await member.slash(channel, "watch list")).response)


async def test_what_cannot_be_watched_is_said(
    simcord_env: Env, member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await member.slash(channel, "watch add", words="花唄")
    twice = await member.slash(channel, "watch add", words="花唄")
    assert "is told of that already" in texts(twice.response)
    nothing = await member.slash(channel, "watch add", words="？！")
    assert "no word to look for" in texts(nothing.response)
    for number in range(24):
        await footnote.state.watches.add(member.guild.id, channel.id, f"w{number}", Filters())
    full = await member.slash(channel, "watch add", words="颱風")
    assert "25 watches" in texts(full.response)
    await footnote.state.watches.add(1, 2, "theirs", Filters())
    theirs = (await footnote.state.watches.of_guild(1))[0]
    forged = await member.slash(channel, "watch remove", watch=str(theirs.id))
    assert "no such watch" in texts(forged.response)
    assert len(await footnote.state.watches.of_guild(1)) == 1
    assert len(simcord_env.errors) == 4


async def test_only_who_manages_channels_may(
    simcord_env: Env, member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    plain = member.guild.add_member(simcord_env.create_user("plain"))
    # Discord's own settings of a server let someone see the command who may not use it.
    (watch,) = [one for one in await footnote.tree.fetch_commands() if one.name == "watch"]
    member.guild.set_command_permissions(watch, {plain: True})
    result = await plain.slash(channel, "watch add", words="花唄")
    assert result.ephemeral
    assert "Only who may manage" in texts(result.response)
    assert await footnote.state.watches.all() == []
    assert simcord_env.errors


async def test_a_restart_forgets_nothing(
    settings: Settings, member: MemberActor, channel: ChannelHandle
) -> None:
    await member.slash(channel, "watch add", words="花唄")
    async with open_client(settings) as restarted:
        (watch,) = await restarted.state.watches.all()
        assert (watch.channel_id, watch.question) == (channel.id, "花唄")
