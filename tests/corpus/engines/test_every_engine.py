"""The one suite that every engine must pass, with rank-bm25 itself as the oracle.

To add an engine, add it to ``ENGINES``, and to the fixture ``engine`` with the tolerance of its
scores.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from corpus import bm25
from corpus.analysis.analyzer import Analyzer
from corpus.engine import (
    FilterKeys,
    Fingerprint,
    FoldedPassage,
    IndexReader,
    SearchEngine,
    TermQuery,
)
from corpus.engines import (
    COMPILED,
    LOCAL,
    MEMORY,
    check_search_url,
    inverter,
    open_engine,
    open_writer,
)
from corpus.errors import CorpusError, IndexUnusableError
from corpus.model import Article, Filters, Noted, Paragraph, Passage, Skipped, SourceCount
from tests.cluster.fixtures import on_cluster

FINGERPRINT = Fingerprint("archive", "analyzer")


@dataclass(frozen=True)
class Engine:
    """An engine under test."""

    search_url: str
    tolerance: float
    """Maximum difference of a score from rank-bm25's."""


ENGINES = [
    "local",
    "compiled",
    "memory",
    pytest.param("one node", marks=on_cluster),
    pytest.param("three nodes", marks=on_cluster),
]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    match request.param:
        case "local":
            return Engine(LOCAL, 1e-6)
        case "compiled":
            return Engine(COMPILED, 1e-6)
        case "memory":
            return Engine(MEMORY, 1e-6)
        case "one node":
            return Engine(request.getfixturevalue("search_url"), 1e-5)
        case _:
            return Engine(request.getfixturevalue("search_url_of_three"), 1e-5)


ARTICLES = (
    Article(
        0,
        "a.md",
        "颱風",
        "2019-08-01T23:30:00-02:00",
        "阿山",
        "山報",
        "https://example.org/a",
        ("天氣",),
        (Paragraph("阿里山的雨量打破紀錄。", "豪雨"), Paragraph("公路中斷三天。")),
    ),
    Article(
        1,
        "b.md",
        "颱風之後",
        "2020-01-05",
        "阿山、阿海",
        "山報",
        None,
        ("天氣", "交通"),
        (Paragraph("公路花了三年才修復，阿里山的雨量還是很大。"),),
    ),
    Article(2, "c.md", "茶", None, "", "海報", None, (), (Paragraph("烏龍茶是半發酵的茶。"),)),
)


@pytest.fixture(scope="module")
def analyzer(dictionary_cache: Path) -> Analyzer:
    return Analyzer(cache_dir=dictionary_cache.parent)


def keys_of(article: Article, analyzer: Analyzer) -> FilterKeys:
    tags = tuple(analyzer.fold(tag) for tag in article.tags)
    author, source = analyzer.fold(article.author), analyzer.fold(article.source)
    return FilterKeys(author, source, tags, analyzer.comparable([article.title])[0])


def write(
    engine: Engine,
    index_dir: Path,
    articles: Sequence[Article],
    analyzer: Analyzer,
    commit: str | None = None,
) -> None:
    """Write a generation of ``articles`` in two batches."""
    with open_writer(engine.search_url, index_dir, FINGERPRINT) as writer:
        for batch in (articles[:1], articles[1:]):
            writer.begin_batch(inverter(engine.search_url)(batch, analyzer))
            for article in batch:
                writer.add(article, article.path.encode(), keys_of(article, analyzer))
        writer.skip([(Skipped("z.md", "holds no text"), b"z"), (Skipped("y.md", "why"), None)])
        writer.note([Noted("b.md", "", "2030-01-01T00:00:00+00:00"), Noted("a.md", "is broken")])
        assert (writer.articles, writer.passages) == (
            len(articles),
            sum(len(article.paragraphs) for article in articles),
        )
        writer.commit(commit, lambda: None)


@contextmanager
def opened(engine: Engine, data_dir: Path) -> Iterator[SearchEngine]:
    """Open an engine that has no generation yet."""
    search_engine = open_engine(engine.search_url, data_dir, FINGERPRINT)
    try:
        yield search_engine
    finally:
        search_engine.close()


@contextmanager
def reading(
    engine: Engine, data_dir: Path, articles: Sequence[Article], analyzer: Analyzer
) -> Iterator[IndexReader]:
    """Read a generation of ``articles``."""
    with opened(engine, data_dir) as search_engine:
        write(engine, search_engine.index_dir, articles, analyzer)
        with search_engine.acquire() as reader:
            yield reader


def documents_of(articles: Sequence[Article], analyzer: Analyzer) -> list[list[str]]:
    """Return the terms of every passage, each text analysed by itself."""
    return [
        [
            term
            for text in (article.title, paragraph.heading, paragraph.text)
            for term in analyzer.terms(text)
        ]
        for article in articles
        for paragraph in article.paragraphs
    ]


