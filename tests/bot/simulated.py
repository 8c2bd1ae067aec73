"""What the tests on a simulated Discord have in common."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from simcord.results import ResponseMessage

from bot.client import Footnote


def texts(message: ResponseMessage | None) -> str:
    """Return every text of a message, one block below the other."""

    def walk(components: list[dict[str, Any]]) -> Iterator[str]:
        for component in components:
            if "content" in component:
                yield component["content"]
            yield from walk(component.get("components", []))

    assert message is not None
    return "\n".join(walk(message.components))


def make_admin(footnote: Footnote, user_id: int) -> None:
    """Let ``user_id`` look after the archive."""
    admin_ids = footnote.settings.admin_ids | {user_id}
    footnote.settings = replace(footnote.settings, admin_ids=admin_ids)
