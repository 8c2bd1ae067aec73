"""The job of the indexing process, sent to it as JSON, and the part that its workers get."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from corpus.analysis.analyzer import Analyzer
from corpus.archive import READING_VERSION
from corpus.engine import Fingerprint
from corpus.model import Progress
from corpus.remote import Remote, is_remote

ProgressListener = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Source:
    """The files that workers read, and the settings they need. Paths are absolute."""

    archive: str
    data_dir: str
    user_dict: str | None = None
    search_url: str = field(default="", repr=False)
    """Names the engine for which articles are prepared."""
    now: str = ""
    """ISO 8601, UTC, to the second: posts are published as of then; empty: as of each reading."""
    hidden: tuple[str, ...] = ()
    """Paths of the articles to leave out."""

    def analyzer(self, *, prefer_fast: bool = False) -> Analyzer:
        """Return the analyzer that this archive's index needs.

        Raises:
            CorpusError: the user dictionary cannot be read.
        """
        user_dict = Path(self.user_dict) if self.user_dict else None
        return Analyzer(user_dict, cache_dir=Path(self.data_dir), prefer_fast=prefer_fast)


@dataclass(frozen=True, slots=True)
class Job:
    """An index to build. Paths are absolute."""

    archive: str = field(repr=False)
    """A folder, or the address of a git repository, which may hold a password."""
    data_dir: str
    user_dict: str | None = None
    search_url: str = field(default="", repr=False)
    """Names the engine, see `corpus.engines`; may hold a password."""
    index_dir: str = ""
    """The folder in which that engine expects the next generation; empty: ``data_dir``."""
    full: bool = False
    """Read every file again, even where none has changed."""
    workers: int | None = None
    """How many processes read files; None: as many as processors and memory allow."""
    git_hosts: tuple[str, ...] = ()
    """The only hosts to fetch a repository from; empty: the host of its address."""
    now: str = ""
    """ISO 8601, UTC, to the second: posts are published as of then; empty: as of the build."""
    hidden: tuple[str, ...] = ()
    """Paths of the articles to leave out."""

    @property
    def remote(self) -> Remote | None:
        """The repository, if the archive is one."""
        return Remote.parse(self.archive, self.git_hosts) if is_remote(self.archive) else None

    @property
    def checkout(self) -> Path:
        """The folder of the local copy of a repository."""
        return Path(self.data_dir) / "repository"

    @property
    def root(self) -> Path:
        """The folder of the posts."""
        return self.checkout / "posts" if is_remote(self.archive) else Path(self.archive)

    @property
    def source(self) -> Source:
        """The part of this job that workers need."""
        return Source(
            str(self.root), self.data_dir, self.user_dict, self.search_url, self.now, self.hidden
        )

    def analyzer(self) -> Analyzer:
        """Return the analyzer that this job's index needs."""
        return self.source.analyzer()

    def as_of_now(self) -> Self:
        """Return the same job with a moment as of which posts are published."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return self if self.now else replace(self, now=now)

    def without(self, hidden: Iterable[str]) -> Self:
        """Return the same job without these articles, given by their paths."""
        return replace(self, hidden=tuple(sorted(hidden)))

    def rebuilding(self) -> Self:
        """Return the same job as a full rebuild."""
        return replace(self, full=True)

    def fingerprint(self, analyzer: Analyzer) -> Fingerprint:
        """Return the fingerprint of the index to build."""
        archive = Path(self.archive)
        parent = Path(self.data_dir).parent
        if self.remote is not None:
            name = self.remote.name
        elif archive.is_relative_to(parent):
            # The two may be moved together: some hosts build in one folder and run in another. The
            # dot keeps a folder's name from being read as an address.
            name = f"./{archive.relative_to(parent)}"
        else:
            name = self.archive
        return Fingerprint(name, analyzer.fingerprint, str(READING_VERSION))
