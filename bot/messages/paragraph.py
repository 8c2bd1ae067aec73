"""A paragraph of an article between its neighbours -> the blocks of a message (pure)."""

from collections.abc import Sequence

from bot.localization import Formatter
from bot.messages.conditions import list_names
from bot.messages.layout import text_room
from bot.messages.markdown import ELLIPSIS, excerpt, one_line
from bot.messages.passages import copies, facts, linked_title
from corpus import Article, Match

NEIGHBOUR_CHARS = 300  # of the paragraphs before and after
MAX_WORDS = 5  # of each kind: the question's own, missing ones, others
MAX_WORD_CHARS = 20
_MAX_NEIGHBOUR_UNITS = 1_000  # of a neighbour with its marks and backslashes


def context(
    article: Article,
    ordinal: int,
    duplicates: Sequence[Article],
    t: Formatter,
    match: Match | None = None,
) -> list[str]:
    """Return the blocks that show a whole paragraph between its neighbours.

    Args:
        article: the article, with its paragraphs.
        ordinal: which of its paragraphs to show.
        duplicates: other articles that carry the paragraph.
        t: the texts of the reader's language.
        match: why the paragraph was found; None: that is not told.
    """
    paragraphs = article.paragraphs
    small = [*facts(article, paragraphs[ordinal].heading, t), *copies(article, t)]
    head = f"### {linked_title(article)}" + (f"\n-# {' · '.join(small)}" if small else "")
    foot = ["-# " + t("context-place", number=ordinal + 1, count=len(paragraphs))]
    if why := _why(match, t) if match else "":
        foot.append(f"-# {why}")
    foot += [f"-# {t('context-also')} {linked_title(duplicate)}" for duplicate in duplicates]
    before = _neighbour(paragraphs[ordinal - 1].text, at_end=True) if ordinal else ""
    after = _neighbour(paragraphs[ordinal + 1].text) if ordinal + 1 < len(paragraphs) else ""
    room = text_room(head, *foot, before, after) - 10  # quote mark and line breaks
    text = paragraphs[ordinal].text
    quote = "> " + excerpt(text, (), None, budget=len(text), max_units=room)
    middle = "\n".join(part for part in (before, quote, after) if part)
    return [head, middle, "\n".join(foot)]


def _why(match: Match, t: Formatter) -> str:
    """Return which words of the question a paragraph has, in one line; empty: there is none."""

    def listed(words: Sequence[str]) -> str:
        shown = [one_line(word, MAX_WORD_CHARS) for word in words[:MAX_WORDS]]
        return list_names(shown, t) + (ELLIPSIS if len(words) > MAX_WORDS else "")

    # Words searched instead of the question's are not the reader's own.
    found = [word for word in match.found if word not in match.replaced]
    parts = (
        t("context-found", words=listed(found)) if found else "",
        t("context-instead", words=listed(match.instead)) if match.instead else "",
        t("context-missing", words=listed(match.missing)) if match.missing else "",
        t("context-replaced", words=listed(match.replaced)) if match.replaced else "",
    )
    return " · ".join(filter(None, parts))


def _neighbour(text: str, *, at_end: bool = False) -> str:
    """Return a paragraph, or the part of it that touches the paragraph in focus."""
    focus = (len(text), len(text)) if at_end else None
    return excerpt(text, (), focus, budget=NEIGHBOUR_CHARS, max_units=_MAX_NEIGHBOUR_UNITS)
