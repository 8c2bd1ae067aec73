"""What is drawn: a name, a reader's language, and how to get there. A picture is a line here."""

import io
from dataclasses import replace
from typing import NamedTuple
from unittest.mock import patch

from rich.console import Console
from rich.text import Text

from bot.cli import output
from bot.client import Interaction
from bot.interactions import responses
from bot.messages.layout import Reply
from corpus.model import Progress
from docs.draw_screens.conversations import (
    QUESTION,
    Scene,
    about_a_message,
    choosing,
    pressing,
    related,
    watching,
)
from docs.draw_screens.page import Shown, Terminal
from docs.draw_screens.stage import Stage
from tests.bot.simulated import HeldLibrary


class Scenario(NamedTuple):
    """One picture."""

    name: str
    """The beginning of its files' names."""
    locale: str
    scene: Scene
    sizes: tuple[str, ...] = ("phone", "desktop")


def slash(command: str, **options: object) -> Scene:
    """Return a scene in which the reader calls a command."""

    async def scene(stage: Stage) -> Shown:
        return await stage.slash(command, **options)

    return scene


def ask(question: str, **options: object) -> Scene:
    """Return a scene in which the reader asks a question."""
    return slash("ask", question=question, **options)


def as_admin(scene: Scene) -> Scene:
    """Return the same scene with a reader who looks after the archive."""

    async def with_rights(stage: Stage) -> Shown:
        stage.make_admin()
        return await scene(stage)

    return with_rights


def typing(command: str, option: str, typed: str) -> Scene:
    """Return a scene in which the reader has typed part of an option."""

    async def scene(stage: Stage) -> Shown:
        return await stage.choices(command, option, typed)

    return scene


async def building(stage: Stage) -> Shown:
    """Ask while the archive is read for the first time."""
    settings = stage.footnote.settings
    stage.footnote.settings = replace(settings, data_dir=settings.data_dir / "nothing-yet")
    held = _held_library(stage)
    stage.footnote.reindexer.start()
    shown = await stage.slash("ask", question="颱風警報什麼時候發布？")
    held.let_go()
    return shown


async def reindexing(stage: Stage) -> Shown:
    """Look at a reindex while it runs."""
    held = _held_library(stage)
    show = responses.edit_original

    async def show_and_let_go(interaction: Interaction, reply: Reply) -> None:
        await show(interaction, reply)
        if stage.footnote.reindexer.progress == held.halfway:
            held.let_go()

    with patch.object(responses, "edit_original", show_and_let_go):
        await stage.slash("archive reindex")
    [*_, halfway, _] = stage.edits("archive reindex")
    return halfway


def _held_library(stage: Stage) -> HeldLibrary:
    held = HeldLibrary(stage.footnote)
    held.halfway = Progress("read", 31, 50)
    return held


async def asking_too_often(stage: Stage) -> Shown:
    """Ask once more than allowed."""
    allowed = stage.footnote.settings.ask_cooldown
    assert allowed is not None
    for _ in range(allowed.count):
        await stage.slash("ask", question="颱風")
    return await stage.slash("ask", question="颱風警報什麼時候發布？")


async def failing(stage: Stage) -> Shown:
    """Ask when something nobody has thought of goes wrong."""
    with patch.object(stage.footnote.library, "search", side_effect=ZeroDivisionError):
        return await stage.slash("ask", question="颱風警報什麼時候發布？")


async def status(stage: Stage) -> Shown:
    """Look at the archive after a few questions."""
    for question in ("颱風", "高鐵什麼時候通車", "珍珠奶茶"):
        await stage.slash("ask", question=question)
    return await stage.slash("archive status")


def in_terminal(question: str) -> Scene:
    """Return a scene in which the question is asked on the command line."""

    async def scene(stage: Stage) -> Shown:
        result = await stage.footnote.library.search(question, limit=2)
        console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
        console.print(Text.assemble(("$ ", "dim"), f'make ask Q="{question}"\n'))
        output.print_result(console, result)
        return Terminal(console)

    return scene


SCENARIOS = (
    Scenario("ask", "zh-TW", ask("颱風警報什麼時候發布？")),
    Scenario("ask", "zh-CN", ask("台风眼里为什么风平浪静")),
    Scenario("ask", "en-US", ask("How is a hurricane different from a typhoon?")),
    Scenario(
        "ask-filtered",
        "zh-TW",
        ask(
            "列車從臺北到左營要多久", source="鐵道週記", after="2015", sort="newest", private=False
        ),
    ),
    Scenario("ask-source", "zh-TW", typing("ask", "source", "記")),
    Scenario("ask-year", "zh-TW", ask("2016年的颱風警報什麼時候發布？")),
    Scenario("ask-year", "zh-CN", ask("2016年的台风警报什么时候发布？")),
    Scenario("ask-nothing", "zh-TW", ask("珍珠奶茶")),
    Scenario("ask-emptied", "zh-TW", ask("颱風警報", source="島嶼氣象筆記", after="上週")),
    Scenario("ask-emptied", "en-US", ask("颱風警報", source="Weather Daily", after="last week")),
    Scenario("ask-talk", "zh-TW", ask("你好")),
    Scenario("ask-phrase", "zh-TW", ask("「海上颱風警報什麼時候發布」")),
    Scenario("ask-building", "zh-TW", building),
    Scenario("ask-too-often", "zh-TW", asking_too_often),
    Scenario("ask-failing", "zh-TW", failing),
    Scenario("archive-status", "zh-TW", as_admin(status)),
    Scenario("archive-reindexing", "zh-TW", as_admin(reindexing)),
    Scenario("archive-reindex", "zh-TW", as_admin(slash("archive reindex", full=True))),
    Scenario("archive-not-admin", "zh-TW", slash("archive status")),
    Scenario("ask-context", "zh-TW", choosing("c")),
    Scenario("ask-page", "zh-TW", pressing(r"a:[\w-]+:page:", question="颱風")),
    Scenario("ask-shared", "zh-TW", pressing(r"a:[\w-]+:share:", question=QUESTION)),
    Scenario("ask-shared", "en-US", pressing(r"a:[\w-]+:share:", question=QUESTION)),
    Scenario("ask-related", "zh-TW", related),
    Scenario("ask-message", "zh-TW", about_a_message),
    Scenario("timeline", "zh-TW", slash("timeline", question="颱風")),
    Scenario("timeline", "zh-CN", slash("timeline", question="台风")),
    Scenario("timeline", "en-US", slash("timeline", question="颱風", **{"from": "2016"})),
    Scenario(
        "timeline-exported", "zh-TW", pressing(r"a:[\w-]+:export:", "timeline", question="颱風")
    ),
    Scenario("trend", "zh-TW", slash("trend", terms="颱風，高鐵，茶")),
    Scenario("watch-added", "zh-TW", slash("watch add", question="颱風")),
    Scenario("watch-list", "zh-TW", watching),
    Scenario("sources", "zh-TW", slash("sources")),
    Scenario("help", "zh-TW", slash("help")),
    Scenario("help", "en-US", slash("help")),
    Scenario("help-more", "zh-CN", pressing("help:[12]", "help")),
    Scenario("settings", "zh-TW", slash("settings")),
    Scenario("forget", "zh-TW", slash("forget")),
    Scenario("archive-synonyms", "zh-TW", as_admin(slash("archive synonyms"))),
    Scenario("archive-questions", "zh-TW", as_admin(slash("archive questions"))),
    Scenario("terminal", "zh-TW", in_terminal("颱風警報什麼時候發布？"), ("desktop",)),
)
