"""The errors of the archive library, as one tree.

CorpusError
├── ArchiveError        the whole archive cannot be read, perhaps only now
│   ├── WrongArchiveError  it is not where the settings say: its keeper must correct them
│   └── TooLargeError   it holds more than an archive may
├── DiskFullError       the disk of the data folder is full
├── ArticleError        one post cannot be read; the archive is indexed without it
├── IndexUnusableError  no index fits: there is none, or it is foreign or out of date
│   └── DamagedError    the index is not as it was written
├── EngineError         the search cluster does not do what it is asked, perhaps only now
├── ReindexCancelledError  a reindex was cancelled
├── SynonymsError       a line of synonyms cannot be parsed
└── QueryError          a question or a filter cannot be parsed

Every message is one sentence that can be shown to a person.
"""

import sqlite3
from enum import StrEnum

_PRIMARY_CODE = 0xFF  # of an extended SQLite error code


class CorpusError(Exception):
    """Base of every error the library raises on purpose."""


class ArchiveError(CorpusError):
    """The whole archive cannot be read, perhaps only now."""


class WrongArchiveError(ArchiveError):
    """The archive is not where the settings say; trying again does not help."""


class TooLargeError(ArchiveError):
    """The archive holds more than an archive may; trying again before it changes does not help."""


class DiskFullError(CorpusError):
    """The disk of the data folder is full; existing files are unchanged."""


class ArticleError(CorpusError):
    """One post cannot be read; its message is the reason shown beside its path."""

    def __init__(self, reason: str, *, until: str | None = None) -> None:
        super().__init__(reason)
        self.until = until
        """ISO 8601, UTC: when the reason no longer holds; None: when the file changes."""


class IndexUnusableError(CorpusError):
    """No index fits this archive and this analyzer."""


class DamagedError(IndexUnusableError):
    """The index is not as it was written."""


class EngineError(CorpusError):
    """The search cluster does not do what it is asked, perhaps only now; its index is whole."""


class QueryFault(StrEnum):
    """What is wrong with a question or a filter."""

    NOT_A_DATE = "not-a-date"
    EMPTY_RANGE = "empty-range"
    """The first day comes after the last."""
    NO_TERM = "no-term"
    TOO_MANY_TERMS = "too-many-terms"


class QueryError(CorpusError):
    """A question or a filter cannot be parsed.

    The message is English; ``kind`` and ``texts`` let a caller translate it.
    """

    def __init__(self, message: str, kind: QueryFault, *texts: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.texts = texts
        """The text that is not a date, or the first and the last day of the range."""


class ReindexCancelledError(CorpusError):
    """The reindex was cancelled; the old index is unchanged."""


class SynonymsError(CorpusError):
    """A line of synonyms cannot be parsed."""

    def __init__(self, message: str, *, line: int, text: str) -> None:
        super().__init__(message)
        self.line = line
        """Number of the line, from 1."""
        self.text = text
        """The line."""


def is_sqlite_corruption(error: BaseException) -> bool:
    """Return whether ``error`` reports a damaged database, rather than one not usable now."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & _PRIMARY_CODE in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
