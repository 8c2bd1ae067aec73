"""Scenes of more than one step: what is pressed, chosen or posted after the first message."""

import re
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from simcord.results import InteractionResult, ResponseMessage

from bot.services.digests import HOUR, ZONE
from bot.state.guilds import GuildSettings
from bot.state.watches import DigestKind, WatchTarget
from corpus import Filters
from docs.draw_screens.page import Shown
from docs.draw_screens.stage import Stage, last_message
from docs.draw_screens.steady import NOW
from tests.bot.simulated import set_clock

Scene = Callable[[Stage], Awaitable[Shown]]

QUESTION = "颱風警報什麼時候發布？"
MARKED: Mapping[str, str] = {
    "zh-TW": "阿里山林鐵什麼時候全線復駛？",
    "zh-CN": "大熊猫什么时候降为易危？",
    "en-US": "How is a hurricane different from a typhoon?",
}
"""In each language a question whose answer is one sentence of a paragraph."""


def pressing(pattern: str, command: str = "ask", **options: object) -> Scene:
    """Return a scene in which the reader presses what says ``pattern`` of itself."""

    async def scene(stage: Stage) -> Shown:
        result = await stage.reader.slash(stage.channel, command, **options)
        return await _shown(stage, result, _press(stage, result, pattern), command)

    return scene


def choosing(value: str, question: str = QUESTION) -> Scene:
    """Return a scene in which the reader chooses from the menu of an answer.

    ``value`` begins like the first of the menu's that is meant.
    """

    async def scene(stage: Stage) -> Shown:
        result = await stage.reader.slash(stage.channel, "ask", question=question)
        return await _shown(stage, result, _choose(stage, result, value), "ask")

    return scene


async def related(stage: Stage) -> Shown:
    """Ask for passages like one of an answer."""
    question = "列車從臺北到左營要多久"
    result = await stage.reader.slash(stage.channel, "ask", question=question)
    context = await _choose(stage, result, "c")
    return await _shown(stage, context, _press(stage, context, r"a:[\w-]+:related:"))


def going_on(question: str, then: str) -> Scene:
    """Return a scene in which the reader asks a question that goes on from another."""

    async def scene(stage: Stage) -> Shown:
        result = await stage.reader.slash(stage.channel, "ask", question=question)
        form = await _press(stage, result, r"a:[\w-]+:follow:")
        return stage.shown(await stage.reader.submit_modal(form, {"question": then}), None)

    return scene


def mentioning(question: str, then: str) -> Scene:
    """Return a scene in which the reader opens a thread on an answer, and asks on in it."""

    async def scene(stage: Stage) -> Shown:
        result = await stage.reader.slash(stage.channel, "ask", question=question)
        await _choose(stage, result, "t")
        [thread] = stage.channel.threads
        assert stage.footnote.user is not None
        await stage.reader.send(thread, f"{stage.footnote.user.mention} {then}")
        return stage.posted(thread)

    return scene


async def watching(stage: Stage) -> Shown:
    """Look at what a server watches."""
    for words in ("颱風", "高鐵 票價"):
        await stage.reader.slash(stage.channel, "watch add", question=words)
    await _let_article_come(stage)
    return await stage.slash("watch list")


async def watch_post(stage: Stage) -> Shown:
    """See what a watch posts when an article has come."""
    await stage.reader.slash(stage.channel, "watch add", question="颱風警報")
    await _let_article_come(stage)
    return stage.posted()


async def direct_post(stage: Stage) -> Shown:
    """See what comes by direct message when an article has come."""
    await stage.reader.slash(stage.channel, "watch add", question="颱風警報", dm=True)
    await _let_article_come(stage)
    return stage.posted(stage.reader.user.dm_channel)


def listing(kind: DigestKind, period: date) -> Scene:
    """Return a scene in which a channel gets the regular list of a day or a week."""

    async def scene(stage: Stage) -> Shown:
        # Articles come on the morning of the pictures.
        set_clock(stage.footnote, NOW.timestamp())
        await _let_article_come(stage)
        target = WatchTarget(stage.guild.id, stage.channel.id)
        last = period - timedelta(days=7)
        await stage.footnote.state.watches.add(target, "", Filters(), (kind, last))
        set_clock(stage.footnote, datetime.combine(period, time(HOUR), ZONE).timestamp())
        with stage.env._bot_scope():  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            stage.footnote.watch_notifier.try_again(stage.channel.id)
        await stage.env.settle()
        return stage.posted()

    return scene


