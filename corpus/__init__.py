"""The archive library: reads a folder of articles, indexes it, and finds the passages that answer.

Knows nothing of Discord. :class:`Library` is the way in; the rest are the records it returns and
the errors it raises.
"""

from corpus.errors import (
    ArchiveError,
    CorpusError,
    IndexUnusableError,
    QueryError,
    QueryFault,
    ReindexCancelledError,
    SynonymsError,
)
from corpus.filters import day_range
from corpus.library import Library
from corpus.model import (
    Answer,
    Article,
    Filters,
    Hit,
    IndexReport,
    Matches,
    NameCount,
    NameField,
    Paragraph,
    Passage,
    Progress,
    SearchResult,
    Skipped,
    Sort,
    Stats,
)

__all__ = [
    "Answer",
    "ArchiveError",
    "Article",
    "CorpusError",
    "Filters",
    "Hit",
    "IndexReport",
    "IndexUnusableError",
    "Library",
    "Matches",
    "NameCount",
    "NameField",
    "Paragraph",
    "Passage",
    "Progress",
    "QueryError",
    "QueryFault",
    "ReindexCancelledError",
    "SearchResult",
    "Skipped",
    "Sort",
    "Stats",
    "SynonymsError",
    "day_range",
]
