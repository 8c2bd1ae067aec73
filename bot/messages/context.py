"""One paragraph of an article, whole, between its neighbours."""

from collections.abc import Sequence

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.answer import facts, linked_title
from bot.messages.layout import Reply, text_room
from bot.messages.markdown import excerpt
from bot.state.answers import StoredAnswer
from bot.views.answer_controls import Focus, context_rows
from corpus import Article

NEIGHBOUR = 300  # characters of the paragraphs before and after
_MOST_LINE = 1_000  # units of a neighbour with its marks and backslashes


async def find(interaction: Interaction, kept: StoredAnswer, focus: Focus) -> tuple[Article, int]:
    """Return the article that ``focus`` is in, with its paragraphs, and the paragraph's ordinal.

    Raises:
        PermissionDenied: the answer has not shown it.
        UserError: the archive no longer has it.
        IndexUnusableError: there is no index.
    """
    footnote = interaction.client
    command = footnote.private_text(interaction).command("ask")
    shown = await footnote.state.answers.passage(kept.key, focus.number)
    if shown is None:
        raise responses.PermissionDenied("error-button", command=command)
    article = await footnote.library.article(shown.key.path)
    ordinal = shown.key.ordinal if focus.ordinal is None else focus.ordinal
    if article is None or ordinal >= len(article.paragraphs):
        raise responses.UserError("error-gone", command=command)
    return article, ordinal


async def around(interaction: Interaction, kept: StoredAnswer, focus: Focus) -> Reply:
    """Return the message that shows what ``focus`` is on, for the user alone.

    Raises:
        PermissionDenied: the answer has not shown it.
        UserError: the archive no longer has it.
        IndexUnusableError: there is no index.
    """
    footnote = interaction.client
    t = footnote.private_text(interaction)
    article, ordinal = await find(interaction, kept, focus)
    shown = await footnote.state.answers.passage(kept.key, focus.number)
    duplicates = []
    if shown is not None and ordinal == shown.key.ordinal:
        found = [await footnote.library.article(path) for path in shown.duplicates]
        duplicates = [one for one in found if one is not None]
    rows = context_rows(kept, focus, ordinal, len(article.paragraphs), t)
    return Reply(blocks(article, ordinal, duplicates, t), rows)


def blocks(
    article: Article, ordinal: int, duplicates: Sequence[Article], t: Formatter
) -> list[str]:
    """Return the blocks that show paragraph ``ordinal``; ``duplicates`` carry it too."""
    paragraphs = article.paragraphs
    said = facts(article, paragraphs[ordinal].heading, t)
    head = f"### {linked_title(article)}" + (f"\n-# {' · '.join(said)}" if said else "")
    foot = ["-# " + t("context-place", number=ordinal + 1, count=len(paragraphs))]
    foot += [f"-# {t('context-also')} {linked_title(one)}" for one in duplicates]
    before = _neighbour(paragraphs[ordinal - 1].text, at_end=True) if ordinal else ""
    after = _neighbour(paragraphs[ordinal + 1].text) if ordinal + 1 < len(paragraphs) else ""
    room = text_room(head, *foot, before, after) - 10  # quote mark and line breaks
    text = paragraphs[ordinal].text
    passage = "> " + excerpt(text, (), None, budget=len(text), most=room)
    middle = "\n".join(part for part in (before, passage, after) if part)
    return [head, middle, "\n".join(foot)]


def _neighbour(text: str, *, at_end: bool = False) -> str:
    """Return a paragraph, or its part that touches the one in focus."""
    near = (len(text), len(text)) if at_end else None
    return excerpt(text, (), near, budget=NEIGHBOUR, most=_MOST_LINE)
