"""What the tests on a simulated Discord have in common."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import simcord
from simcord.results import ResponseMessage

from bot.client import Footnote
from bot.services.answers import AnswerService
from bot.services.discord_clock import DiscordClock
from bot.services.reindexing import Reindexer
from corpus.errors import ReindexCancelledError
from corpus.library import Library
from corpus.model import IndexReport, Progress


class HeldLibrary(Library):
    """A library whose reindex stays half done until it is let go, then ends as it is told."""

    halfway = Progress("read", 1, 2)

    def __init__(self, client: Footnote) -> None:
        settings = client.settings
        super().__init__(settings.archive, settings.data_dir)
        self.client = client
        self.started = 0
        self.failure: Exception | None = None
        client.library = self
        client.reindexer = Reindexer(self)
        client.answers = AnswerService(self, client.state, client.metrics)

    def let_go(self) -> None:
        self.client.dispatch("let_go")

    async def cancel_reindex(self) -> bool:
        self.failure = ReindexCancelledError("The reindex was cancelled.")
        self.let_go()
        return self.client.reindexer.is_running

    async def reindex(
        self, *, full: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> IndexReport:
        self.started += 1
        assert on_progress is not None
        on_progress(self.halfway)
        # A wait that simcord knows to be one on purpose.
        await self.client.wait_for("let_go")
        if self.failure is not None:
            raise self.failure
        return IndexReport(3, 4, 3 if full else 0, 0, 0, (), 1.0)


@contextmanager
def readers_speak(locale: str) -> Iterator[None]:
    """Let every user's Discord speak ``locale``: simcord's speaks American English."""
    original = simcord.interactions.base_payload

    def payload(*arguments: object, **options: object) -> tuple[object, dict[str, object]]:
        record, made = original(*arguments, **options)  # type: ignore[arg-type]
        made["locale"] = locale
        return record, made

    with patch.object(simcord.interactions, "base_payload", payload):
        yield


def texts(message: ResponseMessage | None) -> str:
    """Return every text of a message, one block below the other."""
    assert message is not None
    return component_texts(message.components)


def component_texts(components: list[dict[str, Any]]) -> str:
    """Return every text of a message's components, a mention of a command as its plain name."""

    def walk(level: list[dict[str, Any]]) -> Iterator[str]:
        for component in level:
            if "content" in component:
                yield component["content"]
            yield from walk(component.get("components", []))

    return re.sub(r"</([^:>]+):[0-9]+>", r"`/\1`", "\n".join(walk(components)))


def make_admin(footnote: Footnote, user_id: int) -> None:
    """Let ``user_id`` look after the archive."""
    admin_ids = footnote.settings.admin_ids | {user_id}
    footnote.settings = replace(footnote.settings, admin_ids=admin_ids)


def set_clock(footnote: Footnote, seconds: float) -> None:
    """Let Discord tell a time, in seconds since 1970, also one that is earlier than before."""
    clock = DiscordClock(lambda: 0.0)
    clock.observe(seconds)
    footnote.discord_clock = clock
    footnote.watch_notifier._clock = clock


def forge(message: ResponseMessage, real: str, custom_id: str, *values: str) -> None:
    """Let a component of ``message`` be called ``custom_id``, and a select offer ``values``."""

    def walk(level: list[dict[str, Any]]) -> None:
        for component in level:
            if component.get("custom_id") == real:
                component["custom_id"] = custom_id
                component.setdefault("options", [])
                component["options"] += [{"label": value, "value": value} for value in values]
            walk(component.get("components", []))

    walk(message._message.components)
