"""What the bot does, free of messages and buttons: answers, reindexing, watch notifications."""
