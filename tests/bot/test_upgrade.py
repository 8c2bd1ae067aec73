"""What an earlier version left in its data folder is used by this one, and nothing of it is lost.

`tests/data/earlier/write.py` tells of which version it is, and wrote it.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.cli.main import main
from bot.client import Footnote
from bot.settings import Settings
from bot.state.guilds import GuildSettings
from corpus import Filters
from tests.bot.controls import asked, choices, labels, shown
from tests.bot.simulated import texts
from tests.folders import with_dictionary

EARLIER = Path(__file__).parents[1] / "data" / "earlier"
WRITTEN = json.loads((EARLIER / "message.json").read_text("utf-8"))

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def settings(tmp_path: Path, dictionary_cache: Path) -> Settings:
    """Return the settings of a bot that was updated: the same archive and data folder."""
    archive, data_dir = tmp_path / "archive", tmp_path / "var"
    shutil.copytree(EARLIER / "archive", archive)
    shutil.copytree(EARLIER / "data", data_dir)
    with_dictionary(data_dir, dictionary_cache)
    return Settings(archive=archive, data_dir=data_dir, ask_cooldown=None)


async def test_settings_watches_and_what_waits_are_as_they_were(
    footnote: Footnote, settings: Settings
) -> None:
    guild, channel = WRITTEN["guild"], WRITTEN["channel"]
    state = footnote.state
    assert await state.guilds.get(guild) == GuildSettings(
        "zh-CN", private=False, page_size=3, channels=frozenset({channel})
    )
    assert (await state.guilds.get(2)).without_sources == {"海岸誌"}
    watches = await state.watches.of_guild(guild)
    assert [(watch.question, watch.filters, watch.waiting) for watch in watches] == [
        ("燈塔", Filters(source="燈塔報"), 1),
        ("颱風", Filters(), 0),
    ]
    assert {watch.target.channel_id for watch in watches} == {channel}
    assert await state.watches.unknown({"_posts/2022-01-01-l.md"}) == set()
    assert [copy.name for copy in settings.data_dir.glob("*.schema-*")] == ["state.sqlite.schema-3"]
    assert await state.damages() == []


def test_the_index_is_built_again_and_that_is_one_line(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    for expected in (["The index was made for another format. Building it …"], []):
        monkeypatch.setenv("ARCHIVE", str(settings.archive))  # taken out at each start
        assert main(["ask", "--json", "燈塔8"]) == 0
        output = capsys.readouterr()
        assert json.loads(output.out)["hits"][0]["title"] == "燈塔8"
        assert [line for line in output.err.splitlines() if "index" in line] == expected


@pytest.fixture
async def message(member: MemberActor, footnote: Footnote) -> ResponseMessage:
    """Return an answer of the earlier version to this member, as if it were of today."""
    channel = member.guild.create_text_channel("questions")
    database = footnote.state._database
    await database.write(
        (
            "UPDATE answer SET at = ?, user = ? WHERE key = ?",
            (database.now(), database.user_hash(member.id), WRITTEN["key"]),
        )
    )
    message = await asked(member, channel)
    message._message.components[:] = WRITTEN["components"]
    return message


async def test_what_is_under_an_earlier_answer_still_works(
    member: MemberActor, message: ResponseMessage
) -> None:
    assert labels(message) == ["▶", "Share", "👍", "👎"]
    [posted] = (await member.click(message, label="Share")).followups
    assert "https://example.org/4" in texts(posted)
    assert not (await member.click(message, label="👎")).followups
    # Drawn anew by that press, the message has the controls of this version.
    assert shown(message)[0] == "第4號"
    assert choices(message, "c")


async def test_its_pages_and_the_context_of_what_it_showed_still_open(
    member: MemberActor, message: ResponseMessage
) -> None:
    first = shown(message)
    await member.click(message, label="▶")
    assert shown(message)
    assert not set(first) & set(shown(message))
    message._message.components[:] = WRITTEN["components"]
    context = re.search(r"a:[^\"]+:context:[^\"]+", json.dumps(WRITTEN["components"]))
    assert context
    await member.click(message, custom_id=context[0])
    assert "火車站擠滿了返鄉的旅客" in texts(message)
