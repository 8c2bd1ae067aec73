"""Which articles does a folder or repository hold? File -> `Article`; all parsers live here."""

READING_VERSION = 5
"""Part of every index's fingerprint: raise it whenever an unchanged file is read otherwise.

After an upgrade all files are read again. `tests/corpus/archive/test_reading_version.py` fails if
it was forgotten.
"""
