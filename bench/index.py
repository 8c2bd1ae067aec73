"""``python -m bench index``: the cost of a reindex, compared with segmenting the same text.

Packs the dictionaries, as the first build does, then times a full, an unchanged and a 1 %-changed
build against the unavoidable work: reading and parsing every file and segmenting its text, with as
many processes as the build uses. Each build runs in a child process like the product's; memory is
that of the child and its workers together. Then a process answers questions from the index, alone
and during a reindex with one worker; and whole commands are timed, from their start to their end.
"""

import argparse
import html
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench import serving
from bench.growing import grown
from bench.memory import Peak
from bench.tokens import read_articles
from corpus.analysis import bilingual
from corpus.analysis.analyzer import Analyzer
from corpus.archive import files, post
from corpus.errors import ArticleError
from corpus.indexing.builder import build
from corpus.indexing.job import Job
from corpus.indexing.pool import worker_count
from corpus.model import Article

_Step = Callable[[Job], dict[str, int]]

_CHANGE_STEP = 100  # every n-th file is changed
_COMMANDS = 5  # times that each is run
_QUESTION = "中國的網路審查"


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    with tempfile.TemporaryDirectory(dir=options.dir) as name:
        folder = Path(name)
        root = folder / "archive"
        if options.passages:
            root.mkdir()
            write_archive(grown(read_articles(options.archive), options.passages), root)
        else:
            shutil.copytree(options.archive, root)
        (folder / "data").mkdir()
        result = measure(Job(str(root), str(folder / "data"), workers=options.workers))
    print(json.dumps(result, indent=1) if options.json else _table(result))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench index", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="folder of posts")
    parser.add_argument("--passages", type=int, help="grow the archive to this many")
    parser.add_argument("--workers", type=int, default=worker_count())
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dir", type=Path, help="folder for the temporary archive and index")
    return parser.parse_args(arguments)


def measure(job: Job) -> dict[str, Any]:
    """Time all steps, one after another; one of them changes the archive of ``job``."""
    steps: dict[str, tuple[_Step, Job]] = {
        "dictionaries": (_pack_dictionaries, job),
        "bare": (_bare, job),
        "full": (_build, job.rebuilding()),
        "unchanged": (_build, job),
        "changed": (_build, job),
    }
    result: dict[str, Any] = {"workers": job.workers}
    for name, step in steps.items():
        if name == "changed":
            result["files_changed"] = _change(Path(job.archive))
        print(f"{name} …", file=sys.stderr, flush=True)
        result[name] = _in_child(*step)
    for name in ("full", "unchanged", "changed"):
        base = result["bare" if name == "full" else "full"]["seconds"]
        result[name]["ratio"] = round(result[name]["seconds"] / base, 3)
    print("serving …", file=sys.stderr, flush=True)
    result["serving"] = serving.measure(job)
    print("commands …", file=sys.stderr, flush=True)
    result["commands"] = _time_commands(job)
    return result


def _time_commands(job: Job) -> dict[str, float]:
    """Return the median seconds of whole commands on an index that is there."""
    times: dict[str, list[float]] = {"unchanged": [], "changed": [], "ask": []}
    for _ in range(_COMMANDS):
        times["unchanged"].append(_command(job, "reindex"))
        _change(Path(job.archive))
        times["changed"].append(_command(job, "reindex"))
        times["ask"].append(_command(job, "ask", "--json", _QUESTION))
    return {name: round(statistics.median(seconds), 2) for name, seconds in times.items()}


