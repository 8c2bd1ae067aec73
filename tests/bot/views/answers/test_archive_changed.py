"""Old buttons in an archive that has changed since: what they name is found by its content."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.settings import Settings
from bot.state import FILE_NAME
from tests.bot.controls import asked, choices, ids, said, shown
from tests.bot.simulated import texts
from tests.bot.views.answers.conftest import TYPHOONS

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

QUESTION = "颱風登陸之後果園的樟樹"
TARGET = "2016-08-08-t.md"
NEW = "## 序\n\n這一段是後來補上的，講的是果園的歷史。\n\n"


@pytest.fixture
def settings(buttons_index: tuple[Path, Path], tmp_path: Path) -> Settings:
    """Return the settings of a bot with an archive of its own, which a test may change."""
    shutil.copytree(buttons_index[0], tmp_path / "archive")
    data_dir = tmp_path / "var"
    shutil.copytree(buttons_index[1], data_dir)
    return Settings(archive=tmp_path / "archive", data_dir=data_dir, ask_cooldown=None)


@pytest_asyncio.fixture
async def post(footnote: Footnote) -> AsyncIterator[Path]:
    """Index the archive, and yield the file of the post that tells of the orchard."""
    await footnote.library.reindex()
    yield footnote.settings.archive / "_posts" / TARGET


def insert(post: Path) -> None:
    text = post.read_text("utf-8")
    post.write_text(text.replace("## 之前", f"{NEW}## 之前"), "utf-8")


def rename(post: Path) -> None:
    insert(post)
    post.rename(post.with_name("2016-08-09-orchard.md"))


@pytest.mark.parametrize("change", [insert, rename])
async def test_context_relatives_and_sharing_name_the_same_paragraph(
    change: Callable[[Path], None],
    post: Path,
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
) -> None:
    target = await asked(member, channel, QUESTION)
    public = await asked(member, channel, QUESTION, private=False)
    change(post)
    await footnote.library.reindex()
    found = await member.click(public, label="上下文")
    assert f"> {TYPHOONS[1][1]}" in texts(found.response)
    assert "Paragraph 3 of 4" in texts(found.response)
    await member.click(found.response, label="▶")  # type: ignore[arg-type]
    assert f"> {TYPHOONS[1][2]}" in texts(found.response)
    for _ in range(3):
        await member.click(found.response, label="◀")  # type: ignore[arg-type]
    assert "Paragraph 1 of 4" in texts(found.response)
    await member.select(target, choices(target, "c")[:1])
    assert f"> {TYPHOONS[1][1]}" in texts(target)
    related = await member.click(target, label="Related")
    assert "果園的歷史" in texts(related.response)  # and not the paragraph itself
    await member.click(target, label="Back")
    assert shown(target)[0] == "第2號"


async def test_an_article_that_moved_on_its_page_is_still_the_one_that_is_shared(
    post: Path, member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel)
    second = shown(message)[1]
    [value, *_] = choices(message, "s")
    for file in post.parent.glob("*-t.md"):
        insert(file)
    await footnote.library.reindex()
    [posted] = (await member.select(message, [value])).followups
    assert shown(posted) == [second]


async def test_what_was_taken_out_is_said_to_be_gone(
    post: Path, member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel, QUESTION)
    public = await asked(member, channel, QUESTION, private=False)
    post.write_text(post.read_text("utf-8").replace(TYPHOONS[1][1], "改寫過的一段。"), "utf-8")
    await footnote.library.reindex()
    assert "no longer in the archive" in said(await member.click(public, label="上下文"))
    result = await member.select(message, choices(message, "c")[:1])
    assert "no longer in the archive" in said(result)


async def test_an_answer_of_an_earlier_version_names_a_paragraph_by_its_place(
    post: Path, member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    public = await asked(member, channel, QUESTION, private=False)
    with closing(sqlite3.connect(footnote.settings.data_dir / FILE_NAME)) as state:
        state.execute("UPDATE answer_passage SET content = x''")
        state.commit()
    insert(post)
    await footnote.library.reindex()
    found = await member.click(public, custom_id=ids(public, "context")[0])
    assert f"> {TYPHOONS[1][0]}" in texts(found.response)
