"""What can go wrong in the bot, as one tree.

BotError            the bot cannot start or go on; its message is one sentence for its operator
├── SettingsError   the environment or .env; ``problems`` holds one sentence for each
├── ClockError      this machine's clock is so far off that nothing can be trusted to work
├── DataFolderError the data folder cannot be used, or another bot has it
├── StateError      the state cannot be used, is foreign or from a newer version
├── DiscordError    Discord refuses the token, the connection or what the bot asks of it
└── LibraryError    the installed discord.py is not one that this bot was tried with
"""


class BotError(Exception):
    """Base of every error that ends the bot with a sentence instead of a traceback."""


class SettingsError(BotError):
    """The settings cannot be used; every problem is named at once."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ClockError(BotError):
    """This machine's clock is far off."""


class DataFolderError(BotError):
    """The data folder cannot be used, or another bot is running there."""


class StateError(BotError):
    """The state cannot be used. It is never overwritten."""


class DiscordError(BotError):
    """Discord refuses the token, the connection or what the bot asks of it."""


class LibraryError(BotError):
    """The installed discord.py is not one that this bot was tried with."""
