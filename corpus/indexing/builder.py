"""Archive -> the next index generation, by way of what has not changed since the one before."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from corpus.analysis import segmenter
from corpus.archive import files
from corpus.engines.local import generation
from corpus.engines.local.article_store import OldArticle
from corpus.engines.local.generation import Fingerprint
from corpus.engines.local.writer import Before, IndexWriter
from corpus.errors import ArticleError, DamagedError, IndexUnusableError
from corpus.indexing.batch import Prepared, digest
from corpus.indexing.fetching import Fetched, fetch
from corpus.indexing.job import Job, Listener
from corpus.indexing.workers import Workers, worker_count
from corpus.model import IndexReport, Progress, Skipped


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of the archive now."""

    digests: Mapping[str, bytes]
    """By path."""
    unreadable: Mapping[str, str]
    """Reason by path."""


def build(job: Job, on_progress: Listener) -> IndexReport:
    """Read the archive, and where it differs from the index, write and install a new one.

    Waits while another process builds in the same data folder.

    Raises:
        ArchiveError: the archive cannot be read at all.
        CorpusError: the user dictionary cannot be read, or what was written does not read back.
        OSError, sqlite3.Error: the disk is full or the data folder cannot be written.
    """
    started = time.perf_counter()
    on_progress(Progress("scan", 0, 0))
    fingerprint = job.fingerprint(job.analyzer())
    workers = Workers(job.source, job.workers or worker_count())
    with generation.locked(Path(job.data_dir)), workers:
        generation.sweep(Path(job.data_dir))
        before = _before(job, fingerprint)
        fetched = fetch(job, on_progress)
        if fetched.commit and before and not job.full and fetched.commit == before.commit:
            return _finished(_unchanged(before), fetched, started)
        known = before.digests() if before and not job.full else {}
        files = _scan(job.root, fetched.links, known, workers, on_progress)
        if before is not None and not job.full and _is_unchanged(before, files):
            report = _unchanged(before)
        else:
            build_ = _Build(job, files, before, on_progress)
            report = build_.run(fingerprint, fetched.commit, workers)
    return _finished(report, fetched, started)


def _finished(report: IndexReport, fetched: Fetched, started: float) -> IndexReport:
    return replace(
        report,
        seconds=time.perf_counter() - started,
        commit=fetched.commit,
        problem=fetched.problem,
        fetched_at=fetched.fetched_at,
    )


def _before(job: Job, fingerprint: Fingerprint) -> Before | None:
    """Return the current generation, or None where it is of no use; a damaged one is put aside.

    One that cannot be read, for whatever reason, stays until the next one takes over.
    """
    try:
        folder = generation.current(Path(job.data_dir))
    except IndexUnusableError:
        return None
    try:
        manifest = generation.read_manifest(folder)
        generation.check_fits(manifest, fingerprint)
        generation.check_whole(folder, manifest)
        return Before(folder, manifest)
    except (DamagedError, sqlite3.DatabaseError):
        generation.put_aside(folder)
        return None
    except (IndexUnusableError, OSError):
        return None


def _scan(
    root: Path,
    links: Sequence[str],
    known: Mapping[str, bytes],
    workers: Workers,
    on_progress: Listener,
) -> _Files:
    """Find and digest all files; tell ``workers`` of those that are not as they are ``known``."""
    paths = files.scan(root)
    digests: dict[str, bytes] = {}
    unreadable = dict.fromkeys(links, files.LINK)
    for done, path in enumerate(paths):
        on_progress(Progress("scan", done, len(paths)))
        try:
            raw = files.read_bytes(root, path)
        except ArticleError as error:
            unreadable[path] = str(error)
            continue
        digests[path] = digest(raw)
        if known.get(path) != digests[path]:
            workers.expect()
    return _Files(digests, unreadable)


def _is_unchanged(before: Before, files: _Files) -> bool:
    unread = {path: why for path, (why, found) in before.skipped.items() if found is None}
    return before.digests() == files.digests and unread == files.unreadable


def _unchanged(before: Before) -> IndexReport:
    skipped = tuple(Skipped(path, why) for path, (why, _) in sorted(before.skipped.items()))
    return IndexReport(len(before.articles), before.passages, 0, 0, 0, skipped, 0.0)


