"""calls: what does Discord send when someone types a command? Checked as its own client would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
Value = str | int | float | bool
Values = Mapping[str, Value]

SUBCOMMAND, GROUP = 1, 2
_PYTHON = {3: str, 4: int, 5: bool, 10: (int, float)}


def command_data(
    commands: list[Json], name: str, values: Values, *, focused: str | None = None
) -> Json:
    """Return an interaction's data for a slash command.

    Args:
        commands: What the bot synced, as far as the caller's place offers it.
        name: The command with its subcommands, as in `archive reindex`.
        values: The options by name.
        focused: The option being typed, for an autocompletion.

    Raises:
        LookupError: The bot has synced no such command or option.
        ValueError: Discord's client would not let anyone send these values.
    """
    first, *rest = name.split()
    offered = [command for command in commands if command["type"] == 1]
    node = command = _named(offered, first)
    data: Json = {"id": command["id"], "name": first, "type": 1}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    options: list[Json] = []
    data["options"] = options
    for part in rest:
        node = _named(node.get("options", []), part)
        inner: list[Json] = []
        options.append({"name": part, "type": node["type"], "options": inner})
        options = inner
    if any(option["type"] in {SUBCOMMAND, GROUP} for option in node.get("options", [])):
        raise LookupError(f"{name} is a group, nobody can send it")
    options += _options(node, values, focused)
    return data


def _named(nodes: list[Json], name: str) -> Json:
    for node in nodes:
        if node["name"] == name:
            return node
    raise LookupError(f"{name!r} is not among {[node['name'] for node in nodes]}")


def _options(node: Json, values: Values, focused: str | None) -> list[Json]:
    offered: list[Json] = node.get("options", [])
    filled: list[Json] = []
    for name, value in values.items():
        option = _named(offered, name)
        if name == focused:
            filled.append({"name": name, "type": option["type"], "value": value, "focused": True})
            continue
        _check(option, value)
        filled.append({"name": name, "type": option["type"], "value": value})
    missing = [o["name"] for o in offered if o.get("required") and o["name"] not in values]
    if missing and focused is None:
        raise ValueError(f"{node['name']} needs {missing}")
    return filled


def _check(option: Json, value: Value) -> None:
    name, kind = option["name"], option["type"]
    python = _PYTHON.get(kind)
    if python is None:
        raise ValueError(f"{name} is of type {kind}, which this loopback cannot send")
    if not isinstance(value, python) or (isinstance(value, bool) and kind != 5):
        raise ValueError(f"{name} takes {python}, not {value!r}")
    choices = [choice["value"] for choice in option.get("choices", [])]
    if choices and value not in choices:
        raise ValueError(f"{name} offers {choices}, not {value!r}")
    if isinstance(value, str):
        most = option.get("max_length", 6000)
        if not option.get("min_length", 0) <= len(value) <= most:
            raise ValueError(f"{name} takes at most {most} characters, not {len(value)}")
    elif not option.get("min_value", value) <= value <= option.get("max_value", value):
        raise ValueError(f"{name} does not take {value}")
