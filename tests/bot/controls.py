"""The controls of a message, and what a user sees of it."""

import re
from collections.abc import Iterator
from typing import Any

import discord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from tests.bot.simulated import texts


def controls(message: ResponseMessage | discord.Message | None) -> Iterator[dict[str, Any]]:
    """Yield what of a message can be pressed, or could."""

    def walk(level: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for component in level:
            if "custom_id" in component:
                yield component
            yield from walk(component.get("components", []))

    assert isinstance(message, ResponseMessage)
    return walk(message.components)


def labels(message: ResponseMessage | None) -> list[str]:
    return [
        control["label"]
        for control in controls(message)
        if control.get("label") and not control.get("disabled")
    ]


def ids(message: ResponseMessage | None, action: str) -> list[str]:
    return [
        control["custom_id"]
        for control in controls(message)
        if f":{action}:" in control["custom_id"]
    ]


def shown(message: ResponseMessage | None) -> list[str]:
    """Return the titles on a page."""
    return re.findall(r"\[([^\]]+)\]\(https://(?!web\.archive\.org)", texts(message))


def choices(message: ResponseMessage | None, kind: str) -> list[str]:
    """Return the values of a message's menu that begin with ``kind``."""
    [select] = [control for control in controls(message) if ":menu:" in control["custom_id"]]
    return [option["value"] for option in select["options"] if option["value"].startswith(kind)]


async def asked(
    who: MemberActor, channel: ChannelHandle, question: str = "颱風", **options: object
) -> ResponseMessage:
    result = await who.slash(channel, "ask", question=question, **options)
    assert result.response is not None
    return result.response


def said(result: InteractionResult) -> str:
    """Return the one sentence said to the presser alone."""
    [message] = result.followups or [result.response]
    assert message is not None
    assert message.ephemeral
    return texts(message)
