"""What articles does a generation hold: one whole, all their names, and how they are recognised."""

import json
from dataclasses import replace
from typing import NamedTuple

from corpus.engines.local.reader import Index
from corpus.model import Article, Paragraph


class Located(NamedTuple):
    """An article with all its paragraphs, and where its passages are."""

    article: Article
    first_passage: int
    """Id of its first passage; the others follow."""


async def article(index: Index, path: str) -> Located | None:
    """Return the article at ``path``, or None where the archive has no such one."""
    # A path that no file can have (half a surrogate pair) must not fail as a parameter.
    place = await index.connection.execute_fetchall(
        "SELECT id, first_passage, passages FROM article WHERE path = json_extract(?, '$')",
        (json.dumps(path),),
    )
    for id_, first, count in place:
        paragraphs = await index.connection.execute_fetchall(
            "SELECT text, heading FROM passage WHERE id >= ? AND id < ? ORDER BY id",
            (first, first + count),
        )
        found = (await index.articles([id_]))[id_]
        return Located(
            replace(found, paragraphs=tuple(Paragraph(*row) for row in paragraphs)), first
        )
    return None


async def names_of_paths(index: Index) -> dict[str, str]:
    """Return for each article's path what names it wherever it is moved: its URL, else its path."""
    rows = await index.connection.execute_fetchall("SELECT path, coalesce(url, path) FROM article")
    return dict(map(tuple, rows))
