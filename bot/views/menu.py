"""The select under an answer: context of a passage, another article to share, order, export."""

import re

from discord import ui

from bot.client import Interaction
from bot.services.answers import Page
from bot.views import paragraph
from bot.views.answer import turn
from bot.views.export import export_answer
from bot.views.share import share_passage
from bot.views.stored import EXPORT, KEY, PAGE, SORTS, AnswerComponent, Focus, made_up, page_of

_PASSAGE = re.compile(r"(?P<action>[cs])(?P<number>[0-9]{1,6})")


class MenuSelect(AnswerComponent, template=rf"{KEY}:(?:menu:{PAGE}|sort:)"):
    """Does what is chosen; ``sort:`` is what answers had that could only be sorted."""

    for_asker_alone = True

    async def check(self, interaction: Interaction) -> None:
        """See also that the choice is of a kind that is offered.

        Raises:
            PermissionDenied: someone made it up.
        """
        await super().check(interaction)
        if self._value not in {*SORTS, EXPORT} and not _PASSAGE.fullmatch(self._value):
            raise made_up(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Show the context, share the article, sort from the first page on, or export."""
        page = page_of(self.fields) if self.fields["sort"] else Page()
        match = _PASSAGE.fullmatch(self._value)
        if self._value == EXPORT:
            await export_answer(interaction, self.record, page)
        elif match is None:
            await turn(interaction, self.record, Page(SORTS[self._value]))
        elif match["action"] == "c":
            await paragraph.show(interaction, self.record, Focus(int(match["number"]), back=page))
        else:
            await share_passage(interaction, self.record, page, int(match["number"]))

    @property
    def _value(self) -> str:
        values = self.item.values if isinstance(self.item, ui.Select) else []
        return values[0] if len(values) == 1 else ""
