"""/archive on a simulated Discord, over a real index and a real child process."""

import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.app import open_client
from bot.client import Footnote, Interaction
from bot.database_url import DatabaseUrl
from bot.interactions import responses
from bot.messages.layout import Reply
from bot.services.leased_shards import LeasedShards
from bot.settings import Settings
from bot.state import FILE_NAME
from bot.state.postgres.leases import Identity, Leases
from bot.views import archive as archive_view
from corpus.errors import CorpusError
from tests.bot.simulated import HeldLibrary, component_texts, make_admin, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("keepers")


@pytest.fixture
def admin(member: MemberActor, footnote: Footnote) -> MemberActor:
    make_admin(footnote, member.id)
    return member


def shown(env: Env) -> list[str]:
    """Return what each edit of a deferred answer showed, first to last."""
    return [
        component_texts(request.json["components"])  # type: ignore[index, call-overload]
        for request in env.http_requests
        if request.method == "PATCH" and "messages/@original" in request.path
    ]


class TestOverAnArchiveThatChanges:
    """The archive is a copy of its own."""

    @pytest.fixture
    def settings(self, settings: Settings, tmp_path: Path) -> Settings:
        own = tmp_path / "own"
        shutil.copytree(settings.archive, own)
        return replace(settings, archive=own)

    @pytest.fixture
    async def footnote(self, settings: Settings) -> AsyncIterator[Footnote]:
        async with open_client(settings) as client:
            await client.library.reindex()
            yield client
            await client.reindexer.close()

    async def test_a_reindex_shows_progress_then_its_report_and_serves_what_is_new(
        self,
        admin: MemberActor,
        channel: ChannelHandle,
        settings: Settings,
        simcord_env: Env,
    ) -> None:
        (settings.archive / "_posts" / "2023-05-06-new.md").write_text(
            "---\ntitle: 新的\nfrom: https://example.org/new\n---\n鯨魚在花蓮外海出現。\n",
            encoding="utf-8",
        )
        result = await admin.slash(channel, "archive reindex")
        assert result.ephemeral
        edits = shown(simcord_env)
        assert re.search(r"\*\*Reading the archive\*\*\n`[█░]{12}` \d+%", edits[0])
        report = texts(result.response)
        assert edits[-1] == report
        assert "4 articles, 4 paragraphs\n-# 1 added, 0 changed, 0 removed · in " in report
        assert "1 file was skipped:\n-# • \\_posts/2020-01-01-broken.md — " in report
        answer = await admin.slash(channel, "ask", question="鯨魚")
        assert "https://example.org/new" in texts(answer.response)

    async def test_a_full_reindex_builds_even_what_has_not_changed(
        self, admin: MemberActor, channel: ChannelHandle, footnote: Footnote
    ) -> None:
        before = (await footnote.library.stats()).built_at
        result = await admin.slash(channel, "archive reindex", full=True)
        assert "0 added, 0 changed, 0 removed" in texts(result.response)
        assert (await footnote.library.stats()).built_at >= before


@pytest.mark.parametrize("command", ["archive reindex", "archive status"])
async def test_a_servers_administrator_is_not_the_archives_admin(
    command: str, member: MemberActor, channel: ChannelHandle, simcord_env: Env, footnote: Footnote
) -> None:
    result = await member.slash(channel, command)
    assert result.ephemeral
    assert texts(result.response).startswith("This is for admins of the archive only.")
    assert not footnote.reindexer.is_running
    assert len(simcord_env.errors) == 1


