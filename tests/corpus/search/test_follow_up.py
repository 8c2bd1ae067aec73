"""What a question that goes on from another one needs of it, and what needs nothing."""

from collections.abc import Collection
from datetime import date

import pytest

from corpus.analysis.analyzer import Analyzer
from corpus.search.follow_up import MAX_ADDED, added_terms, joined

TODAY = date(2026, 11, 29)
TYPHOON = "2019年山竹颱風登陸造成多少傷亡？"


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def added(
    analyzer: Analyzer, question: str, earlier: str = TYPHOON, **rare: int
) -> tuple[str, ...]:
    def frequencies(words: Collection[str]) -> dict[str, int]:
        return {word: count for word in words if (count := rare.get(word, 50))}

    return added_terms(question, earlier, analyzer, frequencies, today=TODAY)


@pytest.mark.parametrize(
    "question",
    [
        "那後來呢？",
        "那后来呢",
        "and then?",
        "然後呢",
        "為什麼？",
        "後來怎麼樣了",
        "<@123456789012345678> 那後來呢？",
    ],
)
def test_what_says_nothing_by_itself_goes_on_from_all_that_was_asked(
    question: str, analyzer: Analyzer
) -> None:
    assert added(analyzer, question) == ("2019年山竹颱風登陸", "傷亡")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("停電的有多少戶？", ("2019年山竹颱風登陸", "傷亡")),
        ("它什麼時候登陸？", ("2019年山竹颱風", "傷亡")),
        ("那經濟損失呢？", ("2019年山竹颱風登陸", "傷亡")),
        ("所以香港停課了嗎", ("2019年山竹颱風登陸", "傷亡")),
        ("What about Hong Kong?", ("2019年山竹颱風登陸", "傷亡")),
        ("Where did it land?", ("2019年山竹颱風登陸", "傷亡")),
        ("Is there more on that?", ("2019年山竹颱風登陸", "傷亡")),
    ],
)
def test_a_short_question_and_one_that_points_back_get_what_they_lack(
    question: str, expected: tuple[str, ...], analyzer: Analyzer
) -> None:
    assert added(analyzer, question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "臺灣高鐵是哪一年全線通車的？",
        "那臺灣高鐵票價為什麼比臺鐵火車貴那麼多",
        "莎士比亞和他的妻子住在哪裡",
        "「跨海大橋」",
        "鐵路 -颱風",
        "https://example.org/typhoon",
        "When did the high speed railway open in Taiwan?",
        "你好",
        "謝謝！",
        "幫我寫一首詩",
        "😀",
    ],
)
def test_a_full_question_and_talk_get_nothing(question: str, analyzer: Analyzer) -> None:
    assert added(analyzer, question) == ()


def test_a_time_of_its_own_takes_the_place_of_the_earlier_one(analyzer: Analyzer) -> None:
    assert added(analyzer, "那2020年呢？") == ("山竹颱風登陸", "傷亡")
    assert added(analyzer, "去年呢") == ("山竹颱風登陸", "傷亡")


def test_what_names_the_topic_more_exactly_is_added_to_it(analyzer: Analyzer) -> None:
    question = "那颱風什麼時候登陸？"
    assert added(analyzer, question, 台风=40, 登陆=30, 山竹=3, 伤亡=35) == ("2019年山竹",)


def test_what_no_article_holds_is_not_added_and_only_the_rarest_are(analyzer: Analyzer) -> None:
    assert added(analyzer, "那後來呢？", 山竹=0, 伤亡=0) == ("2019年", "颱風登陸")
    words = ["稻田", "水渠", "青蛙", "果園", "漁船", "纜繩", "花朵", "樟樹"]
    counts = {
        "稻田": 1,
        "水渠": 9,
        "青蛙": 3,
        "果园": 8,
        "渔船": 2,
        "缆绳": 4,
        "花朵": 5,
        "樟树": 6,
    }
    found = added(analyzer, "那後來呢？", "、".join(words), **counts)
    assert found == ("稻田", "青蛙", "漁船", "纜繩", "花朵", "樟樹")
    assert len(found) == MAX_ADDED


def test_an_earlier_question_without_a_topic_adds_nothing(analyzer: Analyzer) -> None:
    for earlier in ("", "為什麼？", "那後來呢？", "是誰"):
        assert added(analyzer, "那後來呢？", earlier) == ()


def test_a_chain_of_questions_keeps_its_topic(analyzer: Analyzer) -> None:
    first = added(analyzer, "那經濟損失呢？", "山竹颱風")
    assert first == ("山竹颱風",)
    second = added(analyzer, "為什麼？", joined("那經濟損失呢？", first))
    assert second == ("山竹颱風", "經濟損失")


def test_what_is_added_is_written_as_it_was_typed(analyzer: Analyzer) -> None:
    assert added(analyzer, "and then?", "Typhoons in ＴＡＩＷＡＮ") == ("Typhoons", "ＴＡＩＷＡＮ")
    assert added(analyzer, "and then?", "x\x1fyy zz\u200bcafé") == ("x", "yy", "zzcafé")
