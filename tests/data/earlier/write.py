"""Writes what an earlier version leaves in its data folder: the state, a small index, a message.

Run in a checkout of that version (schema 3 of the state, format 2 of the index), by the packages of
this one:

    git worktree add --detach ../earlier b3c10e1
    cp tests/data/earlier/write.py ../earlier/tests/bot/views/test_write.py
    cd ../earlier && EARLIER=…/tests/data/earlier python -m pytest tests/bot/views/test_write.py
"""

# It is a module of the other checkout.
# ruff: noqa: ANN001, F401, F811, I001, INP001

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.state.guilds import GuildSettings
from bot.state.watches import NewPost, WatchTarget
from corpus.model import Filters
from tests.bot.views.test_answer import asked, buttons_index, channel, ids, other, settings

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


async def test_write(footnote, member, other, channel, settings) -> None:
    folder = Path(os.environ["EARLIER"])
    guild = member.guild.id
    chosen = GuildSettings("zh-CN", private=False, page_size=3, channels=frozenset({channel.id}))
    await footnote.state.guilds.set(guild, chosen)
    await footnote.state.guilds.set(2, GuildSettings(without_sources=frozenset({"海岸誌"})))
    target = WatchTarget(guild, channel.id, "questions")
    await footnote.state.watches.add(target, "燈塔", Filters(source="燈塔報"))
    await footnote.state.watches.add(target, "颱風", Filters())
    [first, _] = await footnote.state.watches.of_guild(guild)
    await footnote.state.watches.keep(["_posts/2022-01-01-l.md"], [NewPost(first.id, ["燈塔8"])])
    message = await asked(member, channel, private=True)
    key = ids(message, "up")[0].split(":")[1]
    await footnote.state.answers.vote(key, other.id, helpful=True)
    for name in ("archive", "data"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(settings.archive, folder / "archive")
    data = folder / "data"
    data.mkdir()
    (index,) = settings.data_dir.glob("index-*")
    shutil.copytree(index, data / index.name)
    shutil.copy(settings.data_dir / "CURRENT", data)
    with (
        closing(sqlite3.connect(settings.data_dir / "state.sqlite")) as source,
        closing(sqlite3.connect(data / "state.sqlite")) as copy,
    ):
        source.backup(copy)
    written = {"guild": guild, "channel": channel.id, "key": key, "components": message.components}
    (folder / "message.json").write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n")
