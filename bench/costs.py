"""``python -m bench costs``: the costs that `bench capacity` computes with, measured again.

Asks a library, first with its own index and then with one in a cluster, what people ask
(``bench/data/people.jsonl``), and writes questions to a database. Times are those of processors:
they hardly depend on what else the machine does. Of a cluster they are what its nodes say.
"""

import argparse
import asyncio
import json
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.capacity import positive_int
from bench.growing import grown
from bench.index import write_archive
from bench.people import DATA
from bench.tokens import read_articles
from bot.database_url import DatabaseUrl
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest, PassageKey, ShownPassage
from bot.state.postgres.schema import connected
from bot.state.questions import Question
from corpus.engines import open_engine
from corpus.engines.opensearch.address import ClusterAddress
from corpus.engines.opensearch.cluster import Budget, Cluster
from corpus.indexing.job import Job
from corpus.library import Library
from corpus.model import Filters

_SHOWN = 3  # passages of a page
_TIMES = 10  # that each question is stored
_TABLES = ("question", "answer", "answer_passage")


def main(arguments: Sequence[str]) -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench costs", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="folder of posts")
    parser.add_argument("--passages", type=positive_int, help="grow the archive to this many")
    parser.add_argument(
        "--cluster", metavar="SEARCH_URL", help="the index of that name is replaced"
    )
    parser.add_argument("--database", metavar="DATABASE_URL", help="holds no state yet")
    parser.add_argument("--limit", type=positive_int, help="ask only so many questions")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = options.archive
        if options.passages:
            archive = folder / "archive"
            archive.mkdir()
            write_archive(grown(read_articles(options.archive), options.passages), archive)
        questions = _questions()[: options.limit]
        sides = {"own index": ""} | ({"cluster": options.cluster} if options.cluster else {})
        figures = {
            side: asyncio.run(_measure(archive, folder / f"data-{i}", url, questions))
            for i, (side, url) in enumerate(sides.items())
        }
        if options.database:
            url = DatabaseUrl.parse(options.database)
            figures["database"] = asyncio.run(_log(folder / "state", url, questions))
    print(json.dumps(figures, indent=1) if options.json else _table(figures))
    return 0


def _questions() -> list[str]:
    lines = (DATA / "people.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


async def _measure(
    archive: Path, data_dir: Path, search_url: str, questions: Sequence[str]
) -> dict[str, Any]:
    """Build an index, open it, and ask."""
    data_dir.mkdir()
    async with Library(archive, data_dir, search_url=search_url) as library:
        report = await library.reindex(full=True)
        stats = await library.stats()
        for question in questions:
            await library.search(question)
        nodes, own, started = _node_ms(search_url), time.process_time(), time.perf_counter()
        for question in questions:
            await library.search(question)
        waited = time.perf_counter() - started
        own_ms = (time.process_time() - own) * 1000
        node_ms = _node_ms(search_url) - nodes
    articles, seconds, bytes_ = _opened(archive, data_dir, search_url)
    return {
        "articles": articles,
        "passages": stats.passages,
        "terms": stats.terms,
        "reindex_s": round(report.seconds, 1),
        "disk_bytes_a_passage": round(stats.bytes / stats.passages),
        "ms_a_question": round(waited * 1000 / len(questions), 2),
        "processor_ms_a_question": round(own_ms / len(questions), 2),
        "node_processor_ms_a_question": round(node_ms / len(questions), 2),
        "open_ms_an_article": round(seconds * 1000 / articles, 3),
        "memory_bytes_an_article": round(bytes_ / articles),
    }


def _node_ms(search_url: str) -> int:
    """Return the processor time of all nodes so far, in milliseconds."""
    if not search_url:
        return 0
    cluster = Cluster(ClusterAddress.parse(search_url))
    answer = cluster.request("GET", "/_nodes/stats/process", Budget(10, 10))
    cluster.close()
    return sum(node["process"]["cpu"]["total_in_millis"] for node in answer["nodes"].values())


def _opened(archive: Path, data_dir: Path, search_url: str) -> tuple[int, float, int]:
    """Open the index once more; return its articles, and the seconds and bytes that it took."""
    job = Job(str(archive.resolve()), str(data_dir.resolve()), search_url=search_url)
    fingerprint = job.fingerprint(job.analyzer())
    seconds, memory = 0.0, 0
    for is_traced in (False, True):  # tracing takes time
        engine = open_engine(search_url, data_dir.resolve(), fingerprint)
        if is_traced:
            tracemalloc.start()
        started = time.process_time()
        engine.refresh()
        if is_traced:
            memory, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        else:
            seconds = time.process_time() - started
        with engine.acquire() as reader:
            articles = reader.stats().articles
        engine.close()
    return articles, seconds, memory


async def _log(path: Path, url: DatabaseUrl, questions: list[str]) -> dict[str, Any]:
    """Store what a question leaves behind, again and again."""
    path.mkdir()
    async with State.open(path / FILE_NAME, database_url=url) as state:
        before, started = _bytes(url), time.perf_counter()
        for number, question in enumerate(questions * _TIMES):
            text = f"{question} {number}"
            record = await state.answers.add(AskRequest(text, Filters(), private=True), number)
            passages = [PassageKey(f"_posts/{number}.md", i, number) for i in range(_SHOWN)]
            await state.answers.number(record.key, [ShownPassage(key) for key in passages])
            await state.questions.log(Question(text, number, 1, "zh-TW", 5, 20.0))
        seconds = time.perf_counter() - started
        after = _bytes(url)
    count = len(questions) * _TIMES
    return {
        "questions": count,
        "disk_bytes_a_question": round((after - before) / count),
        "ms_a_question": round(seconds * 1000 / count, 2),
    }


def _bytes(url: DatabaseUrl) -> int:
    sizing = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name"
    with connected(url) as connection:
        row = connection.execute(sizing, (list(_TABLES),)).fetchone()
    assert row is not None
    return int(row[0])


def _table(figures: dict[str, dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for side in figures.values() for name in side))
    lines = [f"| | {' | '.join(figures)} |", "|---" * (len(figures) + 1) + "|"]
    lines += [
        f"| {name} | {' | '.join(str(side.get(name, '')) for side in figures.values())} |"
        for name in names
    ]
    return "\n".join(lines)
