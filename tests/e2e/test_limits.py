"""The stand-in refuses what Discord refuses, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.loopback.calls import command_data
from tests.e2e.loopback.command_limits import check_commands
from tests.e2e.loopback.limits import COMPONENTS_V2, check_message
from tests.e2e.loopback.refusal import Refusal

Json = dict[str, Any]


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def button(**fields: object) -> Json:
    return {"type": 2, "style": 1, "label": "Next", "custom_id": "next", **fields}


def menu(options: int, **fields: object) -> Json:
    offered = [{"label": f"{n}", "value": f"{n}"} for n in range(options)]
    return {"type": 3, "custom_id": "menu", "options": offered, **fields}


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def layout(*components: Json) -> Json:
    return {"flags": COMPONENTS_V2, "components": list(components)}


def section(content: str, accessory: Json) -> Json:
    return {"type": 9, "components": [text(content)], "accessory": accessory}


def container(*components: Json) -> Json:
    return {"type": 17, "components": list(components)}


FULL_EMBED: Json = {
    "title": "t" * 256,
    "description": "d" * 4096,
    "url": "https://example.org/",
    "fields": [{"name": "n" * 10, "value": "v" * 40}] * 25,
    "footer": {"text": "f" * 398},
}


@pytest.mark.parametrize(
    "message",
    [
        {"content": "c" * 2000, "embeds": [FULL_EMBED]},
        {"content": "c", "components": [row(*(button(custom_id=str(n)) for n in range(5)))]},
        {"content": "c", "components": [row(button(custom_id="i" * 100)), row(menu(25))]},
        layout(text("x" * 4000)),
        layout(container(*(text("x") for _ in range(39)))),
        layout(section("x", button(style=5, custom_id=None, url="https://example.org/a?b#c"))),
    ],
)
def test_a_message_at_its_limits_is_taken(message: Json) -> None:
    check_message(message)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"content": "c" * 2001}, "Must be 2000 or fewer"),
        ({"embeds": [{"title": "t"}] * 11}, "Must be between 0 and 10"),
        ({"embeds": [{"title": "t" * 257}]}, "Must be 256 or fewer"),
        ({"embeds": [{"description": "d" * 4097}]}, "Must be 4096 or fewer"),
        ({"embeds": [{"fields": [{"name": "n", "value": ""}]}]}, "Must be 1 or more"),
        ({"embeds": [FULL_EMBED, {"title": "t"}]}, "maximum size of 6000"),
        ({"embeds": [{"title": "t", "url": "javascript:alert(1)"}]}, "is not supported"),
        ({"content": "c", "components": [row(menu(26))]}, "Must be between 1 and 25"),
        ({"content": "c", "components": [row(menu(2, placeholder="p" * 151))]}, "Must be 150"),
        ({"content": "c", "components": [row(*[button()] * 6)]}, "Must be between 1 and 5"),
        ({"content": "c", "components": [row(button(), button())]}, "cannot be duplicated"),
        ({"content": "c", "components": [row(button(custom_id="i" * 101))]}, "Must be 100"),
        ({"content": "c", "components": [row(button(label="l" * 81))]}, "Must be 80"),
        ({"content": "c", "components": [row(button(style=5, url="data:x"))]}, "not supported"),
        ({"content": "c", "components": [text("t")]}, "Only action rows"),
        (layout(text("x" * 4000), text("x")), "maximum size of 4000"),
        (layout(container(*(text("x") for _ in range(40)))), "between 1 and 40 components"),
        ({**layout(text("x")), "content": "c"}, "cannot be used when using"),
        ({**layout(text("x")), "embeds": [{"title": "t"}]}, "cannot be used when using"),
        (layout(text("長" * 3387)), "500: Internal Server Error"),
        ({"content": ""}, "Cannot send an empty message"),
    ],
)
def test_a_message_over_a_limit_is_refused(message: Json, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        check_message(message)


def option(name: str, **fields: object) -> Json:
    return {"type": 3, "name": name, "description": "d", **fields}


CHOICES = [{"name": "n" * 100, "value": f"{n}"} for n in range(25)]


def command(**fields: object) -> Json:
    return {"type": 1, "name": "ask", "description": "d", "options": [], **fields}


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ([command(name="Ask")], "name is invalid"),
        ([command(name="a" * 33)], "Must be 32"),
        ([command(description_localizations={"zh-TW": "長" * 101})], "Must be 100"),
        ([command(), command()], "must be unique"),
        ([command(options=[option(f"o{n}") for n in range(26)])], "between 0 and 25"),
        ([command(options=[option("a"), option("b", required=True)])], "Required options must"),
        ([command(options=[option("a", choices=[{"name": "", "value": ""}])])], "Must be 1 or"),
        ([{"type": 3, "name": f"menu {n}"} for n in range(6)], "Maximum number"),
        ([command(options=[option(f"o{n}", choices=CHOICES) for n in range(4)])], "maximum size"),
    ],
)
def test_commands_over_a_limit_are_refused(wanted: list[Json], why: str) -> None:
    with pytest.raises(Refusal, match=why):
        check_commands(wanted)


def test_localised_commands_within_the_limits_are_taken() -> None:
    localised = {"zh-TW": "詢問", "zh-CN": "询问"}
    check_commands([command(name_localizations=localised), {"type": 3, "name": "Ask the archive"}])


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "needs"),
        ({"question": 1}, "takes"),
        ({"question": "q" * 11}, "at most 10"),
        ({"question": "q", "sort": "backwards"}, "offers"),
        ({"question": "q", "limit": True}, "takes"),
        ({"question": "q", "limit": 9}, "does not take"),
    ],
)
def test_a_call_that_the_client_would_not_send_is_an_error(values: Json, why: str) -> None:
    offered = [
        command(
            id="1",
            options=[
                option("question", required=True, max_length=10),
                option("sort", choices=[{"name": "New", "value": "new"}]),
                option("limit", type=4, max_value=5),
            ],
        )
    ]
    with pytest.raises(ValueError, match=why):
        command_data(offered, "ask", values)


def test_a_call_of_a_command_that_was_not_synced_is_an_error() -> None:
    with pytest.raises(LookupError, match="not among"):
        command_data([command(id="1")], "trend", {})
