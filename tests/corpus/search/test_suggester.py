from hypothesis import given
from hypothesis import strategies as st

from corpus.engine import ArticleEntry
from corpus.model import NameCount, NameField
from corpus.search.suggester import Completions


def entry(title: str, author: str, source: str, tags: tuple[str, ...]) -> ArticleEntry:
    return ArticleEntry("a.md", title, author, source, None, tags)


def completions(*entries: ArticleEntry) -> Completions:
    return Completions(entries, lambda texts: [text.casefold() for text in texts])


def test_names_that_begin_with_what_was_typed_come_first_then_the_larger() -> None:
    authors = ["Dan Bray", "Ray", "Ray", "Rayner", "Gray", "Gray", "Gray", "Other"]
    found = completions(*(entry("", author, "", ()) for author in authors))
    assert found.names(NameField.AUTHOR, "ray", 4) == (
        NameCount("Ray", 2),
        NameCount("Rayner", 1),
        NameCount("Gray", 3),
        NameCount("Dan Bray", 1),
    )
    assert found.names(NameField.AUTHOR, "", 2) == (NameCount("Gray", 3), NameCount("Ray", 2))


def test_spellings_of_one_name_count_together_and_the_usual_one_is_shown() -> None:
    found = completions(*(entry("", "", source, ()) for source in ("bbc", "BBC", "BBC", "Bbc", "")))
    assert found.names(NameField.SOURCE, "", 9) == (NameCount("BBC", 4),)


def test_an_article_counts_for_each_of_its_tags() -> None:
    found = completions(entry("", "", "", ("tea", "storm")), entry("", "", "", ("storm",)))
    assert found.names(NameField.TAG, "", 9) == (NameCount("storm", 2), NameCount("tea", 1))


def test_titles_hold_every_word_typed_those_they_begin_first_then_the_newest() -> None:
    titles = ["On tea", "Storm over tea", "Tea, a storm", "Tea", "Tea", ""]
    found = completions(*(entry(title, "", "", ()) for title in titles))
    assert found.titles("tea", 9) == ("Tea, a storm", "Tea", "On tea", "Storm over tea")
    assert found.titles("storm tea", 9) == ("Storm over tea", "Tea, a storm")
    assert found.titles("", 2) == ("On tea", "Storm over tea")


@given(st.lists(st.text("abAB ", max_size=4)), st.text("ab ", max_size=3), st.integers(0, 5))
def test_every_name_found_contains_what_was_typed_and_none_is_missed(
    authors: list[str], typed: str, most: int
) -> None:
    found = completions(*(entry("", author, "", ()) for author in authors))
    names = found.names(NameField.AUTHOR, typed, most)
    matching = {author.casefold() for author in authors if author and typed in author.casefold()}
    assert {name.name.casefold() for name in names} <= matching
    assert len(names) == min(most, len(matching))
