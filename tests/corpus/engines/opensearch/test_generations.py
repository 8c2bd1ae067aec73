"""Generations in a real cluster: what builds, kills and nodes may do to one another."""

import multiprocessing
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus import bm25
from corpus.analysis.analyzer import Analyzer
from corpus.engine import IndexReader, TermQuery
from corpus.engines import open_engine, open_writer
from corpus.engines.opensearch import generation
from corpus.engines.opensearch.address import ClusterAddress
from corpus.engines.opensearch.cluster import Budget, Cluster
from corpus.engines.opensearch.reader import rounded_length
from corpus.engines.opensearch.writer import OpenSearchWriter
from corpus.engines.tokenized import tokenize
from corpus.errors import EngineError, IndexUnusableError
from corpus.model import Article, Paragraph
from tests.cluster.fixtures import on_cluster
from tests.corpus.engines.test_every_engine import (
    ARTICLES,
    FINGERPRINT,
    Engine,
    documents_of,
    keys_of,
    opened,
    write,
)

pytestmark = on_cluster
BUDGET_SECONDS = 30.0


@pytest.fixture(scope="module")
def analyzer(dictionary_cache: Path) -> Analyzer:
    return Analyzer(cache_dir=dictionary_cache.parent)


@pytest.fixture
def engine(search_url: str) -> Engine:
    return Engine(search_url, 1e-5)


def budget() -> Budget:
    return Budget(BUDGET_SECONDS, BUDGET_SECONDS)


def indices(search_url: str) -> list[str]:
    """Return the names of all indices of ``search_url``."""
    address = ClusterAddress.parse(search_url)
    cluster = Cluster(address)
    answer = cluster.request("GET", f"/{address.name}-*", budget())
    cluster.close()
    return sorted(answer)


def add(writer: OpenSearchWriter, articles: Sequence[Article], analyzer: Analyzer) -> None:
    writer.begin_batch(tokenize(articles, analyzer))
    for article in articles:
        writer.add(article, article.path.encode(), keys_of(article, analyzer))


def writer_of(engine: Engine, folder: Path) -> OpenSearchWriter:
    writer = open_writer(engine.search_url, folder, FINGERPRINT)
    assert isinstance(writer, OpenSearchWriter)
    return writer


def statistics(reader: IndexReader) -> tuple[int, float, float, int]:
    found = reader.statistics
    return found.passages, found.average_length, found.idf_floor, reader.stats().terms


def test_the_second_of_two_reindexes_gives_way_at_once(
    engine: Engine, analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "BEAT_SECONDS", 0.2)
    folders = tmp_path / "one", tmp_path / "two"
    with writer_of(engine, folders[0]) as first:
        add(first, ARTICLES[:1], analyzer)
        with (
            writer_of(engine, folders[1]) as second,
            pytest.raises(EngineError, match="Another reindex is writing"),
        ):
            add(second, ARTICLES, analyzer)
        first.commit(None, lambda: None)
    with opened(engine, tmp_path) as search_engine, search_engine.acquire() as reader:
        assert reader.stats().articles == 1


