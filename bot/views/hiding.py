"""What an admin sees of hiding an article, and of showing it again."""

import logging

from bot.client import Interaction
from bot.interactions import responses
from bot.messages import archive, passages

_log = logging.getLogger(__name__)


async def hide_article(interaction: Interaction, name: str) -> None:
    """Hide the articles with this path or address from every answer, and say so.

    Raises:
        UserError: there is none.
        CorpusError: it cannot be saved.
    """
    client = interaction.client
    name = _cleaned(name)
    paths = await client.library.paths()
    found = [path for path, known in paths.items() if name in {path, known}]
    articles = [await client.library.article(path) for path in found]
    hidden = await client.library.hide(name)
    if not hidden and name in await client.library.hidden():
        hidden = (name,)  # already
    if not hidden:
        raise responses.UserError("error-hide-unknown", name=responses.plain(name))
    _log.warning("User %d hid %d articles: %s", interaction.user.id, len(hidden), hidden)
    # What a watch has found and not posted yet would show it still.
    for article in filter(None, articles):
        await client.state.watches.drop_posts_with(passages.linked_title(article))
    await client.reindexer.start_everywhere()
    t = client.private_text(interaction)
    await responses.edit_original(interaction, archive.hidden(hidden, t))


async def unhide_article(interaction: Interaction, name: str) -> None:
    """Show the hidden articles with this path or address again, and say so.

    Raises:
        UserError: none of that name is hidden.
        CorpusError: it cannot be saved.
    """
    client = interaction.client
    name = _cleaned(name)
    shown = await client.library.unhide(name)
    if not shown:
        raise responses.UserError("error-unhide-unknown", name=responses.plain(name))
    _log.warning("User %d let %d articles be shown: %s", interaction.user.id, len(shown), shown)
    await client.reindexer.start_everywhere()
    t = client.private_text(interaction)
    await responses.edit_original(interaction, archive.shown_again(shown, t))


def _cleaned(name: str) -> str:
    # Discord passes on half surrogate pairs, which no path holds.
    return name.encode("utf-8", "replace").decode().strip()
