"""Would Discord take every request that the bot sent? Its API description and the limits beside it.

The description (OpenAPI 3.1) is published by Discord and not part of this repository; where it is
not found beside it, the limits alone are checked. They say what the description leaves out: sums,
nesting, what excludes what, uniqueness.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from simcord.types import HttpLogEntry

from tests.e2e.loopback.api_error import ApiError, Faults
from tests.e2e.loopback.command_limits import check_commands
from tests.e2e.loopback.interaction_limits import check_choices, check_modal
from tests.e2e.loopback.interactions import CHOICES, MESSAGE, MODAL, UPDATE
from tests.e2e.loopback.limits import check_message

Json = dict[str, Any]

DESCRIPTION = Path(__file__).parents[2].parent / "shared" / "discord" / "openapi.json"

_COMMANDS = re.compile(r"/applications/\d+(/guilds/\d+)?/commands")
_CALLBACK = re.compile(r"/interactions/\d+/[^/]+/callback")
_MESSAGE = re.compile(r"/channels/\d+/messages(/\d+)?|/webhooks/\d+/[^/]+(/messages/[^/]+)?")


def check_requests(requests: Iterable[HttpLogEntry]) -> None:
    """Check every request that a simulated Discord received.

    Raises:
        AssertionError: Discord would have refused some; it says which and why.
    """
    refused: list[str] = []
    for request in requests:
        try:
            check_request(request.method, request.path, request.json)
        except ApiError as refusal:
            refused.append(f"{request.method} {request.path}: {refusal}")
    if refused:
        raise AssertionError("Discord would refuse\n" + "\n".join(refused))


def check_request(method: str, path: str, body: object) -> None:
    """Check one request's JSON.

    Raises:
        ApiError: Discord would refuse it.
    """
    if body is None:
        return
    if DESCRIPTION.is_file():
        _check_description(method, path, body)
    _check_limits(method, path, body)


def _check_limits(method: str, path: str, body: Any) -> None:  # noqa: ANN401 (JSON)
    if method == "PUT" and _COMMANDS.fullmatch(path):
        check_commands(body)
    elif _CALLBACK.fullmatch(path):
        data: Json = body.get("data") or {}
        match body["type"]:
            case kind if kind == CHOICES:
                check_choices(data.get("choices") or [])
            case kind if kind == MODAL:
                check_modal(data)
            case kind if kind == MESSAGE:
                check_message(data)
            case kind if kind == UPDATE:
                _check_edit(data)
            case _:
                pass
    elif method == "POST" and _MESSAGE.fullmatch(path):
        check_message(body)
    elif method == "PATCH" and _MESSAGE.fullmatch(path):
        _check_edit(body)


def _check_edit(body: Json) -> None:
    """Check what an edit puts in place; what it does not name stays as it was, and was checked."""
    if any(body.get(part) for part in ("content", "embeds", "components")):
        check_message(body)


def _check_description(method: str, path: str, body: object) -> None:
    template = _template(method, path)
    if template is None:
        return
    faults = Faults()
    for error in _validator(method, template).iter_errors(_with_written_ids(body)):
        for cause in _causes(error):
            faults.add(tuple(cause.instance_path), cause.kind.name, cause.message)
    faults.raise_if_any()


def _with_written_ids(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return ``value`` with the ids that discord.py writes as numbers as strings.

    Discord takes both; its description knows strings only.
    """
    if isinstance(value, list):
        return [_with_written_ids(element) for element in value]
    if not isinstance(value, dict):
        return value
    written = {key: _with_written_ids(item) for key, item in value.items()}
    for key in ("id", "recipient_id", "message_id", "channel_id", "guild_id"):
        # Of a component it is a number, and always has a type beside it that is one, too.
        is_component = key == "id" and isinstance(written.get("type"), int)
        if isinstance(written.get(key), int) and not is_component:
            written[key] = str(written[key])
    return written


def _template(method: str, path: str) -> str | None:
    """Return the described path that takes a body of this method, the most literal one."""
    segments = path.split("/")
    matching = [
        template
        for template, known in _templates(method)
        if len(known) == len(segments)
        and all(a == b or a.startswith("{") for a, b in zip(known, segments, strict=True))
    ]
    return min(matching, key=lambda template: template.count("{"), default=None)


@cache
def _described() -> Json:
    return json.loads(DESCRIPTION.read_bytes())


@cache
def _templates(method: str) -> list[tuple[str, list[str]]]:
    return [
        (template, template.split("/"))
        for template, operations in _described()["paths"].items()
        if "requestBody" in operations.get(method.lower(), {})
    ]


@cache
def _validator(method: str, template: str) -> jsonschema_rs.Validator:
    body = _described()["paths"][template][method.lower()]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator(
        {"components": _described()["components"], **schema}, validate_formats=True
    )


def _causes(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """Return what is wrong, of a union what is wrong with the member that was meant."""
    members = getattr(error.kind, "context", None)
    if not members:
        return [error]
    here = list(error.instance_path)

    def is_another(member: list[jsonschema_rs.ValidationError]) -> bool:
        # Discord tells the members of a union apart by their type.
        return any(
            list(fault.instance_path) == [*here, "type"]
            or (list(fault.instance_path) == here and fault.kind.name == "type")
            for fault in member
        )

    meant = min(members, key=is_another)
    return [cause for fault in meant for cause in _causes(fault)]
