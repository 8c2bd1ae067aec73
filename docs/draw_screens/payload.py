"""What the bot sends in a scene -> text, committed beside the pictures that are drawn of it."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from bot.chart import Chart
from docs.draw_screens.components import Kind
from docs.draw_screens.page import Choices, Message, Modal, Shown, Terminal

_DEFAULTS: Mapping[str, object] = {
    "divider": True,
    "max_values": 1,
    "min_values": 1,
    "required": True,
    "spacing": 1,
}
_NUMBERED = {"id", "attachment_id"}
"""Fields that Discord numbers."""
_RANDOM = (
    (re.compile(r"\b[0-9]{17,20}\b"), "0"),  # the id of a command, a channel, a file
    (re.compile(r"(?<=^a:)[\w-]{12}(?=:)"), "KEY"),  # of a stored answer
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+\+00:00"), "NOW"),  # in a table
    (re.compile(r"(?<= )[0-9]+(?= ms\b)"), "6"),  # in a terminal
)


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as such, and nothing as a reference."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (the library's)
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _Dumper.represent_text)


def payload_text(shown: Shown) -> str:
    """Return what was sent, as YAML without what differs from run to run."""
    match shown:
        case Message(command, components, is_ephemeral, files, charts):
            described: dict[str, Any] = {
                "command": command,
                "only you": is_ephemeral,
                "components": components,
                "files": {
                    name: _chart(charts[name]) if name in charts else _lines(data)
                    for name, data in files.items()
                },
            }
        case Modal(payload):
            described = {"title": payload["title"], "components": payload["components"]}
        case Choices(command, option, typed, choices):
            described = {
                "command": command,
                "option": option,
                "typed": typed,
                "choices": [choice["name"] for choice in choices],
            }
        case Terminal(console):
            lines = console.export_text(clear=False).splitlines()
            described = {"terminal": "\n".join(map(str.rstrip, lines))}
    return yaml.dump(
        _plain(described), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000
    )


def digest(text: str) -> str:
    """Return what a picture says of the payload that it shows."""
    return sha256(text.encode()).hexdigest()


def digest_of_picture(path: Path) -> str | None:
    """Return the digest that a picture was written with; ``None``: with none."""
    match = re.search(rb"tEXtpayload\x00([0-9a-f]{64})", path.read_bytes())
    return match[1].decode() if match else None


def _lines(data: bytes) -> str:
    """Return a text file with the line ends of this system, without a byte order mark."""
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def _chart(chart: Chart) -> dict[str, object]:
    """Return what a picture shows; the picture itself depends on what draws it."""
    buckets = [bucket.replace("\n", " ") for bucket in chart.buckets]
    return {
        "y": chart.y_label,
        "x": ", ".join(buckets),
        "lines": {name: " ".join(map(str, values)) for name, values in chart.lines},
        "faded": ", ".join(buckets[i] for i, few in enumerate(chart.faded) if few),
        "peaks": [f"{chart.lines[line][0]}, {buckets[i]}" for line, i in chart.peaks],
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 (JSON)
    match value:
        case str():
            for pattern, name in _RANDOM:
                value = pattern.sub(name, value)
            return value
        case Mapping():
            return {key: _named(key, item) for key, item in value.items() if _says(key, item)}
        case Sequence():
            return [_plain(item) for item in value]
        case _:
            return value


def _says(key: str, value: object) -> bool:
    """Whether a field says something: it is not a number of Discord's, empty, or the default."""
    if key in _NUMBERED or value is None or value is False or value in ({}, [], ""):
        return False
    return key not in _DEFAULTS or value != _DEFAULTS[key]


def _named(key: str, value: Any) -> Any:  # noqa: ANN401 (JSON)
    match key, value:
        case "type", int():
            return Kind(value).name.lower()
        case "emoji", {"name": name}:
            return name
        case _:
            return _plain(value)
