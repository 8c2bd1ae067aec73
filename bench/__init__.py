"""Measurements against peers and question sets, runnable by anyone: ``python -m bench``."""