async def test_status_tells_figures(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await admin.slash(channel, "ask", question="颱風")
    await admin.slash(channel, "ask", question="xyzzy")
    result = await admin.slash(channel, "archive status")
    assert result.ephemeral
    status = texts(result.response)
    assert "### Archive\nReady" in status
    assert "3 articles, 3 paragraphs" in status
    assert "3 sources: " in status
    assert "1 file was skipped:" in status
    assert "2 questions in the last 24 hours, 1 without a sure answer" in status
    assert f"Started <t:{footnote.started_at}:R> · " in status
    assert "MB of memory" in status


async def test_status_tells_the_rest_while_the_state_cannot_be_read(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    with closing(sqlite3.connect(footnote.settings.data_dir / FILE_NAME)) as connection:
        connection.execute("ALTER TABLE question RENAME TO elsewhere")
    result = await admin.slash(channel, "archive status")
    told = texts(result.response)
    assert "⚠️ The bot’s own records cannot be read right now" in told
    assert "3 articles" in told
    assert "asked" not in told.lower()


async def test_status_tells_the_rest_while_the_workers_cannot_be_read(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    leases = Leases(
        DatabaseUrl.parse("postgresql://127.0.0.1:1/none"), Identity("a", "h", "1", "p", None)
    )
    leases.set_application(1)
    footnote.leased_shards = LeasedShards(leases, "a", None)
    told = texts((await admin.slash(channel, "archive status")).response)
    assert "3 articles" in told
    assert "workers" not in told


async def test_who_comes_second_follows_the_reindex_that_runs(
    admin: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = HeldLibrary(footnote)
    show = responses.edit_original

    async def show_then_let_go(interaction: Interaction, reply: Reply) -> None:
        await show(interaction, reply)
        held.let_go()

    with monkeypatch.context() as patched:
        patched.setattr(archive_view, "MAX_FOLLOW", 0)
        await admin.slash(channel, "archive reindex")
    monkeypatch.setattr(responses, "edit_original", show_then_let_go)
    result = await admin.slash(channel, "archive reindex")
    assert held.started == 1
    _, joined, report = shown(simcord_env)
    assert joined.startswith("A reindex was already running")
    assert "`██████░░░░░░` 50%" in joined
    assert report == texts(result.response)
    assert report.startswith("**The archive is up to date**")


async def test_a_message_that_can_no_longer_be_edited_says_so_in_time(
    admin: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = HeldLibrary(footnote)
    monkeypatch.setattr(archive_view, "MAX_FOLLOW", 0)
    result = await admin.slash(channel, "archive reindex")
    assert "`/archive status`" in texts(result.response)
    assert footnote.reindexer.is_running
    status = await admin.slash(channel, "archive status")
    assert "Reading articles: 1 of 2" in texts(status.response)
    held.let_go()
    await footnote.reindexer.start()


async def test_a_reindex_that_fails_says_why(
    admin: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = HeldLibrary(footnote)
    held.failure = CorpusError("The disk is *full*.")
    monkeypatch.setattr(held, "client", _LetsGoAtOnce())
    result = await admin.slash(channel, "archive reindex")
    assert texts(result.response) == "That did not work: The disk is \\*full\\*."
    assert footnote.reindexer.failure == "The disk is *full*."
    assert len(simcord_env.errors) == 1


class _LetsGoAtOnce:
    async def wait_for(self, event: str) -> None:
        assert event == "let_go"


class TestWithoutAnIndex:
    """The bot comes up before its archive has been read."""

    @pytest.fixture
    def settings(self, archive: Path, tmp_path: Path) -> Settings:
        return Settings(archive=archive, data_dir=tmp_path / "empty", ask_cooldown=None)

    @pytest.fixture
    def held(self, footnote: Footnote) -> HeldLibrary:
        return HeldLibrary(footnote)

    @pytest.fixture
    def simcord_bot(self, footnote: Footnote, held: HeldLibrary) -> Footnote:
        assert held.client is footnote
        return footnote

    async def test_a_question_is_answered_with_how_far_the_index_is(
        self, member: MemberActor, channel: ChannelHandle, held: HeldLibrary, simcord_env: Env
    ) -> None:
        for private in (True, False):
            result = await member.slash(channel, "ask", question="颱風", private=private)
            message = result.response or result.followups[0]
            assert message.ephemeral
            assert texts(message) == (
                "Reading the archive for the first time. Ask again in a moment.\n`██████░░░░░░` 50%"
            )
        assert held.started == 1
        assert len(simcord_env.errors) == 2
        assert await member.autocomplete(channel, "ask", "source", "") == []

    async def test_status_says_that_there_is_none_yet(
        self, admin: MemberActor, channel: ChannelHandle
    ) -> None:
        result = await admin.slash(channel, "archive status")
        assert "Not available: there is no index yet" in texts(result.response)

    async def test_a_failed_build_is_said_to_who_asks(
        self,
        member: MemberActor,
        channel: ChannelHandle,
        held: HeldLibrary,
        simcord_env: Env,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        held.failure = CorpusError("The folder is gone.")
        held.let_go()
        await simcord_env.settle()
        result = await member.slash(channel, "ask", question="颱風")
        assert "Nothing can be read from the archive" in texts(result.response)
        assert "The archive could not be brought up to date: The folder is gone." in caplog.text
        assert simcord_env.errors is not None
