"""Which of SQLite's errors mean that a file is not as it was written."""

import sqlite3

_PLAIN = 0xFF  # of an extended error code


def is_damage(error: BaseException) -> bool:
    """Whether ``error`` says that a database is damaged, not that it cannot be used just now."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & _PLAIN in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
