"""What the bot does, free of messages and buttons."""
