"""An article that is hidden is in no message of a watch, from that moment on."""

import pytest
from simcord import Env
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.settings import Settings
from bot.state.guilds import GuildSettings
from tests.bot.services.watches.growing import (
    DIFFERENT,
    NONE,
    posted,
    publish,
    reindex,
    watch,
    watch_target,
)
from tests.bot.services.watches.test_digests import DAILY, SUNDAY, at, list_regularly

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


async def test_neither_a_channel_nor_a_member_is_sent_it(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    reader = simcord_env.create_user("reader")
    await reindex(footnote, simcord_env)
    await watch(footnote, channel)
    await footnote.state.watches.add_own(reader.id, "zh-TW", watch_target(reader), "鯨魚", NONE)
    publish(settings, "1", DIFFERENT[0])
    publish(settings, "2", DIFFERENT[1])
    # By its path, before it is in any index.
    (settings.data_dir / "hidden.txt").write_text("_posts/new-1.md\n", encoding="utf-8")
    await reindex(footnote, simcord_env)
    for place in (channel, reader.dm_channel):
        [message] = posted(place)
        assert "https://example.org/2" in message
        assert "https://example.org/1" not in message


async def test_it_is_on_no_list_of_this_day_or_of_the_week(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    assert channel.guild is not None
    await footnote.state.guilds.set(channel.guild.id, GuildSettings("en-US"))
    publish(settings, "1", DIFFERENT[0], date="2021-08-08")
    publish(settings, "2", DIFFERENT[1], date="2022-08-08")
    await reindex(footnote, simcord_env)
    await list_regularly(footnote, channel, DAILY, SUNDAY.replace(day=7))
    await footnote.library.hide("https://example.org/1")
    await at(footnote, simcord_env, SUNDAY, 9)
    [message] = posted(channel)
    assert "https://example.org/2" in message
    assert "https://example.org/1" not in message
