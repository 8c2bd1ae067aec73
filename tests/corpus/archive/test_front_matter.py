import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.archive.front_matter import split_front_matter, text_of, texts_of
from corpus.errors import ArticleError


def test_scalars_are_the_text_as_written() -> None:
    front, body = split_front_matter(
        "---\ntitle: 2019\ndate: 2019-08-17 09:30:00 +0800\n"
        "draft: yes\nsubtitle:\nnote: ~\n---\n文\n"
    )
    assert front == {
        "title": "2019",
        "date": "2019-08-17 09:30:00 +0800",
        "draft": "yes",
        "subtitle": None,
        "note": None,
    }
    assert body == "\n文\n"


def test_a_file_without_front_matter_is_all_body() -> None:
    assert split_front_matter("# 標題\n\n文") == ({}, "# 標題\n\n文")


def test_front_matter_may_be_empty_and_may_end_in_dots() -> None:
    assert split_front_matter("---\n---\n文") == ({}, "\n文")
    assert split_front_matter("---\ntitle: a\n...\n文") == ({"title": "a"}, "\n文")


def test_the_last_of_two_equal_keys_counts() -> None:
    front, _ = split_front_matter("---\ntitle: a\ntitle: b\n---\n")
    assert front == {"title": "b"}


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: a\n", "not closed"),
        ("title: a: b\n---\n", "not YAML: mapping values are not allowed in this context (line 2)"),
        ("\ttitle: a\n---\n", "not YAML"),
        ("- a\n---\n", "not a mapping"),
        ("just words\n---\n", "not a mapping"),
        ("a: &x 1\nb: 2\n---\n", "anchors"),
        ("a: *x\n---\n", "anchors"),
        ("a: " + "[" * 50_000 + "\n---\n", "deeper than 20"),
        ("a: " + "{b: " * 30 + "\n---\n", "deeper than 20"),
        ("a: " + "x" * 70_000 + "\n---\n", "larger than 64 KB"),
        ("a: !!int abc\n---\n", "cannot build"),
        ("a: !!python/object/apply:os.getcwd []\n---\n", "not YAML"),
        ("? [a]\n: b\n---\n", "not YAML"),
    ],
)
def test_unusable_front_matter_is_refused_with_its_reason(front: str, reason: str) -> None:
    with pytest.raises(ArticleError) as caught:
        split_front_matter("---\n" + front)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_merge_keys_and_long_flow_lists_are_refused_or_parsed_at_once() -> None:
    started = time.process_time()
    split_front_matter("---\ntags: [" + "a, " * 20_000 + "]\n---\n")
    with pytest.raises(ArticleError):
        split_front_matter("---\na: &a [x]\n" + "b: [*a, *a, *a]\n" * 100 + "---\n")
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (None, ""), (["", "b", "c"], "b"), ([], ""), ({"a": "b"}, ""), ([["x"]], "x")],
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
        mapping, _ = split_front_matter(f"---\n{front}\n---\nbody")
    except ArticleError:
        return
    assert all(isinstance(key, str) for key in mapping)
