"""What is drawn: a name, a reader's language, and how to get there. A scene is a line here."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from unittest.mock import patch

from rich.console import Console
from rich.text import Text

from bot.cli import output
from bot.client import Interaction
from bot.interactions import responses
from bot.messages.layout import Reply
from bot.state.watches import DigestKind
from corpus.model import Progress
from docs.draw_screens import conversations as talk
from docs.draw_screens.conversations import MARKED, QUESTION, Scene, choosing, pressing
from docs.draw_screens.page import Shown, Terminal
from docs.draw_screens.stage import Stage
from tests.bot.simulated import HeldLibrary

Look = tuple[str, str]
"""A theme and a size."""
TWO_LOOKS: tuple[Look, ...] = (("light", "phone"), ("dark", "desktop"))
"""Both themes and both sizes, in half of the pictures."""
EVERY_LOOK: tuple[Look, ...] = (*TWO_LOOKS, ("dark", "phone"), ("light", "desktop"))


class Scenario(NamedTuple):
    """One thing that the bot shows."""

    name: str
    """The beginning of its files' names."""
    locale: str
    scene: Scene
    looks: tuple[Look, ...] = TWO_LOOKS
    """Of which pictures are committed."""
    ground: str = "sample"
    """The archive: ``sample`` or ``news``."""

    @property
    def payload_name(self) -> str:
        """The file of what is sent."""
        return f"{self.name}.{self.locale}.yaml"

    def picture_name(self, look: Look) -> str:
        """Return the file of a picture."""
        return ".".join([self.name, self.locale, *look, "png"])

    @property
    def committed(self) -> list[str]:
        """The names of the files that are committed."""
        return [self.payload_name, *map(self.picture_name, self.looks)]


def each(name: str, scenes: Mapping[str, Scene], ground: str = "sample") -> Iterable[Scenario]:
    """Return the scenario of each language."""
    return (Scenario(name, locale, scene, ground=ground) for locale, scene in scenes.items())


def everywhere(name: str, scene: Scene, ground: str = "sample") -> Iterable[Scenario]:
    """Return the same scenario in every language."""
    return each(name, dict.fromkeys(MARKED, scene), ground)


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
    shown = await stage.slash("ask", question=QUESTION)
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
    held._analyzer = stage.analyzer  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    held.halfway = Progress("read", 31, 50)
    return held


async def asking_too_often(stage: Stage) -> Shown:
    """Ask once more than allowed."""
    allowed = stage.footnote.settings.ask_cooldown
    assert allowed is not None
    for _ in range(allowed.count):
        await stage.slash("ask", question="颱風")
    return await stage.slash("ask", question=QUESTION)


