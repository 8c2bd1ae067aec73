"""Buttons that ask another question: related or suggested, or without a filter or a condition."""

from dataclasses import replace

from bot.client import Interaction
from bot.messages import passages
from bot.state.answers import AskRequest
from bot.views.answer import ask
from bot.views.paragraph import find
from bot.views.stored import FOCUS, KEY, AnswerComponent, Focus, made_up

_FILTERS = {
    "source": ("source",),
    "author": ("author",),
    "tag": ("tag",),
    "dates": ("after", "before"),
}
"""The fields of the filters that a button drops together."""


class RelatedButton(AnswerComponent, template=rf"{KEY}:related:{FOCUS}"):
    """Asks for passages like a paragraph."""

    is_question = True

    async def respond(self, interaction: Interaction) -> None:
        """Answer privately."""
        interaction.client.count_question(interaction)
        paragraph = await find(interaction, self.record, Focus.of(self.fields))
        filters = self.record.request.filters
        title = passages.title(paragraph.article)
        await ask(interaction, AskRequest(title, filters, private=True, like=paragraph.key))


class AllButton(AnswerComponent, template=rf"{KEY}:all:"):
    """Asks the question of a post again, for all that is found."""

    is_question = True

    async def respond(self, interaction: Interaction) -> None:
        """Answer to the presser alone."""
        await ask(interaction, replace(self.record.request, suggestions=(), private=True))


class ReplacingButton(AnswerComponent, template=r"(?!)"):
    """Asks another question in the place of its own, whose message is private."""

    for_asker_alone = True
    is_question = True

    async def respond(self, interaction: Interaction) -> None:
        """Answer in the message."""
        request = self.request(interaction, self.record.request)
        await ask(interaction, replace(request, suggestions=(), private=True), in_message=True)

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return what to ask instead of ``asked``.

        Raises:
            PermissionDenied: someone made the button up.
        """
        raise NotImplementedError


class SuggestionButton(ReplacingButton, template=rf"{KEY}:try:(?P<index>[0-9]{{1,3}})"):
    """Asks a suggested question."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the suggested question, with the same filters."""
        index = int(self.fields["index"])
        if index >= len(asked.suggestions):
            raise made_up(interaction)
        return replace(asked, question=asked.suggestions[index])


class DropFilterButton(
    ReplacingButton, template=rf"{KEY}:drop:(?P<filter>source|author|tag|dates)"
):
    """Asks again without a filter."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the same question without the filter."""
        del interaction
        dropped = dict.fromkeys(_FILTERS[self.fields["filter"]])
        return replace(asked, filters=replace(asked.filters, **dropped))


class IgnoreConditionButton(
    ReplacingButton, template=rf"{KEY}:ignore:(?P<text>[^\ud800-\udfff]{{1,100}})"
):
    """Asks again without a condition that was read in the question."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the same question; the condition's words are words like others."""
        del interaction
        ignored = dict.fromkeys((*asked.filters.ignored, self.fields["text"]))
        return replace(asked, filters=replace(asked.filters, ignored=tuple(ignored)))
