"""command_limits: would Discord take these commands? What it enforces when they are synced."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.e2e.loopback.api_error import Faults, Path

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
NESTING = frozenset({1, 2})
MOST = {CHAT_INPUT: 100, USER_MENU: 5, MESSAGE_MENU: 5}


def check_commands(commands: list[Json]) -> None:
    """Refuse a list of commands that Discord would refuse.

    Raises:
        ApiError: 50035 with every fault.
    """
    faults = Faults()
    kinds = Counter(command.get("type", CHAT_INPUT) for command in commands)
    for kind, number in kinds.items():
        if number > MOST[kind]:
            text = f"Maximum number of application commands reached ({MOST[kind]})."
            faults.add((), "APPLICATION_COMMAND_TOO_MANY", text)
    names = Counter((command.get("type", 1), command["name"]) for command in commands)
    for number, command in enumerate(commands):
        if names[command.get("type", 1), command["name"]] > 1:
            text = "Application command names must be unique"
            faults.add((number, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
        _check_command(faults, (number,), command)
    faults.raise_if_any()


def _check_command(faults: Faults, path: Path, command: Json) -> None:
    if command.get("type", CHAT_INPUT) != CHAT_INPUT:
        for where, name in _wordings(command, "name"):
            faults.length((*path, *where), name, 1, 32)
        return
    for where, node in _nodes(command, path):
        _check_node(faults, where, node)
    total = sum(_longest(node) for _, node in _nodes(command, path))
    if total > 8000:
        text = "Command exceeds maximum size (8000)"
        faults.add(path, "APPLICATION_COMMAND_TOO_LARGE", text)


def _nodes(node: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    """Yield a command, its subcommands and its options, each with its place."""
    yield path, node
    for number, option in enumerate(node.get("options") or []):
        yield from _nodes(option, (*path, "options", number))


def _check_node(faults: Faults, path: Path, node: Json) -> None:
    for where, name in _wordings(node, "name"):
        faults.length((*path, *where), name, 1, 32)
        if name != name.lower() or not all(c.isalnum() or c in "-_'" for c in name):
            text = "Command name is invalid"
            faults.add((*path, *where), "APPLICATION_COMMAND_INVALID_NAME", text)
    for where, description in _wordings(node, "description"):
        faults.length((*path, *where), description, 1, 100)
    options: list[Json] = node.get("options") or []
    faults.count((*path, "options"), options, 0, 25)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        text = "Required options must be placed before non-required options"
        faults.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
    choices: list[Json] = node.get("choices") or []
    faults.count((*path, "choices"), choices, 0, 25)
    for number, choice in enumerate(choices):
        for where, name in _wordings(choice, "name"):
            faults.length((*path, "choices", number, *where), name, 1, 100)
    if choices and node.get("autocomplete"):
        text = "Options with choices cannot have autocomplete"
        faults.add((*path, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE", text)


def _wordings(node: Json, field: str) -> Iterator[tuple[Path, str]]:
    """Yield a field's text and its localised ones, each with its place."""
    yield (field,), node.get(field) or ""
    for locale, text in (node.get(f"{field}_localizations") or {}).items():
        yield (f"{field}_localizations", locale), text


def _longest(node: Json) -> int:
    """Return what a node counts towards the combined limit: its longest wordings and values."""
    size = 0
    for field in ("name", "description"):
        size += max(len(text) for _, text in _wordings(node, field))
    for choice in node.get("choices") or []:
        size += max(len(text) for _, text in _wordings(choice, "name"))
        size += len(str(choice.get("value", "")))
    return size
