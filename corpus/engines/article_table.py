"""All articles of a generation in memory, without their paragraphs: filters, dates and counts."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from corpus.dates import utc_day
from corpus.engine import ArticleEntry, FilterKeys
from corpus.model import Article, Filters, SourceCount


@dataclass(frozen=True, slots=True)
class TableRow:
    """One article of the table."""

    article: Article
    """Without paragraphs; its id is its position in the table."""
    keys: FilterKeys
    first_passage: int
    """Id of its first passage."""
    passages: int
    """How many it has."""
    day: str | None
    """``YYYY-MM-DD``, UTC."""


class ArticleTable:
    """The articles of a generation, in the order of their ids."""

    def __init__(self, articles: Iterable[tuple[Article, FilterKeys, int]]) -> None:
        """Number the articles, which come with their filter keys and the number of passages."""
        self.rows: list[TableRow] = []
        self.passages = 0
        for article, keys, count in articles:
            day = utc_day(article.date) if article.date else None
            self.rows.append(TableRow(article, keys, self.passages, count, day))
            self.passages += count
        self._by_path = {row.article.path: row for row in self.rows}
        self._first_passages = [row.first_passage for row in self.rows]
        by_path = sorted(self.rows, key=lambda row: row.article.path)
        self.newest_first = sorted(by_path, key=lambda row: row.day or "", reverse=True)

    def at(self, path: str) -> TableRow | None:
        """Return the article at ``path``, or None if there is none."""
        return self._by_path.get(path)

    def of_passage(self, passage_id: int) -> TableRow:
        """Return the article that has a passage."""
        # The last that begins there or before: those without passages begin where the next does.
        return self.rows[bisect_right(self._first_passages, passage_id) - 1]

    def allowed(self, filters: Filters, paths: Collection[str] | None = None) -> set[int]:
        """Return the ids of the articles that pass ``filters``; None for any path."""
        sources = None if filters.source is None else self.sources_like(filters.source)
        authors = None if filters.author is None else self.authors_like(filters.author)

        def passes(row: TableRow) -> bool:
            return (
                (sources is None or row.keys.source in sources)
                and (authors is None or row.keys.author in authors)
                and (filters.tag is None or filters.tag in row.keys.tags)
                and row.keys.source not in filters.without_sources
                and (filters.after is None or (row.day is not None and row.day >= filters.after))
                and (filters.before is None or (row.day is not None and row.day <= filters.before))
                and (paths is None or row.article.path in paths)
            )

        return {row.article.id for row in self.rows if passes(row)}

    def sources_like(self, name: str) -> set[str]:
        """Return the source of that name if an article has it, else all that contain it."""
        return self._like(name, lambda keys: keys.source)

    def authors_like(self, name: str) -> set[str]:
        """Return the author of that name if an article has it, else all that contain it."""
        return self._like(name, lambda keys: keys.author)

    def _like(self, name: str, key: Callable[[FilterKeys], str]) -> set[str]:
        names = {key(row.keys) for row in self.rows}
        return {name} if name in names else {other for other in names if name in other}

    def days(self, filters: Filters) -> dict[int, str]:
        """Return the day of each dated article that passes ``filters``, by id."""
        days = ((id_, self.rows[id_].day) for id_ in self.allowed(filters))
        return {id_: day for id_, day in days if day is not None}

    def entries(self) -> list[ArticleEntry]:
        """Return all articles, the newest first."""
        return [
            ArticleEntry(a.path, a.title, a.author, a.source, a.url, a.tags)
            for a in (row.article for row in self.newest_first)
        ]

    def sources(self) -> tuple[SourceCount, ...]:
        """Return the sources, the largest first."""
        counts = Counter(row.article.source for row in self.rows)
        sources = (
            SourceCount(name, count, *self.first_and_last(name)) for name, count in counts.items()
        )
        return tuple(sorted(sources, key=lambda source: (-source.articles, source.name)))

    def first_and_last(self, source: str | None = None) -> tuple[str | None, str | None]:
        """Return the first and the last day of a source, or of all articles for None."""
        days = [
            row.day
            for row in self.rows
            if row.day is not None and source in {None, row.article.source}
        ]
        return min(days, default=None), max(days, default=None)
