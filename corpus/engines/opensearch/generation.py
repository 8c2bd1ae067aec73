"""Index generations in a cluster: finds the current one, begins the next, and installs it.

    NAME             an alias of the current generation
    NAME-000007      a generation, written once and then blocked against writes
    NAME-000007-…    an alias of it while it is written, by which alone its build writes

A generation is a fresh index. Lucene counts a deleted document in the statistics until its segment
is merged, so an index that is updated scores by other idfs than its passages have.

The number of the next generation follows from the current one, and only one build can create that
index: so builds exclude each other. A build shows that it is alive by changing the index's `_meta`.
"""

import math
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Self

from opensearchpy import exceptions as failures

from corpus import bm25
from corpus.engine import INDEX_FORMAT, Fingerprint
from corpus.engines.opensearch.cluster import Budget, Cluster, error_type
from corpus.errors import EngineError, IndexUnusableError

APPLICATION = "footnote index"

BEAT_SECONDS = 5.0
"""Between two signs of life of a build."""
LOST_SECONDS = 20.0
"""Without a sign of life, after which a build of another machine counts as killed."""
KEPT_SECONDS = 60.0
"""For which questions may go on reading a replaced generation."""
COPY_SECONDS = 300.0
"""For which a build waits until each part of its index is on two nodes."""
PART_BYTES = 30 * 2**30
"""Of a part of the index at most: OpenSearch advises 10 to 30 GB for fast searches."""

_POLL_SECONDS = 1.0
_COPY_POLL_SECONDS = 0.2
_ILLEGAL = "illegal_state_exception"  # such as a second write index of an alias
_MAX_PATHS = 1_000_000  # in a filter

MAX_TOKEN_CHARS = 255
"""The whitespace analyzer splits a longer term."""

SIMILARITY = "passages"
_MAPPING: Mapping[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "kind": {"type": "keyword"},
        "number": {"type": "integer"},
        "path": {"type": "keyword"},
        "ordinal": {"type": "integer"},
        # The content hash of a passage, in decimal: not all versions have 64 unsigned bits.
        "content": {"type": "keyword"},
        "terms": {
            "type": "text",
            "analyzer": "whitespace",
            "similarity": SIMILARITY,
            "index_options": "freqs",
        },
        # Of its article, folded; each passage has them, to be filtered by.
        "author": {"type": "keyword"},
        "source": {"type": "keyword"},
        "tags": {"type": "keyword"},
        "day": {"type": "keyword"},
        # What is only read.
        "stored": {"type": "object", "enabled": False},
    },
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a generation; its fields are the index's ``_meta``."""

    fingerprint: Fingerprint
    built_at: str
    """ISO 8601, UTC."""
    articles: int
    passages: int
    filled: int
    """Passages with at least one term: the only ones that Lucene's statistics count."""
    terms: int
    average_length: float
    """Of a passage, in terms."""
    idf_floor: float
    """The idf of terms that are in more than half of the passages."""
    commit: str | None = None
    """Of the archive, if it is a git repository."""

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> Self:
        """Return the manifest that ``meta`` holds.

        Raises:
            IndexUnusableError: it holds none of this format.
        """
        fields = dict(meta.get("manifest") or {})
        try:
            fingerprint = Fingerprint(**fields.pop("fingerprint"))
            if fingerprint.format != INDEX_FORMAT:
                raise IndexUnusableError("The index was made for another format.")
            return cls(fingerprint, **fields)
        except (TypeError, LookupError) as error:
            raise IndexUnusableError("The index was made for another format.") from error

    @property
    def similarity(self) -> tuple[float, float]:
        """``k1`` and ``b`` with which Lucene scores as `corpus.bm25` does.

        Its average length leaves out passages without terms, which there are hardly ever; these
        parameters make up for that.
        """
        share = self.passages / self.filled if self.filled else 1.0
        k1 = bm25.K1 * (1 - bm25.B + bm25.B * share)
        return k1, bm25.K1 * bm25.B * share / k1


@dataclass(frozen=True, slots=True)
class Generation:
    """An index of the cluster that is, or will be, a generation."""

    index: str
    uuid: str
    """Different for each index, even of the same name."""
    meta: Mapping[str, Any]

    @property
    def number(self) -> int:
        """Its place in the sequence of generations."""
        return int(self.index.rpartition("-")[2])

    @property
    def name(self) -> str:
        """Different for each build."""
        return f"{self.index}-{self.uuid}"


