"""Trouble on the way to a real cluster, in the midst of a reindex and of questions."""

import json
from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer
from corpus.engine import TermQuery
from corpus.engines.opensearch import cluster, writer
from corpus.engines.opensearch.address import ClusterAddress
from corpus.engines.opensearch.cluster import Budget, Cluster
from corpus.errors import EngineError
from tests.cluster.fixtures import on_cluster
from tests.cluster.nodes import Cluster as Nodes
from tests.corpus.engines.opensearch.fake_cluster import Answer, Trouble, standing_before
from tests.corpus.engines.test_every_engine import ARTICLES, Engine, opened, write

pytestmark = on_cluster
QUERY = TermQuery({"公路": 1.0, "茶": 1.0, "雨量": 1.0})


@pytest.fixture(scope="module")
def analyzer(dictionary_cache: Path) -> Analyzer:
    return Analyzer(cache_dir=dictionary_cache.parent)


@pytest.fixture
def engine(search_url: str) -> Engine:
    return Engine(search_url, 1e-5)


def through(engine: Engine, hosts: str) -> Engine:
    """Return the same engine, reached by way of ``hosts``."""
    return Engine(f"http://{hosts}/{ClusterAddress.parse(engine.search_url).name}", 1e-5)


def node_of(engine: Engine) -> str:
    return engine.search_url.rpartition("/")[0]


def articles_found(engine: Engine, folder: Path) -> int:
    with opened(engine, folder) as search_engine, search_engine.acquire() as reader:
        return len({hit.article_id for hit in reader.search(QUERY, 10)})


@pytest.mark.parametrize("lost", list(Trouble), ids=lambda trouble: trouble.name)
def test_a_cluster_that_goes_away_at_the_switch_keeps_one_whole_generation(
    lost: Trouble,
    engine: Engine,
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(engine, tmp_path, ARTICLES[:1], analyzer)
    monkeypatch.setattr(writer, "BUILD_SECONDS", 1.0)
    is_away = False

    def meddle(path: str, _: bytes) -> Trouble | None:
        nonlocal is_away
        if is_away:
            return Trouble.REQUEST_LOST
        is_away = path == "/_aliases"
        return lost if is_away else None

    with (
        standing_before(node_of(engine), meddle) as hosts,
        pytest.raises(EngineError, match="does not answer"),
    ):
        write(through(engine, hosts), tmp_path, ARTICLES, analyzer)
    before_next = articles_found(engine, tmp_path)
    assert before_next == {Trouble.REQUEST_LOST: 1, Trouble.ANSWER_LOST: 3}[lost]
    monkeypatch.undo()
    write(engine, tmp_path, ARTICLES[:2], analyzer)
    assert articles_found(engine, tmp_path) == 2


def test_a_switch_whose_answer_is_lost_is_no_failure(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    troubles = [Trouble.ANSWER_LOST]

    def meddle(path: str, _: bytes) -> Trouble | None:
        return troubles.pop() if path == "/_aliases" and troubles else None

    with standing_before(node_of(engine), meddle) as hosts:
        write(through(engine, hosts), tmp_path, ARTICLES, analyzer)
    assert not troubles
    assert articles_found(engine, tmp_path) == 3


def test_documents_that_an_overloaded_cluster_refuses_are_sent_again(
    engine: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    refused: list[int] = []

    def meddle(path: str, body: bytes) -> Answer | None:
        if not path.split("?", maxsplit=1)[0].endswith("/_bulk") or len(refused) == 4:
            return None
        actions = body.splitlines()[::2]
        refused.append(len(actions))
        if len(refused) % 2:  # the whole request, then each of its documents
            return 429, {"error": {"type": "rejected", "reason": "too much"}, "status": 429}
        items = [{"index": {"_id": json.loads(a)["index"]["_id"], "status": 429}} for a in actions]
        return 200, {"errors": True, "items": items}

    with standing_before(node_of(engine), meddle) as hosts:
        write(through(engine, hosts), tmp_path, ARTICLES, analyzer)
    assert len(refused) == 4
    with opened(engine, tmp_path) as search_engine, search_engine.acquire() as reader:
        assert reader.stats().articles == len(ARTICLES)
        written = sum(len(article.paragraphs) for article in ARTICLES)
        assert len(reader.passages(range(written))) == written


def test_a_cluster_that_stays_overloaded_ends_the_reindex_with_a_sentence(
    engine: Engine, analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(engine, tmp_path, ARTICLES[:1], analyzer)
    monkeypatch.setattr(writer, "BUILD_SECONDS", 0.5)

    def meddle(path: str, _: bytes) -> Answer | None:
        return (429, {"error": {"type": "rejected"}}) if "/_bulk" in path else None

    with (
        standing_before(node_of(engine), meddle) as hosts,
        pytest.raises(EngineError, match="is overloaded"),
    ):
        write(through(engine, hosts), tmp_path, ARTICLES, analyzer)
    assert articles_found(engine, tmp_path) == 1


def test_a_question_goes_on_when_the_cluster_is_back(
    engine: Engine, analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(engine, tmp_path, ARTICLES, analyzer)
    monkeypatch.setattr(cluster, "QUESTION_SECONDS", 0.3)
    is_away = False

    def meddle(_: str, __: bytes) -> Trouble | None:
        return Trouble.REQUEST_LOST if is_away else None

    with (
        standing_before(node_of(engine), meddle) as hosts,
        opened(through(engine, hosts), tmp_path) as search_engine,
    ):
        with search_engine.acquire() as reader:
            before = reader.search(QUERY, 10)
            is_away = True
            with pytest.raises(EngineError, match="does not answer"):
                reader.search(TermQuery({"ox": 1.0}), 10)
        with pytest.raises(EngineError, match="does not answer"), search_engine.acquire():
            pass
        assert not search_engine.is_open
        is_away = False
        monkeypatch.undo()
        with search_engine.acquire() as reader:
            assert reader.search(QUERY, 10) == before
        assert search_engine.is_open


def test_a_part_of_the_index_that_no_node_has_is_said_to_be_missing(
    three_nodes: Nodes,
    search_url_of_three: str,
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine(search_url_of_three, 1e-5)
    write(engine, tmp_path, ARTICLES, analyzer)
    address = ClusterAddress.parse(engine.search_url)
    budget = Budget(30, 30)
    keeper = Cluster(address)
    alone = {"index": {"auto_expand_replicas": False, "number_of_replicas": 0}}
    keeper.request("PUT", f"/{address.name}/_settings", budget, alone)
    parts = keeper.request("GET", f"/_cat/shards/{address.name}", budget, format="json")
    victim = max(part["node"] for part in parts)
    with opened(engine, tmp_path) as search_engine:
        with search_engine.acquire():
            pass
        three_nodes.kill(victim)
        monkeypatch.setattr(cluster, "QUESTION_SECONDS", 5.0)
        with (
            pytest.raises(EngineError, match="the cluster is red"),
            search_engine.acquire() as reader,
        ):
            reader.search(QUERY, 10)
        monkeypatch.undo()
        three_nodes.begin(victim)
        three_nodes.wait_for(victim)
        keeper.request("GET", f"/_cluster/health/{address.name}", budget, wait_for_status="green")
        with search_engine.acquire() as reader:
            assert len(reader.search(QUERY, 10)) == 4
    keeper.close()
