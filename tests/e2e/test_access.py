"""Payloads that no client of Discord sends: each is refused or dropped, and the bot goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.loopback import payloads
from tests.e2e.loopback.payloads import ADMINISTRATOR
from tests.e2e.process import BotProcess
from tests.e2e.test_bot_process import KEEPER, QUESTION, READER, answered, hits, ready

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.soak import Soak

Json = dict[str, Any]

pytestmark = pytest.mark.usefixtures("indexed_sample")

FIELDS = (
    *("application_id", "version", "channel", "locale", "app_permissions", "entitlements"),
    *("guild_id", "guild", "guild_locale", "member", "context", "attachment_size_limit", "message"),
)
"""All that the loopback itself can do without."""


def sent(message: Json) -> dict[str, Json]:
    """Return a whole payload of each kind, to take something away from."""
    caller = READER.with_permissions(ADMINISTRATOR)
    command = {"id": "1", "name": "archive", "type": 1}
    command["options"] = [{"name": "reindex", "type": 1, "options": []}]
    typed = {"id": "1", "name": "ask", "type": 1}
    typed["options"] = [{"name": "question", "type": 3, "value": "颱", "focused": True}]
    press = {"component_type": 2, "custom_id": "reindex:cancel"}
    return {
        "command": payloads.interaction(payloads.COMMAND, command, caller),
        "completion": payloads.interaction(payloads.AUTOCOMPLETE, typed, caller),
        "press": payloads.interaction(payloads.COMPONENT, press, caller, message=message),
    }


def without(payload: Json, path: tuple[str, ...]) -> Json:
    """Return a payload that lacks what stands at ``path``."""
    first, *rest = path
    if rest:
        return {**payload, first: without(payload[first], tuple(rest))}
    return {name: value for name, value in payload.items() if name != first}


async def test_no_payload_with_a_missing_field_ends_the_bot(
    loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    async with BotProcess.on(loopback, tmp_path, ADMIN_IDS=str(KEEPER.user.id)) as bot:
        await ready(bot, loopback)
        answer = await answered(bot, loopback, QUESTION)
        tokens: list[str] = []
        for payload in sent(answer.raw).values():
            paths = [(field,) for field in FIELDS if field in payload]
            paths += [(part, field) for part in ("data", "member") for field in payload[part]]
            for path in paths:
                interaction = await loopback.send(without(payload, path))
                tokens.append(interaction.token)
        assert hits(await answered(bot, loopback, QUESTION))
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert "the event INTERACTION_CREATE, which is dropped" in bot.stderr
    assert not [token for token in tokens if token in bot.stderr]
    assert not [e for e in loopback.journal.entries if e["kind"] == "ready"][1:]
    soak.note(
        "payloads that lack a field: refused or dropped, connection kept",
        f"{len(tokens)} sent, 0 lost",
    )