def test_a_reindex_that_was_taken_for_dead_installs_nothing(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    # The lock of the data folder, which a test does not take, makes the first one dead.
    with writer_of(engine, tmp_path) as first:
        add(first, ARTICLES, analyzer)
        with writer_of(engine, tmp_path) as second:
            add(second, ARTICLES[:1], analyzer)
            with pytest.raises(EngineError, match="meanwhile"):
                first.commit(None, lambda: None)
            second.commit(None, lambda: None)
    with opened(engine, tmp_path) as search_engine, search_engine.acquire() as reader:
        assert reader.stats().articles == 1


def test_what_a_killed_build_of_another_machine_left_is_replaced_once_it_shows_no_life(
    engine: Engine, analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "LOST_SECONDS", 0.5)
    monkeypatch.setattr(generation, "_POLL_SECONDS", 0.1)
    killed = writer_of(engine, tmp_path / "elsewhere")
    killed.__enter__()
    add(killed, ARTICLES, analyzer)
    assert killed._pulse is not None
    killed._pulse.stop()
    write(engine, tmp_path, ARTICLES[:1], analyzer)
    with opened(engine, tmp_path) as search_engine, search_engine.acquire() as reader:
        assert reader.stats().articles == 1
    killed.__exit__()
    assert len(indices(engine.search_url)) == 1, "it removes no index but its own"


def test_replaced_generations_are_removed_by_the_next_build_but_for_the_newest(
    engine: Engine, analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "KEPT_SECONDS", 0)
    for _ in range(4):
        write(engine, tmp_path, ARTICLES, analyzer)
    names = [name.rpartition("-")[2] for name in indices(engine.search_url)]
    assert names == ["000003", "000004"]


def test_a_build_that_fails_leaves_nothing_behind(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    write(engine, tmp_path, ARTICLES, analyzer)
    with writer_of(engine, tmp_path) as writer:
        add(writer, ARTICLES, analyzer)
        writer._passages += 1  # as if one had been lost
        with pytest.raises(EngineError, match="instead of"):
            writer.commit(None, lambda: None)
    assert len(indices(engine.search_url)) == 1


def test_an_index_of_another_fingerprint_is_not_read_but_replaced(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    write(engine, tmp_path, ARTICLES, analyzer)
    other = replace(FINGERPRINT, analyzer="another")
    search_engine = open_engine(engine.search_url, tmp_path, other)
    with pytest.raises(IndexUnusableError, match="made for another analyzer"):
        search_engine.refresh()
    with open_writer(engine.search_url, tmp_path, other) as writer:
        assert writer.previous is None
        writer.commit(None, lambda: None)
    search_engine.refresh()
    search_engine.close()


def test_the_statistics_after_many_small_changes_are_those_of_a_fresh_index(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    rng = random.Random(5)
    words = ["台风", "公路", "茶", "ox", "山", "雨量", "记录"]

    def article(i: int) -> Article:
        paragraphs = tuple(
            Paragraph(" ".join(rng.choices(words, k=rng.randrange(5)))) for _ in range(3)
        )
        return Article(0, f"{i}.md", "", None, "", "", None, (), paragraphs)

    articles = {i: article(i) for i in range(6)}
    write(engine, tmp_path, list(articles.values()), analyzer)
    for _ in range(4):
        changed = set(rng.sample(range(6), 2))
        removed = rng.choice([i for i in articles if i not in changed])
        articles |= {i: article(i) for i in changed}
        del articles[removed]
        with writer_of(engine, tmp_path) as writer:
            assert writer.previous is not None
            for i in sorted(articles):
                if i in changed or f"{i}.md" not in writer.previous.articles:
                    add(writer, [articles[i]], analyzer)
                else:
                    writer.copy_from_previous(writer.previous.articles[f"{i}.md"], f"{i}.md")
            writer.commit(None, lambda: None)
        articles[removed] = article(removed)
        with opened(engine, tmp_path) as search_engine, search_engine.acquire() as reader:
            actual = statistics(reader)
        current = [articles[i] for i in sorted(articles) if i != removed]
        documents = documents_of(current, analyzer)
        terms = set().union(*documents)
        counts = {term: sum(term in document for document in documents) for term in terms}
        average = sum(map(len, documents)) / len(documents)
        expected = bm25.collection_statistics(counts, len(documents), average)
        assert actual[0] == expected.passages
        assert actual[1:3] == pytest.approx((expected.average_length, expected.idf_floor))
        assert actual[3] == len(terms)


def _build_until_killed(search_url: str, folder: str, cache: str) -> None:
    writer = open_writer(search_url, Path(folder), FINGERPRINT)
    analyzer = Analyzer(cache_dir=Path(cache))
    with writer:
        assert isinstance(writer, OpenSearchWriter)
        add(writer, ARTICLES, analyzer)
        writer.commit(None, lambda: None)


def test_a_build_killed_at_any_moment_leaves_a_whole_generation(
    engine: Engine, analyzer: Analyzer, tmp_path: Path, dictionary_cache: Path
) -> None:
    analyzer.load()
    context = multiprocessing.get_context("spawn")
    write(engine, tmp_path, ARTICLES[:1], analyzer)
    counts: set[int] = set()
    with opened(engine, tmp_path) as search_engine:
        for i in range(20):
            arguments = engine.search_url, str(tmp_path), str(dictionary_cache.parent)
            process = context.Process(target=_build_until_killed, args=arguments)
            process.start()
            # From before its first request to after its last.
            process.join(0.9 + i * 0.12)
            process.kill()
            process.join()
            with search_engine.acquire() as reader:
                stats = reader.stats()
                hits = reader.search(TermQuery({"公路": 1.0, "茶": 1.0, "雨量": 1.0}), 10)
                assert (stats.articles, len(hits)) in {(1, 2), (3, 4)}
                counts.add(stats.articles)
        write(engine, tmp_path, ARTICLES, analyzer)
        with search_engine.acquire() as reader:
            assert reader.stats().articles == 3


def test_lengths_are_rounded_as_lucene_rounds_them(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    lengths = [1, 23, 24, 39, 40, 41, 57, 90, 300]
    articles = [
        Article(i, f"{i:02}.md", "", None, "", "", None, (), (Paragraph("ox " * length),))
        for i, length in enumerate(lengths)
    ]
    write(engine, tmp_path, articles, analyzer)
    with opened(engine, tmp_path) as search_engine, search_engine.acquire() as reader:
        hits = {hit.passage_id: hit.score for hit in reader.search(TermQuery({"ox": 1.0}), 99)}
        explained = [parts["ox"] for parts in reader.explain({"ox": 1.0}, list(hits))]
        floor, average = reader.statistics.idf_floor, reader.statistics.average_length
    norms = bm25.length_norms(np.array([rounded_length(n) for n in lengths]), average)
    expected = bm25.term_scores(floor, np.array(lengths), norms)
    assert [hits[i] for i in range(len(lengths))] == pytest.approx(expected.tolist(), abs=1e-5)
    assert explained == pytest.approx([*hits.values()], abs=1e-5)
    assert [rounded_length(n) for n in (39, 40, 41, 42)] == [39, 40, 40, 42]
