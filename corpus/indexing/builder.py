"""Builds the next index generation. Unchanged articles are copied from the previous one."""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock

from corpus.analysis import bilingual, segmenter
from corpus.archive import files as archive_files
from corpus.engine import IndexWriter, PreviousArticle, PreviousGeneration
from corpus.engines import open_writer
from corpus.errors import ArticleError
from corpus.hidden import REASON
from corpus.indexing.job import Job, ProgressListener
from corpus.indexing.pool import PreparedFile, WorkerPool, file_digest, worker_count
from corpus.model import IndexReport, Noted, Progress, Skipped, SourceReading

LOCK = "index.lock"
"""In the data folder: one build at a time writes the index and the copy of a repository."""


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of the archive."""

    digests: Mapping[str, bytes]
    """By path."""
    unreadable: Mapping[str, str]
    """By path: the reason."""


def build(job: Job, on_progress: ProgressListener, *, is_last: bool = False) -> IndexReport:
    """Read the archive and, if it differs from the index, write and install a new generation.

    Waits while another process builds in the same data folder.

    Args:
        job: what to build.
        on_progress: is told of each step.
        is_last: whether this process builds nothing after it, which takes less memory.

    Raises:
        ArchiveError: the archive cannot be read at all.
        CorpusError: the user dictionary cannot be read, or what was written does not read back.
        OSError, sqlite3.Error: the disk is full or the data folder cannot be written.
    """
    started = time.perf_counter()
    job = job.as_of_now()
    on_progress(Progress("scan", 0, 0))
    fingerprint = job.fingerprint(job.analyzer())
    pool = WorkerPool(job.source, job.workers or worker_count(), is_last=is_last)
    index_dir = Path(job.index_dir or job.data_dir)
    lock = FileLock(Path(job.data_dir) / LOCK, mode=0o644)
    with lock, open_writer(job.search_url, index_dir, fingerprint) as writer, pool:
        previous = writer.previous
        fetched = _fetch(job, on_progress)
        is_fixed = (
            previous is not None
            and not job.full
            and not previous.due(job.now)
            and not _differs_in_hidden(previous, job.hidden)
        )
        if fetched.commit and previous and is_fixed and fetched.commit == previous.commit:
            return _with_fetch(_unchanged_report(previous), fetched, started)
        known = _file_digests(previous) if previous and not job.full else {}
        files = _scan(job.root, fetched.skipped, known, pool, on_progress)
        if previous is not None and is_fixed and _is_unchanged(previous, files):
            report = _unchanged_report(previous)
        else:
            report = _Build(job, files, writer, on_progress).run(fetched.commit, pool)
    return _with_fetch(report, fetched, started)


@dataclass(frozen=True, slots=True)
class _Fetch:
    """The result of fetching a repository; empty for a folder."""

    commit: str | None = None
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
    """By path of an entry that was not checked out: the reason."""
    problem: str | None = None
    """Why ``commit`` may not be the newest."""
    fetched_at: str | None = None
    """ISO 8601, UTC: when ``commit`` was last known to be the newest."""


def _fetch(job: Job, on_progress: ProgressListener) -> _Fetch:
    """Bring the copy of a repository up to date; do nothing for a folder.

    Raises:
        ArchiveError: the repository cannot be read, and there is no earlier copy.
        OSError: the disk is full or cannot be written.
    """
    remote = job.remote
    if remote is None:
        return _Fetch()
    # Imported here because indexing a folder needs no git.
    from corpus.archive import repository  # noqa: PLC0415

    def report(received: int) -> None:
        on_progress(Progress("fetch", received, 0))

    report(0)
    checkout, problem = repository.update(remote, job.checkout, report)
    return _Fetch(checkout.commit, checkout.skipped, problem, checkout.fetched_at)


def _with_fetch(report: IndexReport, fetched: _Fetch, started: float) -> IndexReport:
    return replace(
        report,
        seconds=time.perf_counter() - started,
        commit=fetched.commit,
        problem=fetched.problem,
        fetched_at=fetched.fetched_at,
    )


def _scan(
    root: Path,
    skipped: Mapping[str, str],
    known: Mapping[str, bytes],
    pool: WorkerPool,
    on_progress: ProgressListener,
) -> _Files:
    """Find and digest all files; warm up ``pool`` at the first that differs from ``known``."""
    paths = archive_files.scan(root)
    digests: dict[str, bytes] = {}
    unreadable = dict(skipped)
    for done, path in enumerate(paths):
        on_progress(Progress("scan", done, len(paths)))
        try:
            raw = archive_files.read_bytes(root, path)
        except ArticleError as error:
            unreadable[path] = str(error)
            continue
        digests[path] = file_digest(raw)
        if known.get(path) != digests[path]:
            pool.warm_up()
    return _Files(digests, unreadable)


def _file_digests(previous: PreviousGeneration) -> dict[str, bytes]:
    """Return the digest of every file that could be read, by path."""
    return {archive_files.file_of(path): digest for path, digest in previous.digests().items()}


def _is_unchanged(previous: PreviousGeneration, files: _Files) -> bool:
    unreadable = {
        path: reason for path, (reason, digest) in previous.skipped.items() if digest is None
    }
    return _file_digests(previous) == files.digests and unreadable == files.unreadable


def _differs_in_hidden(previous: PreviousGeneration, hidden: Collection[str]) -> bool:
    """Whether the generation holds an article that is hidden now, or lacks one that no more is."""
    is_held = any(path in previous.articles for path in hidden)
    return is_held or bool(_shown_again(previous, hidden))


def _shown_again(previous: PreviousGeneration, hidden: Collection[str]) -> set[str]:
    """Return the files of articles that were hidden and no more are."""
    return {
        archive_files.file_of(path)
        for path, (reason, _) in previous.skipped.items()
        if reason == REASON and path not in hidden
    }


def _unchanged_report(previous: PreviousGeneration) -> IndexReport:
    skipped = tuple(
        Skipped(path, reason, previous.until.get(path))
        for path, (reason, _) in sorted(previous.skipped.items())
    )
    noted = _worth_telling(previous.noted.values())
    return IndexReport(
        len(previous.articles), previous.passages, 0, 0, 0, skipped, 0.0, noted=noted
    )


def _worth_telling(noted: Iterable[Noted]) -> tuple[Noted, ...]:
    return tuple(sorted((note for note in noted if note.note), key=lambda note: note.path))


@dataclass(frozen=True, slots=True)
class _Copy:
    """An article of the previous generation that is copied."""

    article: PreviousArticle
    path: str
    """In the next generation."""
    note: Noted | None


class _Build:
    """One build of a generation."""

    def __init__(
        self, job: Job, files: _Files, writer: IndexWriter, on_progress: ProgressListener
    ) -> None:
        self._job = job
        self._files = files
        self._writer = writer
        self._previous = writer.previous
        self._reusable = None if job.full else writer.previous
        """The previous generation, if unchanged articles may be copied from it."""
        self._on_progress = on_progress
        self._indexed: dict[str, bytes] = {}
        self._skipped: list[tuple[Skipped, bytes | None]] = [
            (Skipped(path, reason), None) for path, reason in files.unreadable.items()
        ]
        self._noted: list[Noted] = []
        self._readings: list[SourceReading] = []

    def run(self, commit: str | None, pool: WorkerPool) -> IndexReport:
        """Build and install the generation."""
        unchanged = self._unchanged_files()
        changed = [path for path in sorted(self._files.digests) if path not in unchanged]
        self._fill(pool, unchanged, changed)
        self._writer.skip(self._skipped)
        self._writer.note(self._noted)
        self._on_progress(Progress("write", 0, 0))
        # Here, so that the process that answers questions need not.
        segmenter.prepare_reference(Path(self._job.data_dir))
        bilingual.prepare(Path(self._job.data_dir))
        self._writer.commit(commit, lambda: self._on_progress(Progress("verify", 0, 0)))
        return self._report()

    def _unchanged_files(self) -> dict[str, list[_Copy]]:
        """Return the articles that can be copied, by the current path of their file.

        A file that was skipped and is unchanged has none, and is skipped again. A moved file is
        recognised by its content, but only under the same name, since title and date may be taken
        from the name.
        """
        previous = self._reusable
        if previous is None:
            return {}
        due = {archive_files.file_of(path) for path in previous.due(self._job.now)}
        due |= _shown_again(previous, self._job.hidden)
        known = {
            path: digest for path, digest in _file_digests(previous).items() if path not in due
        }
        unchanged: dict[str, list[_Copy]] = {
            path: [] for path, digest in self._files.digests.items() if known.get(path) == digest
        }
        moved: dict[tuple[bytes, tuple[str, ...]], tuple[str, PreviousArticle]] = {}
        for path, article in previous.articles.items():
            file = archive_files.file_of(path)
            if file in unchanged:
                unchanged[file].append(_Copy(article, path, previous.noted.get(path)))
            elif file == path and file not in due:
                moved[article.digest, archive_files.naming_parts(path)] = path, article
        for path, (reason, digest) in previous.skipped.items():
            if digest is not None and archive_files.file_of(path) in unchanged:
                self._skipped.append((Skipped(path, reason, previous.until.get(path)), digest))
        for path, digest in self._files.digests.items():
            key = digest, archive_files.naming_parts(path)
            if path not in unchanged and path not in due and (found := moved.pop(key, None)):
                unchanged[path] = [_Copy(found[1], path, previous.noted.get(found[0]))]
        return unchanged

    def _fill(
        self, pool: WorkerPool, unchanged: Mapping[str, list[_Copy]], changed: list[str]
    ) -> None:
        """Pass all articles to the writer, in the order of their files' paths."""
        prepared = self._prepare(pool, changed)
        paths = sorted([*(path for path, copies in unchanged.items() if copies), *changed])
        for done, path in enumerate(paths):
            self._on_progress(Progress("read", done, len(paths)))
            if path not in unchanged:
                self._add(next(prepared))
                continue
            for copy in unchanged[path]:
                if copy.path in self._job.hidden:
                    self._skipped.append((Skipped(copy.path, REASON), copy.article.digest))
                    continue
                self._writer.copy_from_previous(copy.article, copy.path)
                self._indexed[copy.path] = copy.article.digest
                if copy.note is not None:
                    self._noted.append(replace(copy.note, path=copy.path))
        next(prepared, None)  # runs to the end of the generator, which kills the workers

    def _add(self, file: PreparedFile) -> None:
        """Pass the articles of one file to the writer."""
        digest = self._files.digests[file.path] if file.ended_worker else file.digest
        self._skipped += [(skipped, digest) for skipped in file.skipped]
        self._noted += file.noted
        self._readings += file.readings
        for article, keys in file.articles:
            assert digest is not None  # there is an article, so the file was read
            self._writer.add(article, digest, keys)
            self._indexed[article.path] = digest

    def _prepare(self, pool: WorkerPool, paths: list[str]) -> Iterator[PreparedFile]:
        for batch in pool.prepare_all(paths):
            if batch.inverted is not None:
                self._writer.begin_batch(batch.inverted)
            yield from batch.files

    def _report(self) -> IndexReport:
        old = self._previous.articles if self._previous else {}
        new = self._indexed
        return IndexReport(
            articles=self._writer.articles,
            passages=self._writer.passages,
            added=len(new.keys() - old.keys()),
            changed=sum(new[path] != old[path].digest for path in new.keys() & old.keys()),
            removed=len(old.keys() - new.keys()),
            skipped=tuple(
                sorted((skipped for skipped, _ in self._skipped), key=lambda file: file.path)
            ),
            seconds=0.0,
            noted=_worth_telling(self._noted),
            reading=_by_source(self._readings),
        )


def _by_source(readings: Iterable[SourceReading]) -> tuple[SourceReading, ...]:
    """Add up the readings of articles of the same source."""
    articles, read = Counter[str](), Counter[str]()
    left_out: dict[str, Counter[str]] = defaultdict(Counter[str])
    for reading in readings:
        articles[reading.source] += reading.articles
        read[reading.source] += reading.read
        left_out[reading.source].update(reading.left_out)
    return tuple(
        SourceReading(source, articles[source], chars, dict(left_out[source].most_common()))
        for source, chars in read.most_common()
    )
