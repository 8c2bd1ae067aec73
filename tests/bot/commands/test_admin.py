"""What the archive's admins press, edit and download, on a simulated Discord."""

import csv
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.app import open_client
from bot.client import Footnote
from bot.localization import Texts
from bot.settings import LOCALES, Settings
from bot.state.questions import Question
from bot.views import archive as archive_view
from corpus.errors import CorpusError
from tests.bot.controls import labels
from tests.bot.simulated import HeldLibrary, make_admin, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

TEXTS = Texts()


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("keepers")


@pytest.fixture
def admin(member: MemberActor, footnote: Footnote) -> MemberActor:
    make_admin(footnote, member.id)
    return member


async def attached(message: ResponseMessage | None) -> dict[str, bytes]:
    """Return the files of a message by name; each is also shown in it."""
    assert message is not None
    files = {attachment.filename: await attachment.read() for attachment in message.attachments}
    shown = [
        component["file"]["url"] for component in message.components if component["type"] == 13
    ]
    assert len(shown) == len(files)
    return files


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


class TestAReindexThatIsHeld:
    """It stays half done until it is let go."""

    @pytest.fixture
    def held(self, footnote: Footnote, monkeypatch: pytest.MonkeyPatch) -> HeldLibrary:
        monkeypatch.setattr(archive_view, "MAX_FOLLOW", 0)
        return HeldLibrary(footnote)

    @pytest.fixture
    async def message(
        self, held: HeldLibrary, admin: MemberActor, channel: ChannelHandle
    ) -> ResponseMessage:
        result = await admin.slash(channel, "archive reindex")
        assert held.started == 1
        assert result.response is not None
        return result.response

    async def test_its_button_cancels_it_and_whoever_follows_is_told(
        self,
        message: ResponseMessage,
        admin: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
        simcord_env: Env,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        await admin.click(message, label="Cancel")
        assert texts(message).startswith("The reindex was cancelled.")
        await simcord_env.settle()
        assert not footnote.reindexer.is_running
        assert footnote.reindexer.failure is None
        assert f"User {admin.id} cancelled the reindex." in caplog.text
        # The one who had followed it is told in the channel, in the server's language.
        assert "已取消重建索引" in str(channel.last_message.components)

    async def test_cancelling_what_has_ended_says_so(
        self,
        message: ResponseMessage,
        admin: MemberActor,
        held: HeldLibrary,
        footnote: Footnote,
        simcord_env: Env,
    ) -> None:
        held.let_go()
        await simcord_env.settle()
        assert not footnote.reindexer.is_running
        result = await admin.click(message, label="Cancel")
        assert texts(result.followups[0]) == "No reindex is running."

    async def test_the_button_is_the_admins_alone(
        self,
        message: ResponseMessage,
        admin: MemberActor,
        footnote: Footnote,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        footnote.settings = replace(footnote.settings, admin_ids=frozenset())
        result = await admin.click(message, label="Cancel")
        assert "This is for admins of the archive only" in texts(
            result.response or result.followups[0]
        )
        assert footnote.reindexer.is_running
        assert "not an admin" in caplog.text

    async def test_its_end_is_told_in_the_channel_without_naming_files(
        self,
        message: ResponseMessage,
        channel: ChannelHandle,
        held: HeldLibrary,
        simcord_env: Env,
    ) -> None:
        assert "its end will be told here" in texts(message)
        held.let_go()
        await simcord_env.settle()
        told = str(channel.last_message.components)
        assert "文庫已經是最新的了" in told
        assert "3 篇文章，4 個段落" in told

    async def test_a_failure_after_that_is_told_too(
        self,
        message: ResponseMessage,
        channel: ChannelHandle,
        held: HeldLibrary,
        simcord_env: Env,
    ) -> None:
        assert labels(message) == ["Cancel"]
        held.failure = CorpusError("The disk is *full*.")
        held.let_go()
        await simcord_env.settle()
        assert "The disk is \\\\*full" in str(channel.last_message.components)

    async def test_where_the_channel_takes_no_message_the_user_gets_it(
        self,
        message: ResponseMessage,
        admin: MemberActor,
        channel: ChannelHandle,
        held: HeldLibrary,
        simcord_env: Env,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        assert texts(message)
        simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=403, code=50013)
        held.let_go()
        await simcord_env.settle()
        assert "文庫已經是最新的了" in str(admin.user.dm_channel.last_message.components)
        assert "could not be told to user" not in caplog.text

    async def test_where_nobody_takes_a_message_the_log_gets_it(
        self,
        message: ResponseMessage,
        admin: MemberActor,
        held: HeldLibrary,
        simcord_env: Env,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        assert texts(message)
        for _ in range(2):
            simcord_env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
        held.let_go()
        await simcord_env.settle()
        assert f"could not be told to user {admin.id}" in caplog.text


async def test_status_attaches_every_skipped_file_with_its_reason(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await admin.slash(channel, "archive status")
    assert result.ephemeral
    assert re.search(r"Generation `index-[0-9a-f]{12}`", texts(result.response))
    [(name, content)] = (await attached(result.response)).items()
    assert name == "skipped.csv"
    (skipped,) = (await footnote.library.stats()).skipped
    assert rows(content) == [["path", "reason"], [skipped.path, skipped.reason]]


async def test_questions_are_counted_and_attached_without_their_askers(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    log = footnote.state.questions.log
    for text, user, hits in (("颱風", 1, 3), ("颱風", 2, 3), ("=1+1", 123456789, 0)):
        await log(Question(text, user, None, "zh-TW", hits, 5))
    result = await admin.slash(channel, "archive questions")
    assert result.ephemeral
    shown = texts(result.response)
    assert "**Asked most often**\n• 颱風\n-# 2 ×, without a sure answer 0 ×\n• =1+1" in shown
    assert "**Without a sure answer**\n• =1+1\n-# 1 ×, without a sure answer 1 ×" in shown
    [(name, content)] = (await attached(result.response)).items()
    assert name == "questions.csv"
    header, first, second = rows(content)
    assert header == ["question", "times", "without a sure answer", "last asked"]
    assert first[:3] == ["颱風", "2", "0"]
    assert second[:3] == ["'=1+1", "1", "1"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", second[3])
    assert b"123456789" not in content


async def test_without_questions_there_is_nothing_attached(
    admin: MemberActor, channel: ChannelHandle
) -> None:
    result = await admin.slash(channel, "archive questions")
    assert "None yet." in texts(result.response)
    assert await attached(result.response) == {}


@pytest.mark.parametrize("command", ["archive synonyms", "archive questions"])
async def test_a_servers_moderator_is_not_the_archives_admin(
    command: str, member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    result = await member.slash(channel, command)
    assert texts(result.response).startswith("This is for admins of the archive only.")
    assert simcord_env.errors


class TestSynonyms:
    """They are edited on Discord and kept in the data folder."""

    @pytest.fixture
    async def message(self, admin: MemberActor, channel: ChannelHandle) -> ResponseMessage:
        result = await admin.slash(channel, "archive synonyms")
        assert result.ephemeral
        assert result.response is not None
        return result.response

    async def test_what_is_saved_is_in_force_at_once_and_after_a_restart(
        self,
        message: ResponseMessage,
        admin: MemberActor,
        channel: ChannelHandle,
        simcord_env: Env,
        settings: Settings,
        footnote: Footnote,
    ) -> None:
        assert "0 lines, 0 pairs of words" in texts(message)
        nothing = await admin.slash(channel, "ask", question="風神")
        assert "Nothing was found." in texts(nothing.response)
        opened = await admin.click(message, label="Edit")
        text = "# 綽號\n風神 = 颱風, 飓风\n茗 = 茶\n"
        await admin.submit_modal(opened, {"synonyms": text})
        assert "Saved, and in force from the next question on.\n2 lines, 4 pairs" in texts(message)
        assert await attached(message) == {"synonyms.txt": text.encode()}
        path = footnote.settings.own_synonyms
        assert path.read_text("utf-8") == text
        assert not list(path.parent.glob("*.new"))
        found = await admin.slash(channel, "ask", question="風神")
        assert "颱風怎麼形成" in texts(found.response)
        async with open_client(settings) as anew:
            make_admin(anew, admin.id)
            await simcord_env.restart_bot(anew)
            found = await admin.slash(channel, "ask", question="風神")
            assert "颱風怎麼形成" in texts(found.response)
            again = await admin.click(message, label="Edit")
            assert again.modal is not None
            (label,) = again.modal["components"]
            assert label["component"]["value"] == text

    async def test_a_faulty_line_is_named_and_nothing_typed_is_lost(
        self, message: ResponseMessage, admin: MemberActor, footnote: Footnote
    ) -> None:
        opened = await admin.click(message, label="Edit")
        await admin.submit_modal(opened, {"synonyms": "a = b\n只有*一個*"})
        assert "Line 2 cannot be understood: “只有\\*一個\\*”." in texts(message)
        assert await attached(message) == {"synonyms-not-saved.txt": "a = b\n只有*一個*".encode()}
        assert not footnote.settings.own_synonyms.exists()
        assert labels(message) == ["Edit"]

    async def test_who_is_no_longer_an_admin_saves_nothing(
        self, message: ResponseMessage, admin: MemberActor, footnote: Footnote
    ) -> None:
        opened = await admin.click(message, label="Edit")
        footnote.settings = replace(footnote.settings, admin_ids=frozenset())
        result = await admin.submit_modal(opened, {"synonyms": "a = b"})
        assert "This is for admins of the archive only" in texts(
            result.response or result.followups[0]
        )
        refused = await admin.click(message, label="Edit")
        assert refused.modal is None
        assert not footnote.settings.own_synonyms.exists()

    async def test_all_of_it_can_be_deleted(
        self, message: ResponseMessage, admin: MemberActor, footnote: Footnote
    ) -> None:
        for text in ("a = b", ""):
            opened = await admin.click(message, label="Edit")
            await admin.submit_modal(opened, {"synonyms": text})
        assert "0 lines, 0 pairs" in texts(message)
        assert footnote.settings.own_synonyms.read_text("utf-8") == ""

    async def test_a_longer_file_than_fits_is_shown_but_not_edited(
        self,
        message: ResponseMessage,
        admin: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
    ) -> None:
        text = "a = b\n" * 1_000
        footnote.settings.own_synonyms.write_text(text, "utf-8")
        refused = await admin.click(message, label="Edit")
        assert "cannot be edited here" in texts(refused.response)
        result = await admin.slash(channel, "archive synonyms")
        assert "longer than the 4,000 characters" in texts(result.response)
        assert labels(result.response) == []
        assert await attached(result.response) == {"synonyms.txt": text.encode()}

    @pytest.mark.parametrize("locale", LOCALES)
    def test_the_editor_keeps_to_discords_limits(self, locale: str) -> None:
        t = TEXTS.get(locale)
        editor = archive_view.SynonymsEditor("字" * archive_view.MAX_TEXT_CHARS, t).to_dict()
        assert len(editor["title"]) <= 45
        assert len(editor["components"][0]["label"]) <= 45
        assert len(editor["components"][0]["description"]) <= 100


class TestTheKeepersSynonyms:
    """SYNONYMS names a file that is not the bot's to write."""

    @pytest.fixture
    def settings(self, settings: Settings, tmp_path: Path) -> Settings:
        path = tmp_path / "keepers.txt"
        path.write_text("風神 = 颱風\n", "utf-8")
        return replace(settings, synonyms=path)

    @pytest.fixture
    async def footnote(self, settings: Settings) -> AsyncIterator[Footnote]:
        settings.own_synonyms.write_text("a = b", "utf-8")
        async with open_client(settings) as client:
            yield client
            await client.reindexer.close()

    async def test_are_shown_and_not_edited(
        self, admin: MemberActor, channel: ChannelHandle
    ) -> None:
        result = await admin.slash(channel, "archive synonyms")
        assert "1 line, 1 pair of words" in texts(result.response)
        assert "edited there" in texts(result.response)
        assert labels(result.response) == []
        assert await attached(result.response) == {"synonyms.txt": "風神 = 颱風\n".encode()}
        found = await admin.slash(channel, "ask", question="風神")
        assert "颱風怎麼形成" in texts(found.response)
