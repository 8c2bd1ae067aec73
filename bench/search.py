"""``python -m bench search``: how long a person waits for the whole search, stage by stage.

Questions are seeded article titles, one at a time and each to every side in turn, so that whatever
else the machine does falls on all of them. With ``--against REV`` a side is that commit, in a work
tree and with an index of its own; with ``--compiled`` a side is the compiled loop, on this commit's
index. ``engine_p50_ms`` is the engine's part of the same search.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import IO, Any

import numpy as np

from bench import search_child
from bench.growing import grown
from bench.index import write_archive
from bench.tokens import read_articles
from corpus.engines import COMPILED, LOCAL

_QUESTIONS = 300
_SEED = 7
_COMPILED = "compiled"
ROOT = Path(__file__).parents[1]
"""The work tree of this very commit."""


@dataclass(slots=True)
class Side:
    """One commit, answering in a process of its own."""

    name: str
    process: "subprocess.Popen[str]"
    passages: int = 0
    whole: list[float] = field(default_factory=list[float])
    """Milliseconds of each question."""
    stages: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def read(self) -> dict[str, Any]:
        """Return the next line of the process.

        Raises:
            EOFError: it has ended; its own message stands on standard error.
        """
        line = _pipe(self.process.stdout).readline()
        if not line:
            raise EOFError(f"the process of {self.name} has ended")
        return json.loads(line)

    def wait_until_open(self) -> None:
        """Wait for its index, which tells how many passages there are."""
        self.passages = self.read()["passages"]

    def ask(self, question: str) -> None:
        """Time one search."""
        _pipe(self.process.stdin).write(json.dumps(question) + "\n")
        _pipe(self.process.stdin).flush()
        times = self.read()
        self.whole.append(times["whole"])
        for name, milliseconds in times["stages"].items():
            self.stages.setdefault(name, []).append(milliseconds)

    def figures(self) -> dict[str, Any]:
        """Return the figures of all searches, in milliseconds."""
        p50, p90, p99 = np.percentile(self.whole, [50, 90, 99]).round(2).tolist()
        stages = {name: round(median(times), 2) for name, times in self.stages.items()}
        return {
            "passages": self.passages,
            "questions": len(self.whole),
            "p50_ms": p50,
            "p90_ms": p90,
            "p99_ms": p99,
            "engine_p50_ms": stages.get("engine"),
            "stages": stages,
        }


def main(arguments: Sequence[str]) -> int:
    """Time the searches and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench search", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="folder of posts")
    parser.add_argument("--passages", type=int, help="grow the archive to this many")
    parser.add_argument("--against", metavar="REV", help="time this commit, too")
    parser.add_argument("--compiled", action="store_true", help="time the compiled loop, too")
    parser.add_argument("--questions", type=int, default=_QUESTIONS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        articles = read_articles(options.archive)
        archive = options.archive.resolve()
        if options.passages:
            archive = folder / "archive"
            archive.mkdir()
            write_archive(grown(articles, options.passages), archive)
        trees = {"now": ROOT}
        if options.against:
            trees[options.against] = stack.enter_context(_work_tree(options.against, folder))
        sides = [
            Side(name, stack.enter_context(child(tree, archive, folder / f"data-{i}")))
            for i, (name, tree) in enumerate(trees.items())
        ]
        for side in sides:
            side.wait_until_open()
        if options.compiled:
            process = child(ROOT, archive, folder / "data-0", COMPILED)
            sides.append(Side(_COMPILED, stack.enter_context(process)))
            sides[-1].wait_until_open()
        titles = sorted({article.title for article in articles})
        random.Random(_SEED).shuffle(titles)  # noqa: S311 (reproducible, nothing secret)
        for i, title in enumerate(titles[: options.questions]):
            for side in sides[:: 1 if i % 2 else -1]:
                side.ask(title)
    if options.json:
        now, *others = sides
        besides = {
            _COMPILED if side.name == _COMPILED else "against": side.figures() for side in others
        }
        print(json.dumps(now.figures() | besides, indent=1))
    else:
        print(_table(sides))
    return 0


@contextmanager
def _work_tree(revision: str, folder: Path) -> Generator[Path]:
    tree = folder / "tree"
    git = shutil.which("git") or "git"
    subprocess.run(
        [git, "-C", ROOT, "worktree", "add", "--quiet", "--detach", tree, revision], check=True
    )
    try:
        yield tree
    finally:
        subprocess.run([git, "-C", ROOT, "worktree", "remove", "--force", tree], check=True)


@contextmanager
def child(
    tree: Path, archive: Path, data_dir: Path, search_url: str = LOCAL
) -> Generator["subprocess.Popen[str]"]:
    """Start `search_child` of the work tree ``tree``; a folder without an index is given one."""
    data_dir.mkdir(exist_ok=True)
    with subprocess.Popen(
        [sys.executable, search_child.__file__, str(archive), str(data_dir), search_url],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            _pipe(process.stdin).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe


def _table(sides: Sequence[Side]) -> str:
    rows = {side.name: side.figures() for side in sides}
    names = ["p50_ms", "p90_ms", "p99_ms"]
    first = next(iter(rows.values()))
    table = [
        ("ms", list(rows)),
        ("---", ["---"] * len(rows)),
        *((name.removesuffix("_ms"), [row[name] for row in rows.values()]) for name in names),
        *(
            (f"{stage}, p50", [row["stages"].get(stage, "") for row in rows.values()])
            for stage in first["stages"]
        ),
    ]
    return "\n".join(
        [
            f"{first['passages']:,} passages, {first['questions']} questions\n",
            *(f"| {name} | {' | '.join(map(str, cells))} |" for name, cells in table),
        ]
    )
