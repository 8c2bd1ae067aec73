"""The check that stands behind every test on the simulated Discord refuses what Discord would."""

from typing import Any

import pytest
from discord import app_commands, ui
from simcord import Env
from simcord.actors import MemberActor
from simcord.types import HttpLogEntry

from bot.client import Footnote, Interaction
from tests.bot.openapi import DESCRIPTION, check_request, check_requests
from tests.e2e.loopback.api_error import ApiError
from tests.e2e.loopback.interactions import (
    CHOICES,
    DEFERRED,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    UPDATE,
)
from tests.e2e.loopback.limits import COMPONENTS_V2, EPHEMERAL

Json = dict[str, Any]

CALLBACK = "/interactions/1/token/callback"
HOOK = "/webhooks/1/token"
ORIGINAL = f"{HOOK}/messages/@original"
CHANNEL = "/channels/1/messages"
COMMANDS = "/applications/1/commands"
GUILD_COMMANDS = "/applications/1/guilds/2/commands"

TOO_LONG = {"content": "c" * 2001}
MENU = {"type": 3, "custom_id": "m", "options": [{"label": "a", "value": "a"}]}
COMMAND = {"type": 1, "name": "ask", "description": "d"}
OPTION = {"type": 3, "name": "question", "description": "d"}
INPUT = {"type": 4, "style": 1, "custom_id": "i"}
LABEL = {"type": 18, "label": "l", "component": INPUT}
FORM = {"custom_id": "f", "title": "t", "components": [LABEL]}


def layout(*components: Json, **fields: object) -> Json:
    return {"flags": COMPONENTS_V2, "components": list(components), **fields}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def button(**fields: object) -> Json:
    return {"type": 2, "style": 2, "label": "l", "custom_id": "b", **fields}


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def callback(kind: int, data: Json | None) -> Json:
    return {"type": kind, "data": data}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", CALLBACK, callback(DEFERRED, {"flags": EPHEMERAL})),
        ("POST", CALLBACK, callback(DEFERRED_UPDATE, None)),
        ("POST", CALLBACK, callback(MESSAGE, layout(text("x" * 4000)))),
        ("POST", CALLBACK, callback(MODAL, FORM)),
        ("POST", CALLBACK, callback(CHOICES, {"choices": []})),
        ("PATCH", ORIGINAL, layout(row(button(), button(custom_id="c")), row(MENU))),
        ("PATCH", ORIGINAL, {"attachments": []}),
        ("POST", HOOK, {"content": "c"}),
        ("POST", CHANNEL, layout({"type": 17, "components": [text("x")] * 39})),
        ("PUT", COMMANDS, [{**COMMAND, "options": [OPTION]}]),
        ("PUT", GUILD_COMMANDS, []),
        ("GET", ORIGINAL, None),
        ("POST", "/users/@me/channels", {"recipient_id": "1"}),
    ],
)
def test_what_discord_takes_is_let_through(method: str, path: str, body: Any) -> None:  # noqa: ANN401
    check_request(method, path, body)


