"""Lists articles without a question: those of a day in earlier years, and the newest of some."""

from collections.abc import Collection
from datetime import date, timedelta
from itertools import groupby, zip_longest

from corpus.engine import IndexReader, TermQuery
from corpus.model import Article, Filters, Listing

_MONTH_AND_DAY = slice(len("2021-"), len("2021-01-06"))
_YEAR = slice(len("2021"))


def on_this_day(day: date, filters: Filters, reader: IndexReader, limit: int) -> Listing:
    """Return articles that were published on ``day`` of earlier years, oldest first.

    Of more than ``limit`` the years take turns, the latest first. An article counts for the day
    that it is shown with, in the time zone that its date is written in.

    Args:
        day: of this year.
        filters: normalised.
        reader: of the generation.
        limit: how many to return at most.
    """
    # The index has days in UTC, so the written day may be the one before or after.
    near = {(day + timedelta(days=shift)).isoformat()[_MONTH_AND_DAY] for shift in (-1, 0, 1)}
    ids = [id_ for id_, utc in reader.days(filters).items() if utc[_MONTH_AND_DAY] in near]
    wanted = day.isoformat()
    once: dict[tuple[str, str], Article] = {}
    for article in reader.articles(ids).values():
        written = article.day or ""
        is_day = written[_MONTH_AND_DAY] == wanted[_MONTH_AND_DAY]
        if is_day and written[_YEAR] < wanted[_YEAR]:
            # A post that several sites carry is listed once.
            once.setdefault((written, article.title), article)
    newest_first = sorted(once, key=lambda key: key[0], reverse=True)
    years = [[*keys] for _, keys in groupby(newest_first, key=lambda key: key[0])]
    chosen = [key for turn in zip_longest(*years) for key in turn if key is not None][:limit]
    articles = tuple(once[key] for key in sorted(chosen))
    return Listing(articles, len(once))


def newest(paths: Collection[str], filters: Filters, reader: IndexReader, limit: int) -> Listing:
    """Return those of the articles at ``paths`` that were published last, newest first.

    Args:
        paths: of articles; others are left out.
        filters: normalised.
        reader: of the generation.
        limit: how many to return at most.
    """
    query = TermQuery({}, filters=filters, paths=frozenset(paths))
    ids = [passage.article_id for passage in reader.opening_passages(query, len(paths))]
    articles = reader.articles(ids[:limit])
    return Listing(tuple(articles[id_] for id_ in ids[:limit]), len(ids))