def current(cluster: Cluster, budget: Budget) -> Generation | None:
    """Return the current generation, or None if there is none.

    Raises:
        EngineError: the cluster does not answer, or the name is in use by another program.
    """
    name = cluster.address.name
    found = _get(cluster, name, budget)
    if not found:
        return None
    generation = found[0]
    if len(found) > 1 or not re.fullmatch(re.escape(name) + r"-\d{6,}", generation.index):
        raise _foreign(cluster)
    if generation.meta.get("application") != APPLICATION:
        raise _foreign(cluster)
    return generation


def _foreign(cluster: Cluster) -> EngineError:
    return EngineError(
        f"{cluster.address} is an index of another program: end SEARCH_URL with another name."
    )


def _get(cluster: Cluster, names: str, budget: Budget) -> list[Generation]:
    try:
        answer = cluster.request(
            "GET",
            f"/{names}",
            budget,
            filter_path="*.mappings._meta,*.settings.index.uuid",
            allow_no_indices=True,
            local=True,  # the manager may be the node that died
        )
    except failures.NotFoundError:
        return []
    return [
        Generation(
            index,
            fields["settings"]["index"]["uuid"],
            fields.get("mappings", {}).get("_meta", {}),
        )
        for index, fields in answer.items()
    ]


class Build:
    """The next generation while it is written."""

    def __init__(self, cluster: Cluster, folder: str, fingerprint: Fingerprint) -> None:
        """Prepare to build; nothing is created yet.

        Args:
            cluster: to write to.
            folder: the data folder, whose lock excludes other builds of this machine.
            fingerprint: of the new generation.
        """
        self._cluster = cluster
        self._fingerprint = fingerprint
        self._owner = {"host": socket.gethostname(), "folder": folder}
        self._token = token_hex(6)
        self._beats = 0
        self._previous: Generation | None = None
        self._parts = 0
        self.index = ""
        """Name of the index; empty until it is created."""

    @property
    def alias(self) -> str:
        """By which the build writes: without it, one that was taken for dead writes nothing."""
        return f"{self.index}-{self._token}"

    def create(self, previous: Generation | None, budget: Budget) -> None:
        """Create the index of the next generation.

        Args:
            previous: the current generation.
            budget: for the requests.

        Raises:
            EngineError: another build is under way.
        """
        self._previous = previous
        number = previous.number + 1 if previous else 1
        self.index = f"{self._cluster.address.name}-{number:06d}"
        for _ in range(2):
            try:
                self._cluster.request("PUT", f"/{self.index}", budget, self._body(budget))
            except EngineError as error:
                if error_type(error) != "resource_already_exists_exception":
                    raise
                if not self._is_own(budget):
                    self._remove_killed(budget)
                    continue
            return
        raise self._other_build("another machine")

    def _body(self, budget: Budget) -> Mapping[str, Any]:
        self._parts = self._parts_needed(budget)
        return {
            "settings": {
                "index": {
                    "number_of_shards": self._parts,
                    "number_of_replicas": 0,  # until it is whole: then its files are copied
                    "refresh_interval": -1,
                    "translog.durability": "async",
                    "max_terms_count": _MAX_PATHS,
                    "similarity": {SIMILARITY: similarity_settings(bm25.K1, bm25.B)},
                }
            },
            "mappings": {**_MAPPING, "_meta": self._meta()},
            "aliases": {self.alias: {}},
        }

    def _parts_needed(self, budget: Budget) -> int:
        """Return in how many parts to keep the index.

        A question costs every part as much: as few as hold it, and a copy of them on each node. How
        large it gets is known from the previous generation; a first one has a part for each node.
        """
        if self._previous is None:
            health = self._cluster.request("GET", "/_cluster/health", budget)
            return max(int(health["number_of_data_nodes"]), 1)
        path = f"/{self._previous.index}/_stats/store"
        sizes = self._cluster.request("GET", path, budget)["_all"]["primaries"]
        return math.ceil((sizes["store"]["size_in_bytes"] + 1) / PART_BYTES)

    def _meta(self, manifest: Manifest | None = None) -> Mapping[str, Any]:
        return {
            "application": APPLICATION,
            "owner": self._owner,
            "token": self._token,
            "beats": self._beats,
            "manifest": asdict(manifest) if manifest else None,
        }

    def _is_own(self, budget: Budget) -> bool:
        """Return whether this build has created the index: the answer of a request may be lost."""
        found = _get(self._cluster, self.index, budget)
        return bool(found) and found[0].meta.get("token") == self._token

    def _remove_killed(self, budget: Budget) -> None:
        """Remove what a killed build has left in place of the index.

        Raises:
            EngineError: that build is alive.
        """
        found = _get(self._cluster, self.index, budget)
        if not found:
            return
        left = found[0]
        if left.meta.get("application") != APPLICATION:
            raise _foreign(self._cluster)
        if left.meta.get("owner") != self._owner:
            # The lock of the data folder is held, so a build of the same folder is dead.
            end = time.monotonic() + LOST_SECONDS
            while time.monotonic() < end:
                time.sleep(_POLL_SECONDS)
                now = _get(self._cluster, self.index, budget)
                if not now or now[0].uuid != left.uuid or now[0].meta != left.meta:
                    raise self._other_build(left.meta["owner"]["host"])
        self._delete(self.index, budget)

    def _other_build(self, host: str) -> EngineError:
        return EngineError(
            f"Another reindex is writing to {self._cluster.address} on {host}:"
            " this one gives way to it."
        )

    def beat(self, budget: Budget) -> None:
        """Give a sign of life."""
        self._beats += 1
        self._put_meta(self._meta(), budget)

    def _put_meta(self, meta: Mapping[str, Any], budget: Budget) -> None:
        try:
            self._cluster.request("PUT", f"/{self.alias}/_mapping", budget, {"_meta": meta})
        except failures.NotFoundError as error:
            raise self.replaced() from error

    def replaced(self) -> EngineError:
        """Return the error of a build whose index another one has removed or overtaken."""
        return EngineError(
            f"Another reindex has written to {self._cluster.address} meanwhile:"
            " this one gives way to it."
        )

    def install(self, manifest: Manifest, budget: Budget) -> None:
        """Make the index, to which everything was written, the current generation.

        Raises:
            EngineError: another build has installed one meanwhile.
        """
        cluster, name = self._cluster, self._cluster.address.name
        self._put_meta(self._meta(manifest), budget)
        copies = "0-all" if self._parts == 1 else "0-1"
        settings = {"index": {"blocks.write": True, "auto_expand_replicas": copies}}
        cluster.request("PUT", f"/{self.index}/_settings", budget, settings)
        self._wait_for_copies(budget)
        actions: list[Mapping[str, Any]] = [
            {"add": {"index": self.index, "alias": name, "is_write_index": True}},
            {"remove": {"index": self.index, "alias": self.alias, "must_exist": True}},
        ]
        if self._previous is not None:
            old = {"index": self._previous.index, "alias": name, "must_exist": True}
            actions.insert(0, {"remove": old})
        # All of it or nothing. A second write index of the alias is refused: a first generation
        # cannot overtake another either.
        try:
            cluster.request("POST", "/_aliases", budget, {"actions": actions})
        except (failures.NotFoundError, EngineError) as error:
            # The answer may be lost where the switch is not.
            now = current(cluster, budget)
            if now is None or now.index != self.index:
                if isinstance(error, EngineError) and error_type(error) != _ILLEGAL:
                    raise
                raise self.replaced() from error

    def _wait_for_copies(self, budget: Budget) -> None:
        """Wait until one node may fail; where there is no room for copies, go on without."""
        end = time.monotonic() + COPY_SECONDS
        while time.monotonic() < end:
            health = self._cluster.request("GET", f"/_cluster/health/{self.index}", budget)
            if health["status"] == "green":
                return
            time.sleep(_COPY_POLL_SECONDS)

    def discard(self, budget: Budget) -> None:
        """Remove the unfinished index."""
        if self._is_own(budget):
            self._delete(self.index, budget)

    def remove_stale(self, newest: Generation, budget: Budget) -> None:
        """Remove generations before ``newest``, once no question reads them any more."""
        built_at = (newest.meta.get("manifest") or {}).get("built_at")
        if built_at:
            age = datetime.now(UTC) - datetime.fromisoformat(built_at)
            if age.total_seconds() < KEPT_SECONDS:
                return
        name = self._cluster.address.name
        for generation in _get(self._cluster, f"{name}-*", budget):
            if (
                re.fullmatch(re.escape(name) + r"-\d{6,}", generation.index)
                and generation.meta.get("application") == APPLICATION
                and generation.number < newest.number
            ):
                self._delete(generation.index, budget)

    def _delete(self, index: str, budget: Budget) -> None:
        try:
            self._cluster.request("DELETE", f"/{index}", budget)
        except failures.NotFoundError:
            return


def similarity_settings(k1: float, b: float) -> Mapping[str, Any]:
    """Return the settings of the similarity that scores by BM25 with these parameters."""
    return {"type": "BM25", "k1": k1, "b": b}


def now() -> str:
    """Return the time as it is written into a manifest."""
    return datetime.now(UTC).isoformat(timespec="seconds")