@pytest.mark.parametrize(
    ("method", "path", "body", "why"),
    [
        ("POST", CHANNEL, TOO_LONG, "Must be 2000|maxLength"),
        ("PATCH", f"{CHANNEL}/1", TOO_LONG, "Must be 2000|maxLength"),
        ("POST", HOOK, TOO_LONG, "Must be 2000|maxLength"),
        ("PATCH", ORIGINAL, TOO_LONG, "Must be 2000|maxLength"),
        ("POST", CALLBACK, callback(MESSAGE, TOO_LONG), "Must be 2000|maxLength"),
        ("POST", CALLBACK, callback(UPDATE, TOO_LONG), "Must be 2000|maxLength"),
        ("POST", CHANNEL, {}, "empty message"),
        ("POST", CHANNEL, layout(text("x" * 2500), text("x" * 2500)), "maximum size of 4000"),
        ("POST", CHANNEL, layout(text("長" * 3387)), "500"),
        ("POST", CHANNEL, layout(*[text("x")] * 39, row(button())), "components in all"),
        ("POST", CHANNEL, layout(text("x"), content="c"), "cannot be used when using"),
        ("POST", CHANNEL, layout(text("x"), embeds=[{"title": "t"}]), "cannot be used when"),
        ("POST", CHANNEL, {"content": "c", "components": [text("x")]}, "Only action rows"),
        ("POST", CHANNEL, layout(row(button(), button())), "cannot be duplicated"),
        ("POST", CHANNEL, layout(row(button(custom_id="i" * 101))), "Must be 100|maxLength"),
        ("POST", CHANNEL, layout(row(button(label="l" * 81))), "Must be 80|maxLength"),
        ("POST", CHANNEL, layout(row(button(label=None))), "label or an emoji"),
        (
            "POST",
            CHANNEL,
            layout(row(*(button(custom_id=f"{n}") for n in range(6)))),
            "between 1 and 5|maxItems",
        ),
        ("POST", CHANNEL, layout(row(button(), MENU)), "between 1 and 1 "),
        ("POST", CHANNEL, layout(row({**MENU, "placeholder": "p" * 151})), "Must be 150|maxL"),
        ("POST", CHANNEL, layout(row({**MENU, "options": MENU["options"] * 2})), "already used"),
        ("POST", CHANNEL, layout({"type": 12, "items": []}), "between 1 and 10|minItems"),
        ("POST", CALLBACK, callback(MODAL, {**FORM, "title": "t" * 46}), "Must be 45|maxLength"),
        ("POST", CALLBACK, callback(MODAL, {**FORM, "components": [LABEL] * 6}), "between 1 and 5"),
        ("POST", CALLBACK, callback(MODAL, {**FORM, "components": [LABEL] * 2}), "duplicated"),
        (
            "POST",
            CALLBACK,
            callback(CHOICES, {"choices": [{"name": "n", "value": "v"}] * 26}),
            "between 0 and 25|maxItems",
        ),
        ("PUT", COMMANDS, [{**COMMAND, "name": "Ask"}], "name is invalid"),
        ("PUT", GUILD_COMMANDS, [COMMAND, COMMAND], "must be unique"),
    ],
)
def test_what_discord_refuses_is_refused(method: str, path: str, body: Any, why: str) -> None:  # noqa: ANN401
    with pytest.raises(ApiError, match=why):
        check_request(method, path, body)


@pytest.mark.skipif(not DESCRIPTION.is_file(), reason="needs shared/discord beside the repository")
@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (layout(row(button(style=9))), "'style'"),
        (layout({"type": 14, "spacing": 5}), "'spacing'"),
        (layout({"type": 13, "file": {"url": 7}}), "'url'"),
        (layout({"type": 99}), "'components'"),
        (layout(text("x"), allowed_mentions={"parse": ["all"]}), "'parse'"),
    ],
)
def test_what_the_description_alone_refuses_is_refused_at_its_place(body: Json, fault: str) -> None:
    with pytest.raises(ApiError, match=fault):
        check_request("POST", CHANNEL, body)


def test_every_refusal_of_a_test_is_told() -> None:
    requests = [
        HttpLogEntry("POST", path, {}, body, None)
        for path, body in ((CHANNEL, {}), (HOOK, {"content": "c"}), (HOOK, TOO_LONG))
    ]
    with pytest.raises(AssertionError) as caught:
        check_requests(requests)
    assert len(str(caught.value).splitlines()) == 3


class TestOnTheSimulatedDiscord:
    """A command answers with what the simulation takes and Discord does not."""

    pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

    @pytest.fixture
    def simcord_bot(self, footnote: Footnote) -> Footnote:
        @app_commands.command(name="long", description="answers at length")
        async def long(interaction: Interaction) -> None:
            view = ui.LayoutView()
            view.add_item(ui.TextDisplay("長" * 3990))
            await interaction.response.send_message(view=view)

        footnote.tree.add_command(long)
        return footnote

    async def test_what_the_bot_sends_is_seen(self, member: MemberActor, simcord_env: Env) -> None:
        check_requests(simcord_env.http_requests)
        await member.slash(member.guild.create_text_channel("any"), "long")
        with pytest.raises(AssertionError, match="callback: 500"):
            check_requests(simcord_env.http_requests)
        simcord_env.http_requests.clear()
