"""A node of three is killed while questions are answered."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer
from corpus.engine import ScoredPassage, SearchEngine, TermQuery
from corpus.engines.opensearch import generation
from corpus.engines.opensearch.address import ClusterAddress
from corpus.engines.opensearch.cluster import Budget
from corpus.engines.opensearch.cluster import Cluster as Nodes
from tests.cluster.fixtures import on_cluster
from tests.cluster.nodes import Cluster
from tests.corpus.engines.test_every_engine import ARTICLES, Engine, opened, write
from tests.soak import Soak

pytestmark = on_cluster
SECONDS = 8.0
PROMISED_SECONDS = 3.0


class Asker:
    """Asks at a steady rate, each question in a thread of its own."""

    def __init__(self, engine: SearchEngine, rate: int) -> None:
        """Ask ``engine``, ``rate`` times a second."""
        self._engine = engine
        self._rate = rate
        self._lock = threading.Lock()
        self.answers: list[tuple[list[tuple[int, float]], float]] = []
        """The passages and their scores, and the seconds that each question took."""
        self.failures: list[Exception] = []

    def _ask(self) -> None:
        started = time.monotonic()
        try:
            with self._engine.acquire() as reader:
                hits = reader.search(TermQuery({"公路": 1.0, "茶": 1.0, "雨量": 1.0}), 10)
                reader.passages([hit.passage_id for hit in hits])
        except Exception as error:  # noqa: BLE001 (the test shows it)
            with self._lock:
                self.failures.append(error)
            return
        scores = [(hit.passage_id, round(hit.score, 5)) for hit in hits]
        with self._lock:
            self.answers.append((scores, time.monotonic() - started))

    def run(self, seconds: float) -> None:
        """Ask for that long, and wait for all answers."""
        threads: list[threading.Thread] = []
        rhythm = threading.Event()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            threads.append(threading.Thread(target=self._ask))
            threads[-1].start()
            rhythm.wait(1 / self._rate)
        for thread in threads:
            thread.join()


@pytest.fixture
def search_engine(
    search_url_of_three: str, dictionary_cache: Path, tmp_path: Path
) -> Iterator[SearchEngine]:
    """Open a generation on three nodes."""
    engine = Engine(search_url_of_three, 1e-5)
    with opened(engine, tmp_path) as search_engine:
        write(engine, tmp_path, ARTICLES, Analyzer(cache_dir=dictionary_cache.parent))
        search_engine.refresh()
        yield search_engine


def test_a_later_generation_is_one_part_with_a_copy_on_each_node(
    search_url_of_three: str,
    dictionary_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine(search_url_of_three, 1e-5)
    analyzer = Analyzer(cache_dir=dictionary_cache.parent)
    address = ClusterAddress.parse(engine.search_url)
    keeper = Nodes(address)

    def parts() -> list[tuple[str, str]]:
        answer = keeper.request(
            "GET", f"/_cat/shards/{address.name}", Budget(30, 30), format="json"
        )
        return sorted((part["shard"], part["node"]) for part in answer)

    with opened(engine, tmp_path) as search_engine:
        found: list[list[ScoredPassage]] = []
        for _ in range(3):
            write(engine, tmp_path, ARTICLES, analyzer)
            with search_engine.acquire() as reader:
                found.append(reader.search(TermQuery({"公路": 1.0, "茶": 1.0}), 10))
            if len(found) == 1:
                assert len({shard for shard, _ in parts()}) == 3
            elif len(found) == 2:
                assert [shard for shard, _ in parts()] == ["0", "0", "0"]
                assert len({node for _, node in parts()}) == 3
                monkeypatch.setattr(generation, "PART_BYTES", 8 * 2**10)
            else:
                assert len({shard for shard, _ in parts()}) > 1
    keeper.close()
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("victim", ["node1", "node2"])
def test_no_answer_is_lost_with_a_node(
    victim: str,
    three_nodes: Cluster,
    search_engine: SearchEngine,
    soak: Soak,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if soak.full:
        monkeypatch.undo()  # a question has the time that it has in use
    Asker(search_engine, 2).run(SECONDS / 4)  # a new node compiles what it does
    asker = Asker(search_engine, soak.times(2, 20))
    asking = threading.Thread(target=asker.run, args=(SECONDS,))
    asking.start()
    three_nodes.kill(victim)
    asking.join()
    three_nodes.begin(victim)
    three_nodes.wait_for(victim)
    assert len({tuple(scores) for scores, _ in asker.answers}) == 1
    if not soak.full:
        assert asker.failures == []
    lost = len(asker.failures)
    promise = f"a node of three dies ({victim}): "
    soak.note(f"{promise}no answer is lost", f"{lost} lost", kept=not lost)
    times = [seconds for _, seconds in asker.answers]
    soak.timed(f"{promise}an answer within 3 s", times, within=PROMISED_SECONDS)
