"""Hands out readers of the generation that the alias names now."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from corpus.engine import Fingerprint
from corpus.engines.opensearch import generation
from corpus.engines.opensearch.address import ClusterAddress
from corpus.engines.opensearch.cluster import Budget, Cluster
from corpus.engines.opensearch.generation import Generation, Manifest
from corpus.engines.opensearch.reader import Contents, OpenSearchReader, read_contents
from corpus.errors import EngineError, IndexUnusableError

OPEN_SECONDS = 60.0
"""For which the articles of a new generation may be read."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A generation with all that is kept of it."""

    generation: Generation
    manifest: Manifest
    contents: Contents


class OpenSearchEngine:
    """The OpenSearch engine's `SearchEngine`."""

    keeps_index = True

    def __init__(self, address: ClusterAddress, data_dir: Path, fingerprint: Fingerprint) -> None:
        """Create the engine; it asks nothing yet.

        Args:
            address: of the cluster.
            data_dir: whose lock excludes other builds of this machine.
            fingerprint: that a generation must have.
        """
        self._cluster = Cluster(address)
        self._data_dir = data_dir
        self._fingerprint = fingerprint
        self._opened: _Opened | None = None
        self._is_closed = False
        self._is_reachable = True
        self._lock = Lock()  # held while a generation is opened
        self._refresh_callbacks: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether a generation is open, and the cluster answered the last question."""
        return self._opened is not None and self._is_reachable

    @property
    def index_dir(self) -> Path:
        """The data folder."""
        return self._data_dir

    def on_refresh(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, each time a generation is opened."""
        self._refresh_callbacks.append(callback)

    def on_damaged(self, callback: Callable[[], None]) -> None:
        """Do nothing: what a cluster has lost is its keeper's to repair."""

    def refresh(self) -> None:
        """Open the generation that the alias names unless it is open already.

        Raises:
            EngineError: the cluster does not answer.
            IndexUnusableError: no generation fits; the message says why.
        """
        with self._noting_failure():
            self._open_newest(Budget.of_question())

    @contextmanager
    def _noting_failure(self) -> Generator[None]:
        """Remember whether the cluster answers, for `is_open`."""
        try:
            yield
        except EngineError:
            self._is_reachable = False
            raise
        self._is_reachable = True

    def _open_newest(self, budget: Budget) -> _Opened:
        if self._is_closed:
            raise IndexUnusableError("The index is closed.")
        self._cluster.check_product(budget)
        newest = generation.current(self._cluster, budget)
        if newest is None:
            raise IndexUnusableError("There is no index yet.")
        opened = self._opened
        if opened is not None and opened.generation.uuid == newest.uuid:
            return opened
        # While one question opens it, others go on with the old one.
        if not self._lock.acquire(blocking=opened is None):
            assert opened is not None
            return opened
        try:
            if self._opened is not None and self._opened.generation.uuid == newest.uuid:
                return self._opened
            manifest = Manifest.of(newest.meta)
            manifest.fingerprint.check_fits(self._fingerprint)
            time_to_open = Budget(OPEN_SECONDS, OPEN_SECONDS)
            contents = read_contents(self._cluster, newest, manifest, time_to_open)
            opened = _Opened(newest, manifest, contents)
            self._opened = opened
        finally:
            self._lock.release()
        for callback in self._refresh_callbacks:
            callback()
        return opened

    @contextmanager
    def acquire(self) -> Generator[OpenSearchReader]:
        """Refresh, and lend a reader whose requests have a time limit.

        Raises:
            EngineError: the cluster does not answer.
            IndexUnusableError: no generation is open.
        """
        budget = Budget.of_question()
        with self._noting_failure():
            try:
                opened = self._open_newest(budget)
            except IndexUnusableError:
                # Another process installed an unusable generation: the open one stays in use.
                if self._is_closed or self._opened is None:
                    raise
                opened = self._opened
            yield OpenSearchReader(
                self._cluster, opened.generation, opened.manifest, opened.contents, budget
            )

    def close(self) -> None:
        """Close the connections; no generation is opened after this."""
        self._is_closed = True
        self._opened = None
        self._cluster.close()
