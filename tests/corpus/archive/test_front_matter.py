import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.archive.front_matter import FrontMatter, split_front_matter, text_of, texts_of
from corpus.errors import ArticleError


def test_scalars_are_the_text_as_written() -> None:
    front = split_front_matter(
        "---\ntitle: 2019\ndate: 2019-08-17 09:30:00 +0800\n"
        "draft: yes\nsubtitle:\nnote: ~\n---\n文\n"
    )
    assert front.values == {
        "title": "2019",
        "date": "2019-08-17 09:30:00 +0800",
        "draft": "yes",
        "subtitle": None,
        "note": None,
    }
    assert (front.body, front.format, front.problem) == ("\n文\n", "yaml", "")


@pytest.mark.parametrize(
    "text",
    [
        "# 標題\n\n文",
        "---\n\n一段在橫線下面的文字。",
        "{% include x.html %}\n文",
        "{: .lead}\n文",
        '{"a": 1}\n文',
        "title: 沒有下面的橫線\n文",
        "住址：某處\n---\n文",
        "note: 一句話\n---\n文",
        "title: 這是標題\n這一行不是欄位\n---\n文",
        "---\n兩條橫線之間的一段文字。\n---\n文",
        "---\n- 清單\n---\n文",
    ],
)
def test_a_file_without_front_matter_is_all_body(text: str) -> None:
    assert split_front_matter(text) == FrontMatter({}, text)


def test_front_matter_may_be_empty_and_may_end_in_dots() -> None:
    assert split_front_matter("---\n---\n文") == FrontMatter({}, "\n文", "yaml")
    assert split_front_matter("---\ntitle: a\n...\n文").values == {"title": "a"}


def test_keys_are_compared_without_case_and_the_last_of_two_equal_ones_counts() -> None:
    assert split_front_matter("---\ntitle: a\nTitle: b\n---\n").values == {"title": "b"}


@pytest.mark.parametrize(
    "text",
    [
        '+++\ntitle = "冬天"\ndate = 2021-03-04T08:00:00+08:00\ntags = ["魚", "市場"]\ndraft = false\n+++\n文',
        '{\n  "title": "冬天",\n  "date": "2021-03-04T08:00:00+08:00",\n  "tags": ["魚", "市場"],\n  "draft": false\n}\n文',
        '{"title": "冬天", "date": "2021-03-04T08:00:00+08:00", "tags": ["魚", "市場"], "draft": false}\n文',
        ';;;\n"title": "冬天",\n"date": "2021-03-04T08:00:00+08:00",\n"tags": ["魚", "市場"],\n"draft": false\n;;;\n文',
        '"title": "冬天",\n"date": "2021-03-04T08:00:00+08:00",\n"tags": ["魚", "市場"],\n"draft": false\n;;;\n文',
        "title: 冬天\ndate: 2021-03-04T08:00:00+08:00\ntags:\n- 魚\n- 市場\n\n# 註解\ndraft: false\n---\n文",
        "\n\n---\ntitle: 冬天\ndate: 2021-03-04T08:00:00+08:00\ntags: [魚, 市場]\ndraft: false\n---\n文",
        "----\ntitle: 冬天\ndate: 2021-03-04T08:00:00+08:00\ntags: [魚, 市場]\ndraft: false\n----\n文",
    ],
)
def test_every_format_gives_the_same_values(text: str) -> None:
    front = split_front_matter(text)
    assert front.values == {
        "title": "冬天",
        "date": "2021-03-04T08:00:00+08:00",
        "tags": ["魚", "市場"],
        "draft": "false",
    }
    assert front.body.strip() == "文"
    assert not front.problem


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: a: b\n", "not YAML: mapping values are not allowed in this context (line 2)"),
        ("\tdate: 1\ntitle: a\n", "not YAML"),
        ("title: a\n- a\n", "not YAML"),
        ("a: &x 1\ntitle: a\n", "anchors"),
        ("a: *x\ntitle: a\n", "anchors"),
        ("title: a\na: " + "[" * 50_000 + "\n", "deeper than 20"),
        ("title: a\na: " + "{b: " * 30 + "\n", "deeper than 20"),
        ("title: a\na: " + "x" * 70_000 + "\n", "larger than 64 KB"),
        ("title: a\na: !!int abc\n", "cannot build"),
        ("title: a\na: !!python/object/apply:os.getcwd []\n", "not YAML"),
        ("title: a\n? [a]\n: b\n", "not YAML"),
    ],
)
def test_broken_front_matter_is_read_line_by_line_and_says_why(front: str, reason: str) -> None:
    split = split_front_matter(f"---\n{front}---\n文")
    assert reason in split.problem
    assert "\n" not in split.problem
    assert split.body == "\n文"
    assert str(split.values.get("title", "a"))[0] == "a"


