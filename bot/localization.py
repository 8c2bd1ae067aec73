"""A message's id and a language -> what the bot says. The texts are in ``locale/*.ftl``."""

from datetime import date
from importlib.resources import files

from discord import Locale, app_commands
from fluent.runtime import FluentBundle, FluentResource

from bot.settings import LOCALES

ENGLISH = "en-US"
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


class Formatter:
    """One language's texts; call it with a message's id and its arguments."""

    def __init__(self, locale: str, bundle: FluentBundle) -> None:
        self.locale = locale
        self._bundle = bundle

    def __call__(self, message_id: str, /, **arguments: str | float | date) -> str:
        """Return the text of ``message_id``.

        Raises:
            KeyError: there is no such message.
            ValueError: an argument is missing.
        """
        pattern = self._bundle.get_message(message_id).value
        if pattern is None:
            raise KeyError(message_id)
        text, errors = self._bundle.format_pattern(pattern, arguments)
        if errors:
            raise ValueError(f"{message_id} in {self.locale}: {errors[0]}")
        return str(text)


class Texts:
    """The texts of every language."""

    def __init__(self) -> None:
        self._formatters = {locale: Formatter(locale, _bundle(locale)) for locale in LOCALES}

    def get(self, locale: str) -> Formatter:
        """Return the texts of the language nearest to ``locale``."""
        return self._formatters[nearest(locale)]

    def command(self, message_id: str) -> app_commands.locale_str:
        """Return a command's name or description: English here, translated by the translator."""
        return app_commands.locale_str(self.get(ENGLISH)(message_id), id=message_id)


class CommandTranslator(app_commands.Translator):
    """Gives Discord the names and descriptions of the commands in Chinese; the base is English."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 (the id says it all)
    ) -> str | None:
        """Return ``string`` in ``locale``, or ``None`` where the base text serves."""
        message_id = string.extras.get("id")
        if message_id is None or locale.value not in LOCALES or locale.value == ENGLISH:
            return None
        return self._texts.get(locale.value)(message_id)


def nearest(locale: str) -> str:
    """Return which of our languages serves a reader of ``locale``, a BCP 47 tag."""
    tag = locale.lower()
    if tag.startswith(_TRADITIONAL):
        return "zh-TW"
    return "zh-CN" if tag == "zh" or tag.startswith("zh-") else ENGLISH


def _bundle(locale: str) -> FluentBundle:
    source = files("bot").joinpath("locale", f"{locale}.ftl").read_text(encoding="utf-8")
    # Isolating marks would be invisible characters around every title and number.
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(FluentResource(source))
    return bundle
