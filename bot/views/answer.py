"""What each press under an answer does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import discord

from bot.client import Interaction
from bot.interactions import responses
from bot.messages import context
from bot.services import answers as answering
from bot.state.answers import AskRequest, PassageKey, StoredAnswer
from bot.views.answer_controls import Action, Focus, Page, position


async def pressed(interaction: Interaction) -> None:
    """Do what the pressed control says.

    Raises:
        UserError: the answer is no longer kept.
        PermissionDenied: the control is forged or someone else's.
    """
    user, data = interaction.user.id, interaction.data or {}
    custom_id = str(data.get("custom_id"))
    command = interaction.client.private_text(interaction).command("ask")
    try:
        # Half a surrogate pair, which no database takes, raises too.
        _, key, name, argument = custom_id.encode().decode().split(":", 3)
        action = _ACTIONS[Action(name)]
        parsed = action.parse(*data.get("values", [argument]))
    except (ValueError, TypeError) as error:
        raise responses.PermissionDenied("error-button", command=command) from error
    kept = await interaction.client.state.answers.get(key, user)
    if kept is None:
        raise responses.UserError("error-expired", command=command)
    hidden = kept.request.private and not kept.shared
    if (action.is_askers or hidden) and not kept.is_own:
        raise responses.PermissionDenied("error-not-asker", command=command)
    if not action.asks:
        interaction.client.press_limit.take(interaction)
    await action.do(interaction, kept, parsed)


async def _share(interaction: Interaction, kept: StoredAnswer, page: Page) -> None:
    if not _may_post(interaction):
        raise responses.UserError("error-share")
    answers = interaction.client.state.answers
    await responses.acknowledge(interaction)
    if not await answers.set_shared(kept.key, shared=True):
        raise responses.UserError("error-already-shared")
    try:
        reply = await answering.page_of(interaction, kept, page, public=True)
        posted = await responses.follow_up(interaction, reply, private=False)
    except BaseException as error:
        await answers.set_shared(kept.key, shared=False)
        if isinstance(error, discord.Forbidden):
            raise responses.UserError("error-share") from error
        raise
    if posted.flags.ephemeral:
        # Discord lets this app speak to its user alone here.
        await answers.set_shared(kept.key, shared=False)
        raise responses.UserError("error-share")
    await answering.turn(interaction, replace(kept, shared=True), page)


def _may_post(interaction: Interaction) -> bool:
    """Whether the channel lets both the user and the bot post, as far as can be told."""
    if interaction.guild_id is None:
        return True
    user = interaction.permissions
    bot = interaction.app_permissions
    if isinstance(interaction.channel, discord.Thread):
        user_may, bot_may = user.send_messages_in_threads, bot.send_messages_in_threads
    else:
        user_may, bot_may = user.send_messages, bot.send_messages
    if interaction.is_user_integration() and not interaction.is_guild_integration():
        # Only the user has installed the bot, so it speaks by their permission.
        bot_may = user.use_external_apps
    return user_may and bot_may


async def _vote(interaction: Interaction, kept: StoredAnswer, page: Page, *, helpful: bool) -> None:
    await responses.acknowledge(interaction)
    user = interaction.user.id
    await interaction.client.state.answers.vote(kept.key, user, helpful=helpful)
    if answering.is_private(interaction):
        # The button shows it.
        await answering.turn(interaction, replace(kept, vote=helpful), page)
    else:
        t = interaction.client.private_text(interaction)
        await responses.respond_ephemeral(interaction, responses.sentence(t("vote-noted")))


async def _context(interaction: Interaction, kept: StoredAnswer, focus: Focus) -> None:
    if answering.is_private(interaction):
        acknowledge = partial(responses.acknowledge, interaction)
    else:
        acknowledge = partial(responses.defer, interaction, private=True)
        # What everyone sees stays as it is: there is nothing to go back to.
        focus = replace(focus, back=None)
    async with interaction.client.searches.slot(acknowledge):
        reply = await context.around(interaction, kept, focus)
    await responses.edit_original(interaction, reply)


async def _related(interaction: Interaction, kept: StoredAnswer, focus: Focus) -> None:
    article, ordinal = await context.find(interaction, kept, focus)
    like = PassageKey(article.path, ordinal)
    title = article.title or article.path
    asked = AskRequest(title, kept.request.filters, private=True, like=like)
    await answering.ask(interaction, asked)


async def _suggested(interaction: Interaction, kept: StoredAnswer, index: int) -> None:
    if index >= len(kept.request.suggestions):
        command = interaction.client.private_text(interaction).command("ask")
        raise responses.PermissionDenied("error-button", command=command)
    asked = replace(
        kept.request, question=kept.request.suggestions[index], suggestions=(), private=True
    )
    await answering.ask(interaction, asked, in_place=True)


@dataclass(frozen=True, slots=True)
class _Does:
    """What an action does, and for whom."""

    parse: Callable[[str], Any]
    do: Callable[[Interaction, StoredAnswer, Any], Awaitable[None]]
    is_askers: bool = False
    """Whether only the one who asked may do it."""
    asks: bool = False
    """Whether it counts as a question."""


_ACTIONS = {
    Action.PAGE: _Does(Page.parse, answering.turn, is_askers=True),
    Action.SORT: _Does(Page.sorted_by, answering.turn, is_askers=True),
    Action.SHARE: _Does(Page.parse, _share, is_askers=True),
    Action.HELPFUL: _Does(Page.parse, partial(_vote, helpful=True)),
    Action.UNHELPFUL: _Does(Page.parse, partial(_vote, helpful=False)),
    Action.CONTEXT: _Does(Focus.parse, _context),
    Action.RELATED: _Does(Focus.parse, _related, asks=True),
    Action.SUGGESTION: _Does(position, _suggested, is_askers=True, asks=True),
}
