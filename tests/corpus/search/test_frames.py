from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.analyzer import Analyzer
from corpus.search.frames import CONTEXT_WEIGHT, GREETING_WEIGHT, Clause, clauses


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def topics(text: str) -> list[tuple[str, float]]:
    return [(text[c.start : c.end], c.weight) for c in clauses(text) if c.weight]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        # requests
        ("找一下關於水母的報導", "水母"),
        ("給我推薦幾篇講火山的文章", "火山"),
        ("列出所有和登山有關的文章", "登山"),
        ("有沒有潛水相關的文章", "潜水"),
        ("能不能告訴我什麼是量子糾纏", "什么是量子纠缠"),
        ("可以幫我找一下介紹故宮的資料嗎，謝謝", "故宫"),
        ("我想了解一下明朝的海禁", "明朝的海禁"),
        ("我想看賽車的文章，有什麼可以讀", "赛车"),
        ("麻煩推薦一些寫蘇東坡的", "苏东坡"),
        ("求推荐三篇关于园艺的帖子", "园艺"),
        ("帮忙搜一下地铁涨价的新闻", "地铁涨价"),
        ("你们这里有没有讲冲浪的", "冲浪"),
        ("tell me about jellyfish", "jellyfish"),
        ("Hi can you tell me something about jellyfish, please?", "jellyfish"),
        ("what do you know about black holes", "black holes"),
        ("is there anything on coral reefs?", "coral reefs"),
        ("are there any articles about whales", "whales"),
        ("do you have stories about lighthouses", "lighthouses"),
        ("I'm looking for articles on typhoons", "typhoons"),
        ("Can you recommend some good posts about coffee?", "coffee"),
        ("could you explain inflation", "inflation"),
        ("articles about whales", "whales"),
        ("I'd like to learn about glaciers", "glaciers"),
        # forms of questions
        ("咖啡是怎麼回事", "咖啡"),
        ("冰河期到底是怎么一回事呢", "冰河期"),
        ("內捲是什麼意思", "内卷"),
        ("那篇論文講了什麼", "那篇论文"),
        ("How does photosynthesis work?", "photosynthesis"),
        ("what does CRISPR mean", "crispr"),
        # politeness and hearsay
        ("請問有人知道颱風怎麼命名嗎？", "台风怎么命名"),
        ("不好意思，請問捷運末班車幾點", "捷运末班车几点"),
        ("聽說木星有環", "木星有环"),
        ("之前好像看過一篇講海底電纜的", "海底电缆"),
    ],
)
def test_the_frame_is_dropped_and_the_topic_stays(
    analyzer: Analyzer, question: str, topic: str
) -> None:
    assert topics(analyzer.fold(question)) == [(topic, 1.0)]


@pytest.mark.parametrize(
    "question",
    """搜索引擎怎么运作|找工作的方法|新闻自由|假新闻的历史|介绍信怎么写|看看世界 节目|给青年诗人的信|来自星星的你|说文解字 作者|读书会|有机农业|帮佣的薪水
    能量饮料|可以吃的花|知道的太多的人|不知道的事|请君入瓮|请愿书|求生之路|再见列宁|推荐信 模板|关系|相关系数|写作课|和平协议|与狼共舞|跟踪软件
    show business|list of rivers|news anchors|find my phone feature|who is ada lovelace|hello kitty 历史|the story of tea|information theory
    so-called experts|explainable ai|tellme networks|pieces of eight|on the road|about-face""".replace(
        "\n    ", "|"
    ).split("|"),
)
def test_a_topic_that_begins_like_a_frame_is_left_alone(question: str) -> None:
    assert topics(question) == [(question, 1.0)]


@pytest.mark.parametrize(
    "question",
    ["有没有文章", "推荐", "找一下", "tell me about", "是什么", "请问", "谢谢", "有关的", "?", ""],
)
def test_a_question_of_nothing_but_a_frame_is_kept(question: str) -> None:
    assert clauses(question) == [Clause(0, len(question), 1.0)]


def test_a_clause_that_asks_or_tells_much_leads(analyzer: Analyzer) -> None:
    text = analyzer.fold(
        "大家好，昨天跟同學聊到企鵝在零下六十度的冬天要怎麼孵蛋，我家沒有冷氣，誰發現的？謝謝！"
    )
    assert topics(text) == [
        ("大家好", GREETING_WEIGHT),
        ("昨天跟同学聊到企鹅在零下六十度的冬天要怎么孵蛋", 1.0),
        ("我家没有冷气", CONTEXT_WEIGHT),
        ("谁发现", 1.0),
    ]


def test_a_greeting_may_be_part_of_a_name_and_so_counts_a_little() -> None:
    assert topics("你好，李焕英的票房多少") == [
        ("你好", GREETING_WEIGHT),
        ("李焕英的票房多少", 1.0),
    ]


def test_what_was_dropped_is_told_in_order() -> None:
    (clause,) = clauses("我想看赛车的文章")
    assert clause.dropped == ("我想看", "的文章")


@given(
    st.text(st.sampled_from("请问找一下关于的文章有没吗我想看，。 tell me about猫"), max_size=40)
)
def test_any_text_has_a_topic_inside_it(text: str) -> None:
    found = clauses(text)
    assert max(clause.weight for clause in found) == 1.0
    assert all(0 <= c.start <= c.end <= len(text) for c in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
