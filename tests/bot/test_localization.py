"""The three catalogues agree with each other, with the code and with Discord's limits."""

import ast
import re
from collections.abc import Iterator
from functools import cache
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
from bot.localization import CommandTranslator, Texts, message_ids, nearest
from bot.settings import LOCALES, MAX_ARCHIVE_NAME_CHARS
from bot.views.stored import MAX_LABEL_CHARS

NAME = re.compile(r"^[-_'\w]{1,32}$")
TEXTS = Texts()
PARAMETER_NAME = app_commands.TranslationContextLocation.parameter_name


class Variables(Visitor):
    """Collects the names of the arguments that a message takes."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


@cache
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
            found[entry.id.name] = variables.names - {"archive"}  # which every text is given
    return found


# Calls whose first argument is a message id.
_CALLS_WITH_IDS = {"t", "own", "self", "UserError", "PermissionDenied", "QueueFull"}


def uses() -> Iterator[tuple[str, set[str], str]]:
    """Yield each id the code names, the arguments it gives and where."""
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = ast.unparse(node.func).split(".")[-1]
            first = node.args[0]
            if called in _CALLS_WITH_IDS and isinstance(first, ast.Constant):
                arguments = {keyword.arg for keyword in node.keywords if keyword.arg}
                yield str(first.value), arguments, f"{path.name}:{node.lineno}"


class Ids(CommandTranslator):
    """Notes each id under which the text of a command is looked up and found."""

    def __init__(self) -> None:
        super().__init__(TEXTS)
        self.found: set[str] = set()

    async def translate(self, string: Any, locale: Locale, context: Any) -> str | None:  # noqa: ANN401
        ids = message_ids(context.location, context.data)
        self.found.add(next(id_ for id_ in ids if id_ in catalogue("en-US")))
        return await super().translate(string, locale, context)


async def payloads(footnote: Footnote, translator: CommandTranslator) -> list[dict[str, Any]]:
    """Return the commands as Discord is given them."""
    commands = footnote.tree.get_commands()
    return [await command.get_translated_payload(footnote.tree, translator) for command in commands]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_catalogue_has_the_same_messages_with_the_same_arguments(locale: str) -> None:
    assert catalogue(locale) == catalogue("en-US")


def test_every_message_the_code_names_exists_and_gets_its_arguments() -> None:
    known = catalogue("en-US")
    for message_id, given, where in uses():
        assert message_id in known, where
        assert given == known[message_id], where


async def test_no_message_is_unused(footnote: Footnote) -> None:
    translator = Ids()
    await payloads(footnote, translator)
    named = {message_id for message_id, _, _ in uses()} | translator.found
    assert set(catalogue("en-US")) - named == set()


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


def test_the_archive_is_called_what_its_keeper_calls_it() -> None:
    plain = [TEXTS.get(locale)("help-title") for locale in LOCALES]
    assert plain == ["向文庫提問", "向文库提问", "Ask the archive"]
    named = Texts(archive_name="Night Ferry")
    assert named.get("en-US")("help-title") == "Ask Night Ferry"
    assert named.get("zh-TW")("notice-words", words="颱風") == "Night Ferry裡出現過：颱風"


def test_texts_hold_no_invisible_isolating_marks() -> None:
    assert TEXTS.get("zh-TW")("ask-source", source="中央社") == "來源：中央社"


def nodes(level: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield commands, their subcommands and options, and the options' choices."""
    for node in level:
        yield node
        yield from nodes(node.get("options", []))
        yield from nodes(node.get("choices", []))


@pytest.mark.parametrize("name", ["", "庫" * MAX_ARCHIVE_NAME_CHARS])
async def test_names_and_descriptions_keep_discords_limits_in_every_language(
    footnote: Footnote, name: str
) -> None:
    translator = CommandTranslator(Texts(archive_name=name))
    for command in footnote.tree.get_commands():
        translator.describe(command)
    commands = await payloads(footnote, translator)
    total = dict.fromkeys(("", "zh-TW", "zh-CN"), 0)
    for node in nodes(commands):
        is_choice, is_menu = "value" in node, node.get("type") == 3 and "contexts" in node
        for field in ("name", "description"):
            if field not in node:
                assert is_choice or is_menu
                continue
            translated = node[f"{field}_localizations"]
            assert set(translated) == {"zh-TW", "zh-CN"}
            for locale, text in {"": node[field], **translated}.items():
                total[locale] += len(text)
                assert 1 <= len(text) <= 100, (text, locale)
                if field == "name" and is_menu:
                    assert len(text) <= 32
                elif field == "name" and not is_choice:
                    assert NAME.match(text), (text, locale)
                    assert text == text.lower(), (text, locale)
    assert max(total.values()) <= 8000


async def test_a_command_is_called_in_english_texts_what_discord_calls_it(
    footnote: Footnote,
) -> None:
    english = TEXTS.get("en-US")
    for command in footnote.tree.walk_commands():
        assert english.command(*command.qualified_name.split()) == f"`/{command.qualified_name}`"
        if isinstance(command, app_commands.Command):
            for parameter in command.parameters:
                ids = message_ids(PARAMETER_NAME, parameter)
                assert english.first(ids) == parameter.display_name


@pytest.mark.parametrize("locale", LOCALES)
def test_what_stands_on_a_button_keeps_discords_limit(locale: str) -> None:
    labels = [id_ for id_ in catalogue(locale) if id_.startswith("button-")]
    assert labels
    assert all(1 <= len(TEXTS.get(locale)(label)) <= MAX_LABEL_CHARS for label in labels)


async def test_a_language_we_do_not_speak_gets_no_translation(footnote: Footnote) -> None:
    ask = footnote.tree.get_command("ask")
    assert isinstance(ask, app_commands.Command)
    context = app_commands.TranslationContext(
        app_commands.TranslationContextLocation.command_name, ask
    )
    string, translator = app_commands.locale_str("ask"), CommandTranslator(TEXTS)
    assert await translator.translate(string, Locale.japanese, context) is None
    assert await translator.translate(string, Locale.american_english, context) is None
    assert await translator.translate(string, Locale.chinese, context) == "提问"
    other = app_commands.TranslationContext(app_commands.TranslationContextLocation.other, None)
    assert await translator.translate(string, Locale.chinese, other) is None


def test_a_command_without_a_text_is_an_error() -> None:
    @app_commands.command(name="unknown")
    async def unknown(_: Any) -> None:  # noqa: ANN401
        raise NotImplementedError

    with pytest.raises(KeyError, match="cmd-unknown-description"):
        CommandTranslator(TEXTS).describe(unknown)


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
