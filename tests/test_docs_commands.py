"""What README.md and docs/ say of slash commands is what the command tree has, in every language."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import open_client
from bot.localization import CommandTranslator
from bot.settings import Settings, sample_archive
from tests.pages import PAGES, ROOT, blocks, spans, tokens

if TYPE_CHECKING:
    from pathlib import Path

DESCRIBED_IN = {
    "en-US": ROOT / "docs/commands.md",
    "zh-TW": ROOT / "docs/commands.zh-TW.md",
    "zh-CN": ROOT / "docs/commands.zh-CN.md",
}
USE = re.compile(r"/(?![/.])\S.*")
ELSEWHERE = {"/healthz", "/readyz", "/metrics", "/data"}
"""Begin with a slash and are no commands."""


@dataclass(frozen=True)
class Option:
    name: str
    required: bool
    choices: tuple[str, ...]


Commands = dict[str, list[Option]]
"""The options of each command, by its name with its subcommands."""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Commands]:
    """Every command of the tree by locale, a context menu under its name alone."""
    settings = Settings(archive=sample_archive(), data_dir=tmp_path_factory.mktemp("data"))
    payloads = asyncio.run(_payloads(settings))
    return {
        locale: {name: o for payload in payloads for name, o in _flattened(payload, locale).items()}
        for locale in DESCRIBED_IN
    }


async def _payloads(settings: Settings) -> list[dict[str, Any]]:
    async with open_client(settings) as footnote:
        tree, translator = footnote.tree, CommandTranslator(footnote.texts)
        return [
            await command.get_translated_payload(tree, translator)
            for command in tree.get_commands()
        ]


def _flattened(payload: dict[str, Any], locale: str, above: str = "") -> Commands:
    name = above + _named(payload, locale)
    inner = [option for option in payload.get("options", []) if option["type"] <= 2]
    if inner:
        groups = (_flattened(option, locale, f"{name} ") for option in inner)
        return {name: [], **{key: value for group in groups for key, value in group.items()}}
    return {
        name: [
            Option(
                _named(option, locale),
                option.get("required", False),
                tuple(_named(choice, locale) for choice in option.get("choices", [])),
            )
            for option in payload.get("options", [])
        ]
    }


def _named(payload: dict[str, Any], locale: str) -> str:
    return (payload.get("name_localizations") or {}).get(locale) or payload["name"]


@pytest.mark.parametrize("locale", DESCRIBED_IN)
def test_every_command_is_described_with_its_options(
    commands: dict[str, Commands], locale: str
) -> None:
    english, own = commands["en-US"], commands[locale]
    both = dict(zip(own, english, strict=True))
    groups = {name.partition(" ")[0] for name in own if " " in name}
    expected: dict[str, list[tuple[str, ...]]] = {}
    for name, other in both.items():
        if name in groups:
            continue
        pairs = zip(own[name], english[other], strict=True)
        expected[name] = [tuple(dict.fromkeys((a.name, b.name))) for a, b in pairs]
    assert _described(DESCRIBED_IN[locale], set(both)) == expected


def _described(page: Path, names: set[str]) -> dict[str, list[tuple[str, ...]]]:
    """Return for each command with a heading what the first cells of the table below it name."""
    found: dict[str, list[tuple[str, ...]]] = {}
    options: list[tuple[str, ...]] = []
    every = tokens(page)
    for row, before, token in zip(every, every[1:], every[2:], strict=False):
        children = token.children or []
        if before.type == "heading_open":
            title = "".join(child.content for child in children).partition("（")[0].lstrip("/")
            options = found.setdefault(title, []) if title in names else []
        elif (row.type, before.type) == ("tr_open", "td_open"):
            code = tuple(child.content for child in children if child.type == "code_inline")
            if code:  # and not a row of pictures
                options.append(code)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_use_of_a_command_is_one_that_discord_takes(
    commands: dict[str, Commands], page: Path
) -> None:
    # A page in Simplified Chinese has its own names; some are written like Traditional ones.
    own = commands["zh-CN"] if ".zh-CN." in page.name else commands["zh-TW"]
    known = {**own, **commands["en-US"]}
    lines = [line for block in blocks(page, "text") for line in block.splitlines()]
    for use in filter(USE.fullmatch, [*spans(page), *lines]):
        if use in ELSEWHERE:
            continue
        named = [name for name in known if f"{use[1:]} ".startswith(f"{name} ")]
        assert named, f"{use} is no command"
        name = max(named, key=len)
        rest = use[1 + len(name) :].strip()
        if ":" in rest:
            _check_values(rest, known[name])
        elif any(other.startswith(f"{name} ") for other in known):  # a group: one, or one|another
            assert all(f"{name} {word}" in known for word in rest.split("|") if word), use
        else:
            options = {option.name for option in known[name]}
            assert {word.strip("[]") for word in rest.split()} <= options, use


def _check_values(written: str, options: list[Option]) -> None:
    """Check `name:value name:value`, as Discord shows what was filled in."""
    names = "|".join(option.name for option in options)
    parts = re.split(rf"(?:^|\s)({names}):", written)
    values = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert not re.search(r"\S+:\S", " ".join([parts[0], *values.values()])), written
    assert {option.name for option in options if option.required} <= values.keys(), written
    for option in options:
        assert not option.choices or values.get(option.name, option.choices[0]) in option.choices, (
            written
        )
