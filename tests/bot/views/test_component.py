"""Components sent by any version are parsed, each by exactly one class."""

import re
from typing import Any

import pytest
from discord import ui

from bot.client import Footnote
from bot.commands.forget import ForgetButton
from bot.commands.help import ExampleButton, HelpButton
from bot.commands.settings import SettingSelect
from bot.commands.sources import SourcesPageButton
from bot.views import archive, ask_again, follow_up, menu, paragraph, share, timeline
from bot.views.answer import PageButton, VoteButton
from bot.views.component import Component
from bot.views.synonym_trial import SynonymTrialButton, TrySynonymsSelect
from bot.views.trend import PeakSelect
from bot.views.watch import CancelWatchButton, ResumeWatchesButton

KEY = "Wk3_-9aZbQ1x"

# As the first public version sent them. They stay in channels for years: never change a line.
SENT = [
    (f"a:{KEY}:page:r0", PageButton, {"key": KEY, "sort": "r", "offset": "0"}),
    (f"a:{KEY}:page:n195", PageButton, {"key": KEY, "sort": "n", "offset": "195"}),
    (f"a:{KEY}:sort:", menu.MenuSelect, {"key": KEY}),
    (f"a:{KEY}:share:o10", share.ShareButton, {"key": KEY, "sort": "o", "offset": "10"}),
    (f"a:{KEY}:up:r5", VoteButton, {"vote": "up", "sort": "r", "offset": "5"}),
    (f"a:{KEY}:down:r0", VoteButton, {"vote": "down", "sort": "r", "offset": "0"}),
    (
        f"a:{KEY}:context:1..r0",
        paragraph.ContextButton,
        {"number": "1", "ordinal": "", "sort": "r"},
    ),
    (f"a:{KEY}:context:12.3.n5", paragraph.ContextButton, {"number": "12", "ordinal": "3"}),
    (f"a:{KEY}:context:2.-1.r0", paragraph.ContextButton, {"number": "2", "ordinal": "-1"}),
    (f"a:{KEY}:context:7.0.", paragraph.ContextButton, {"number": "7", "ordinal": "0", "sort": ""}),
    (f"a:{KEY}:related:2.4.", ask_again.RelatedButton, {"number": "2", "ordinal": "4", "sort": ""}),
    (f"a:{KEY}:menu:n3", menu.MenuSelect, {"key": KEY, "sort": "n", "offset": "3"}),
    (f"a:{KEY}:days:5", timeline.TimelinePageButton, {"key": KEY, "offset": "5"}),
    (f"a:{KEY}:export:days", timeline.TimelineExportButton, {"key": KEY}),
    (f"a:{KEY}:all:", ask_again.AllButton, {"key": KEY}),
    (f"a:{KEY}:alone:", ask_again.AloneButton, {"key": KEY}),
    (f"a:{KEY}:without:", ask_again.WithoutSelect, {"key": KEY}),
    (f"a:{KEY}:follow:", follow_up.FollowUpButton, {"key": KEY}),
    (f"a:{KEY}:drop:dates", ask_again.DropFilterButton, {"filter": "dates"}),
    (f"a:{KEY}:source:島嶼: 氣象", ask_again.SourceButton, {"source": "島嶼: 氣象"}),
    (f"a:{KEY}:ignore:2019年: a", ask_again.IgnoreConditionButton, {"text": "2019年: a"}),
    (f"a:{KEY}:try:0", ask_again.SuggestionButton, {"key": KEY, "index": "0"}),
    ("reindex:cancel", archive.CancelReindexButton, {}),
    ("synonyms:edit", archive.EditSynonymsButton, {}),
    ("questions:synonyms", TrySynonymsSelect, {}),
    (f"a:{KEY}:synonyms:save", SynonymTrialButton, {"key": KEY, "action": "save"}),
    (f"a:{KEY}:synonyms:change", SynonymTrialButton, {"action": "change"}),
    (f"a:{KEY}:synonyms:cancel", SynonymTrialButton, {"action": "cancel"}),
    ("watch:cancel:12", CancelWatchButton, {"id": "12"}),
    ("watch:resume", ResumeWatchesButton, {}),
    ("help:1", HelpButton, {"screen": "1"}),
    ("help:2", HelpButton, {"screen": "2"}),
    ("help:ask:颱風怎麼形成: 1", ExampleButton, {"question": "颱風怎麼形成: 1"}),
    ("forget", ForgetButton, {}),
    ("trend:peak", PeakSelect, {}),
    ("settings:language", SettingSelect, {"setting": "language"}),
    ("settings:private", SettingSelect, {"setting": "private"}),
    ("settings:page", SettingSelect, {"setting": "page"}),
    ("settings:channels", SettingSelect, {"setting": "channels"}),
    ("settings:sources", SettingSelect, {"setting": "sources"}),
    ("sources:0", SourcesPageButton, {"offset": "0"}),
    ("sources:140", SourcesPageButton, {"offset": "140"}),
]


def registered(footnote: Footnote) -> dict[re.Pattern[str], type[Component]]:
    return footnote._connection._view_store._dynamic_items  # type: ignore[return-value]


@pytest.mark.parametrize(("custom_id", "component", "fields"), SENT)
async def test_a_component_of_an_earlier_version_is_parsed(
    custom_id: str,
    component: type[Component],
    fields: dict[str, str],
    footnote: Footnote,
) -> None:
    matching = [
        class_ for template, class_ in registered(footnote).items() if template.fullmatch(custom_id)
    ]
    assert matching == [component]
    button = ui.Button[Any](custom_id=custom_id)
    parsed = await component.from_custom_id(None, button, None)  # type: ignore[arg-type]
    assert parsed.fields.items() >= fields.items()


async def test_every_component_is_registered_and_has_an_earlier_id(footnote: Footnote) -> None:
    assert set(registered(footnote).values()) == {component for _, component, _ in SENT}
