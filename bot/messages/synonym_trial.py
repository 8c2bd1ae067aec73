"""What a line of synonyms would change in an answer -> a message (pure)."""

from collections.abc import Collection

from bot.localization import Formatter
from bot.messages.layout import Reply, Row
from bot.messages.markdown import escape, one_line
from bot.messages.passages import fitting, group_by_article, linked_title
from corpus import SearchResult

MAX_HITS = 3  # of each side: both fit the screen of a phone
MAX_LINE_CHARS = 200  # of a line of synonyms
_MAX_SHOWN_CHARS = 60  # of the line
_MAX_QUESTION_CHARS = 40
_MAX_TITLE_CHARS = 30


def trial(
    line: str, before: SearchResult, after: SearchResult, t: Formatter, row: Row | None
) -> Reply:
    """Return the message that shows the best articles of a question before and after.

    Args:
        line: of synonyms, as typed.
        before: what the question finds today.
        after: what it finds with the line.
        t: the texts of the reader's language.
        row: saves the line, changes it, or cancels.
    """
    known = {hit.article.path for hit in before.hits}
    question = _shown(before.question, fitting(before.question, _MAX_QUESTION_CHARS))
    head = f"### {_shown(line, _MAX_SHOWN_CHARS)}\n-# {t('trial-question', question=question)}"
    paths = [[hit.article.path for hit in result.hits] for result in (before, after)]
    blocks = [
        head,
        f"**{t('trial-before')}**\n{_articles(before, known, t)}",
        f"**{t('trial-after')}**\n{_articles(after, known, t)}",
    ]
    if paths[0] == paths[1]:
        blocks.append(t("trial-same"))
    return Reply(blocks, [row] if row else [])


def faulty(line: str, t: Formatter, row: Row | None) -> Reply:
    """Return the message that says that a line cannot be understood."""
    sentence = t("trial-faulty", text=_shown(line, MAX_LINE_CHARS))
    return Reply([sentence], [row] if row else [])


def _articles(result: SearchResult, known: Collection[str], t: Formatter) -> str:
    lines = [
        f"{number}. {linked_title(group.article, _MAX_TITLE_CHARS)}"
        + ("" if group.article.path in known else " 🆕")
        for number, group in enumerate(group_by_article(result.hits)[:MAX_HITS], 1)
    ]
    return "\n".join(lines) or t("trial-nothing")


def _shown(text: str, max_chars: int) -> str:
    return escape(one_line(text, max_chars), line_start=False)