def test_each_line_of_broken_front_matter_counts_by_itself() -> None:
    front = split_front_matter(
        '---\nsummary: "沒有結束\ntitle: "說明": 第二版\nsubtitle: [轉載] 一件事\nauthor: \'王小明\'\ntags: [a, "b c"]\n'
        "categories:\n  - 市場\n  - 魚\nauthors: &x 甲\nlink:\n---\n文"
    )
    assert front.values == {
        "summary": "沒有結束",
        "title": '"說明": 第二版',
        "subtitle": "[轉載] 一件事",
        "author": "王小明",
        "tags": ["a", "b c"],
        "categories": ["市場", "魚"],
        "authors": "甲",
        "link": None,
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('+++\ntitle = "冬天"\ntags = ["魚",, "市場"]\n+++\n文', "not TOML"),
        ('{\n  "title": "冬天",\n  "tags": ["魚",],\n}\n文', "not JSON"),
        (';;;\n"title": "冬天"\n"x": 1\n;;;\n文', "not JSON"),
    ],
)
def test_broken_toml_and_json_are_read_line_by_line(text: str, reason: str) -> None:
    front = split_front_matter(text)
    assert front.values["title"] == "冬天"
    assert reason in front.problem
    assert front.body == "\n文"


@pytest.mark.parametrize(
    ("front", "key", "value"),
    [
        ("title:\u00a0冬天\nx: a: b", "title", "冬天"),
        ("title:冬天\ndate:2021-03-05", "date", "2021-03-05"),
        ("title：冬天\ndate: 2021-03-05", "title", "冬天"),
        (
            "title: a: b\nauthor:\n  name: 王小明\n  link: x",
            "author",
            {"name": "王小明", "link": "x"},
        ),
        (" title: a: b\nlayout: post\n   author: 王小明", "author", "王小明"),
        ("title: a: b\ntags:\n\t- 魚\n\t- 市場", "tags", ["魚", "市場"]),
        ("title: a: b\ntags: [魚,\n  市場,\n  船]\ndate: 2021", "tags", ["魚", "市場", "船"]),
        ("title: *args 與 **kwargs", "title", "*args 與 **kwargs"),
        ("x: &a 甲\ntitle: *a", "title", None),
        ('title: "上" 與 "下"', "title", '"上" 與 "下"'),
        ('title: "他說"不去"就不去"', "title", '他說"不去"就不去'),
        ("x: a: b\ntitle: >\n  港口: 第一天\n  下雨", "title", "港口: 第一天 下雨"),
        ("title: a: b\nexcerpt: |\n  title: 引用的字\ndate: 2021", "title", "a: b"),
    ],
)
def test_broken_yaml_is_read_as_its_author_meant_it(front: str, key: str, value: object) -> None:
    assert split_front_matter(f"---\n{front}\n---\n文").values[key] == value


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("---\ntitle: 冬天\n文", "文"),
        (
            "---\ntitle: 冬天\ntags:\n  - 魚\n\n註：這是文。\n\nkey: 也是文",
            "\n註：這是文。\n\nkey: 也是文",
        ),
        ("---\ntitle: 冬天\n\ndate: 2021\n\nNote: 文", "\nNote: 文"),
        ("---\ntitle: 冬天\n----\n文", "文"),
        ("+++\ntitle = '冬天'\n文", "文"),
        (';;;\n"title": "冬天",\n文', "文"),
    ],
)
def test_front_matter_that_is_not_closed_ends_where_the_text_begins(
    written: str, body: str
) -> None:
    front = split_front_matter(written)
    assert front.values["title"] == "冬天"
    assert front.body == body
    assert "is not closed by a line of" in front.problem


def test_keys_under_params_count_where_they_do_not_stand_beside_it() -> None:
    front = split_front_matter("---\ntitle: 冬天\nparams:\n  title: x\n  author: 甲\n---\n文")
    assert (front.values["title"], front.values["author"]) == ("冬天", "甲")


@pytest.mark.parametrize(
    "front",
    [
        "---\ntags: [" + "a, " * 20_000 + "]\n---\n",
        "---\na: &a [x]\n" + "b: [*a, *a, *a]\n" * 100 + "---\n",
        "+++\na = " + "[" * 60_000 + "\n+++\n",
        '{"title": ' + "[" * 60_000,
        "title: a\n" * 50_000,
        "{" * 60_000,
    ],
)
def test_bombs_are_refused_or_read_at_once(front: str) -> None:
    started = time.process_time()
    split_front_matter(front)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, ""),
        (["", "b", "c"], "b"),
        ([], ""),
        ({"a": "b"}, ""),
        ({"name": "b"}, "b"),
        ([{"title": "c"}], "c"),
        ([["x"]], "x"),
    ],
)
def test_any_value_has_a_text(value: object, text: str) -> None:
    assert text_of(value) == text


def test_a_text_is_split_into_a_list() -> None:
    assert texts_of("a, b，c、d") == ["a", "b", "c", "d"]
    assert texts_of("New York Times") == ["New York Times"]
    assert texts_of("one two", split_on_spaces=True) == ["one", "two"]
    assert texts_of("New York, Rome", split_on_spaces=True) == ["New York", "Rome"]
    assert texts_of(["a, b", None, " c "]) == ["a, b", "c"]
    assert texts_of(None) == []


@given(st.text(alphabet="ab:-[]{}&*!#|>'\"\n ?,%@`\t中", max_size=200))
def test_any_front_matter_gives_a_mapping_or_an_article_error(front: str) -> None:
    try:
        split = split_front_matter(f"---\n{front}\n---\nbody")
    except ArticleError:
        return
    assert all(isinstance(key, str) for key in split.values)
