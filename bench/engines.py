"""``python -m bench engines``: sends the same questions to every engine.

Each engine has a process of its own, so that its memory can be measured and its garbage slows no
other down. Each question goes to all engines in turn, in several rounds; the time is measured in
the engine's process. Every engine uses one thread and caches no result.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import psutil

from bench import peers, tokens

ROUNDS = 3
_REFERENCE_QUESTIONS = 30  # rank-bm25 takes a thousand times as long
_K = 10
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class EngineConnection(Protocol):
    """The connection to an engine's process."""

    def send(self, obj: object, /) -> None:
        """Send a question, or None to end."""
        ...

    def recv(self) -> Any:  # noqa: ANN401 (of any type)
        """Receive an answer."""
        ...


@dataclass(slots=True)
class Measurements:
    """The measurements of one engine."""

    build_s: float
    rss_mb: float = 0.0
    disk_mb: float = 0.0
    times: list[float] = field(default_factory=list[float])
    """Of each answer, in seconds."""
    answers: dict[int, peers.Answer] = field(default_factory=dict[int, peers.Answer])
    """By number of the question."""

    def row(self) -> dict[str, float]:
        """Return the figures, rounded."""
        p50, p90, p99 = np.percentile(np.array(self.times) * 1000, [50, 90, 99]).tolist()
        figures = {"p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "build_s": self.build_s}
        figures |= {"rss_mb": self.rss_mb, "disk_mb": self.disk_mb}
        return {name: round(figure, 3) for name, figure in figures.items()}


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    with tempfile.TemporaryDirectory(dir=options.dir) as name:
        folder = Path(name)
        articles = tokens.read_articles(options.archive)
        count = options.passages or sum(len(article.paragraphs) for article in articles)
        seconds = tokens.write(articles, count, folder, _print_status)
        measurements = measure(folder, options.engines, options.rounds, options.k, seconds)
        questions = len(tokens.read_questions(folder))
    result = {
        "passages": count,
        "questions": questions,
        "engines": {name: engine.row() for name, engine in measurements.items()},
    }
    print(json.dumps(result, indent=1) if options.json else _table(result))
    _print_status(_agreement(measurements))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench engines", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="folder of posts")
    parser.add_argument("--passages", type=int, help="grow, or cut, the archive to this many")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("-k", type=int, default=_K, help="passages per answer")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dir", type=Path, help="folder for the temporary indexes")
    parser.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        default=list(peers.ENGINES),
        help=f"some of {','.join(peers.ENGINES)}",
    )
    return parser.parse_args(arguments)


def measure(
    folder: Path, names: Sequence[str], rounds: int, k: int, our_build: float
) -> dict[str, Measurements]:
    """Build the engines from the tokens in ``folder``, then send all questions to each."""
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    context = multiprocessing.get_context("spawn")
    measurements: dict[str, Measurements] = {}
    build_seconds: dict[str, float] = {}
    for name in names:
        _print_status(f"building {name}")
        _, _, path = peers.ENGINES[name]
        if path == peers.OURS:
            build_seconds[path] = our_build
        elif path and path not in build_seconds:
            build_seconds[path] = _timed_build(context, path, folder)
        disk_mb = _megabytes(folder / path) if path else 0.0
        measurements[name] = Measurements(build_seconds.get(path, 0.0), disk_mb=disk_mb)
    connections: dict[str, EngineConnection] = {}
    for name in names:
        ours, theirs = context.Pipe()
        context.Process(target=_serve, args=(theirs, name, folder), daemon=True).start()
        theirs.close()  # so that the engine's death ends the connection
        seconds = ours.recv()
        if not peers.ENGINES[name][2]:
            measurements[name].build_s = seconds
        connections[name] = ours
    for round_ in range(rounds + 1):
        _ask_all(connections, measurements, tokens.read_questions(folder), k, round_)
    for name, connection in connections.items():
        connection.send(None)
        measurements[name].rss_mb = connection.recv()
    return measurements


def _ask_all(
    connections: Mapping[str, EngineConnection],
    measurements: Mapping[str, Measurements],
    questions: Sequence[tokens.Question],
    k: int,
    round_: int,
) -> None:
    """Send every question to every engine; round 0 only warms up."""
    for number, question in enumerate(questions):
        for name, connection in connections.items():
            if name == peers.REFERENCE and (round_ != 1 or number >= _REFERENCE_QUESTIONS):
                continue
            connection.send((number, question, k))
            seconds, answer = connection.recv()
            if round_:
                measurements[name].times.append(seconds)
                measurements[name].answers[number] = answer


def _timed_build(context: Any, path: str, folder: Path) -> float:  # noqa: ANN401 (a context)
    build = next(build for build, _, name in peers.ENGINES.values() if name == path)
    started = time.perf_counter()
    process = context.Process(target=build, args=(folder,))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"building {path} failed")
    return time.perf_counter() - started


def _serve(connection: Connection, name: str, folder: Path) -> None:
    started = time.perf_counter()
    ask = peers.ENGINES[name][1](folder)
    connection.send(time.perf_counter() - started)
    while True:
        request = connection.recv()
        if request is None:
            connection.send(psutil.Process().memory_info().rss / 2**20)
            return
        started = time.perf_counter()
        answer = ask(*request)
        connection.send((time.perf_counter() - started, answer))


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 2**20


def _agreement(measurements: dict[str, Measurements]) -> str:
    if not {peers.OURS, peers.REFERENCE} <= measurements.keys():
        return ""
    ours, theirs = measurements[peers.OURS].answers, measurements[peers.REFERENCE].answers
    worst = 0.0
    for number, expected in theirs.items():
        scores = [score for _, score in expected if score > 0]
        our_scores = [score for _, score in ours[number]]
        assert len(our_scores) >= len(scores)
        worst = max([worst, *(abs(a - b) for a, b in zip(our_scores, scores, strict=False))])
    return f"largest difference to rank-bm25 in {len(theirs)} questions: {worst:.1e}"


def _table(result: dict[str, Any]) -> str:
    ours = result["engines"].get(peers.OURS)
    columns = "engine p50_ms p90_ms p99_ms build_s rss_mb disk_mb ours/p50 ours/p99".split()
    lines = [
        f"{result['passages']:,} passages, {result['questions']} questions",
        "| " + " | ".join(columns) + " |",
        "|---" * len(columns) + "|",
    ]
    for name, row in result["engines"].items():
        cells = [name, *(f"{figure:,.2f}" for figure in row.values())]
        cells += [f"{ours[p] / row[p]:.3f}" if ours else "" for p in ("p50_ms", "p99_ms")]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _print_status(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
