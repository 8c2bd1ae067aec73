"""``python -m bench scale``: our own engine beside clusters, on an archive grown to any size.

Each passage is given to all engines in turn, and its segmentation is not timed; each question goes
to all engines in turn, one at a time. Then a process of its own answers whole searches from our own
index. Clusters are started elsewhere, such as by ``python -m tests.cluster 3``; what is written to
them stays there.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench import search
from bench.growing import grown
from bench.memory import Peak, total_megabytes
from bench.tokens import read_articles
from corpus.analysis.analyzer import Analyzer
from corpus.engine import FilterKeys, Fingerprint, IndexReader, IndexWriter, SearchEngine, TermQuery
from corpus.engines import COMPILED, Inverter, inverter, open_engine, open_writer
from corpus.engines.opensearch.address import ClusterAddress
from corpus.errors import CorpusError
from corpus.indexing.job import Job
from corpus.model import Article
from corpus.search import query
from corpus.search.expansion import QueryExpander

_QUESTIONS = 300
_SEED = 7
_K = 10
_BATCH_ARTICLES = 50
_LOCAL = "own engine"


@dataclass(slots=True)
class Side:
    """One engine."""

    name: str
    search_url: str
    folder: Path
    seconds: float = 0.0
    """That writing took, without segmentation."""
    times: list[float] = field(default_factory=list[float])
    """Of each question, in seconds."""
    overlaps: list[float] = field(default_factory=list[float])
    """Share of the first ten that it has in common with our own engine."""
    megabytes: float = 0.0

    def row(self, passages: int) -> dict[str, Any]:
        """Return the figures."""
        p50, p90, p99 = (np.percentile(self.times, [50, 90, 99]) * 1000).round(2).tolist()
        return {
            "passages_per_s": round(passages / self.seconds),
            "p50_ms": p50,
            "p90_ms": p90,
            "p99_ms": p99,
            "overlap": round(float(np.mean(self.overlaps)), 4),
            "megabytes": round(self.megabytes, 1),
        }


def _cluster(text: str) -> tuple[str, str]:
    name, _, url = text.partition("=")
    try:
        ClusterAddress.parse(url)
    except CorpusError as error:
        raise argparse.ArgumentTypeError(f"SEARCH_URL {error}") from error
    return name, url


def main(arguments: Sequence[str]) -> int:
    """Write to every engine, ask all of them, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench scale", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="folder of posts")
    parser.add_argument("--passages", type=int, default=250_000, help="grow the archive to these")
    parser.add_argument(
        "--cluster",
        action="append",
        default=[],
        type=_cluster,
        metavar="NAME=SEARCH_URL",
        help="a cluster, and what to call it; any number of times",
    )
    parser.add_argument(
        "--compiled", action="store_true", help="ask our own index by the compiled loop, too"
    )
    parser.add_argument("--dir", type=Path, help="folder for the temporary index")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    archive = options.archive.resolve()
    articles = read_articles(archive)
    titles = _titles(articles)
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        root = Path(folder).resolve()  # as the searching process names it
        sides = [
            Side(name, url, root / str(i))
            for i, (name, url) in enumerate([(_LOCAL, ""), *options.cluster])
        ]
        for side in sides:
            side.folder.mkdir()
        # The fingerprint is that of the archive, so that the searching process takes the index.
        job = Job(str(archive), str(sides[0].folder))
        analyzer = job.source.analyzer(prefer_fast=True)
        fingerprint = job.fingerprint(analyzer)
        with Peak(os.getpid()) as peak:
            _write(sides, fingerprint, articles, options.passages, analyzer)
        if options.compiled:
            own = sides[0]
            sides.append(Side("compiled", COMPILED, own.folder, own.seconds))
        _ask(sides, fingerprint, _term_queries(titles, analyzer))
        whole = _ask_whole(archive, sides[0].folder, titles)
    result = {
        "passages": options.passages,
        "writing_mb": peak.megabytes,
        "whole": whole,
        "engines": {side.name: side.row(options.passages) for side in sides},
    }
    print(json.dumps(result, indent=1) if options.json else _table(result))
    return 0


