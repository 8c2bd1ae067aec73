"""Writes a generation into a cluster: new articles in bulk, copies without passing them through.

Only what changed crosses the network. The cluster copies the passages of unchanged articles from
the previous generation, as they are; of each article, one small document is written anew.
"""

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from opensearchpy import exceptions as failures

from corpus import bm25
from corpus.dates import utc_day
from corpus.engine import FilterKeys, Fingerprint, PreviousArticle, PreviousGeneration
from corpus.engines.article_table import TableRow
from corpus.engines.opensearch import generation
from corpus.engines.opensearch.address import ClusterAddress
from corpus.engines.opensearch.cluster import (
    BUILD_REQUEST_SECONDS,
    BUILD_SECONDS,
    REQUEST_SECONDS,
    START_SECONDS,
    Budget,
    Cluster,
)
from corpus.engines.opensearch.generation import Build, Generation, Manifest
from corpus.engines.opensearch.reader import (
    ArticleInput,
    Contents,
    count_passages,
    documents,
    encoded,
    passage_key,
    read_contents,
    shard_routings,
)
from corpus.engines.tokenized import TokenizedPassage
from corpus.errors import CorpusError, EngineError, IndexUnusableError
from corpus.model import Article, Noted, Skipped

_BULK_BYTES = 2 * 2**20
_COPIED_AT_ONCE = 200  # articles
_THREADS = 2
_MAX_AHEAD = 4  # requests that wait for a thread
_FIRST_PAUSE = 0.5  # seconds, doubled each time
_MAX_PAUSE = 20.0
_BUSY = frozenset({429, 503})
_GONE = 404

