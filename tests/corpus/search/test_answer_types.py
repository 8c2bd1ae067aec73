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
        ("贷款对象有多少人", Kind.COUNT),
        ("有几个名字", Kind.COUNT),
        ("他活到几岁", Kind.AGE),
        ("多大岁数走的", Kind.AGE),
        ("how old was he", Kind.AGE),
        ("申请费要多少钱", Kind.MONEY),
        ("票价是多少", Kind.MONEY),
        ("how much does it cost", Kind.MONEY),
        ("失业率是多少", Kind.SHARE),
        ("被停赛多久", Kind.DURATION),
        ("几年会到期", Kind.DURATION),
        ("how long did it take", Kind.DURATION),
        ("这几年的变化", Kind.THING),
        ("火龙卷有多热", Kind.MEASURE),
        ("how far is it", Kind.MEASURE),
        ("增加了多少", Kind.QUANTITY),
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
    assert answer_types.asked(question).kind is kind


@pytest.mark.parametrize(
    ("question", "sentence", "offered"),
    [
        ("有多少人", "已达5亿人", True),
        ("有多少人", "发现39具尸体", True),
        ("有多少人", "总共30棵树", False),
        ("种了几棵桃树", "共230株", True),
        ("种了几棵桃树", "共230人", False),
        ("增加了多少", "增加了500", True),
        ("增加了多少", "人很多", False),
        ("活到几岁", "享年77岁", True),
        ("活到几岁", "共77人", False),
        ("要多少钱", "申请费120欧元", True),
        ("要多少钱", "it costs $30", True),
        ("要多少钱", "第12条", False),
        ("失业率是多少", "升到19%", True),
        ("失业率是多少", "升到19人", False),
        ("停赛多久", "禁赛8年", True),
        ("停赛多久", "在2019年", False),
        ("有多热", "高达1482摄氏度", True),
        ("有多热", "高达1482人", False),
        ("为什么", "因为水气被切断", True),
        ("为什么", "水气很多", False),
        ("什么时候", "1999年9月21日", True),
        ("什么时候", "它很高", False),
    ],
)
def test_a_sentence_offers_what_is_asked_for(
    question: str, sentence: str, *, offered: bool
) -> None:
    assert answer_types.asked(question).is_offered(sentence) is offered