def _command(job: Job, *arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env={**os.environ, "ARCHIVE": job.archive, "DATA_DIR": job.data_dir},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def _build(job: Job) -> dict[str, int]:
    report = build(job, lambda _: None, is_last=True)
    return {"articles": report.articles, "passages": report.passages, "changed": report.changed}


def _pack_dictionaries(job: Job) -> dict[str, int]:
    """Do what is done once in a data folder, by the first build."""
    folder = Path(job.data_dir)
    bilingual.prepare(folder)
    return {"words": len(job.analyzer().segment(_QUESTION))}


def _bare(job: Job) -> dict[str, int]:
    """Read, parse and segment every file; return only the number of words."""
    paths = files.scan(Path(job.archive))
    workers = job.workers or 1
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        shares = [(job.archive, paths[i::workers]) for i in range(workers)]
        return {"words": sum(pool.starmap(_count_words, shares))}


def _count_words(root: str, paths: Sequence[str]) -> int:
    analyzer = Analyzer(prefer_fast=True)
    words = 0
    for path in paths:
        try:
            raw = files.read_bytes(Path(root), path)
            article = post.read(path, raw).article
        except ArticleError:
            continue
        words += sum(len(analyzer.segment(paragraph.text)) for paragraph in article.paragraphs)
    return words


def _in_child(step: _Step, job: Job) -> dict[str, Any]:
    """Run ``step`` in a child; return its seconds, its counts and the peak memory."""
    # Spawned: a forked child could not start the server of its workers if this process has one.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send_result, args=(theirs, step, job))
    process.start()
    theirs.close()  # so that the child's death ends the pipe
    assert process.pid is not None
    with Peak(process.pid) as peak:
        seconds, counts = ours.recv()
    process.join()
    return {
        "seconds": round(seconds, 2),
        "peak_mb": peak.megabytes,
        "rss_mb": peak.rss_megabytes,
        **counts,
    }


def _send_result(connection: Connection, step: _Step, job: Job) -> None:
    started = time.perf_counter()
    counts = step(job)
    connection.send((time.perf_counter() - started, counts))


def write_archive(articles: Iterable[Article], root: Path) -> None:
    """Write ``articles`` as posts in the form of a real archive's."""
    for number, article in enumerate(articles):
        front = {"title": article.title, "date": article.date or "", "author": article.author}
        fields = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items())
        paragraphs = (
            f"<div>\n  <p>\n    {html.escape(paragraph.text)}\n  </p>\n</div>"
            for paragraph in article.paragraphs
        )
        text = "\n".join(["---", *fields, "---", "", *paragraphs, ""])
        (root / f"post-{number:07}.md").write_text(text, "utf-8")


def _change(root: Path) -> int:
    """Add a paragraph to one file in a hundred; return the number of these files."""
    changed = files.scan(root)[::_CHANGE_STEP]
    for path in changed:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write("\n\n這一段是後來加上的，說明文章發表之後還發生了什麼事情。\n")
    return len(changed)


def _table(result: dict[str, Any]) -> str:
    full = result["full"]
    lines = [
        f"{full['articles']:,} articles, {full['passages']:,} passages",
        f"{result['workers']} workers, {os.cpu_count()} cores; {result['files_changed']} changed",
        "| step | seconds | ratio | of | peak PSS MB | RSS summed MB |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("dictionaries", "bare", "full", "unchanged", "changed"):
        step = result[name]
        of = {"dictionaries": "", "bare": "", "full": "bare"}.get(name, "full")
        lines.append(
            f"| {name} | {step['seconds']} | {step.get('ratio', '')} | {of} | {step['peak_mb']} |"
            f" {step['rss_mb']} |"
        )
    figures = result["serving"]
    lines += [
        "",
        f"imports {figures['imports_mb']} MB",
        f"opening {figures['open_s']} s and {figures['open_mb']} MB more",
        f"search p50 {figures['search_p50_ms']} ms, p99 {figures['search_p99_ms']} ms",
        f"answering {figures['peak_mb']} MB",
        f"answering during a reindex with one worker {figures['with_reindex_mb']} MB",
        f"that reindex {figures['reindex_s']} s",
        "",
        *(f"command, {name}: {seconds} s" for name, seconds in result["commands"].items()),
    ]
    return "\n".join(lines)
