"""discord.py's internals are used only in versions that were tried."""

import pytest
from discord.gateway import DiscordWebSocket

from bot.errors import LibraryError
from bot.gateway import patches


@pytest.mark.parametrize("version", [(2, 7, 0), (2, 8, 0), (3, 0, 0)])
def test_a_version_that_was_not_tried_is_refused(version: tuple[int, int, int]) -> None:
    with pytest.raises(LibraryError, match=r"needs discord\.py 2\.7\.1"):
        patches.check(version)


def test_a_name_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(DiscordWebSocket, "poll_event")
    with pytest.raises(LibraryError, match=r"lacks DiscordWebSocket\.poll_event"):
        patches.check((2, 7, 1))


def test_an_attribute_that_is_no_longer_set_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_keep_alive(self: DiscordWebSocket) -> None: ...

    monkeypatch.setattr(DiscordWebSocket, "__init__", without_keep_alive)
    with pytest.raises(LibraryError, match=r"lacks DiscordWebSocket\._keep_alive"):
        patches.check((2, 7, 5))
