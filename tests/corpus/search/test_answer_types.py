import pytest

from corpus.search import answer_types
from corpus.search.answer_types import Kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("为什么颱风会转弯", Kind.REASON),
        ("why does it rain", Kind.REASON),
        ("什么时候完工", Kind.TIME),
        ("哪一年通车", Kind.TIME),
        ("when was it built", Kind.TIME),
        ("贷款对象有多少人", Kind.QUANTITY),
        ("有几个名字", Kind.QUANTITY),
        ("how many names are there", Kind.QUANTITY),
        ("名字是谁取的", Kind.PERSON),
        ("who named it", Kind.PERSON),
        ("在哪里登陆", Kind.PLACE),
        ("是哪个国家", Kind.PLACE),
        ("如何验证影片", Kind.MANNER),
        ("how does it work", Kind.MANNER),
        ("什么是花呗", Kind.THING),
        ("颱风", Kind.THING),
    ],
)
def test_a_question_asks_for_one_kind_of_thing(question: str, kind: Kind) -> None:
    assert answer_types.kind(question) is kind


@pytest.mark.parametrize(
    ("sentence", "kind", "offered"),
    [
        ("已达5亿人", Kind.QUANTITY, True),
        ("已达五亿人", Kind.QUANTITY, True),
        ("人很多", Kind.QUANTITY, False),
        ("因为水气被切断", Kind.REASON, True),
        ("水气很多", Kind.REASON, False),
        ("1999年9月21日", Kind.TIME, True),
        ("它很高", Kind.TIME, False),
    ],
)
def test_a_sentence_offers_what_it_holds(sentence: str, kind: Kind, *, offered: bool) -> None:
    assert answer_types.offers(sentence, kind) is offered
