"""``python -m bench engines``: the same questions to every engine, one after another.

Each engine lives in a process of its own, so that its memory can be told and nobody's garbage slows
another down; each question goes to all of them in turn before the next one does, several rounds;
the clock runs inside the engine's process. One thread each, no result is kept.
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

from bench import peers, tokens

ROUNDS = 3
_REFERENCE_QUESTIONS = 30  # rank-bm25 takes a thousand times as long
_K = 10
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class Asked(Protocol):
    """Our end of a pipe."""

    def send(self, obj: object, /) -> None:
        """Send a question, or None to end."""
        ...

    def recv(self) -> Any:  # noqa: ANN401 (what was sent)
        """Receive an answer."""
        ...


@dataclass(slots=True)
class Measured:
    """What one engine came to."""

    build_s: float
    rss_mb: float = 0.0
    disk_mb: float = 0.0
    times: list[float] = field(default_factory=list[float])
    """Of each answer, in seconds."""
    answers: dict[int, peers.Answer] = field(default_factory=dict[int, peers.Answer])
    """To each question, by its number."""

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
        count = options.passages or sum(len(one.paragraphs) for one in articles)
        seconds = tokens.write(articles, count, folder, _say)
        measured = measure(folder, options.engines, options.rounds, options.k, seconds)
        questions = len(tokens.read_questions(folder))
    result = {
        "passages": count,
        "questions": questions,
        "engines": {name: one.row() for name, one in measured.items()},
    }
    print(json.dumps(result, indent=1) if options.json else _table(result))
    _say(_agreement(measured))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench engines", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="folder of posts")
    parser.add_argument("--passages", type=int, help="grow, or cut, the archive to so many")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("-k", type=int, default=_K, help="how many passages an answer has")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dir", type=Path, help="where to put the indexes meanwhile")
    parser.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        default=list(peers.ENGINES),
        help=f"some of {','.join(peers.ENGINES)}",
    )
    return parser.parse_args(arguments)


def measure(
    folder: Path, names: Sequence[str], rounds: int, k: int, our_build: float
) -> dict[str, Measured]:
    """Build the engines from what is in ``folder``, then ask them all."""
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    context = multiprocessing.get_context("spawn")
    measured: dict[str, Measured] = {}
    built: dict[str, float] = {}
    for name in names:
        _say(f"building {name}")
        _, _, path = peers.ENGINES[name]
        if name == peers.OURS:
            built[path] = our_build
        elif path and path not in built:
            built[path] = _timed_build(context, path, folder)
        measured[name] = Measured(built.get(path, 0.0), disk_mb=_megabytes(folder / path, path))
    connections: dict[str, Asked] = {}
    for name in names:
        ours, theirs = context.Pipe()
        context.Process(target=_serve, args=(theirs, name, folder), daemon=True).start()
        theirs.close()  # so that its end is noticed
        seconds = ours.recv()
        if not peers.ENGINES[name][2]:
            measured[name].build_s = seconds
        connections[name] = ours
    for turn in range(rounds + 1):
        _ask_all(connections, measured, tokens.read_questions(folder), k, turn)
    for name, connection in connections.items():
        connection.send(None)
        measured[name].rss_mb = connection.recv()
    return measured


def _ask_all(
    connections: Mapping[str, Asked],
    measured: Mapping[str, Measured],
    questions: Sequence[tokens.Question],
    k: int,
    turn: int,
) -> None:
    """Ask every question of every engine; the first turn, 0, only warms up."""
    for number, question in enumerate(questions):
        for name, connection in connections.items():
            if name == peers.REFERENCE and (turn != 1 or number >= _REFERENCE_QUESTIONS):
                continue
            connection.send((number, question, k))
            seconds, answer = connection.recv()
            if turn:
                measured[name].times.append(seconds)
                measured[name].answers[number] = answer


def _timed_build(context: Any, path: str, folder: Path) -> float:  # noqa: ANN401 (a context)
    build = next(build for build, _, kept in peers.ENGINES.values() if kept == path)
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
            connection.send(_resident_megabytes())
            return
        started = time.perf_counter()
        answer = ask(*request)
        connection.send((time.perf_counter() - started, answer))


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _megabytes(path: Path, name: str) -> float:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files) / 2**20 if name else 0.0


def _agreement(measured: dict[str, Measured]) -> str:
    if not {peers.OURS, peers.REFERENCE} <= measured.keys():
        return ""
    ours, theirs = measured[peers.OURS].answers, measured[peers.REFERENCE].answers
    worst = 0.0
    for number, expected in theirs.items():
        scores = [score for _, score in expected if score > 0]
        found = [score for _, score in ours[number]]
        assert len(found) >= len(scores)
        worst = max([worst, *(abs(a - b) for a, b in zip(found, scores, strict=False))])
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


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
