"""What to index and from where. Sent to the child process as JSON, and to its workers."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from corpus.analysis.analyzer import Analyzer
from corpus.engine import Fingerprint
from corpus.model import Progress
from corpus.remote import Remote, is_remote

ProgressListener = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What workers read and how. Paths are absolute."""

    archive: str
    data_dir: str
    user_dict: str | None = None
    search_url: str = ""
    """Names the engine that they prepare articles for."""

    def analyzer(self, *, prefer_fast: bool = False) -> Analyzer:
        """Return the analyzer that this archive's index needs.

        Raises:
            CorpusError: the user dictionary cannot be read.
        """
        user_dict = Path(self.user_dict) if self.user_dict else None
        return Analyzer(user_dict, cache_dir=Path(self.data_dir), prefer_fast=prefer_fast)


@dataclass(frozen=True, slots=True)
class Job:
    """What to build and from what. Paths are absolute."""

    archive: str = field(repr=False)
    """A folder, or the address of a git repository, which may hold a password."""
    data_dir: str
    user_dict: str | None = None
    search_url: str = ""
    """Names the engine, see `corpus.engines`."""
    index_dir: str = ""
    """Where that engine takes the next generation from; empty: ``data_dir``."""
    full: bool = False
    """Read every file again, even where none has changed."""
    workers: int | None = None
    """How many processes read files; None: what processors and memory allow."""
    git_hosts: tuple[str, ...] = ()
    """The only ones that a repository may be fetched from; empty: the one of its address."""

    @property
    def remote(self) -> Remote | None:
        """The repository, if the archive is one."""
        return Remote.parse(self.archive, self.git_hosts) if is_remote(self.archive) else None

    @property
    def checkout(self) -> Path:
        """The folder that a repository is kept in."""
        return Path(self.data_dir) / "repository"

    @property
    def root(self) -> Path:
        """The folder that the posts are in."""
        return self.checkout / "posts" if is_remote(self.archive) else Path(self.archive)

    @property
    def source(self) -> Source:
        """What is read and how."""
        return Source(str(self.root), self.data_dir, self.user_dict, self.search_url)

    def analyzer(self) -> Analyzer:
        """Return the analyzer that this job's index needs."""
        return self.source.analyzer()

    def rebuilding(self) -> Self:
        """Return the same job, to be done even where no file has changed."""
        return replace(self, full=True)

    def fingerprint(self, analyzer: Analyzer) -> Fingerprint:
        """Return what the index is recognised by."""
        archive = Path(self.archive)
        beside = Path(self.data_dir).parent
        if self.remote is not None:
            name = self.remote.name
        elif archive.is_relative_to(beside):
            # The two may be moved together, as a host does that builds in one folder and runs in
            # another. With the dot no folder's name is taken for an address.
            name = f"./{archive.relative_to(beside)}"
        else:
            name = self.archive
        return Fingerprint(name, analyzer.fingerprint)
