"""interaction_limits: would Discord take these choices, or this modal? What callbacks may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.loopback.api_error import Faults
from tests.e2e.loopback.limits import Kind, check_custom_id, check_select

if TYPE_CHECKING:
    from tests.e2e.loopback.api_error import Path

Json = dict[str, Any]

MODAL_COMPONENTS = 5
"""Discord's reference says 5 where its API description says 40."""


def check_choices(choices: list[Json]) -> None:
    """Refuse the answer to an autocomplete that Discord would refuse.

    Raises:
        ApiError: 50035 with every fault.
    """
    faults = Faults()
    faults.count(("data", "choices"), choices, 0, 25)
    for number, choice in enumerate(choices):
        faults.length(("data", "choices", number, "name"), choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str):
            faults.length(("data", "choices", number, "value"), choice["value"], 0, 100)
    faults.raise_if_any()


def check_modal(modal: Json) -> None:
    """Refuse a modal that Discord would refuse.

    Raises:
        ApiError: 50035 with every fault.
    """
    faults = Faults()
    components: list[Json] = modal.get("components") or []
    faults.length(("data", "custom_id"), modal.get("custom_id"), 1, 100)
    faults.length(("data", "title"), modal.get("title"), 1, 45)
    faults.count(("data", "components"), components, 1, MODAL_COMPONENTS)
    seen: set[str] = set()
    for number, component in enumerate(components):
        path = ("data", "components", number)
        match component.get("type"):
            case Kind.LABEL:
                faults.length((*path, "label"), component.get("label"), 1, 45)
                faults.length((*path, "description"), component.get("description"), 0, 100)
                _check_input(faults, (*path, "component"), component.get("component") or {}, seen)
            case Kind.ROW:
                children: list[Json] = component.get("components") or []
                faults.count((*path, "components"), children, 1, 1)
                for i, child in enumerate(children):
                    here = (*path, "components", i)
                    faults.length((*here, "label"), child.get("label"), 1, 45)
                    _check_input(faults, here, child, seen)
            case Kind.TEXT:
                faults.length((*path, "content"), component.get("content"), 1, 4000)
            case _:
                text = "Only labels, text displays and rows with a text input stand in a modal."
                faults.add((*path, "type"), "UNION_TYPE_CHOICES", text)
    faults.raise_if_any()


def _check_input(faults: Faults, path: Path, field: Json, seen: set[str]) -> None:
    """Check the one component of a label or a row."""
    check_custom_id(faults, path, field, seen)
    if field.get("type") == Kind.SELECT:
        check_select(faults, path, field)
    elif field.get("type") == Kind.TEXT_INPUT:
        faults.length((*path, "placeholder"), field.get("placeholder"), 0, 100)
        most: int = field.get("max_length") or 4000
        faults.length((*path, "value"), field.get("value"), 0, min(most, 4000))
