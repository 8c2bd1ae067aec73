"""The slash commands: one module a command or group, named like it."""