def _write(
    sides: Sequence[Side],
    fingerprint: Fingerprint,
    articles: Sequence[Article],
    passages: int,
    analyzer: Analyzer,
) -> None:
    with ExitStack() as stack:
        writers: list[tuple[Side, IndexWriter]] = []
        for side in sides:
            writer = open_writer(side.search_url, side.folder, fingerprint)
            writers.append((side, stack.enter_context(writer)))
        batch: list[Article] = []
        for number, article in enumerate(grown(articles, passages)):
            batch.append(replace(article, path=f"{number:08}.md"))
            if len(batch) == _BATCH_ARTICLES:
                _add(writers, batch, analyzer)
                batch = []
        _add(writers, batch, analyzer)
        for side, writer in writers:
            started = time.perf_counter()
            writer.commit(None, lambda: None)
            side.seconds += time.perf_counter() - started


def _add(
    writers: Sequence[tuple[Side, IndexWriter]], batch: Sequence[Article], analyzer: Analyzer
) -> None:
    inverted: dict[Inverter, Any] = {}  # clusters take the same
    for side, writer in writers:
        invert = inverter(side.search_url)
        if invert not in inverted:
            inverted[invert] = invert(batch, analyzer)
        started = time.perf_counter()
        writer.begin_batch(inverted[invert])
        for article in batch:
            writer.add(article, article.path.encode(), FilterKeys("", "", ()))
        side.seconds += time.perf_counter() - started
    print(f"\r  {writers[0][1].passages:,} passages", end="", file=sys.stderr)


def _titles(articles: Sequence[Article]) -> list[str]:
    titles = sorted({article.title for article in articles})
    random.Random(_SEED).shuffle(titles)  # noqa: S311 (reproducible, nothing secret)
    return titles[:_QUESTIONS]


def _term_queries(titles: Sequence[str], analyzer: Analyzer) -> list[TermQuery]:
    expand = QueryExpander(analyzer).expand
    return [TermQuery(query.parse(title, analyzer, expand).terms) for title in titles]


def _ask(sides: Sequence[Side], fingerprint: Fingerprint, questions: Sequence[TermQuery]) -> None:
    with ExitStack() as stack:
        engines: list[SearchEngine] = []
        for side in sides:
            engine = open_engine(side.search_url, side.folder, fingerprint)
            stack.callback(engine.close)
            engine.refresh()
            engines.append(engine)
            with engine.acquire() as reader:
                side.megabytes = reader.stats().bytes / 1e6
        for round_ in range(2):  # the first warms up
            for question in questions:
                _ask_all(sides, engines, question, counts=round_ > 0)


def _ask_all(
    sides: Sequence[Side], engines: Sequence[SearchEngine], question: TermQuery, *, counts: bool
) -> None:
    expected: set[int] = set()
    for side, engine in zip(sides, engines, strict=True):
        started = time.perf_counter()
        with engine.acquire() as reader:
            found = _best(reader, question)
        seconds = time.perf_counter() - started
        expected = expected or found
        if counts and expected:
            side.times.append(seconds)
            side.overlaps.append(len(found & expected) / len(expected))


def _best(reader: IndexReader, question: TermQuery) -> set[int]:
    ids = [hit.passage_id for hit in reader.search(question, _K)]
    reader.passages(ids)
    return set(ids)


def _ask_whole(archive: Path, folder: Path, titles: Sequence[str]) -> dict[str, Any]:
    """Return the figures of whole searches of the index in ``folder``, with their memory."""
    with search.child(search.ROOT, archive, folder) as process:
        side = search.Side(_LOCAL, process)
        side.wait_until_open()
        for title in titles:
            side.ask(title)
        return side.figures() | {"searching_mb": total_megabytes(process.pid)}


def _table(result: dict[str, Any]) -> str:
    rows: dict[str, dict[str, Any]] = result["engines"]
    names = list(next(iter(rows.values())))
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    lines += [
        f"| {engine} | {' | '.join(str(row[name]) for name in names)} |"
        for engine, row in rows.items()
    ]
    whole = result["whole"]
    lines += [
        "",
        f"{result['passages']:,} passages",
        f"writing {result['writing_mb']} MB, the archive that is grown included",
        f"whole search: p50 {whole['p50_ms']} ms, p99 {whole['p99_ms']} ms,",
        f"of which the engine {whole['engine_p50_ms']} ms; {whole['searching_mb']} MB",
    ]
    return "\n".join(lines)
