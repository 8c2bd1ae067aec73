"""The stand-in refuses what Discord refuses, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.loopback.api_error import ApiError
from tests.e2e.loopback.calls import command_data
from tests.e2e.loopback.command_limits import check_commands
from tests.e2e.loopback.interaction_limits import check_choices, check_modal
from tests.e2e.loopback.limits import COMPONENTS_V2, check_message

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
        (layout({"type": 12, "items": [{}] * 11}), "Must be between 1 and 10"),
        (layout(row({"type": 8, "custom_id": "c", "placeholder": "p" * 151})), "Must be 150"),
        ({"content": ""}, "Cannot send an empty message"),
    ],
)
def test_a_message_over_a_limit_is_refused(message: Json, why: str) -> None:
    with pytest.raises(ApiError, match=why):
        check_message(message)


def labelled(**fields: object) -> Json:
    field = {"type": 4, "custom_id": "words", "style": 1, **fields}
    return {"type": 18, "label": "Words", "component": field}


def modal(*components: Json, **fields: object) -> Json:
    return {"custom_id": "synonyms", "title": "Synonyms", "components": list(components), **fields}


def test_a_modal_at_its_limits_is_taken() -> None:
    inputs = [labelled(custom_id=f"{n}", value="v" * 4000, placeholder="p" * 100) for n in range(3)]
    old = {"type": 4, "custom_id": "old", "style": 2, "label": "l" * 45}
    check_modal(modal(text("x"), *inputs, row(old), title="t" * 45))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (modal(), "Must be between 1 and 5"),
        (modal(*(labelled(custom_id=f"{n}") for n in range(6))), "Must be between 1 and 5"),
        (modal(labelled(), title="t" * 46), "Must be 45"),
        (modal(labelled(), custom_id="c" * 101), "Must be 100"),
        (modal(labelled(), labelled()), "cannot be duplicated"),
        (modal({**labelled(), "label": "l" * 46}), "Must be 45"),
        (modal({**labelled(), "description": "d" * 101}), "Must be 100"),
        (modal(labelled(placeholder="p" * 101)), "Must be 100"),
        (modal(labelled(value="v" * 4001)), "Must be 4000"),
        (modal(labelled(value="v" * 11, max_length=10)), "Must be 10 or fewer"),
        (modal({**labelled(), "component": menu(26)}), "Must be between 1 and 25"),
        (modal(row({"type": 4, "custom_id": "old", "style": 1})), "field is required"),
        (modal(container(text("x"))), "stand in a modal"),
    ],
)
def test_a_modal_over_a_limit_is_refused(wanted: Json, why: str) -> None:
    with pytest.raises(ApiError, match=why):
        check_modal(wanted)


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ([{"name": "n", "value": "v"}] * 26, "Must be between 0 and 25"),
        ([{"name": "n" * 101, "value": "v"}], "Must be 100"),
        ([{"name": "n", "value": "v" * 101}], "Must be 100"),
        ([{"name": "", "value": "v"}], "Must be 1 or more"),
    ],
)
def test_choices_over_a_limit_are_refused(choices: list[Json], why: str) -> None:
    with pytest.raises(ApiError, match=why):
        check_choices(choices)


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
    with pytest.raises(ApiError, match=why):
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
