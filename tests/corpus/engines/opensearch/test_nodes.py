"""A node of three is killed while questions are answered."""

import threading
import time
from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer
from corpus.engine import SearchEngine, TermQuery
from corpus.engines.opensearch.cluster import QUESTION_SECONDS
from tests.cluster.fixtures import on_cluster
from tests.cluster.nodes import Cluster
from tests.corpus.engines.test_every_engine import ARTICLES, Engine, opened, write

pytestmark = on_cluster
QUESTIONS_A_SECOND = 20
SECONDS = 8.0
SLACK = 1.0  # seconds that a busy machine may take beside the requests


class Asker:
    """Asks at a steady rate, each question in a thread of its own."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
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
            rhythm.wait(1 / QUESTIONS_A_SECOND)
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("victim", ["node1", "node2"])
def test_no_answer_is_lost_with_a_node(
    victim: str,
    three_nodes: Cluster,
    search_url_of_three: str,
    dictionary_cache: Path,
    tmp_path: Path,
) -> None:
    analyzer = Analyzer(cache_dir=dictionary_cache.parent)
    engine = Engine(search_url_of_three, 1e-5)
    with opened(engine, tmp_path) as search_engine:
        write(engine, tmp_path, ARTICLES, analyzer)
        search_engine.refresh()
        asker = Asker(search_engine)
        asking = threading.Thread(target=asker.run, args=(SECONDS,))
        asking.start()
        three_nodes.kill(victim)
        asking.join()
        three_nodes.begin(victim)
        three_nodes.wait_for(victim)
    assert asker.failures == []
    assert len({tuple(scores) for scores, _ in asker.answers}) == 1
    assert max(seconds for _, seconds in asker.answers) <= QUESTION_SECONDS + SLACK
