"""What can go wrong in the archive library, as one tree.

CorpusError
├── ArchiveError        the archive itself cannot be read, or not now
│   └── WrongArchiveError  it is not where the settings say: only its keeper can mend that
├── DiskFullError       the disk of the data folder holds no more
├── ArticleError        one post cannot be read; the archive goes on without it
├── IndexUnusableError  there is no index that fits: none, foreign or out of date
│   └── DamagedError    there was one, but it is not as it was written
├── ReindexCancelledError  someone ended the reindex that was waited for
├── SynonymsError       a line of synonyms that cannot be understood
└── QueryError          a question or a filter that cannot be understood

Every message is one sentence that can be shown to a person.
"""

from enum import StrEnum


class CorpusError(Exception):
    """Base of every error the library raises on purpose."""


class ArchiveError(CorpusError):
    """The archive itself cannot be read, or not now."""


class WrongArchiveError(ArchiveError):
    """The archive is not where the settings say; trying again does not help."""


class DiskFullError(CorpusError):
    """The disk of the data folder holds no more; what was there before is as it was."""


class ArticleError(CorpusError):
    """One post cannot be read; its message is the reason shown beside its path."""


class IndexUnusableError(CorpusError):
    """There is no index that fits this archive and this analyzer."""


class DamagedError(IndexUnusableError):
    """The index is this program's, but not as it was written."""


class QueryFault(StrEnum):
    """What is wrong with a question or a filter."""

    NOT_A_DATE = "not-a-date"
    EMPTY_RANGE = "empty-range"
    """The first day comes after the last."""
    NO_TERM = "no-term"
    TOO_MANY_TERMS = "too-many-terms"


class QueryError(CorpusError):
    """A question or a filter that cannot be understood.

    Its message is English; ``kind`` and ``texts`` serve who says it in another language.
    """

    def __init__(self, message: str, kind: QueryFault, *texts: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.texts = texts
        """What is at fault: the text that is no date, or the first and the last day."""


class ReindexCancelledError(CorpusError):
    """Someone ended the reindex that was waited for; the old index stays whole."""


class SynonymsError(CorpusError):
    """A line of synonyms that cannot be understood."""

    def __init__(self, message: str, *, line: int, text: str) -> None:
        super().__init__(message)
        self.line = line
        """Its number, from 1."""
        self.text = text
        """What it says."""
