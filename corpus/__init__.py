"""Footnote's archive library: reads an archive, indexes it, answers questions about it.

Knows nothing of Discord. All public names are importable from here; each loads its module at first
use, so that a program loads only the modules it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus.analysis.script import to_script
    from corpus.archive.files import scan
    from corpus.archive.repository import newest_commit
    from corpus.dates import age
    from corpus.engines import check_search_url, is_cluster, uncompiled
    from corpus.errors import (
        ArchiveError,
        CorpusError,
        DamagedError,
        DiskFullError,
        EngineError,
        IndexUnusableError,
        QueryError,
        QueryFault,
        ReindexCancelledError,
        SynonymsError,
        WrongArchiveError,
        is_sqlite_corruption,
    )
    from corpus.hidden import Hidden, HiddenArticles
    from corpus.indexing.process_memory import give_back_freed
    from corpus.library import SAMPLE_ARCHIVE, Library
    from corpus.model import (
        Answer,
        Article,
        ArticleReading,
        Condition,
        FileReading,
        Filters,
        Hit,
        IndexReport,
        Listing,
        LocatedPassage,
        Match,
        Matches,
        NameCount,
        NameField,
        Noted,
        Notice,
        NoticeKind,
        Outcome,
        Paragraph,
        Passage,
        Progress,
        SearchResult,
        Series,
        Skipped,
        Sort,
        SourceCount,
        SourceReading,
        Stats,
        Timeline,
        Trend,
        Unit,
    )
    from corpus.remote import Remote, is_loopback, is_private, is_remote
    from corpus.search.expansion import parse_synonyms
    from corpus.search.filters import day_range
    from corpus.search.query import split_operators
    from corpus.search.searcher import MAX_CANDIDATES, MAX_QUESTION_CHARS

__all__ = [
    "MAX_CANDIDATES",
    "MAX_QUESTION_CHARS",
    "SAMPLE_ARCHIVE",
    "Answer",
    "ArchiveError",
    "Article",
    "ArticleReading",
    "Condition",
    "CorpusError",
    "DamagedError",
    "DiskFullError",
    "EngineError",
    "FileReading",
    "Filters",
    "Hidden",
    "HiddenArticles",
    "Hit",
    "IndexReport",
    "IndexUnusableError",
    "Library",
    "Listing",
    "LocatedPassage",
    "Match",
    "Matches",
    "NameCount",
    "NameField",
    "Noted",
    "Notice",
    "NoticeKind",
    "Outcome",
    "Paragraph",
    "Passage",
    "Progress",
    "QueryError",
    "QueryFault",
    "ReindexCancelledError",
    "Remote",
    "SearchResult",
    "Series",
    "Skipped",
    "Sort",
    "SourceCount",
    "SourceReading",
    "Stats",
    "SynonymsError",
    "Timeline",
    "Trend",
    "Unit",
    "WrongArchiveError",
    "age",
    "check_search_url",
    "day_range",
    "give_back_freed",
    "is_cluster",
    "is_loopback",
    "is_private",
    "is_remote",
    "is_sqlite_corruption",
    "newest_commit",
    "parse_synonyms",
    "scan",
    "split_operators",
    "to_script",
    "uncompiled",
]

_MODULES = {
    "analysis.script": ["to_script"],
    "archive.files": ["scan"],
    "archive.repository": ["newest_commit"],
    "dates": ["age"],
    "engines": ["check_search_url", "is_cluster", "uncompiled"],
    "errors": [
        *(name for name in __all__ if name.endswith("Error")),
        "QueryFault",
        "is_sqlite_corruption",
    ],
    "hidden": ["Hidden", "HiddenArticles"],
    "indexing.process_memory": ["give_back_freed"],
    "library": ["SAMPLE_ARCHIVE", "Library"],
    "remote": ["Remote", "is_loopback", "is_private", "is_remote"],
    "search.expansion": ["parse_synonyms"],
    "search.filters": ["day_range"],
    "search.query": ["split_operators"],
    "search.searcher": ["MAX_CANDIDATES", "MAX_QUESTION_CHARS"],
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (of any type)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULE_OF.get(name, 'model')}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return __all__
