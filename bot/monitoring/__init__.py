"""How is the bot doing? Logs, metrics, health."""
