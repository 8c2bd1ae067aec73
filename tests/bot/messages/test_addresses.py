"""Where a page can still be read after its own address is dead."""

import pytest

from bot.messages.addresses import MAX_URL_CHARS, archived_copy

WAYBACK = "https://web.archive.org/web"


@pytest.mark.parametrize(
    ("url", "date", "copy"),
    [
        ("https://example.org/a", "2019-08-08", f"{WAYBACK}/20190808/https://example.org/a"),
        (
            "http://example.org/颱風?x=1#y",
            "2019-08-08T23:00:00-08:00",
            f"{WAYBACK}/20190808/http://example.org/颱風?x=1#y",
        ),
        ("https://example.org/(a)", None, f"{WAYBACK}/https://example.org/%28a%29"),
        ("https://example.org/a", "八月", f"{WAYBACK}/https://example.org/a"),
    ],
)
def test_a_copy_is_of_the_day_of_the_article(url: str, date: str | None, copy: str) -> None:
    assert archived_copy(url, date) == copy


@pytest.mark.parametrize(
    "url",
    [
        None,
        "javascript:alert(1)",
        "https://example.org/" + "a" * MAX_URL_CHARS,
        "https://web.archive.org/web/2019/https://example.org/",
        "https://archive.ph/abc",
    ],
)
def test_what_cannot_be_linked_or_is_a_copy_itself_has_none(url: str | None) -> None:
    assert archived_copy(url, "2019-08-08") is None
