"""Which messages are for the bot."""

from typing import Any

import pytest

from bot.gateway.mentions import is_for_bot

BOT = "5"
SAID: dict[str, Any] = {
    "type": 0,
    "guild_id": "1",
    "author": {"id": "7"},
    "mentions": [{"id": "6"}, {"id": BOT}],
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"type": 19}, True),
        ({"guild_id": ..., "mentions": []}, True),
        ({"mentions": []}, False),
        ({"mentions": ...}, False),
        ({"mentions": [{"id": "6"}]}, False),
        ({"type": 7}, False),
        ({"author": {"id": "7", "bot": True}}, False),
        ({"guild_id": ..., "author": {"id": BOT, "bot": True}}, False),
        ({"webhook_id": "8"}, False),
        ({"mentions": [], "mention_everyone": True, "mention_roles": [BOT]}, False),
    ],
)
def test_a_person_mentions_the_bot_replies_with_a_ping_or_writes_to_it_directly(
    changes: dict[str, Any], *, expected: bool
) -> None:
    message = {name: value for name, value in {**SAID, **changes}.items() if value is not ...}
    assert is_for_bot(message, BOT) is expected
