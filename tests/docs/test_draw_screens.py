"""The pictures' pages hold what the bot sent; the scenarios still play on the real bot."""

import asyncio
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from corpus.analysis.analyzer import Analyzer
from docs.draw_screens.__main__ import FOLDER
from docs.draw_screens.archives import Ground, grounds_in, make_grounds
from docs.draw_screens.components import Kind, components_html
from docs.draw_screens.page import Choices, Message, Modal, page_html
from docs.draw_screens.payload import digest, digest_of_picture, payload_text
from docs.draw_screens.reader import CHROME, Reader
from docs.draw_screens.scenarios import SCENARIOS, Scenario
from docs.draw_screens.stage import stage
from docs.draw_screens.steady import held_still
from tests.bot.openapi import check_requests
from tests.folders import with_dictionary

READER = Reader("en-US", datetime(2021, 1, 6, 12, tzinfo=UTC), "light")
REDRAW = "What is sent has changed. Run `make screens`, look at the pictures, and commit them."
FILES = {"trend.png": b"png", "all.csv": b"x" * 1500}


def html(*components: dict[str, Any]) -> str:
    return components_html(components, READER, FILES)


@pytest.mark.parametrize(
    ("component", "shown"),
    [
        ({"type": 2, "style": 1, "label": "<b>"}, '<button class="primary"><span>&lt;b&gt;</span>'),
        ({"type": 2, "style": 4, "emoji": {"name": "👍"}, "disabled": True}, 'danger" disabled>'),
        ({"type": 2, "style": 5, "label": "l", "url": "u"}, "icon external"),
        ({"type": 3, "placeholder": "Sort", "options": [{"label": "a"}]}, "<span>Sort</span>"),
        ({"type": 3, "options": [{"label": "a", "default": True}]}, "<b>a</b>"),
        ({"type": 8, "placeholder": "Where"}, "<span>Where</span>"),
        ({"type": 14, "divider": False, "spacing": 2}, '<div class="separator large"></div>'),
        ({"type": 11, "media": {"url": "attachment://trend.png"}}, "data:image/png;base64,cG5n"),
        (
            {"type": 12, "items": [{"media": {"url": "https://cdn.example/1/trend.png?ex=1"}}]},
            "data:image/png;base64,cG5n",
        ),
        ({"type": 13, "file": {"url": "attachment://all.csv"}}, "<small>1.5 KB</small>"),
        ({"type": 17, "accent_color": 255, "components": []}, "solid #0000ff"),
        ({"type": 1, "components": [{"type": 2, "style": 2, "label": "l"}]}, '"row"><button'),
        (
            {
                "type": 9,
                "components": [{"type": 10, "content": "**a**"}],
                "accessory": {"type": 2, "style": 3, "label": "l"},
            },
            '<strong>a</strong></div></div></div><button class="success">',
        ),
        (
            {"type": 18, "label": "L", "description": "D", "component": {"type": 4, "style": 2}},
            '<label>L</label><small>D</small><div class="input tall">',
        ),
    ],
)
def test_a_component_is_drawn(component: dict[str, Any], shown: str) -> None:
    assert shown in html(component)


def test_a_kind_that_is_not_known_is_an_error() -> None:
    assert 99 not in list(Kind)
    with pytest.raises(ValueError, match="99"):
        html({"type": 99})


@pytest.mark.parametrize("locale", CHROME)
def test_who_sees_a_message_is_said_in_their_language(locale: str) -> None:
    reader = Reader(locale, READER.now, "light")
    only_you = CHROME[locale].only_you
    assert only_you in Message("/ask", [], is_ephemeral=True).html(reader)
    assert only_you not in Message("/ask", [], is_ephemeral=False).html(reader)


def test_a_modal_and_choices_are_drawn() -> None:
    field = {"type": 1, "components": [{"type": 4, "label": "L", "value": "a\nb"}]}
    form = Modal({"title": "T", "components": [field]}).html(READER)
    assert "<h2>T</h2>" in form
    assert "a\nb" in form
    offered = Choices("/ask", "source", "b", [{"name": "<b>", "value": "b"}]).html(READER)
    assert "<div>&lt;b&gt;</div>" in offered


def test_a_page_has_the_readers_language_and_theme() -> None:
    page = page_html(Message(None, [], is_ephemeral=False), READER, width=390)
    assert '<html lang="en-US">' in page
    assert '<body class="light"><div id="screen" style="width:390px">' in page


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path) -> dict[str, Ground]:
    """The archives of the scenes, each indexed once."""
    folder = tmp_path_factory.mktemp("grounds")
    (folder / "of-sample").mkdir()
    with_dictionary(folder / "of-sample" / "var", dictionary_cache)
    asyncio.run(make_grounds(folder))
    return grounds_in(folder)


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.payload_name)
async def test_a_picture_shows_what_is_sent(
    scenario: Scenario, grounds: dict[str, Ground], analyzer: Analyzer
) -> None:
    ground = grounds[scenario.ground]
    with held_still():
        async with stage(scenario.locale, ground, analyzer, draws_charts=False) as opened:
            shown = await scenario.scene(opened)
            check_requests(opened.env.http_requests)
    assert shown.html(Reader(scenario.locale, READER.now, "dark"))
    path = FOLDER / scenario.payload_name
    committed = path.read_text("utf-8") if path.exists() else ""
    changes = unified_diff(
        committed.splitlines(),
        payload_text(shown).splitlines(),
        path.name,
        "sent now",
        "",
        "",
        2,
        "",
    )
    if lines := list(changes):
        pytest.fail("\n".join([REDRAW, *lines]), pytrace=False)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.payload_name)
def test_each_picture_was_drawn_of_the_payload_beside_it(scenario: Scenario) -> None:
    text = (FOLDER / scenario.payload_name).read_text("utf-8")
    for look in scenario.looks:
        path = FOLDER / scenario.picture_name(look)
        assert path.exists(), REDRAW
        assert digest_of_picture(path) == digest(text), f"{path.name}: {REDRAW}"


def test_no_file_is_left_of_a_scene_that_is_gone() -> None:
    expected = {name for scenario in SCENARIOS for name in scenario.committed}
    assert {path.name for path in FOLDER.iterdir()} == expected