async def failing(stage: Stage) -> Shown:
    """Ask when something nobody has thought of goes wrong."""
    with patch.object(stage.footnote.library, "search", side_effect=ZeroDivisionError):
        return await stage.slash("ask", question=QUESTION)


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
    *(
        Scenario("ask", locale, ask(question), EVERY_LOOK if locale != "en-US" else TWO_LOOKS)
        for locale, question in MARKED.items()
    ),
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
    *each(
        "ask-closest",
        {"zh-TW": ask("黑面琵鷺現在有幾隻？"), "zh-CN": ask("冥王星是什么时候被重新分类的")},
    ),
    *each(
        "ask-nothing",
        {
            "zh-TW": ask("珍珠奶茶"),
            "zh-CN": ask("珍珠奶茶"),
            "en-US": ask("How do I file my taxes?"),
        },
    ),
    *each(
        "ask-emptied",
        {
            "zh-TW": ask("颱風警報", source="島嶼氣象筆記", after="2026-06"),
            "zh-CN": ask("普洱茶", source="食物与历史", after="2024"),
            "en-US": ask("hurricane", source="Field Notes", after="2018"),
        },
    ),
    *each(
        "ask-unknown-source",
        {
            "zh-TW": ask("颱風警報", source="島嶼氣象週報"),
            "zh-CN": ask("普洱茶", source="食物历史"),
            "en-US": ask("hurricane", source="Weather Daily"),
        },
    ),
    *each("ask-talk", {"zh-TW": ask("你好"), "zh-CN": ask("谢谢"), "en-US": ask("who are you?")}),
    Scenario("ask-address", "zh-TW", ask("https://example.org/weather/2016/herb.html")),
    Scenario("ask-phrase", "zh-TW", ask("「海上颱風警報什麼時候發布」")),
    Scenario("ask-building", "zh-TW", building),
    Scenario("ask-too-often", "zh-TW", asking_too_often),
    Scenario("ask-failing", "zh-TW", failing),
    *each("ask-context", {locale: choosing("c", MARKED[locale]) for locale in MARKED}),
    *each(
        "ask-context-why",
        {
            "zh-TW": choosing("c", "開源軟體的授權怎麼選？"),
            "zh-CN": choosing("c", "台北地铁木栅线什么时候通车？"),
            "en-US": choosing("c", "Shinkansen"),
        },
    ),
    *each(
        "ask-follow-up",
        {
            "zh-TW": talk.going_on("海上颱風警報什麼時候發布？", "那陸上的呢？"),
            "zh-CN": talk.going_on("大熊猫什么时候降为易危？", "2015 年有多少只？"),
            "en-US": talk.going_on("What is a typhoon?", "What about a cyclone?"),
        },
    ),
    *each(
        "ask-follow-up-form",
        {
            locale: pressing(r"a:[\w-]+:follow:", question=question)
            for locale, question in MARKED.items()
        },
    ),
    *each(
        "ask-mention",
        {
            "zh-TW": talk.mentioning("海上颱風警報什麼時候發布？", "那陸上的呢？"),
            "zh-CN": talk.mentioning("大熊猫什么时候降为易危？", "2015 年有多少只？"),
            "en-US": talk.mentioning("What is a typhoon?", "What about a cyclone?"),
        },
    ),
    *each(
        "ask-page",
        {
            "zh-TW": pressing(r"a:[\w-]+:page:", question="颱風"),
            "zh-CN": pressing(r"a:[\w-]+:page:", question="台风"),
        },
    ),
    *each(
        "ask-shared",
        {
            locale: pressing(r"a:[\w-]+:share:", question=question)
            for locale, question in MARKED.items()
        },
    ),
    Scenario("ask-related", "zh-TW", talk.related),
    Scenario("ask-message", "zh-TW", talk.about_a_message),
    *each(
        "timeline",
        {
            "zh-TW": slash("timeline", question="颱風"),
            "zh-CN": slash("timeline", question="台风"),
            "en-US": slash("timeline", question="颱風", **{"from": "2016"}),
        },
    ),
    Scenario(
        "timeline-exported", "zh-TW", pressing(r"a:[\w-]+:export:", "timeline", question="颱風")
    ),
    *each(
        "trend",
        {
            "zh-TW": slash("trend", terms="颱風，高鐵，櫻花"),
            "zh-CN": slash("trend", terms="台风，高铁，樱花"),
            "en-US": slash("trend", terms="颱風, 高鐵, 櫻花"),
        },
        ground="news",
    ),
    Scenario("watch-added", "zh-TW", slash("watch add", question="颱風")),
    Scenario("watch-list", "zh-TW", talk.watching),
    *everywhere("watch-post", talk.watch_post),
    *everywhere("watch-direct", talk.direct_post),
    *everywhere("watch-on-this-day", talk.listing(DigestKind.ON_THIS_DAY, date(2026, 7, 20))),
    *everywhere("watch-weekly", talk.listing(DigestKind.WEEKLY, date(2026, 7, 6))),
    Scenario("sources", "zh-TW", slash("sources")),
    *everywhere("help", slash("help")),
    Scenario("help-more", "zh-CN", pressing("help:2", "help")),
    *everywhere("help-privacy", pressing("help:3", "help")),
    *everywhere("settings", talk.settings),
    Scenario("forget", "zh-TW", slash("forget")),
    Scenario("archive-status", "zh-TW", as_admin(status)),
    Scenario("archive-reindexing", "zh-TW", as_admin(reindexing)),
    Scenario("archive-reindex", "zh-TW", as_admin(slash("archive reindex"))),
    Scenario("archive-not-admin", "zh-TW", slash("archive status")),
    Scenario("archive-synonyms", "zh-TW", as_admin(talk.synonyms)),
    Scenario("archive-synonyms-form", "zh-TW", as_admin(talk.editing_synonyms)),
    Scenario("archive-questions", "zh-TW", as_admin(talk.questions)),
    *each(
        "archive-synonym-trial",
        {
            "zh-TW": as_admin(talk.trying("風神", "風神 = 颱風")),
            "zh-CN": as_admin(talk.trying("飓母", "飓母 = 台风")),
            "en-US": as_admin(talk.trying("twister", "twister = typhoon")),
        },
    ),
    Scenario(
        "terminal", "zh-TW", in_terminal(QUESTION), (("light", "desktop"), ("dark", "desktop"))
    ),
)
