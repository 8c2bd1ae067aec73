"""An article that is hidden after it was shown: no control shows it again, before any reindex."""

import json
import re

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.app import open_client
from bot.client import Footnote
from bot.settings import Settings
from tests.bot.controls import asked, shown
from tests.bot.simulated import component_texts, texts
from tests.bot.views.answers.conftest import TYPHOONS

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


class Hidden:
    """A message with an answer, whose best article is hidden after it was sent."""

    def __init__(self, message: ResponseMessage) -> None:
        self.message = message
        found = re.search(r"\[(第\d號)\]\((https://example\.org/(\d))\)", texts(message))
        assert found
        self.title, self.address = found[1], found[2]
        self._parts = (self.title, self.address, TYPHOONS[int(found[3]) - 1][1])

    def is_in(self, text: str) -> bool:
        plain = text.replace("*", "").replace("__", "")
        return any(part in plain for part in self._parts)


@pytest.fixture
async def hidden(member: MemberActor, channel: ChannelHandle, footnote: Footnote) -> Hidden:
    found = Hidden(await asked(member, channel))
    assert found.is_in(texts(found.message))
    assert await footnote.library.hide(found.address)
    return found


@pytest.mark.parametrize("opens_thread", [False, True])
async def test_neither_share_nor_a_thread_posts_it(
    member: MemberActor, channel: ChannelHandle, hidden: Hidden, *, opens_thread: bool
) -> None:
    if opens_thread:
        result = await member.select(hidden.message, ["t"])
    else:
        result = await member.click(hidden.message, label="Share")
    sent = [message for message in (result.response, *result.followups) if message is not None]
    assert sent
    assert not [message for message in sent if hidden.is_in(texts(message))]
    assert not [message for message in channel.history() if hidden.is_in(str(message.components))]


async def test_it_is_in_no_export(member: MemberActor, hidden: Hidden) -> None:
    [sent] = (await member.select(hidden.message, ["x"])).followups
    [file] = sent.attachments
    text = (await file.read()).decode()
    assert text.count("]: ") == 6
    assert not hidden.is_in(text)


async def test_neither_a_follow_ups_form_nor_its_answer_names_it(
    member: MemberActor, hidden: Hidden
) -> None:
    form = await member.click(hidden.message, label="Ask a follow-up")
    assert not hidden.is_in(str(form.modal))
    answer = await member.submit_modal(form, {"question": "那後來呢？"})
    assert answer.response is not None
    assert shown(answer.response)
    assert not hidden.is_in(texts(answer.response))


async def test_it_stays_hidden_after_a_restart_and_in_another_order(
    member: MemberActor,
    channel: ChannelHandle,
    hidden: Hidden,
    simcord_env: Env,
    settings: Settings,
) -> None:
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        assert (await anew.library.stats()).articles == 8  # of nine, and nothing was indexed anew
        again = await asked(member, channel)
        assert "6 matching paragraphs" in texts(again)
        assert not hidden.is_in(texts(again))
        for order in ("n", "o"):
            await member.select(hidden.message, [order])
            assert len(shown(hidden.message)) == 3
            assert not hidden.is_in(json.dumps(hidden.message.components, ensure_ascii=False))


async def test_a_thread_on_it_goes_on_without_it(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel)
    [posted] = (await member.select(message, ["t"])).followups
    [thread] = channel.threads
    hidden = Hidden(posted)
    await footnote.library.hide(hidden.address)
    assert footnote.user is not None
    for question in ("颱風", "那後來呢？"):
        await member.send(thread, f"<@{footnote.user.id}> {question}")
    answers = [
        component_texts([component.to_dict() for component in sent.components])
        for sent in thread.history()
        if sent.author.id == footnote.user.id
    ][-2:]
    assert all("https://example.org/" in answer for answer in answers)
    assert not [answer for answer in answers if hidden.is_in(answer)]
