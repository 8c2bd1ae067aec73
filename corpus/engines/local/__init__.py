"""Posting files on disk with exact MaxScore: the default engine."""
