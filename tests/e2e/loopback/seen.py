"""seen: what does a reader see of a message? The test's view of Discord's message objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.e2e.loopback.limits import EPHEMERAL, LINK_STYLE, LOADING, Kind, walk

Json = dict[str, Any]

_URL = re.compile(r"https?://[^\s)>\]]+")


@dataclass(frozen=True, slots=True)
class Message:
    """One state of a message, as it was when it came or was edited."""

    raw: Json

    @property
    def id(self) -> str:
        """The message's snowflake."""
        return self.raw["id"]

    @property
    def loading(self) -> bool:
        """Whether this is only "is thinking"."""
        return bool(self.raw["flags"] & LOADING)

    @property
    def ephemeral(self) -> bool:
        """Whether only the caller sees it."""
        return bool(self.raw["flags"] & EPHEMERAL)

    @property
    def text(self) -> str:
        """All that is written on it, from top to bottom, a part a line."""
        parts: list[str | None] = [self.raw["content"]]
        for embed in self.raw["embeds"]:
            parts += [embed.get("author", {}).get("name"), embed.get("title")]
            parts.append(embed.get("description"))
            for field in embed.get("fields", []):
                parts += [field["name"], field["value"]]
            parts.append(embed.get("footer", {}).get("text"))
        for component in self.components:
            parts += [component.get(key) for key in ("content", "label", "placeholder")]
        return "\n".join(part for part in parts if part)

    @property
    def links(self) -> list[str]:
        """Every address on it, in the text or behind a title or a button."""
        hidden = [embed.get("url") for embed in self.raw["embeds"]]
        hidden += [component.get("url") for component in self.components]
        return [*_URL.findall(self.text), *(url for url in hidden if url)]

    @property
    def components(self) -> list[Json]:
        """Every component, the nested ones too."""
        return [component for _, component in walk(self.raw["components"])]

    @property
    def buttons(self) -> dict[str, str]:
        """The label of each button that can be pressed, by its custom_id."""
        return {
            button["custom_id"]: button.get("label") or ""
            for button in self.components
            if button["type"] == Kind.BUTTON and button.get("style") != LINK_STYLE
        }

    def component(self, custom_id: str) -> Json:
        """Return the component with this custom_id.

        Raises:
            LookupError: There is none, so nobody could use it.
        """
        for component in self.components:
            if component.get("custom_id") == custom_id:
                return component
        raise LookupError(f"no component {custom_id!r} on: {self.text}")


@dataclass(frozen=True, slots=True)
class Response:
    """The callback that answered an interaction first."""

    type: int
    after: float
    """Seconds between the interaction's sending and this answer, on the loopback's clock."""
    data: Json

    @property
    def choices(self) -> list[str]:
        """The names that an autocompletion offers."""
        return [choice["name"] for choice in self.data.get("choices", [])]
