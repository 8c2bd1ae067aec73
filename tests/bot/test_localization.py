"""The three catalogues agree with each other, with the code and with Discord's limits."""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from discord import Locale, app_commands
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import bot
from bot.client import Footnote
from bot.commands.ask import ask_menu
from bot.localization import CommandTranslator, Texts, nearest
from bot.settings import LOCALES
from bot.views.answer_controls import LONGEST_LABEL

NAME = re.compile(r"^[-_'\w]{1,32}$")
TEXTS = Texts()


class Variables(Visitor):
    """Collects the names of the arguments that a message takes."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def catalogue(locale: str) -> dict[str, set[str]]:
    """Return each message's id with the names of its arguments."""
    source = files("bot").joinpath("locale", f"{locale}.ftl").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for entry in FluentParser().parse(source).body:
        assert not isinstance(entry, ftl.Junk), f"{locale}: {entry.content}"
        if isinstance(entry, ftl.Message):
            assert entry.id.name not in found, f"{locale}: {entry.id.name} stands twice"
            variables = Variables()
            variables.visit(entry)
            found[entry.id.name] = variables.names
    return found


# What is called with the id of a message.
_NAMING = {"t", "own", "command", "UserError", "PermissionDenied", "QueueFull"}


def uses() -> Iterator[tuple[str, set[str], str]]:
    """Yield each id the code names, the arguments it gives and where."""
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = ast.unparse(node.func).split(".")[-1]
            first = node.args[0]
            if called in _NAMING and isinstance(first, ast.Constant):
                arguments = {keyword.arg for keyword in node.keywords if keyword.arg}
                yield str(first.value), arguments, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_catalogue_has_the_same_messages_with_the_same_arguments(locale: str) -> None:
    assert catalogue(locale) == catalogue("en-US")


def test_every_message_the_code_names_exists_and_gets_its_arguments() -> None:
    known = catalogue("en-US")
    for message_id, given, where in uses():
        assert message_id in known, where
        assert given == known[message_id], where


def test_no_message_is_unused() -> None:
    assert set(catalogue("en-US")) - {message_id for message_id, _, _ in uses()} == set()


