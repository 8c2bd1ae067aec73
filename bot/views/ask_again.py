"""Buttons that ask another question: related, suggested, of a source, or with fewer conditions."""

from dataclasses import replace

from bot.client import Interaction
from bot.messages import passages
from bot.state.answers import AskRequest
from bot.views.answer import ask
from bot.views.component import chosen
from bot.views.controls import MAX_CUSTOM_ID_CHARS
from bot.views.paragraph import find
from bot.views.stored import ADDED, FOCUS, KEY, AnswerComponent, Focus, is_private, made_up

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
    """Asks another question in the place of its own."""

    for_asker_alone = True
    is_question = True

    async def respond(self, interaction: Interaction) -> None:
        """Answer in the message."""
        request = self.request(interaction, self.record.request)
        request = replace(request, suggestions=(), private=is_private(interaction))
        await ask(interaction, request, in_message=True)

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
        return replace(asked, question=asked.suggestions[index], added=())


class DropFilterButton(
    ReplacingButton, template=rf"{KEY}:drop:(?P<filter>source|author|tag|dates)"
):
    """Asks again without a filter."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the same question without the filter."""
        del interaction
        dropped = dict.fromkeys(_FILTERS[self.fields["filter"]])
        return replace(asked, filters=replace(asked.filters, **dropped))


class SourceButton(
    ReplacingButton, template=rf"{KEY}:source:(?P<source>[^\ud800-\udfff]{{1,100}})"
):
    """Asks again in a source that the archive has."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the same question in the source."""
        del interaction
        return replace(asked, filters=replace(asked.filters, source=self.fields["source"]))


class IgnoreConditionButton(
    ReplacingButton, template=rf"{KEY}:ignore:(?P<text>[^\ud800-\udfff]{{1,100}})"
):
    """Asks again without a condition that was read in the question."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the same question without the condition."""
        del interaction
        return _without(asked, self.fields["text"])


class AloneButton(ReplacingButton, template=rf"{KEY}:alone:"):
    """Asks again without what the question has of the one before it."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the same question by itself."""
        del interaction
        return replace(asked, added=())


class WithoutSelect(ReplacingButton, template=rf"{KEY}:without:"):
    """Asks again without the one of several of these that is chosen."""

    def request(self, interaction: Interaction, asked: AskRequest) -> AskRequest:
        """Return the same question without it."""
        value = chosen(self.item)
        if value == ADDED:
            return replace(asked, added=())
        text = value[1:].encode("utf-8", "replace").decode()
        if not value.startswith("i") or not 0 < len(text) <= MAX_CUSTOM_ID_CHARS:
            raise made_up(interaction)
        return _without(asked, text)


def _without(asked: AskRequest, text: str) -> AskRequest:
    """Return the same question; the condition's words are words like others."""
    ignored = dict.fromkeys((*asked.filters.ignored, text))
    return replace(asked, filters=replace(asked.filters, ignored=tuple(ignored)))
