"""``python -m bench index``: what does a reindex cost beside segmenting the same text?

Times a full, an unchanged and a 1 %-changed build against the work that cannot be avoided: reading
and parsing every file and segmenting its text, on as many processes as the build uses. Each build
runs in a child process like the product's; memory is what it and its workers hold together. Then a
process serves the index, alone and during a reindex with one worker.
"""

import argparse
import html
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import serving
from bench.growing import grown
from bench.memory import Peak
from bench.tokens import read_articles
from corpus.analysis.analyzer import Analyzer
from corpus.archive import files, post
from corpus.errors import ArticleError
from corpus.indexing.builder import build
from corpus.indexing.job import Job
from corpus.indexing.workers import worker_count
from corpus.model import Article

_CHANGED_EVERY = 100  # files: one in so many is changed


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
    parser.add_argument("--passages", type=int, help="grow the archive to so many")
    parser.add_argument("--workers", type=int, default=worker_count())
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dir", type=Path, help="where to put archive and index meanwhile")
    return parser.parse_args(arguments)


def measure(job: Job) -> dict[str, Any]:
    """Time everything, one after another; the archive of ``job`` is changed on the way."""
    steps: dict[str, Callable[[], object]] = {
        "bare": lambda: _bare(job),
        "full": lambda: _build(replace(job, full=True)),
        "unchanged": lambda: _build(job),
        "changed": lambda: _build(job),
    }
    result: dict[str, Any] = {"workers": job.workers}
    for name, step in steps.items():
        if name == "changed":
            result["files_changed"] = _change(Path(job.archive))
        print(f"{name} …", file=sys.stderr, flush=True)
        result[name] = _in_child(step)
    for name in ("full", "unchanged", "changed"):
        whole = result["bare" if name == "full" else "full"]["seconds"]
        result[name]["ratio"] = round(result[name]["seconds"] / whole, 3)
    print("serving …", file=sys.stderr, flush=True)
    result["serving"] = serving.measure(job)
    return result


def _build(job: Job) -> dict[str, int]:
    report = build(job, lambda _: None)
    return {"articles": report.articles, "passages": report.passages, "changed": report.changed}


def _bare(job: Job) -> dict[str, int]:
    """Read, parse and segment every file, and keep nothing."""
    paths = files.scan(Path(job.archive))
    workers = job.workers or 1
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        shares = [(job.archive, paths[at::workers]) for at in range(workers)]
        return {"words": sum(pool.starmap(_segmented, shares))}


def _segmented(root: str, paths: Sequence[str]) -> int:
    analyzer = Analyzer(prefer_fast=True)
    words = 0
    for path in paths:
        try:
            raw = files.read_bytes(Path(root), path)
            article = post.parse(path, raw, article_id=0)
        except ArticleError:
            continue
        words += sum(len(analyzer.segment(one.text)) for one in article.paragraphs)
    return words


def _in_child(step: Callable[[], object]) -> dict[str, Any]:
    """Run ``step`` in a child; return its seconds, its result and the peak memory."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def run() -> None:
        started = time.perf_counter()
        found = step()
        theirs.send((time.perf_counter() - started, found))

    process = context.Process(target=run)
    process.start()
    theirs.close()  # so that its end is noticed
    assert process.pid is not None
    with Peak(process.pid) as peak:
        seconds, found = ours.recv()
    process.join()
    return {"seconds": round(seconds, 2), "peak_mb": peak.megabytes, **found}


def write_archive(articles: Iterable[Article], root: Path) -> None:
    """Write ``articles`` as posts like those of a real archive."""
    for number, article in enumerate(articles):
        front = {"title": article.title, "date": article.date or "", "author": article.author}
        fields = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items())
        paragraphs = (
            f"<div>\n  <p>\n    {html.escape(one.text)}\n  </p>\n</div>"
            for one in article.paragraphs
        )
        text = "\n".join(["---", *fields, "---", "", *paragraphs, ""])
        (root / f"post-{number:07}.md").write_text(text, "utf-8")


def _change(root: Path) -> int:
    """Add a paragraph to one file in a hundred; return how many that were."""
    changed = files.scan(root)[::_CHANGED_EVERY]
    for path in changed:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write("\n\n這一段是後來加上的，說明文章發表之後還發生了什麼事情。\n")
    return len(changed)


def _table(result: dict[str, Any]) -> str:
    full = result["full"]
    lines = [
        f"{full['articles']:,} articles, {full['passages']:,} passages",
        f"{result['workers']} workers, {os.cpu_count()} cores; {result['files_changed']} changed",
        "| step | seconds | ratio | of | peak MB |",
        "|---|---|---|---|---|",
    ]
    for name in ("bare", "full", "unchanged", "changed"):
        one = result[name]
        of = {"bare": "", "full": "bare"}.get(name, "full")
        lines.append(
            f"| {name} | {one['seconds']} | {one.get('ratio', '')} | {of} | {one['peak_mb']} |"
        )
    one = result["serving"]
    lines += [
        "",
        f"imports {one['imports_mb']} MB; opening {one['open_s']} s and {one['open_mb']} MB more",
        f"search p50 {one['search_p50_ms']} ms, p99 {one['search_p99_ms']} ms",
        f"serving {one['peak_mb']} MB",
        f"and a reindex of {one['reindex_s']} s with one worker {one['with_reindex_mb']} MB",
    ]
    return "\n".join(lines)
