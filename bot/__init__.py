"""The Discord surface of the archive: settings, state, messages and commands."""
