"""The select under an answer: context, a thread, another article to share, order, export."""

import re

from bot.client import Interaction
from bot.services.answers import Page
from bot.views import paragraph
from bot.views.answer import turn
from bot.views.component import chosen
from bot.views.export import export_answer
from bot.views.share import share_passage
from bot.views.stored import (
    EXPORT,
    KEY,
    PAGE,
    SORTS,
    THREAD,
    AnswerComponent,
    Focus,
    made_up,
    page_of,
)
from bot.views.thread import open_thread

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
        if self._value not in {*SORTS, EXPORT, THREAD} and not _PASSAGE.fullmatch(self._value):
            raise made_up(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Show the context, post the article, sort from the first page on, or export."""
        page = page_of(self.fields) if self.fields["sort"] else Page()
        match = _PASSAGE.fullmatch(self._value)
        if self._value == EXPORT:
            await export_answer(interaction, self.record, page)
        elif self._value == THREAD:
            await open_thread(interaction, self.record, page)
        elif match is None:
            await turn(interaction, self.record, Page(SORTS[self._value]))
        elif match["action"] == "c":
            await paragraph.show(interaction, self.record, Focus(int(match["number"]), back=page))
        else:
            await share_passage(interaction, self.record, page, int(match["number"]))

    @property
    def _value(self) -> str:
        return chosen(self.item)