class _Build:
    """One build of a generation."""

    def __init__(
        self, job: Job, files: _Files, before: Before | None, on_progress: Listener
    ) -> None:
        self._job = job
        self._files = files
        self._before = before
        self._on_progress = on_progress
        self._indexed: dict[str, bytes] = {}
        self._skipped: list[tuple[Skipped, bytes | None]] = [
            (Skipped(path, reason), None) for path, reason in files.unreadable.items()
        ]

    def run(self, fingerprint: Fingerprint, commit: str | None, workers: Workers) -> IndexReport:
        """Build and install it."""
        reused = self._reused()
        wanted = [path for path in sorted(self._files.digests) if path not in reused]
        fresh = self._still_skipped(wanted)
        source = self._before if reused else None
        with IndexWriter(Path(self._job.data_dir), fingerprint, source) as writer:
            self._fill(writer, workers, reused, fresh)
            writer.skip(self._skipped)
            self._on_progress(Progress("write", 0, 0))
            # Here, so that it is not made in the process that answers questions.
            segmenter.prepare_reference(Path(self._job.data_dir))
            manifest = replace(writer.merge(), commit=commit)
            self._on_progress(Progress("verify", 0, 0))
            writer.install(manifest)
            return self._report(writer)

    def _reused(self) -> dict[str, OldArticle]:
        """Return the articles that can be taken over, by their path now.

        A file that was moved is recognised by its content. Only if its name is still the same: the
        name may give the title and the date.
        """
        if self._before is None or self._job.full:
            return {}
        old = self._before.articles
        moved = {
            (one.digest, PurePosixPath(path).name): one
            for path, one in old.items()
            if self._files.digests.get(path) != one.digest
        }
        reused: dict[str, OldArticle] = {}
        for path, found in self._files.digests.items():
            if path in old and old[path].digest == found:
                reused[path] = old[path]
            elif one := moved.pop((found, PurePosixPath(path).name), None):
                reused[path] = one
        return reused

    def _still_skipped(self, paths: list[str]) -> list[str]:
        """Skip those of ``paths`` that were skipped before as they are; return the others."""
        if self._before is None or self._job.full:
            return paths
        fresh: list[str] = []
        for path in paths:
            reason, found = self._before.skipped.get(path, ("", None))
            if found == self._files.digests[path]:
                self._skipped.append((Skipped(path, reason), found))
            else:
                fresh.append(path)
        return fresh

    def _fill(
        self,
        writer: IndexWriter,
        workers: Workers,
        reused: Mapping[str, OldArticle],
        fresh: list[str],
    ) -> None:
        """Add all articles to ``writer``, in the order of their paths."""
        total = len(reused) + len(fresh)
        done = 0
        prepared = self._prepared(writer, workers, fresh)
        for path in sorted([*reused, *fresh]):
            self._on_progress(Progress("read", done, total))
            done += 1
            if path in reused:
                writer.take_over(reused[path], path)
                self._indexed[path] = reused[path].digest
                continue
            one = next(prepared)
            found = self._files.digests[path] if one.is_deadly else one.digest
            if one.article is None or one.keys is None:
                self._skipped.append((Skipped(path, one.reason), found))
                continue
            assert found is not None  # it was read
            keys = (one.keys.author, one.keys.source, one.keys.tags)
            writer.add(one.article, found, keys)
            self._indexed[path] = found
        next(prepared, None)  # all was read: this ends the workers

    def _prepared(
        self, writer: IndexWriter, workers: Workers, paths: list[str]
    ) -> Iterator[Prepared]:
        for batch in workers.prepare_all(paths):
            writer.begin_batch(batch.bags)
            yield from batch.files

    def _report(self, writer: IndexWriter) -> IndexReport:
        old = self._before.articles if self._before else {}
        now = self._indexed
        return IndexReport(
            articles=writer.articles,
            passages=writer.passages,
            added=len(now.keys() - old.keys()),
            changed=sum(now[path] != old[path].digest for path in now.keys() & old.keys()),
            removed=len(old.keys() - now.keys()),
            skipped=tuple(sorted((one for one, _ in self._skipped), key=lambda one: one.path)),
            seconds=0.0,
        )
