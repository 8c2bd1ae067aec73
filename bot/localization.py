"""A message id and a language -> the text. The texts are in ``locale/*.ftl``.

The texts of slash commands have ids made from where they stand: ``cmd-watch-add-description``,
``cmd-watch-add-question-name``; ``param-question-name`` for every command's ``question``;
``choice-newest``; ``menu-about``.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from itertools import chain
from typing import Any

from discord import Locale, app_commands
from fluent.runtime import FluentBundle, FluentResource

from bot.settings import LOCALES

ENGLISH = "en-US"
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")

_Location = app_commands.TranslationContextLocation
_Context = app_commands.TranslationContextTypes
AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


class Formatter:
    """One language's texts; call it with a message id and its arguments."""

    _archive_name = ""  # until it is known, it is not asked for

    def __init__(
        self, locale: str, bundle: FluentBundle, command_ids: Mapping[str, int], archive_name: str
    ) -> None:
        self.locale = locale
        self._bundle = bundle
        self._command_ids = command_ids
        self._archive_name = archive_name or self("archive-default")

    def __call__(self, message_id: str, /, **arguments: str | float | date) -> str:
        """Return the text of ``message_id``; every text may name the archive, as ``$archive``.

        Raises:
            KeyError: there is no such message.
            ValueError: an argument is missing.
        """
        pattern = self._bundle.get_message(message_id).value
        if pattern is None:
            raise KeyError(message_id)
        text, errors = self._bundle.format_pattern(
            pattern, {"archive": self._archive_name, **arguments}
        )
        if errors:
            raise ValueError(f"{message_id} in {self.locale}: {errors[0]}")
        return str(text)

    def first(self, message_ids: Iterable[str]) -> str | None:
        """Return the text of the first id that exists, or ``None``."""
        known = (id_ for id_ in message_ids if self._bundle.has_message(id_))
        return next(map(self, known), None)

    def option(self, name: str) -> str:
        """Return the name of an option that several commands have."""
        return self(f"param-{name}-name")

    def command(self, *path: str) -> str:
        """Return a mention of a command, "watch", "add", which a tap types.

        Until the ids of the commands are known it is the name as its user sees it, in backticks.
        """
        command_id = self._command_ids.get(path[0])
        if command_id is not None:
            return f"</{' '.join(path)}:{command_id}>"
        names = [self(f"cmd-{'-'.join(path[: end + 1])}-name") for end in range(len(path))]
        return f"`/{' '.join(names)}`"


class Texts:
    """The texts of every language."""

    def __init__(self, default_locale: str = LOCALES[0], archive_name: str = "") -> None:
        """Load them.

        Args:
            default_locale: serves readers whose language is not known.
            archive_name: what the archive is called; empty: as each language has it.
        """
        self._default_locale = default_locale
        self._command_ids: dict[str, int] = {}
        self._formatters = {
            locale: Formatter(locale, _bundle(locale), self._command_ids, archive_name)
            for locale in LOCALES
        }

    def set_command_ids(self, ids: Mapping[str, int]) -> None:
        """Let commands be mentioned: their ids, by their English names, as Discord gave them."""
        self._command_ids.update(ids)

    def get(self, locale: str | None) -> Formatter:
        """Return the texts of the language nearest to ``locale``; ``None``: of the default."""
        return self._formatters[nearest(self._default_locale if locale is None else locale)]


class CommandTranslator(app_commands.Translator):
    """Gives the commands their English texts, and Discord their Chinese ones."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def describe(self, command: AnyCommand) -> None:
        """Describe ``command``, its options, their choices and its subcommands in English.

        Raises:
            KeyError: the catalogue lacks one of the texts.
        """
        match command:
            case app_commands.Group():
                command.description = self._english(_Location.group_description, command)
                for child in command.commands:
                    self.describe(child)
            case app_commands.Command():
                command.description = self._english(_Location.command_description, command)
                described = {
                    parameter.name: app_commands.locale_str(
                        self._english(_Location.parameter_description, parameter)
                    )
                    for parameter in command.parameters
                }
                app_commands.describe(**described)(command)
                for choice in chain.from_iterable(
                    parameter.choices for parameter in command.parameters
                ):
                    choice.name = self._english(_Location.choice_name, choice)
            case app_commands.ContextMenu():
                command.name = self._english(_Location.command_name, command)

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: _Context
    ) -> str | None:
        """Return the text in ``locale``; ``None`` where the English one ``string`` serves."""
        del string  # where it stands says which text it is
        if locale.value not in LOCALES or locale.value == ENGLISH:
            return None
        return self._texts.get(locale.value).first(message_ids(context.location, context.data))

    def _english(self, location: _Location, data: object) -> str:
        ids = message_ids(location, data)
        text = self._texts.get(ENGLISH).first(ids)
        if text is None:
            raise KeyError(ids)
        return text


def nearest(locale: str) -> str:
    """Return which of our languages serves a reader of ``locale``, a BCP 47 tag."""
    tag = locale.lower()
    if tag.startswith(_TRADITIONAL):
        return "zh-TW"
    return "zh-CN" if tag == "zh" or tag.startswith("zh-") else ENGLISH


def message_ids(location: _Location, data: object) -> tuple[str, ...]:
    """Return the ids that a text of a command may have, the most specific one first.

    Args:
        location: where the text stands.
        data: the command, option or choice, as discord.py gives it to a translator.
    """
    field = location.name.rpartition("_")[2]  # name or description
    match data:
        case app_commands.Command() | app_commands.Group():
            return (f"cmd-{_path(data)}-{field}",)
        case app_commands.Parameter():
            command = f"cmd-{_path(data.command)}-{data.name}-{field}"
            return command, f"param-{data.name}-{field}"
        case app_commands.Choice():
            return (f"choice-{data.value}",)
        case app_commands.ContextMenu():
            return (f"menu-{data.callback.__name__}",)
        case _:
            return ()


def _path(command: app_commands.Command[Any, ..., Any] | app_commands.Group) -> str:
    return command.qualified_name.replace(" ", "-")


def _bundle(locale: str) -> FluentBundle:
    source = files("bot").joinpath("locale", f"{locale}.ftl").read_text(encoding="utf-8")
    # Isolating marks would be invisible characters around every title and number.
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(FluentResource(source))
    return bundle
