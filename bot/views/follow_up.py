"""A question that goes on from an answer: the button, and the form in which it is written."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from discord import ui

from bot.client import Interaction
from bot.interactions import responses
from bot.interactions.typed import clean
from bot.localization import Formatter
from bot.messages.answer import question_line
from bot.messages.dates import day
from bot.messages.markdown import escape
from bot.messages.passages import title
from bot.views.answer import ask, asker_of, defer_question
from bot.views.stored import KEY, AnswerComponent, stored_answer
from corpus import MAX_QUESTION_CHARS, Article

_FIRST = 1
"""The number of the best passage in its answer."""
_FIELD = "question"


class FollowUpButton(AnswerComponent, template=rf"{KEY}:follow:"):
    """Opens the form."""

    async def respond(self, interaction: Interaction) -> None:
        """Open it, with the question and its best article above the field."""
        client = interaction.client
        article = await client.answers.article_of(self.record, _FIRST)
        t = client.private_text(interaction)
        form = FollowUpForm(self.record.key, self.record.request.question, article, t)
        await responses.open_editor(interaction, form)


class FollowUpForm(ui.Modal):
    """The form. What it needs is in its id, so it can be sent after a restart, too."""

    template = re.compile(rf"{KEY}:follow-up:")

    def __init__(self, key: str, question: str, article: Article | None, t: Formatter) -> None:
        super().__init__(title=t("modal-follow"), custom_id=f"a:{key}:follow-up:", timeout=None)
        lines = [t("follow-asked", question=question_line(question))]
        if article is not None:
            # The date first: behind a title it would be broken over lines.
            date = f"{day(article.date, t)} · " if article.date else ""
            name = escape(title(article), line_start=False)
            lines.append(t("follow-article", title=f"{date}{name}"))
        self.add_item(ui.TextDisplay("\n".join(lines)))
        field: ui.TextInput[FollowUpForm] = ui.TextInput(
            custom_id=_FIELD, placeholder=t("input-hint-follow"), max_length=MAX_QUESTION_CHARS
        )
        self.add_item(ui.Label(text=t("input-follow"), component=field))

    def is_finished(self) -> bool:
        """Return true, so that discord.py does not keep it: :func:`submit` takes it by its id."""
        return True


async def submit(interaction: Interaction, match: re.Match[str]) -> None:
    """Answer the question that a form holds.

    Raises:
        UserError: the earlier answer is no longer stored, or the question is too long or empty.
        PermissionDenied: the earlier answer is private to someone else.
    """
    client = interaction.client
    t = client.private_text(interaction)
    record = await stored_answer(interaction, match["key"])
    typed = dict(_values(interaction.data)).get(_FIELD)
    question = clean(typed, t.option("question"), max_chars=MAX_QUESTION_CHARS) or ""
    private = (await client.guild_settings(interaction)).private is not False

    acknowledge = partial(
        defer_question, interaction, private=private or interaction.context.dm_channel
    )

    request = await client.answers.follow_up(
        question, record.request, asker_of(interaction), acknowledge, private=private
    )
    await ask(interaction, request)


def _values(data: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (JSON)
    """Yield the id and the text of each field of a form that was sent."""
    for component in (data or {}).get("components", []):
        fields = [component.get("component"), *component.get("components", [])]
        for field in filter(None, fields):
            if isinstance(field.get("value"), str):
                yield str(field.get("custom_id")), field["value"]