@pytest.mark.parametrize(
    ("locale", "ours"),
    [
        ("zh-TW", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh-Hant-MO", "zh-TW"),
        ("zh-CN", "zh-CN"),
        ("zh-SG", "zh-CN"),
        ("zh", "zh-CN"),
        ("en-GB", "en-US"),
        ("ja", "en-US"),
        ("", "en-US"),
    ],
)
def test_a_reader_gets_the_nearest_language(locale: str, ours: str) -> None:
    assert nearest(locale) == ours
    assert TEXTS.get(locale).locale == ours


def test_an_unknown_message_or_a_missing_argument_is_an_error() -> None:
    with pytest.raises(KeyError):
        TEXTS.get("zh-TW")("no-such-message")
    with pytest.raises(ValueError, match="ask-source"):
        TEXTS.get("zh-TW")("ask-source")


def test_texts_hold_no_invisible_isolating_marks() -> None:
    assert TEXTS.get("zh-TW")("ask-source", source="中央社") == "來源：中央社"


def localised(tree: app_commands.CommandTree[Any]) -> Iterator[app_commands.locale_str]:
    """Yield every name and description that Discord is given, but for menus' names."""
    for command in tree.walk_commands():
        yield from (command._locale_name, command._locale_description)  # type: ignore[misc]
        if not isinstance(command, app_commands.Command):
            continue
        for parameter in command.parameters:
            yield parameter._Parameter__parent._rename  # type: ignore[attr-defined]
            yield parameter._Parameter__parent.description  # type: ignore[attr-defined]
            for choice in parameter.choices:
                assert choice._locale_name is not None
                yield choice._locale_name


async def test_names_and_descriptions_keep_discords_limits_in_every_language(
    footnote: Footnote,
) -> None:
    translator = CommandTranslator(TEXTS)
    context = app_commands.TranslationContext(app_commands.TranslationContextLocation.other, None)
    total = dict.fromkeys(Locale, 0)
    names: list[str] = []
    for string in localised(footnote.tree):
        message_id = string.extras["id"]
        names.append(message_id)
        for locale in (Locale.taiwan_chinese, Locale.chinese, Locale.american_english):
            text = await translator.translate(string, locale, context) or string.message
            total[locale] += len(text)
            assert 1 <= len(text) <= 100, (message_id, locale)
            if message_id.endswith("-name"):
                assert NAME.match(text), (message_id, locale)
                assert text == text.lower(), (message_id, locale)
    assert set(names) == {one for one in catalogue("en-US") if one.startswith("cmd-")}
    assert max(total.values()) <= 8000


async def test_the_name_of_the_message_command_keeps_discords_limit_in_every_language() -> None:
    name = ask_menu(TEXTS)._locale_name
    assert name is not None
    context = app_commands.TranslationContext(app_commands.TranslationContextLocation.other, None)
    for locale in (Locale.taiwan_chinese, Locale.chinese, Locale.american_english):
        text = await CommandTranslator(TEXTS).translate(name, locale, context) or name.message
        assert 1 <= len(text) <= 32


@pytest.mark.parametrize("locale", LOCALES)
def test_what_stands_on_a_button_keeps_discords_limit(locale: str) -> None:
    labels = [one for one in catalogue(locale) if one.startswith("button-")]
    assert labels
    assert all(1 <= len(TEXTS.get(locale)(one)) <= LONGEST_LABEL for one in labels)


async def test_a_language_we_do_not_speak_gets_no_translation() -> None:
    translator = CommandTranslator(TEXTS)
    context = app_commands.TranslationContext(app_commands.TranslationContextLocation.other, None)
    name = TEXTS.command("cmd-ask-name")
    assert await translator.translate(name, Locale.japanese, context) is None
    assert await translator.translate(name, Locale.american_english, context) is None
    assert await translator.translate(app_commands.locale_str("x"), Locale.chinese, context) is None
    assert await translator.translate(name, Locale.chinese, context) == "提问"


# Characters that Discord allows in the field that the first word of a message's id names.
FIELDS = {"button": 80, "option": 100, "placeholder": 150, "modal": 45, "input": 45}
FIELDS |= {"input-hint": 100}
FIELD = re.compile(r"(input-hint|[a-z]+)-")
OF_A_CALL = {
    ("Button", "label"): {"button"},
    ("SelectOption", "label"): {"option"},
    ("Select", "placeholder"): {"placeholder"},
    ("ChannelSelect", "placeholder"): {"placeholder"},
    ("Label", "text"): {"input"},
    ("Label", "description"): {"input-hint"},
    ("__init__", "title"): {"modal"},
}


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_of_limited_fields_keep_their_limits(locale: str) -> None:
    checked = 0
    for message_id, arguments in catalogue(locale).items():
        field = FIELD.match(message_id)
        if field is None or field[1] not in FIELDS:
            continue
        text = TEXTS.get(locale)(message_id, **dict.fromkeys(arguments, 1_000_000))
        assert 0 < len(text) <= FIELDS[field[1]], message_id
        checked += 1
    assert checked > len(FIELDS)


def test_a_limited_field_is_given_only_texts_that_are_checked_against_its_limit() -> None:
    seen: set[tuple[str, str]] = set()
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = re.split(r"[.\[]", ast.unparse(node.func).removesuffix("[Any]"))[-1]
            for keyword in node.keywords:
                fields = OF_A_CALL.get((called, str(keyword.arg)))
                value = keyword.value
                if fields is None or not isinstance(value, ast.Call) or not value.args:
                    continue
                if ast.unparse(value.func) == "t" and isinstance(value.args[0], ast.Constant):
                    field = FIELD.match(str(value.args[0].value))
                    assert field is not None, f"{path.name}:{node.lineno}"
                    assert field[1] in fields, f"{path.name}:{node.lineno}"
                    seen.add((called, str(keyword.arg)))
    assert seen >= {("Button", "label"), ("Label", "text"), ("__init__", "title")}
