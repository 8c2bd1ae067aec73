"""Draws docs/screens/*.png: each message of the bot as Discord shows it."""