Action = tuple[str, Mapping[str, Any]]
"""The ``_id`` of a document, and its fields."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """An article of the previous generation."""

    row: TableRow
    input: ArticleInput

    @property
    def digest(self) -> bytes:
        """Of the file it was read from."""
        return self.input.digest


class PreviousIndex:
    """The previous generation, from which unchanged articles are copied."""

    def __init__(self, index: Generation, manifest: Manifest, contents: Contents) -> None:
        self.index = index.index
        self.manifest = manifest
        self.histogram = contents.histogram
        self.articles = {
            row.article.path: StoredRow(row, own)
            for row, own in zip(contents.table.rows, contents.inputs, strict=True)
        }
        self.description = PreviousGeneration(
            self.articles,
            {file.path: (file.reason, digest) for file, digest in contents.skipped},
            manifest.passages,
            manifest.commit,
            {note.path: note for note in contents.noted},
            {file.path: file.until for file, _ in contents.skipped if file.until},
        )


class OpenSearchWriter:
    """The OpenSearch engine's `IndexWriter`."""

    def __init__(self, address: ClusterAddress, data_dir: Path, fingerprint: Fingerprint) -> None:
        """Create the writer; it asks and writes nothing yet.

        Args:
            address: of the cluster.
            data_dir: whose lock the caller holds.
            fingerprint: of the new generation.
        """
        self._cluster = Cluster(address)
        self._fingerprint = fingerprint
        self._build = Build(self._cluster, str(data_dir.resolve()), fingerprint)
        self._current: Generation | None = None
        self._previous: PreviousIndex | None = None
        self._pool = ThreadPoolExecutor(_THREADS)
        self._requests: deque[Future[None]] = deque()
        self._pulse: _Pulse | None = None
        self._is_installed = False
        self._actions: list[str] = []
        self._action_bytes = 0
        self._batch: Iterator[TokenizedPassage] = iter(())
        self._copied: list[str] = []
        self._copied_paths: set[str] = set()
        self._skipped: Sequence[tuple[Skipped, bytes | None]] = ()
        self._noted: Sequence[Noted] = ()
        self._added_terms = Counter[str]()
        self._articles = 0
        self._passages = 0
        self._empty = 0
        self._tokens = 0

    def __enter__(self) -> Self:
        """Remove the remains of earlier builds and read the previous generation.

        Raises:
            EngineError: the cluster does not answer, which is waited for only once it did.
        """
        self._cluster.check_product(Budget(START_SECONDS, REQUEST_SECONDS))
        budget = _budget()
        self._current = generation.current(self._cluster, budget)
        if self._current is not None:
            self._build.remove_stale(self._current, budget)
            with suppress(IndexUnusableError):
                manifest = Manifest.of(self._current.meta)
                manifest.fingerprint.check_fits(self._fingerprint)
                contents = read_contents(self._cluster, self._current, manifest, budget)
                self._previous = PreviousIndex(self._current, manifest, contents)
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        if self._pulse is not None:
            self._pulse.stop()
            if not self._is_installed:
                # The cluster may be what failed: then the next build removes the remains.
                with suppress(CorpusError):
                    self._build.discard(Budget(10.0, 5.0))
        self._cluster.close()

    @property
    def previous(self) -> PreviousGeneration | None:
        """The previous generation, if it fits and is whole."""
        return self._previous.description if self._previous else None

    @property
    def articles(self) -> int:
        """How many articles were added or copied."""
        return self._articles

    @property
    def passages(self) -> int:
        """How many passages these articles have."""
        return self._passages

    def _start(self) -> None:
        """Create the index at the first call."""
        if self._pulse is None:
            self._build.create(self._current, _budget())
            self._pulse = _Pulse(self._build)

    def begin_batch(self, batch: Sequence[TokenizedPassage]) -> None:
        """Take the terms of the articles that are added next, in their order."""
        self._start()
        self._batch = iter(batch)

    def add(self, article: Article, digest: bytes, keys: FilterKeys) -> None:
        """Add the next article of the batch."""
        passages = [*islice(self._batch, len(article.paragraphs))]
        day = utc_day(article.date) if article.date else None
        for i, (paragraph, tokenized) in enumerate(zip(article.paragraphs, passages, strict=True)):
            self._added_terms.update(set(tokenized.terms))
            self._write(
                passage_key(article.path, i),
                {
                    "kind": "passage",
                    "path": article.path,
                    "ordinal": i,
                    "terms": " ".join(map(encoded, tokenized.terms)),
                    "author": keys.author,
                    "source": keys.source,
                    "tags": keys.tags,
                    "day": day,
                    "content": str(tokenized.content_hash),
                    "stored": {
                        "text": paragraph.text,
                        "heading": paragraph.heading,
                        "folded": tokenized.folded,
                    },
                },
            )
        self._write_article(
            article,
            keys,
            len(passages),
            ArticleInput(
                digest,
                sum(len(passage.terms) for passage in passages),
                sum(not passage.terms for passage in passages),
                passages[0].content_hash if passages else 0,
            ),
        )

    def _write_article(
        self, article: Article, keys: FilterKeys, passages: int, own: ArticleInput
    ) -> None:
        fields = asdict(replace(article, paragraphs=(), file_url=None))
        for name in ("id", "paragraphs", "file_url"):
            del fields[name]
        stored = {
            "article": fields,
            "keys": asdict(keys),
            "passages": passages,
            "input": {**asdict(own), "digest": own.digest.hex()},
        }
        self._write(
            f"article-{self._articles}",
            {"kind": "article", "number": self._articles, "stored": stored},
        )
        self._articles += 1
        self._passages += passages
        self._tokens += own.tokens
        self._empty += own.empty

    def copy_from_previous(self, article: PreviousArticle, path: str) -> None:
        """Add an article of the previous generation, perhaps under another path."""
        assert self._previous is not None
        assert isinstance(article, StoredRow)
        self._start()
        row, old_path = article.row, article.row.article.path
        if path == old_path:
            self._copied.append(path)
            if len(self._copied) == _COPIED_AT_ONCE:
                self._copy()
        else:
            query = {"bool": {"filter": [{"term": {"kind": "passage"}}, _of_paths([old_path])]}}
            for passage in documents(
                self._cluster, self._previous.index, query, ["ordinal"], ["*"], _budget()
            ):
                self._write(passage_key(path, passage["ordinal"]), {**passage, "path": path})
        self._copied_paths.add(old_path)
        self._write_article(replace(row.article, path=path), row.keys, row.passages, article.input)

    def _copy(self) -> None:
        """Let the cluster copy the passages of articles into the new index."""
        paths, self._copied = self._copied, []
        if not paths:
            return
        assert self._previous is not None
        body = {
            "source": {
                "index": self._previous.index,
                "size": 1_000,
                "query": {"bool": {"filter": [{"term": {"kind": "passage"}}, _of_paths(paths)]}},
            },
            "dest": {"index": self._build.alias},
        }

        def copy() -> None:
            answer = self._cluster.request(
                "POST", "/_reindex", _budget(), body, require_alias=True, timeout="60s"
            )
            if problems := answer["failures"]:
                raise EngineError(f"The cluster could not copy passages: {_first(problems)}.")

        self._submit(copy)

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Record the files that are not indexed, with the digests of those that could be read."""
        self._skipped = skipped

    def note(self, noted: Sequence[Noted]) -> None:
        """Record what is to be said of articles."""
        self._noted = noted

    def _write(self, key: str, document: Mapping[str, Any]) -> None:
        """Add a document to the next request."""
        lines = (
            json.dumps({"index": {"_id": key}}),
            json.dumps(document, ensure_ascii=False),
        )
        self._actions += lines
        self._action_bytes += sum(map(len, lines))
        if self._action_bytes >= _BULK_BYTES:
            self._flush()

    def _flush(self) -> None:
        lines, self._actions, self._action_bytes = self._actions, [], 0
        if lines:
            self._submit(lambda: self._send(lines))

    def _submit(self, request: Callable[[], None]) -> None:
        """Let a thread send a request; wait while too many are on their way."""
        while len(self._requests) >= _MAX_AHEAD:
            self._requests.popleft().result()
        self._requests.append(self._pool.submit(request))

    def _send(self, lines: list[str]) -> None:
        """Index documents; go on with those that were not taken, until all are."""
        budget, pause = _budget(), _FIRST_PAUSE
        while lines:
            try:
                answer = self._cluster.request(
                    "POST",
                    f"/{self._build.alias}/_bulk",
                    budget,
                    "\n".join([*lines, ""]),
                    require_alias=True,
                )
            except failures.NotFoundError as error:
                raise self._build.replaced() from error
            left: list[str] = []
            for i, item in enumerate(answer["items"] if answer["errors"] else ()):
                result = item["index"]
                if result["status"] in _BUSY:
                    left += lines[2 * i : 2 * i + 2]
                elif result["status"] == _GONE:
                    raise self._build.replaced()
                elif "error" in result:
                    reason = result["error"]["reason"]
                    raise EngineError(f"The cluster refuses a document: {reason}.")
            lines = left
            if lines:
                if budget.left < pause:
                    raise EngineError(
                        f"The search cluster at {self._cluster.address} is overloaded."
                    )
                time.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE)

    def commit(self, commit: str | None, on_verify: Callable[[], None]) -> None:
        """Check the index, then make it the current generation.

        Raises:
            EngineError: the cluster does not answer, lacks documents, or another reindex was
                faster; the previous generation is current.
        """
        self._start()
        self._write_files()
        self._copy()
        self._flush()
        self._finish_requests()
        on_verify()
        budget = _budget()
        self._refresh(budget)
        manifest = replace(self._manifest(budget), commit=commit)
        self._finish_requests()
        self._check_counts(self._documents + 1, budget)
        if self._empty and manifest.filled:
            self._adapt_similarity(manifest, budget)
        assert self._pulse is not None
        self._pulse.stop()
        self._cluster.request("POST", f"/{self._build.index}/_flush", budget)
        self._build.install(manifest, budget)
        self._is_installed = True

    def _write_files(self) -> None:
        for number, (file, digest) in enumerate(self._skipped):
            stored = [asdict(file), None if digest is None else digest.hex()]
            self._write(
                f"skipped-{number}", {"kind": "skipped", "number": number, "stored": stored}
            )
        for number, note in enumerate(self._noted):
            self._write(
                f"noted-{number}", {"kind": "noted", "number": number, "stored": asdict(note)}
            )

    @property
    def _documents(self) -> int:
        return self._articles + self._passages + len(self._skipped) + len(self._noted)

    def _finish_requests(self) -> None:
        while self._requests:
            self._requests.popleft().result()

    def _refresh(self, budget: Budget) -> None:
        self._cluster.request("POST", f"/{self._build.alias}/_refresh", budget)

    def _check_counts(self, expected: int, budget: Budget) -> None:
        """Make sure that every document can be found, and that no deleted one is left."""
        answer = self._cluster.request("GET", f"/{self._build.index}/_stats/docs", budget)
        docs = answer["_all"]["primaries"]["docs"]
        if (docs["count"], docs["deleted"]) != (expected, 0):
            raise EngineError(
                f"The cluster holds {docs['count']} documents of the new index, and"
                f" {docs['deleted']} deleted ones, instead of {expected}: reindex again."
            )

    def _manifest(self, budget: Budget) -> Manifest:
        """Return the manifest of what was written, without the commit; write its histogram."""
        histogram = self._histogram(budget)
        self._write(
            "statistics",
            {"kind": "statistics", "number": 0, "stored": {"histogram": [*histogram.items()]}},
        )
        self._flush()
        self._finish_requests()
        self._refresh(budget)
        occurring = np.fromiter(histogram, np.int64, len(histogram))
        counts = np.fromiter(histogram.values(), np.int64, len(histogram))
        return Manifest(
            fingerprint=self._fingerprint,
            built_at=generation.now(),
            articles=self._articles,
            passages=self._passages,
            filled=self._passages - self._empty,
            terms=int(counts.sum()),
            average_length=self._tokens / self._passages if self._passages else 0.0,
            idf_floor=bm25.idf_floor_of(occurring, counts, self._passages),
        )

    def _histogram(self, budget: Budget) -> Mapping[int, int]:
        """Return how many terms are in as many passages."""
        if not self._copied_paths:
            return Counter(self._added_terms.values())
        # Of the previous generation's; only terms of what was added or removed have moved.
        assert self._previous is not None
        histogram = Counter(self._previous.histogram)
        changes = Counter(self._added_terms)
        changes.subtract(self._removed_terms(budget))
        moved = [term for term, change in changes.items() if change]
        routings = shard_routings(self._cluster, self._build.index, budget)
        counts = count_passages(self._cluster, self._build.index, routings, moved, budget)
        for term in moved:
            count = counts.get(term, 0)
            histogram[count] += 1
            histogram[count - changes[term]] -= 1
        del histogram[0]
        return +histogram

    def _removed_terms(self, budget: Budget) -> Counter[str]:
        """Return in how many passages that were not copied each of their terms was."""
        assert self._previous is not None
        removed = Counter[str]()
        paths = [path for path in self._previous.articles if path not in self._copied_paths]
        for start in range(0, len(paths), _COPIED_AT_ONCE):
            part = _of_paths(paths[start : start + _COPIED_AT_ONCE])
            query = {"bool": {"filter": [{"term": {"kind": "passage"}}, part]}}
            for passage in documents(
                self._cluster, self._previous.index, query, ["path", "ordinal"], ["terms"], budget
            ):
                removed.update(set(passage["terms"].split()))
        return removed

    def _adapt_similarity(self, manifest: Manifest, budget: Budget) -> None:
        """Make up for passages without terms, which Lucene does not count."""
        index = self._build.index
        similarity = generation.similarity_settings(*manifest.similarity)
        settings = {"index": {"similarity": {generation.SIMILARITY: similarity}}}
        self._cluster.request("POST", f"/{index}/_close", budget)
        self._cluster.request("PUT", f"/{index}/_settings", budget, settings)
        self._cluster.request("POST", f"/{index}/_open", budget, wait_for_active_shards="all")


class _Pulse:
    """Shows in a thread that a build is alive."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_over.wait(generation.BEAT_SECONDS):
            # What is wrong with the cluster, the build's own requests meet and tell.
            with suppress(CorpusError):
                self._build.beat(Budget(generation.BEAT_SECONDS, generation.BEAT_SECONDS))

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        self._is_over.set()
        self._thread.join()


def _budget() -> Budget:
    return Budget(BUILD_SECONDS, BUILD_REQUEST_SECONDS)


def _of_paths(paths: Sequence[str]) -> Mapping[str, Any]:
    return {"terms": {"path": paths}}


def _first(problems: Iterable[Mapping[str, Any]]) -> str:
    problem = next(iter(problems))
    return str(problem.get("cause", problem).get("reason", "no reason given"))
