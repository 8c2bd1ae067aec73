"""Builds the next index generation. Run as a child process: ``python -m corpus``.

The child gets its job as one JSON line on standard input and answers on standard output with a JSON
object a line: ``{"progress": {…}}`` while it works, then ``{"report": {…}}`` or ``{"error": "…"}``.
Parsing articles that nobody vouches for stays out of the bot's process, which can kill the child.
"""

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from corpus import archive
from corpus.analyzer import Analyzer
from corpus.errors import ArticleError, CorpusError
from corpus.index import Fingerprint
from corpus.index_writer import Indexed, IndexWriter, PassageTerms, indexed
from corpus.model import Article, IndexReport, Progress, Skipped

INDEX_NAME = "index.sqlite"
_REPORT_EVERY = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Job:
    """What to build and from what. Paths are absolute."""

    archive: str
    data_dir: str
    user_dict: str | None = None
    full: bool = False
    """Build even where no file has changed."""

    @property
    def index_path(self) -> Path:
        """Where the generation goes."""
        return Path(self.data_dir) / INDEX_NAME

    def analyzer(self) -> Analyzer:
        """Return the analyzer that this job's index needs."""
        user_dict = Path(self.user_dict) if self.user_dict else None
        return Analyzer(user_dict, cache_dir=Path(self.data_dir))

    def rebuilding(self) -> Self:
        """Return the same job, to be done even where no file has changed."""
        return replace(self, full=True)

    def fingerprint(self, analyzer: Analyzer) -> Fingerprint:
        """Return what the index is recognised by."""
        return Fingerprint(self.archive, analyzer.fingerprint)


def build(job: Job, on_progress: Callable[[Progress], None]) -> IndexReport:
    """Read the archive, and where it differs from the index, write and install a new one.

    Raises:
        ArchiveError: the archive cannot be read at all.
        CorpusError: what was written does not read back.
        OSError: the disk is full or the data folder cannot be written.
    """
    started = time.perf_counter()
    root = Path(job.archive)
    analyzer = job.analyzer()
    fingerprint = job.fingerprint(analyzer)
    before = indexed(job.index_path, fingerprint)
    on_progress(Progress("scan", 0, 0))
    paths = archive.scan(root)
    unreadable: dict[str, str] = {}
    now: dict[str, bytes] = {}
    for done, path in enumerate(paths):
        on_progress(Progress("scan", done, len(paths)))
        try:
            now[path] = _digest(archive.read_bytes(root, path))
        except ArticleError as error:
            unreadable[path] = str(error)
    if before is not None and not job.full and _unchanged(before, now, unreadable):
        skipped = tuple(Skipped(path, why) for path, (why, _) in sorted(before.skipped.items()))
        elapsed = time.perf_counter() - started
        return IndexReport(len(before.articles), before.passages, 0, 0, 0, skipped, elapsed)
    with IndexWriter(job.index_path, fingerprint) as writer:
        skipped = _write(writer, root, now, unreadable, analyzer, on_progress)
        on_progress(Progress("write", 0, 0))
        writer.install()
        articles, passages = writer.articles, writer.passages
    known = before.articles if before else {}
    kept = now.keys() - {one.path for one in skipped}
    return IndexReport(
        articles=articles,
        passages=passages,
        added=len(kept - known.keys()),
        changed=sum(now[path] != known[path] for path in kept & known.keys()),
        removed=len(known.keys() - kept),
        skipped=skipped,
        seconds=time.perf_counter() - started,
    )


def _write(
    writer: IndexWriter,
    root: Path,
    files: dict[str, bytes],
    unreadable: dict[str, str],
    analyzer: Analyzer,
    on_progress: Callable[[Progress], None],
) -> tuple[Skipped, ...]:
    skipped = [Skipped(path, reason) for path, reason in unreadable.items()]
    for one in skipped:
        writer.skip(one, None)
    for done, path in enumerate(sorted(files)):
        on_progress(Progress("read", done, len(files)))
        try:
            raw = archive.read_bytes(root, path)
            article = archive.parse(path, raw, article_id=writer.articles)
        except ArticleError as error:
            skipped.append(Skipped(path, str(error)))
            writer.skip(skipped[-1], files[path])
            continue
        writer.add(
            article,
            _digest(raw),
            passage_terms(article, analyzer),
            keys=(
                analyzer.fold(article.author),
                analyzer.fold(article.source),
                [analyzer.fold(tag) for tag in article.tags],
            ),
        )
    return tuple(sorted(skipped, key=lambda one: one.path))


def passage_terms(article: Article, analyzer: Analyzer) -> list[PassageTerms]:
    """Return the terms each paragraph of ``article`` is found by.

    A paragraph seldom repeats what the article is about, so the title and the heading above it
    count as part of it.
    """
    title = analyzer.terms(article.title)
    context = {"": title}
    terms: list[PassageTerms] = []
    for paragraph in article.paragraphs:
        heading = paragraph.heading
        if heading not in context:
            context[heading] = [*title, *analyzer.terms(heading)]
        content = "".join(analyzer.fold(paragraph.text).split())
        terms.append(PassageTerms(context[heading], analyzer.terms(paragraph.text), content))
    return terms


def _unchanged(before: Indexed, now: dict[str, bytes], unreadable: dict[str, str]) -> bool:
    known = {path: digest for path, (_, digest) in before.skipped.items() if digest is not None}
    unread = {path: why for path, (why, digest) in before.skipped.items() if digest is None}
    return {**before.articles, **known} == now and unread == unreadable


def _digest(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=16).digest()


def main() -> int:
    """Do the one job that standard input names."""
    job = Job(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        report = build(job, _throttled(lambda progress: _say(progress=asdict(progress))))
    except (CorpusError, OSError) as error:
        _say(error=str(error))
        return 1
    _say(report=asdict(report))
    return 0


def _throttled(on_progress: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Pass on each change of phase, and within a phase at most ten reports a second."""
    last_phase, last_time = "", 0.0

    def report(progress: Progress) -> None:
        nonlocal last_phase, last_time
        now = time.monotonic()
        if progress.phase != last_phase or now - last_time >= _REPORT_EVERY:
            last_phase, last_time = progress.phase, now
            on_progress(progress)

    return report


def _exit_with_parent() -> None:
    # The parent never writes a second line: standard input ends when the parent does, however
    # it ends.
    sys.stdin.read()
    os._exit(1)


def _say(**message: Any) -> None:  # noqa: ANN401 (JSON)
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()
