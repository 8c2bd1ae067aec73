"""An admin tries a line of synonyms on a question before saving it, on a simulated Discord."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.client import Footnote
from tests.bot.controls import asked, controls, labels
from tests.bot.simulated import make_admin, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("keepers")


@pytest.fixture
def admin(member: MemberActor, footnote: Footnote) -> MemberActor:
    make_admin(footnote, member.id)
    return member


async def tried(admin: MemberActor, channel: ChannelHandle, line: str) -> ResponseMessage:
    """Return the message that shows what a line changes for 風神, which finds nothing."""
    await asked(admin, channel, "風神")
    listed = (await admin.slash(channel, "archive questions")).response
    assert listed is not None
    opened = await admin.select(listed, ["風神"])
    assert opened.modal is not None
    message = (await admin.submit_modal(opened, {"line": line})).response
    assert message is not None
    assert message.ephemeral
    return message


@pytest.mark.parametrize(
    ("locale", "today", "buttons", "saved"),
    [
        ("zh-TW", "**現在**\n什麼都找不到。", ["儲存", "修改", "取消"], "已儲存"),
        ("zh-CN", "**现在**\n什么都找不到。", ["保存", "修改", "取消"], "已保存"),
        ("en-US", "**Today**\nNothing is found.", ["Save", "Change", "Cancel"], "Saved"),
    ],
)
async def test_what_a_line_changes_is_shown_before_it_is_saved(  # noqa: PLR0913, PLR0917
    admin: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    speak: Callable[[str], None],
    locale: str,
    today: str,
    buttons: list[str],
    saved: str,
) -> None:
    speak(locale)
    message = await tried(admin, channel, "風神 = 颱風")
    assert today in texts(message)
    assert "1. [颱風怎麼形成](https://example.org/typhoon) 🆕" in texts(message)
    assert labels(message) == buttons
    assert not footnote.settings.own_synonyms.exists()
    await footnote.synonyms.add("茗 = 茶")  # another admin, meanwhile
    await admin.click(message, label=buttons[0])
    assert saved in texts(message)
    assert await footnote.synonyms.read() == "茗 = 茶\n風神 = 颱風\n"
    assert "颱風怎麼形成" in texts(await asked(admin, channel, "風神"))


async def test_a_faulty_line_gets_one_sentence_and_is_kept_in_the_form(
    admin: MemberActor, channel: ChannelHandle
) -> None:
    message = await tried(admin, channel, "只有*一個*")
    assert texts(message).startswith("This line cannot be understood: “只有\\*一個\\*”.")
    assert labels(message) == ["Change", "Cancel"]
    opened = await admin.click(message, label="Change")
    assert opened.modal is not None
    (label,) = opened.modal["components"]
    assert label["component"]["value"] == "只有*一個*"
    await admin.submit_modal(opened, {"line": "風神 = 颱風"})
    assert "🆕" in texts(message)
    await admin.click(message, label="Cancel")
    assert texts(message) == "Nothing was saved."


async def test_who_is_no_longer_an_admin_saves_nothing(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await tried(admin, channel, "風神 = 茶")
    footnote.settings = replace(footnote.settings, admin_ids=frozenset())
    result = await admin.click(message, label="Save")
    assert "admins of the archive only" in texts(result.response or result.followups[0])
    assert not footnote.settings.own_synonyms.exists()


async def test_a_question_whose_answer_was_voted_down_is_offered(
    admin: MemberActor, channel: ChannelHandle
) -> None:
    answer = await asked(admin, channel, "颱風")
    await admin.click(answer, label="👎")
    listed = (await admin.slash(channel, "archive questions")).response
    assert "**Voted 👎**\n• 颱風\n-# 1 × 👎" in texts(listed)
    [select] = controls(listed)
    assert [option["value"] for option in select["options"]] == ["颱風"]
    opened = await admin.select(listed, ["颱風"])
    message = (await admin.submit_modal(opened, {"line": "茗 = 茶"})).response
    assert "This line changes nothing for this question." in texts(message)