async def _let_article_come(stage: Stage) -> None:
    """Let the bot find an index that another process has made of the archive as it is now."""
    later = stage.ground.next_index
    assert later is not None
    shutil.copytree(later, stage.footnote.settings.data_dir, dirs_exist_ok=True)
    with stage.env._bot_scope():  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        await stage.footnote.library.open()
    await stage.env.settle()


async def about_a_message(stage: Stage) -> Shown:
    """Ask the archive about what someone wrote."""
    text = "聽說海上颱風警報和陸上颱風警報不一樣，有人知道差在哪裡嗎？"
    message = await stage.reader.send(stage.channel, text)
    result = await stage.reader.context_menu(stage.channel, "Ask the archive", message)
    return stage.shown(result, stage.footnote.texts.get(stage.locale)("menu-about"))


async def settings(stage: Stage) -> Shown:
    """Look at the settings of a server whose moderators have chosen some."""
    chosen = GuildSettings(
        page_size=2,
        channels=frozenset({stage.channel.id}),
        without_sources=frozenset({"食物与历史"}),
    )
    await stage.footnote.state.guilds.set(stage.guild.id, chosen)
    return await stage.slash("settings")


async def synonyms(stage: Stage) -> Shown:
    """Look at the synonyms that were edited here."""
    path = stage.footnote.settings.own_synonyms
    path.write_text(
        "林鐵 = 阿里山林業鐵路, 小火車\n海警 = 海上颱風警報\n陸警 = 陸上颱風警報\n", "utf-8"
    )
    return await stage.slash("archive synonyms")


async def editing_synonyms(stage: Stage) -> Shown:
    """Edit them."""
    await synonyms(stage)
    result = await stage.reader.slash(stage.channel, "archive synonyms")
    return stage.shown(await _press(stage, result, "synonyms:"), None)


async def questions(stage: Stage) -> Shown:
    """Look at what was asked."""
    asked = (QUESTION, QUESTION, "珍珠奶茶", "高鐵什麼時候通車", QUESTION, "手搖飲料", "珍珠奶茶")
    for question in asked:
        await stage.reader.slash(stage.channel, "ask", question=question)
    return await stage.slash("archive questions")


def trying(question: str, line: str) -> Scene:
    """Return a scene in which a line of synonyms is tried on a question that found nothing."""

    async def scene(stage: Stage) -> Shown:
        await stage.reader.slash(stage.channel, "ask", question=question)
        result = await stage.reader.slash(stage.channel, "archive questions")
        form = await stage.reader.select(last_message(result), [question])
        return stage.shown(await stage.reader.submit_modal(form, {"line": line}), None)

    return scene


async def _shown(
    stage: Stage,
    before: InteractionResult,
    pressed: Awaitable[InteractionResult],
    command: str | None = None,
) -> Shown:
    """Return what a press has led to; ``command`` stands above the message that it changes."""
    result = await pressed
    is_same = result.modal is None and last_message(result).id == last_message(before).id
    return stage.shown(result, stage.named(command) if command and is_same else None)


async def _press(stage: Stage, result: InteractionResult, pattern: str) -> InteractionResult:
    last = last_message(result)
    custom_id = next(custom_id for custom_id in _custom_ids(last) if re.match(pattern, custom_id))
    return await stage.reader.click(last, custom_id=custom_id)


async def _choose(stage: Stage, result: InteractionResult, value: str) -> InteractionResult:
    last = last_message(result)
    values = [
        option["value"]
        for row in last.components
        for component in row.get("components", ())
        for option in component.get("options", ())
    ]
    chosen = next(offered for offered in values if offered.startswith(value))
    return await stage.reader.select(last, [chosen])


def _custom_ids(message: ResponseMessage) -> Iterator[str]:
    def walk(level: Sequence[dict[str, Any]]) -> Iterator[str]:
        for component in level:
            if "custom_id" in component:
                yield component["custom_id"]
            yield from walk(component.get("components", ()))

    return walk(message.components)
