"""The Discord surface of the archive: settings, state, messages and commands."""

__version__ = "0.1.0"
