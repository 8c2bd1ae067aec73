"""Scenes of more than one step: what is pressed, chosen or posted after the first message."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from simcord.results import InteractionResult, ResponseMessage

from docs.draw_screens.page import Shown
from docs.draw_screens.stage import Stage

Scene = Callable[[Stage], Awaitable[Shown]]

QUESTION = "颱風警報什麼時候發布？"


def pressing(pattern: str, command: str = "ask", **options: object) -> Scene:
    """Return a scene in which the reader presses what says ``pattern`` of itself."""

    async def scene(stage: Stage) -> Shown:
        result = await stage.reader.slash(stage.channel, command, **options)
        return stage.shown(await _press(stage, result, pattern), stage.named(command))

    return scene


def choosing(value: str, question: str = QUESTION) -> Scene:
    """Return a scene in which the reader chooses from the menu of an answer.

    ``value`` begins like the first of the menu's that is meant.
    """

    async def scene(stage: Stage) -> Shown:
        result = await stage.reader.slash(stage.channel, "ask", question=question)
        return stage.shown(await _choose(stage, result, value), stage.named("ask"))

    return scene


async def related(stage: Stage) -> Shown:
    """Ask for passages like one of an answer."""
    result = await stage.reader.slash(stage.channel, "ask", question=QUESTION)
    context = await _choose(stage, result, "c")
    return stage.shown(await _press(stage, context, r"a:[\w-]+:related:"), stage.named("ask"))


async def watching(stage: Stage) -> Shown:
    """Look at what a server watches."""
    for words in ("颱風", "高鐵 票價"):
        await stage.reader.slash(stage.channel, "watch add", question=words)
    return await stage.slash("watch list")


async def about_a_message(stage: Stage) -> Shown:
    """Ask the archive about what someone wrote."""
    text = "聽說海上颱風警報和陸上颱風警報不一樣，有人知道差在哪裡嗎？"
    message = await stage.reader.send(stage.channel, text)
    result = await stage.reader.context_menu(stage.channel, "Ask the archive", message)
    return stage.shown(result, stage.named("ask"))


async def _press(stage: Stage, result: InteractionResult, pattern: str) -> InteractionResult:
    [*_, last] = [result.response, *result.followups]
    assert last is not None
    custom_id = next(custom_id for custom_id in _custom_ids(last) if re.match(pattern, custom_id))
    return await stage.reader.click(last, custom_id=custom_id)


async def _choose(stage: Stage, result: InteractionResult, value: str) -> InteractionResult:
    [*_, last] = [result.response, *result.followups]
    assert last is not None
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
