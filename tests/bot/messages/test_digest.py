"""A regular list keeps Discord's limits whatever it holds, in every language."""

from datetime import date

import pytest

from bot.localization import Texts
from bot.messages.digest import MAX_ARTICLES, blocks
from bot.messages.layout import Reply
from bot.messages.watch import cancel_row
from bot.settings import LOCALES
from bot.state.watches import DigestKind
from corpus.model import Listing
from tests.bot.messages.test_answer import article, check_limits

PERIOD = date(2026, 11, 30)


@pytest.mark.parametrize("kind", DigestKind)
@pytest.mark.parametrize("locale", LOCALES)
def test_long_titles_and_addresses_leave_the_others_as_a_number(
    locale: str, kind: DigestKind
) -> None:
    t = Texts().get(locale)
    articles = tuple(
        article(
            title="[題](x) @everyone 😀" * 30,
            url="https://example.org/" + "路" * 450,
            source="來源*" * 30,
            date=date_,
        )
        for date_ in (None, "2019-11-30T23:00:00+08:00", "garbage")
    )
    many = tuple(articles[i % 3] for i in range(MAX_ARTICLES[kind]))
    shown = blocks(kind, PERIOD, Listing(many, 2_000), t)
    reply = Reply(shown, [cancel_row(1, t)])
    check_limits(reply)
    lines = shown[1].split("\n")
    assert lines[-1] == f"-# {t('digest-more', count=2_000 - (len(lines) - 1))}"
    assert reply.texts() == shown
    assert "@everyone" not in shown[1]


def test_a_list_that_holds_all_says_nothing_of_more() -> None:
    t = Texts().get("zh-TW")
    _, lines = blocks(DigestKind.WEEKLY, PERIOD, Listing((article(),), 1), t)
    assert lines.count("\n") == 0
