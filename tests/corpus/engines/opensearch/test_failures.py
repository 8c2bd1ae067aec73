"""Each trouble with a cluster is one sentence, told within the time of a question."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.engine import Fingerprint
from corpus.engines import open_engine, open_writer
from corpus.engines.opensearch import cluster
from corpus.errors import EngineError
from tests.corpus.engines.opensearch.fake_cluster import OPENSEARCH, Answer, answering

FINGERPRINT = Fingerprint("archive", "analyzer")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "QUESTION_SECONDS", 0.3)
    monkeypatch.setattr(cluster, "REQUEST_SECONDS", 0.1)


@pytest.fixture
def closed_port() -> Iterator[str]:
    """Give an address at which nothing listens, and nothing else will."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


def failure(hosts: str, tmp_path: Path, *, scheme: str = "http") -> str:
    """Return the sentence that a question gets."""
    engine = open_engine(f"{scheme}://me:secret@{hosts}/posts", tmp_path, FINGERPRINT)
    try:
        with pytest.raises(EngineError) as raised, engine.acquire():
            pass
        assert not engine.is_open
    finally:
        engine.close()
    sentence = str(raised.value)
    assert "secret" not in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_a_cluster_that_is_away_is_said_to_be(closed_port: str, tmp_path: Path) -> None:
    assert failure(closed_port, tmp_path) == (
        f"The search cluster at http://{closed_port}/posts does not answer."
    )


def test_a_silent_node_costs_no_more_than_its_second(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "does not answer" in failure(f"127.0.0.1:{port}", tmp_path)


def test_another_node_answers_for_one_that_is_away(closed_port: str, tmp_path: Path) -> None:
    with answering(lambda path: (200, OPENSEARCH) if path == "/" else (401, {})) as hosts:
        assert "user and password" in failure(f"{closed_port},{hosts}", tmp_path)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {}), "does not accept the user and password of SEARCH_URL"),
        ((403, {"error": {"reason": "no permissions"}}), "do this: no permissions."),
        ((429, {"error": {"type": "rejected"}}), "is overloaded"),
        ((503, {"error": {"type": "no shard"}}), "cluster is red"),
        ((200, "<html>Hello</html>"), "is no OpenSearch"),
        ((404, "Not found"), "is no OpenSearch"),
        ((200, {"hello": "world"}), "is no OpenSearch"),
        ((200, [1]), "is no OpenSearch"),
        ((200, {"version": {"number": "8.1.0"}}), "is Elasticsearch 8.1.0"),
        (
            (200, {"version": {"distribution": "opensearch", "number": "1.3.2"}}),
            "runs OpenSearch 1.3.2, which is too old",
        ),
        ((500, {"error": {"reason": "out of luck"}}), "failed: out of luck."),
    ],
)
def test_each_answer_of_a_server_in_trouble_has_its_sentence(
    answer: Answer, sentence: str, tmp_path: Path
) -> None:
    with answering(lambda _: answer) as hosts:
        assert sentence in failure(hosts, tmp_path)


def test_a_server_without_encryption_is_no_server_with_a_certificate(tmp_path: Path) -> None:
    with answering(lambda _: (200, OPENSEARCH)) as hosts:
        assert "certificate" in failure(hosts, tmp_path, scheme="https")


def test_an_index_of_another_program_is_never_replaced(tmp_path: Path) -> None:
    foreign = {"posts": {"settings": {"index": {"uuid": "x"}}, "mappings": {}}}
    with answering(lambda path: (200, OPENSEARCH if path == "/" else foreign)) as hosts:
        assert "an index of another program" in failure(hosts, tmp_path)
        writer = open_writer(f"http://{hosts}/posts", tmp_path, FINGERPRINT)
        with pytest.raises(EngineError, match="another program"):
            writer.__enter__()
        writer.__exit__()


def test_credentials_are_in_no_log(
    closed_port: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        failure(closed_port, tmp_path)
        with answering(lambda _: (401, {})) as hosts:
            failure(hosts, tmp_path)
    assert "secret" not in caplog.text
    assert "bWU6c2VjcmV0" not in caplog.text, "me:secret in base64"
