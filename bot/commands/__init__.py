"""The slash commands, one module a group. Each makes its commands from the texts it is given."""
