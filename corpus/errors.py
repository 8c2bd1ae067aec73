"""What can go wrong in the archive library, as one tree.

CorpusError
├── ArchiveError        the archive folder itself cannot be read
├── ArticleError        one post cannot be read; the archive goes on without it
├── IndexUnusableError  there is no index that fits: none, foreign, corrupt or out of date
└── QueryError          a question or a filter that cannot be understood

Every message is one sentence that can be shown to a person.
"""

from enum import StrEnum


class CorpusError(Exception):
    """Base of every error the library raises on purpose."""


class ArchiveError(CorpusError):
    """The archive folder itself cannot be read."""


class ArticleError(CorpusError):
    """One post cannot be read; its message is the reason shown beside its path."""


class IndexUnusableError(CorpusError):
    """There is no index that fits this archive and this analyzer."""


class QueryFault(StrEnum):
    """What is wrong with a question or a filter."""

    NOT_A_DATE = "not-a-date"
    EMPTY_RANGE = "empty-range"
    """The first day comes after the last."""


class QueryError(CorpusError):
    """A question or a filter that cannot be understood.

    Its message is English; ``kind`` and ``texts`` serve who says it in another language.
    """

    def __init__(self, message: str, kind: QueryFault, *texts: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.texts = texts
        """What is at fault: the text that is no date, or the first and the last day."""
