"""The bot on a simulated Discord, as the tests of the bot have it."""

from tests.bot.conftest import analyzer, archive, footnote, index, settings

__all__ = ["analyzer", "archive", "footnote", "index", "settings"]
