"""Conversations with the whole bot: threads, mentions, follow-ups and addresses, over sockets."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.e2e.loopback import payloads
from tests.e2e.loopback.payloads import MEMBER, OTHER_MEMBER
from tests.e2e.loopback.rules import APPLICATION_ID
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.e2e.loopback.payloads import Caller
    from tests.e2e.loopback.seen import Message

READER = MEMBER.speaking("zh-TW")
OTHER = OTHER_MEMBER.speaking("zh-TW")
BOT = f"<@{APPLICATION_ID}>"
QUESTION = "颱風的名字是誰取的？"
SOURCE = re.compile(r"https?://(?:[\w-]+\.)*example\.(?:org|com|net)/\S*")


@pytest.fixture
async def bot(loopback: Loopback, indexed_sample: Path) -> AsyncIterator[BotProcess]:
    async with BotProcess.on(loopback, indexed_sample) as process:
        await process.meanwhile(loopback.wait_connected())
        await process.meanwhile(loopback.commands())
        yield process


async def answered(
    bot: BotProcess, loopback: Loopback, question: str, caller: Caller = READER
) -> Message:
    interaction = await loopback.slash("ask", {"question": question}, caller=caller)
    return await bot.meanwhile(interaction.final_message())


def menu_of(message: Message) -> str:
    [menu] = [c["custom_id"] for c in message.components if ":menu:" in c.get("custom_id", "")]
    return menu


async def opened_thread(bot: BotProcess, loopback: Loopback, answer: Message) -> str:
    """Have the reader open a thread with an answer, and return its id."""
    await loopback.select(answer, menu_of(answer), ["t"], caller=READER)
    opened = await bot.meanwhile(loopback.journal.wait_for("thread"))
    return opened["thread"]["id"]


async def test_a_mention_in_a_thread_goes_on_also_after_a_restart(
    bot: BotProcess, loopback: Loopback, indexed_sample: Path
) -> None:
    answer = await answered(bot, loopback, QUESTION)
    thread = await opened_thread(bot, loopback, answer)
    opened = loopback.journal.entries
    [name] = [entry["thread"]["name"] for entry in opened if entry["kind"] == "thread"]
    assert name == QUESTION
    await bot.meanwhile(
        loopback.journal.first(
            "the hint",
            lambda entry: (entry["kind"] == "message" and BOT in str(entry["message"])) or None,
        )
    )
    sent = await loopback.write(f"{BOT} 那後來呢？", caller=OTHER.in_thread(thread))
    reply = await bot.meanwhile(sent.reply())
    assert reply.raw["channel_id"] == thread
    assert "承接上一題：颱風" in reply.text
    assert SOURCE.search(" ".join(reply.links))
    bot.stop(signal.SIGINT)
    assert await bot.wait_for_exit() == 0
    async with BotProcess.on(loopback, indexed_sample) as again:
        await again.meanwhile(loopback.wait_connected(times=2))
        sent = await loopback.write(f"{BOT} 為什麼？", caller=OTHER.in_thread(thread))
        reply = await again.meanwhile(sent.reply())
        assert "承接上一題：颱風" in reply.text
        [alone] = [id_ for id_ in reply.buttons if ":alone:" in id_]
        pressed = await loopback.press(reply, alone, caller=OTHER.in_thread(thread))
        await again.meanwhile(pressed.first_response())
        again.stop()
        assert await again.wait_for_exit() == 0
        assert "那後來呢" not in again.stderr
        assert "Traceback" not in again.stderr


async def test_an_answer_is_shared_into_a_thread_and_gone_on_with_there(
    bot: BotProcess, loopback: Loopback
) -> None:
    thread = "1234567890123456789"
    here = READER.in_thread(thread)
    answer = await answered(bot, loopback, QUESTION, here)
    [share] = [id_ for id_, label in answer.buttons.items() if label == "分享"]
    assert "t" not in [o["value"] for o in answer.component(menu_of(answer))["options"]]
    pressed = await loopback.press(answer, share, caller=here)
    post = await bot.meanwhile(pressed.final_message(lambda sent: sent.id != answer.id))
    assert post.raw["channel_id"] == thread
    assert not post.ephemeral
    follow = [id_ for id_, label in post.buttons.items() if label == "接著問"]
    assert len(follow) == 1
    sent = await loopback.write(f"{BOT} 然後呢？", caller=OTHER, reply_to=post)
    assert "承接上一題：颱風" in (await bot.meanwhile(sent.reply())).text


async def test_a_form_is_sent_with_a_follow_up(bot: BotProcess, loopback: Loopback) -> None:
    answer = await answered(bot, loopback, QUESTION)
    [follow] = [id_ for id_, label in answer.buttons.items() if label == "接著問"]
    form = await (await loopback.press(answer, follow, caller=READER)).first_response()
    assert form.type == 9
    assert QUESTION.rstrip("？") in str(form.data)
    for text, expected in (("那後來呢？", "承接上一題：颱風"), ("長" * 4_000, "最多 300 個字")):
        field = {"type": 4, "custom_id": "question", "value": text}
        data = {
            "custom_id": form.data["custom_id"],
            "components": [{"type": 18, "component": field}],
        }
        payload = payloads.interaction(payloads.FORM, data, READER, message=answer.raw)
        found = await bot.meanwhile((await loopback.send(payload)).final_message())
        assert found.ephemeral
        assert expected in found.text


async def test_a_direct_message_and_a_mention_are_answered_and_others_are_not(
    bot: BotProcess, loopback: Loopback
) -> None:
    other = await loopback.write("颱風的名字是誰取的？", caller=OTHER)
    direct = await loopback.write("颱風的名字是誰取的？", caller=READER.in_dm())
    mention = await loopback.write(f"{BOT} 颱風的名字是誰取的？", caller=OTHER)
    for sent in (direct, mention):
        reply = await bot.meanwhile(sent.reply())
        assert SOURCE.search(" ".join(reply.links))
        assert not reply.ephemeral
    replies = [
        str(entry["message"]["message_reference"]["message_id"])
        for entry in loopback.journal.entries
        if entry["kind"] == "message" and "message_reference" in entry["message"]
    ]
    assert other.id not in replies
    assert len(set(replies)) == 2


async def test_an_address_gives_its_article_typed_or_in_a_message(
    bot: BotProcess, loopback: Loopback
) -> None:
    answer = await answered(bot, loopback, QUESTION)
    address = next(link for link in answer.links if SOURCE.fullmatch(link))
    scheme, _, rest = address.partition("://")
    assert scheme == "https"
    host, _, path = rest.partition("/")
    other = f"http://www.{host}/{quote(path)}/?utm_source=line&fbclid=1#top"
    found = await answered(bot, loopback, other)
    assert address in found.links
    for text, expected in (
        (f"看看這篇 <{other}>，寫得很好", address),
        ("https://not-in-the-archive.example/2020/01/01/x", "沒有收錄這個網址的文章"),
    ):
        used = await loopback.use_on_message("問文庫", text, caller=READER)
        shown = await bot.meanwhile(used.final_message())
        assert shown.ephemeral
        assert expected in f"{shown.text} {shown.links}"
