"""What the components of a stored answer have in common: their ids, and who may press them.

The ids read ``a:KEY:ACTION:ARGUMENT``: the key of the stored answer, what to do, and with what.
"""

from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from bot.client import Interaction
from bot.interactions import responses
from bot.messages.markdown import one_line
from bot.services.answers import Page
from bot.state.answers import StoredAnswer
from bot.views.component import Component
from corpus import Sort

MAX_LABEL_CHARS = 80  # Discord's limit of a button

LETTERS = {Sort.RELEVANCE: "r", Sort.NEWEST: "n", Sort.OLDEST: "o"}
"""What stands for an order in ids and values."""
SORTS = {letter: sort for sort, letter in LETTERS.items()}
EXPORT = "x"
"""The value of the choice to export an answer."""
THREAD = "t"
"""The value of the choice to post the best article and open a thread on it."""
ADDED = "f"
"""The value of the choice to take off what a question has of the one before it."""

# Parts of the templates.
KEY = r"a:(?P<key>[^:\ud800-\udfff]+)"  # no database takes half a surrogate pair
PAGE = r"(?P<sort>[rno])(?P<offset>[0-9]{1,3})"
# -1: the disabled button before the first paragraph.
FOCUS = rf"(?P<number>[0-9]{{1,6}})\.(?P<ordinal>-1|[0-9]{{0,6}})\.(?:{PAGE})?"


def encode_page(page: Page) -> str:
    """Return the argument of a ``custom_id`` that stands for a page."""
    return f"{LETTERS[page.sort]}{page.offset}"


def page_of(fields: dict[str, str]) -> Page:
    """Return the page that a ``custom_id`` holds."""
    return Page(SORTS[fields["sort"]], int(fields["offset"]))


@dataclass(frozen=True, slots=True)
class Focus:
    """A paragraph of an article, reached from a passage of an answer."""

    number: int
    """Of the passage in the answer."""
    ordinal: int | None = None
    """Of the paragraph in the article; ``None``: the passage itself."""
    back: Page | None = None
    """The page to go back to; ``None``: there is no way back."""

    def encode(self) -> str:
        """Return the argument of a ``custom_id``."""
        ordinal = "" if self.ordinal is None else self.ordinal
        back = "" if self.back is None else encode_page(self.back)
        return f"{self.number}.{ordinal}.{back}"

    @classmethod
    def of(cls, fields: dict[str, str]) -> Self:
        """Return the focus that a ``custom_id`` holds."""
        ordinal = int(fields["ordinal"]) if fields["ordinal"] else None
        return cls(int(fields["number"]), ordinal, page_of(fields) if fields["sort"] else None)


class AnswerComponent(Component, template=r"(?!)"):
    """A component of a stored answer, which :meth:`check` looks up."""

    for_asker_alone = False
    """Whether only the one who asked may press it."""
    is_question = False
    """Whether a press counts as a question."""
    record: StoredAnswer

    async def check(self, interaction: Interaction) -> None:
        """Look the answer up, and see that the user may press this.

        Raises:
            UserError: the answer is no longer stored, or they press too often.
            PermissionDenied: only the asker may press it.
        """
        self.record = await stored_answer(
            interaction, self.fields["key"], for_asker_alone=self.for_asker_alone
        )
        if not self.is_question:
            interaction.client.count_press(interaction)


async def stored_answer(
    interaction: Interaction, key: str, *, for_asker_alone: bool = False
) -> StoredAnswer:
    """Return an answer as its reader sees it.

    Raises:
        UserError: it is no longer stored.
        PermissionDenied: it is private to someone else, or for its asker alone.
    """
    client = interaction.client
    command = client.private_text(interaction).command("ask")
    record = await client.state.answers.get(key, interaction.user.id)
    if record is None:
        raise responses.UserError("error-expired", command=command)
    is_hidden = record.request.private and not record.shared
    if (for_asker_alone or is_hidden) and not record.is_own:
        raise responses.PermissionDenied("error-not-asker", command=command)
    return record


def button(
    record: StoredAnswer,
    action: str,
    argument: str,
    label: str,
    **options: Any,  # noqa: ANN401
) -> ui.Button[Any]:
    """Return a button of a stored answer; ``options`` are those of a button."""
    custom_id = f"a:{record.key}:{action}:{argument}"
    return ui.Button(label=one_line(label, MAX_LABEL_CHARS), custom_id=custom_id, **options)


def is_private(interaction: Interaction) -> bool:
    """Whether only the user sees the message of the component."""
    message = interaction.message
    return message is not None and (message.flags.ephemeral or interaction.context.dm_channel)


def may_post(interaction: Interaction) -> bool:
    """Whether the channel lets both the user and the bot post, as far as Discord tells."""
    if interaction.guild_id is None:
        return True
    user = interaction.permissions
    bot = interaction.app_permissions
    if isinstance(interaction.channel, discord.Thread):
        user_may, bot_may = user.send_messages_in_threads, bot.send_messages_in_threads
    else:
        user_may, bot_may = user.send_messages, bot.send_messages
    if _is_users_alone(interaction):  # so it speaks by their permission
        bot_may = user.use_external_apps
    return user_may and bot_may


def may_open_thread(interaction: Interaction) -> bool:
    """Whether the channel lets both the user and the bot post and open a thread on the post."""
    if not isinstance(interaction.channel, discord.TextChannel) or not may_post(interaction):
        return False
    if _is_users_alone(interaction):
        return False
    user, bot = interaction.permissions, interaction.app_permissions
    return user.create_public_threads and bot.create_public_threads and bot.send_messages_in_threads


def _is_users_alone(interaction: Interaction) -> bool:
    """Whether only the user has installed the bot, which is no member of the server then."""
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def made_up(interaction: Interaction) -> responses.PermissionDenied:
    """Return the error of a component that the bot has not made like that."""
    command = interaction.client.private_text(interaction).command("ask")
    return responses.PermissionDenied("error-button", command=command)
