import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench import people
from tests.folders import with_dictionary

POST = """---
layout: post
title: "{title}"
date: {date}
author: 林一
from: https://example.org/{name}
---

{text}
"""


def write_archive(folder: Path) -> Path:
    posts = folder / "archive" / "_posts"
    posts.mkdir(parents=True)
    for name, title, date, text in [
        (
            "tea",
            "茶與港口",
            "2019-03-04",
            "十九世紀的商船把武夷山的茶葉運到倫敦，單程要走一百二十天。",
        ),
        ("salt", "鹽田", "2020-05-06", "布袋的鹽工每天清晨三點起床，趕在日出以前收鹽。"),
        ("moon", "月下的燈塔", "2020-07-08", "燈塔的看守人一共有七位，輪流住在島上。"),
    ]:
        post = POST.format(title=title, date=date, name=name, text=text)
        (posts / f"{date}-{name}.md").write_text(post, "utf-8")
    return folder / "archive"


def write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def question(**fields: object) -> people.Question:
    known: dict[str, Any] = {
        "id": "q1",
        "kind": "fact",
        "text": "茶葉要運幾天？",
        "expect": "answer",
        "paths": frozenset({"_posts/tea.md"}),
        "urls": frozenset({"https://example.org/tea"}),
        "quotes": ("一百二十天",),
    }
    return people.Question(**known | fields)


def hit(path: str, passage: str, **fields: object) -> dict[str, Any]:
    return {"path": path, "url": None, "passage": passage, "answer": None, **fields}


def test_the_report_tells_what_a_small_archive_answers(
    tmp_path: Path, dictionary_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {
        "id": "q1",
        "kind": "fact",
        "question": "武夷山的茶葉運到倫敦要幾天",
        "expect": "answer",
        "paths": ["_posts/2019-03-04-tea.md"],
        "urls": ["https://example.org/tea"],
        "quotes": ["一百二十天"],
    }
    none = {"id": "q2", "kind": "none-absent", "question": "qzxv wjkp", "expect": "none"}
    questions = write_lines(tmp_path / "people.jsonl", [answer, none])
    write_lines(
        tmp_path / "years.jsonl", [{"question": "布袋的鹽工 燈塔", "year": 2020, "month": 5}]
    )
    write_lines(tmp_path / "typos.jsonl", [{"question": "qzxv", "wanted": None}])
    data_dir = with_dictionary(tmp_path / "var", dictionary_cache)
    options = ["--archive", str(write_archive(tmp_path)), "--questions", str(questions)]

    assert people.main([*options, "--data-dir", str(data_dir), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["answerable"]["passage@1"][0] == 1
    assert report["answerable"]["refused"][0] == 0
    assert report["none"]["right"][0] == 1
    assert set(report["kinds"]) == {"fact", "none-absent"}
    assert report["years"]["questions with at least one"] == 1
    assert report["typos"]["senseless"] == 0
    assert [row["id"] for row in report["rows"]] == ["q1", "q2"]


def test_a_passage_answers_only_in_a_listed_article_with_a_quote() -> None:
    hits = [
        hit("_posts/salt.md", "一百二十天"),
        hit("_posts/tea.md", "茶葉"),
        hit("_posts/tea.md", "走一百 二十天"),
    ]
    figures = people.judge(question(), {"hits": hits}).figures
    assert not figures["article@1"]
    assert figures["article@5"]
    assert not figures["passage@1"]
    assert figures["passage@5"]
    assert people.judge(question(), {"hits": hits[:2]}).figures["passage@5"] is False


def test_a_duplicate_of_a_listed_article_counts_as_it() -> None:
    copy = hit("_posts/copy.md", "一百二十天", duplicates=["https://example.org/tea"])
    assert people.judge(question(), {"hits": [copy]}).figures["passage@1"]


def test_the_marked_sentence_counts_in_the_right_article_only() -> None:
    marked = {"text": "單程要走一百二十天。"}
    right = hit("_posts/tea.md", "一百二十天", answer=marked)
    wrong = hit("_posts/salt.md", "一百二十天", answer=marked)
    assert people.judge(question(), {"hits": [right]}).figures["marked"]
    assert not people.judge(question(), {"hits": [wrong]}).figures["marked"]


@pytest.mark.parametrize(
    ("expect", "outcome", "right"),
    [
        ("none", "closest", True),
        ("none", "answer", False),
        ("none", None, False),
        ("talk", "closest", False),
    ],
)
def test_the_closest_passages_are_right_where_there_is_no_answer_but_not_as_a_reply_to_talk(
    *, expect: str, outcome: str | None, right: bool
) -> None:
    answer = {"hits": [hit("_posts/tea.md", "茶葉")], "outcome": outcome}
    assert people.judge(question(expect=expect), answer).figures == {"right": right}


def test_only_the_first_five_articles_are_counted_for_a_year() -> None:
    dates = ["2019-01-01"] * 5 + ["2020-01-01"]
    hits = [
        {"path": name, "date": date}
        for name, date in zip("abcdef", dates, strict=True)
        for _ in range(2)
    ]
    figures = people.year_figures(
        [{"question": "", "year": 2019, "month": None}, {"question": "", "year": 2020, "month": 1}],
        [{"hits": hits}, {"hits": hits}],
    )
    assert figures["of the time asked for, of five"] == 2.5
    assert figures["questions with at least one"] == 1


def test_a_correction_counts_in_either_script_and_however_it_is_wrapped() -> None:
    typos = [
        {"question": "区块恋", "wanted": "区块链"},
        {"question": "疫描", "wanted": "疫苗"},
        {"question": "蕹菜", "wanted": None},
        {"question": "鸑鷟", "wanted": None},
    ]
    answers: list[people.Answer] = [
        {"suggestions": [], "searched": [{"kind": "correction", "text": "區塊鏈"}]},
        {"suggestions": ["描写"]},
        {"suggestions": ["榨菜"]},
        {"suggestions": [], "searched": ["鸑鷟"]},
    ]
    figures = people.typo_figures(typos, answers)
    assert figures == {"n": 2, "mended": 1, "not to be mended": 2, "senseless": 1}


def test_the_halves_are_about_equal_and_leave_nothing_out() -> None:
    questions = people.read_questions(people.DATA / "people.jsonl")
    halves = [people.half_of(q.id) for q in questions]
    assert set(halves) == {"tune", "validate"}
    assert abs(halves.count("tune") / len(halves) - 0.5) < 0.1


def test_an_interval_is_within_reach_even_where_all_or_none_are_right() -> None:
    assert people.wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert people.wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)
    assert people.wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_each_question_can_be_judged() -> None:
    questions = people.read_questions(people.DATA / "people.jsonl")
    assert len({q.id for q in questions}) == len({q.text for q in questions}) == len(questions)
    for q in questions:
        assert q.expect in {"answer", "none", "talk"}
        assert bool(q.paths and q.quotes and all(q.quotes)) == (q.expect == "answer")
        assert q.text.strip() == q.text
        assert "\n" not in q.text


def test_a_bot_that_fails_is_told_as_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{"id": "q1", "kind": "talk", "question": "哈囉", "expect": "talk"}]
    questions = write_lines(tmp_path / "people.jsonl", lines)
    missing = ["--archive", str(tmp_path / "nowhere"), "--questions", str(questions)]
    assert people.main(missing) == 1
    assert "0 of 1 questions answered" in capsys.readouterr().err