def passage_ids(reader: IndexReader, query: TermQuery, k: int = 10) -> list[int]:
    return [hit.passage_id for hit in reader.search(query, k)]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_the_best_passages_and_their_scores_equal_those_of_rank_bm25(
    engine: Engine,
    analyzer: Analyzer,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    texts = st.lists(st.sampled_from(["台风 ", "公路 ", "茶 ", "ox ", "1.5 ", "山 "]), max_size=9)
    bodies = data.draw(st.lists(texts.map("".join), min_size=1, max_size=9))
    articles = [
        Article(i, f"{i}.md", "", None, "", "", None, (), (Paragraph(body),))
        for i, body in enumerate(bodies)
    ]
    documents = documents_of(articles, analyzer)
    boosts = data.draw(
        st.dictionaries(
            st.sampled_from(["台风", "公路", "茶", "ox", "1.5", "山", "無"]),
            st.sampled_from([0.5, 1.0, 2.0]),
            min_size=1,
        )
    )
    k = data.draw(st.integers(1, 12))
    with reading(engine, tmp_path_factory.mktemp("engine"), articles, analyzer) as reader:
        hits = reader.search(TermQuery(boosts), k)
        parts = reader.explain(boosts, [hit.passage_id for hit in hits])
        explained = [sum(shares.values()) for shares in parts]
    expected = [0.0] * len(documents)
    if any(documents):
        model = BM25Okapi(documents, k1=bm25.K1, b=bm25.B)
        for term, boost in boosts.items():
            scores = model.get_scores([term])
            expected = [
                total + boost * score for total, score in zip(expected, scores, strict=True)
            ]
    matching = [i for i, document in enumerate(documents) if boosts.keys() & set(document)]
    assert len(hits) == min(k, len(matching))
    assert {hit.passage_id for hit in hits} <= set(matching)
    best = sorted((expected[i] for i in matching), reverse=True)[:k]
    assert [hit.score for hit in hits] == pytest.approx(best, abs=engine.tolerance)
    assert explained == pytest.approx([hit.score for hit in hits], abs=engine.tolerance)
    for hit in hits:
        assert hit.score == pytest.approx(expected[hit.passage_id], abs=engine.tolerance)


def test_passages_with_equal_scores_come_in_the_order_of_their_ids(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    articles = [
        Article(i, f"{i}.md", "", None, "", "", None, (), (Paragraph(text),))
        for i, text in enumerate(["茶", "公路", "茶", "山", "茶", "台風"])
    ]
    with reading(engine, tmp_path, articles, analyzer) as reader:
        assert passage_ids(reader, TermQuery({"茶": 1.0})) == [0, 2, 4]
        assert passage_ids(reader, TermQuery({"茶": 1.0}), 2) == [0, 2]
        assert passage_ids(reader, TermQuery({"茶": 1.0}), 0) == []


def test_every_passage_found_satisfies_the_conditions(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    with reading(engine, tmp_path, ARTICLES, analyzer) as reader:

        def ids(**conditions: object) -> set[int]:
            boosts = {"公路": 1.0, "雨量": 1.0, "茶": 1.0}
            query = replace(TermQuery(boosts), **conditions)  # pyright: ignore[reportArgumentType]
            return set(passage_ids(reader, query))

        assert ids() == {0, 1, 2, 3}
        assert ids(must=frozenset({"公路"})) == {1, 2}
        assert ids(must=frozenset({"公路", "雨量"})) == {2}
        assert ids(must=frozenset({"無"})) == set()
        assert ids(must_not=frozenset({"雨量", "無"})) == {1, 3}
        assert ids(must=frozenset({"公路"}), must_not=frozenset({"雨量"})) == {1}
        assert ids(paths=frozenset({"a.md", "c.md", "none.md"})) == {0, 1, 3}
        assert ids(paths=frozenset()) == set()
        assert ids(filters=Filters(source="山报")) == {0, 1, 2}
        assert ids(filters=Filters(source="报")) == {0, 1, 2, 3}
        assert ids(filters=Filters(author="阿山")) == {0, 1}, "a whole name excludes longer ones"
        assert ids(filters=Filters(author="阿海")) == {2}
        assert ids(filters=Filters(tag="天气")) == {0, 1, 2}
        assert ids(filters=Filters(tag="天")) == set()
        assert ids(filters=Filters(without_sources=("山报",))) == {3}
        assert ids(filters=Filters(after="2019-08-02")) == {0, 1, 2}, "days are in UTC"
        assert ids(filters=Filters(before="2019-08-02")) == {0, 1}
        assert ids(filters=Filters(after="2020-01-01"), must=frozenset({"公路"})) == {2}


def test_terms_are_counted_and_articles_listed(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    with reading(engine, tmp_path, ARTICLES, analyzer) as reader:
        assert reader.document_frequencies(["公路", "茶", "無"]) == {"公路": 2, "茶": 1}
        statistics = reader.statistics
        lengths = [len(document) for document in documents_of(ARTICLES, analyzer)]
        assert statistics.passages == len(lengths)
        assert statistics.average_length == pytest.approx(sum(lengths) / len(lengths))
        assert reader.articles_with({"公路"}) == {0, 1}
        assert reader.articles_with({"公路", "雨量"}) == {1}
        assert reader.articles_with({"公路", "無"}) == set()
        assert reader.articles_with(set()) == set()
        assert reader.similar_bigrams("公车") == ["公路"]
        assert reader.days(Filters()) == {0: "2019-08-02", 1: "2020-01-05"}
        assert reader.days(Filters(after="2020-01-01")) == {1: "2020-01-05"}
        entries = reader.entries()
        assert [entry.path for entry in entries] == ["b.md", "a.md", "c.md"]
        assert list(entries[0].tags) == ["天氣", "交通"]
        assert (entries[1].title, entries[1].url) == ("颱風", "https://example.org/a")


def test_passages_and_articles_are_read_as_they_were_added(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    with reading(engine, tmp_path, ARTICLES, analyzer) as reader:
        assert reader.passages([2, 0]) == [
            Passage(2, 1, 0, ARTICLES[1].paragraphs[0].text),
            Passage(0, 0, 0, ARTICLES[0].paragraphs[0].text, "豪雨"),
        ]
        assert reader.passages([]) == []
        assert reader.folded_passages([2, 1, 0]) == [
            FoldedPassage("台风之后", " 公路花了三年才修复,阿里山的雨量还是很大。", 0),
            FoldedPassage("台风", " 公路中断三天。", 1),
            FoldedPassage("台风", "豪雨 阿里山的雨量打破纪录。", 0),
        ]
        assert reader.folded_passages([]) == []
        assert reader.articles([1, 1]) == {1: replace(ARTICLES[1], paragraphs=())}
        stored = reader.article("a.md")
        assert stored is not None
        assert (stored.article, stored.first_passage) == (ARTICLES[0], 0)
        hits = reader.search(TermQuery({"公路": 1.0, "雨量": 1.0}), 9)
        hashes = {hit.passage_id: hit.content_hash for hit in hits if hit.article_id == 0}
        assert hashes == dict(enumerate(stored.content_hashes))
        assert reader.article("none.md") is None
        assert reader.article("\ud800") is None


def test_the_same_words_have_the_same_content_hash(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    texts = ["颱風 來了", "台风来了", "颱風走了"]
    articles = [
        Article(i, f"{i}.md", "", None, "", "", None, (), (Paragraph(text),))
        for i, text in enumerate(texts)
    ]
    with reading(engine, tmp_path, articles, analyzer) as reader:
        hits = reader.search(TermQuery({"台风": 1.0}), 9)
        hashes = {hit.passage_id: hit.content_hash for hit in hits}
        assert hashes[0] == hashes[1] != hashes[2]
        assert reader.passages_with_content(hashes[0]) == [0, 1]
        assert reader.passages_with_content(hashes[2]) == [2]
        for unknown in (0, 2**64 - 1):
            assert reader.passages_with_content(unknown) == []


def test_the_stats_count_what_was_written(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    with reading(engine, tmp_path, ARTICLES, analyzer) as reader:
        stats = reader.stats()
    assert (stats.articles, stats.passages, stats.archive) == (3, 4, "archive")
    assert stats.terms == len(set().union(*documents_of(ARTICLES, analyzer)))
    assert stats.skipped == (Skipped("y.md", "why"), Skipped("z.md", "holds no text"))
    assert stats.noted == (Noted("a.md", "is broken"),)
    assert stats.sources == (
        SourceCount("山報", 2, "2019-08-02", "2020-01-05"),
        SourceCount("海報", 1, None, None),
    )
    assert (stats.first_date, stats.last_date) == ("2019-08-02", "2020-01-05")
    assert stats.generation == reader.generation


def test_an_engine_opens_the_newest_generation_while_the_old_one_is_read(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    with opened(engine, tmp_path) as search_engine:
        refreshed: list[bool] = []
        search_engine.on_refresh(lambda: refreshed.append(search_engine.is_open))
        with pytest.raises(IndexUnusableError, match="no index yet"):
            search_engine.refresh()
        assert not search_engine.is_open
        write(engine, search_engine.index_dir, ARTICLES, analyzer)
        with search_engine.acquire() as old:
            write(engine, search_engine.index_dir, ARTICLES[:1], analyzer)
            with search_engine.acquire() as new:
                assert new.generation != old.generation
                assert (new.stats().articles, old.stats().articles) == (1, 3)
            assert passage_ids(old, TermQuery({"茶": 1.0})) == [3]
        search_engine.refresh()
        assert refreshed == [True, True], "an open generation is not opened again"
    with pytest.raises(IndexUnusableError), search_engine.acquire():
        pass


def test_a_generation_that_was_not_committed_is_never_read(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    with opened(engine, tmp_path) as search_engine:
        write(engine, search_engine.index_dir, ARTICLES, analyzer)
        with search_engine.acquire() as reader:
            before = reader.generation

        class Stopped(Exception):  # noqa: N818 (no error)
            pass

        def stop_before_commit() -> None:
            index_dir = search_engine.index_dir
            with open_writer(engine.search_url, index_dir, FINGERPRINT) as writer:
                writer.begin_batch(inverter(engine.search_url)(ARTICLES[:1], analyzer))
                writer.add(ARTICLES[0], b"", keys_of(ARTICLES[0], analyzer))
                raise Stopped

        with pytest.raises(Stopped):
            stop_before_commit()
        with search_engine.acquire() as reader:
            assert reader.generation == before


def test_an_empty_archive_has_no_results_and_raises_no_error(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    with reading(engine, tmp_path, (), analyzer) as reader:
        assert passage_ids(reader, TermQuery({"茶": 1.0})) == []
        assert reader.document_frequencies(["茶"]) == {}
        assert (reader.entries(), reader.days(Filters())) == ([], {})
        assert reader.similar_bigrams("公路") == []
        assert reader.stats().articles == 0


def test_an_article_copied_from_the_previous_generation_equals_an_added_one(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    if engine.search_url == MEMORY:
        pytest.skip("it has no previous generation")
    rng = random.Random(3)
    for renamed in (None, "d.md"):
        write(engine, tmp_path, ARTICLES, analyzer)
        with open_writer(engine.search_url, tmp_path, FINGERPRINT) as writer:
            previous = writer.previous
            assert previous is not None
            assert previous.digests().keys() == {"a.md", "b.md", "c.md", "z.md"}
            paths = sorted(rng.sample(["b.md", "c.md"], 2))
            for path in paths:
                new_path = renamed if renamed and path == "c.md" else path
                writer.copy_from_previous(previous.articles[path], new_path)
            writer.commit("c0ffee", lambda: None)
        with opened(engine, tmp_path) as search_engine, search_engine.acquire() as reader:
            assert reader.stats().commit == "c0ffee"
            assert [entry.path for entry in reader.entries()] == ["b.md", renamed or "c.md"]
            assert sorted(passage_ids(reader, TermQuery({"茶": 1.0, "公路": 1.0}))) == [0, 1]
            assert [title for title, _, _ in reader.folded_passages([1, 0])] == ["茶", "台风之后"]
            assert reader.document_frequencies(["公路", "颱風", "台风"]) == {"公路": 1, "台风": 1}


def test_an_archive_too_large_for_memory_is_refused_with_a_sentence(
    analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.engines.memory.MAX_PASSAGES", 3)
    with pytest.raises(CorpusError, match="too many for SEARCH_URL=memory: leave SEARCH_URL empty"):
        write(Engine(MEMORY, 0), tmp_path, ARTICLES, analyzer)


@pytest.mark.parametrize("search_url", ["memory", "ftp://example.org", "local"])
def test_a_url_that_names_no_engine_is_refused(search_url: str) -> None:
    with pytest.raises(CorpusError, match="address of an OpenSearch cluster"):
        check_search_url(search_url)


def test_a_compiler_that_is_missing_is_named_with_how_to_install_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    analyzer: Analyzer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write(Engine(COMPILED, 0), tmp_path, ARTICLES, analyzer)
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "corpus.engines.local.compiled", raising=False)
    with pytest.raises(CorpusError, match="run pip install numba"):
        check_search_url(COMPILED)
    # Where numba cannot be used, such as with a newer numpy, the search goes on without it.
    with opened(Engine(COMPILED, 0), tmp_path) as engine, engine.acquire() as reader:
        assert passage_ids(reader, TermQuery({"公路": 1.0})) == [1, 2]
    assert "The search is not compiled: " in caplog.text


def test_the_compiled_engine_searches_the_local_one_s_index(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    write(Engine(LOCAL, 0), tmp_path, ARTICLES, analyzer)
    with opened(Engine(COMPILED, 0), tmp_path) as engine, engine.acquire() as reader:
        assert passage_ids(reader, TermQuery({"公路": 1.0})) == [1, 2]


def test_all_but_the_engine_in_memory_keep_their_index(engine: Engine, tmp_path: Path) -> None:
    with opened(engine, tmp_path) as search_engine:
        assert search_engine.keeps_index == (engine.search_url != MEMORY)
