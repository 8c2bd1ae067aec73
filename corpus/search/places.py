"""Where does a passage stand now that was named in an earlier generation?"""

from corpus.engine import IndexReader
from corpus.model import LocatedPassage


def locate(
    reader: IndexReader, path: str, ordinal: int, content_hash: int | None, *, step: int = 0
) -> LocatedPassage | None:
    """Return the passage, or one near it, or None if the archive no longer has it.

    Its content decides: paragraphs may have been inserted before it, and its file renamed. Of
    several with that content the one in its article that is nearest to its place is taken.

    Args:
        reader: of the generation to look in.
        path: of its article.
        ordinal: its position there.
        content_hash: of its text; None: not known, so its place alone decides.
        step: how many paragraphs after it, or before it where negative.
    """
    place = (path, ordinal) if content_hash is None else _place(reader, path, ordinal, content_hash)
    stored = reader.article(place[0]) if place else None
    if place is None or stored is None:
        return None
    moved = place[1] + step
    if not 0 <= moved < len(stored.content_hashes):
        return None
    return LocatedPassage(stored.article, moved, stored.content_hashes[moved])


def _place(
    reader: IndexReader, path: str, ordinal: int, content_hash: int
) -> tuple[str, int] | None:
    stored = reader.article(path)
    if stored is not None:
        same = [i for i, content in enumerate(stored.content_hashes) if content == content_hash]
        if same:
            return path, min(same, key=lambda i: abs(i - ordinal))
    for passage in reader.passages(reader.passages_with_content(content_hash)[:1]):
        article = reader.articles([passage.article_id])[passage.article_id]
        return article.path, passage.ordinal
    return None
