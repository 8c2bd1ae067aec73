"""A generation in a cluster: articles in memory, terms and passages asked for.

A passage's id is the number of passages before it, in the order of articles: documents do not hold
it, so that they can be copied as they are into the next generation.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from itertools import count
from typing import Any

import numpy as np
from opensearchpy import exceptions as failures

from corpus import bm25
from corpus.engine import (
    ArticleEntry,
    CollectionStatistics,
    FilterKeys,
    FoldedPassage,
    ScoredPassage,
    StoredArticle,
    TermQuery,
)
from corpus.engines.article_table import ArticleTable
from corpus.engines.opensearch.cluster import Budget, Cluster
from corpus.engines.opensearch.generation import MAX_TOKEN_CHARS, Generation, Manifest
from corpus.errors import IndexUnusableError
from corpus.model import Article, Filters, Noted, Paragraph, Passage, Skipped, Stats
from corpus.remote import Remote, is_remote

MAX_CLAUSES = 1_000
"""Terms of a query: a cluster takes no more than 1,024 unless it is told to."""

_REPLACED = "The index was replaced while it was read."
_PAGE = 5_000  # documents of an answer; at most 10,000
_ALWAYS_READ = ("path", "ordinal", "content")  # of a passage
_COUNTS = 1_000  # terms that are counted by one request
_COUNT_PATH = "docs.term_vectors.terms.terms.*.doc_freq,docs.error"
_MAX_SIMILAR = 8  # bigrams for each position
_SAMPLE = 200  # passages read to find frequent bigrams
_OLD_FACTOR_BEFORE = (3, 0)
"""The first version whose scores lack the factor (k1 + 1)."""


def passage_key(path: str, ordinal: int) -> str:
    """Return the ``_id`` of a passage's document."""
    return f"{blake2b(path.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}-{ordinal}"


def encoded(term: str) -> str:
    """Return ``term`` as the index holds it: one that the tokenizer would split as its hash."""
    if len(term) < MAX_TOKEN_CHARS and not any(map(str.isspace, term)):
        return term
    return f"#{blake2b(term.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class ArticleInput:
    """What the next generation needs of an article beside its fields."""

    digest: bytes
    tokens: int
    """Of all its passages."""
    empty: int
    """How many of its passages have no term."""
    opening_hash: int
    """Content hash of its first passage, 0 if it has none."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is read of a generation when it is opened: everything but passages."""

    table: ArticleTable
    inputs: Sequence[ArticleInput]
    """In the order of the table."""
    skipped: Sequence[tuple[Skipped, bytes | None]]
    noted: Sequence[Noted]
    histogram: Mapping[int, int]
    """How many terms are in as many passages."""
    routings: Sequence[str]
    """See :func:`shard_routings`."""
    bytes: int
    """On all nodes."""


def read_contents(
    cluster: Cluster, generation: Generation, manifest: Manifest, budget: Budget
) -> Contents:
    """Read the articles and files of a generation.

    Raises:
        EngineError: the cluster does not answer.
        IndexUnusableError: articles are missing.
    """
    archive = manifest.fingerprint.archive
    remote = Remote.parse(archive) if is_remote(archive) else None
    of_kind: dict[str, list[Any]] = {kind: [] for kind in ("article", "skipped", "noted")}
    histogram: Mapping[int, int] = {}
    query = {"bool": {"must_not": {"term": {"kind": "passage"}}}}
    for document in documents(
        cluster, generation.index, query, ["kind", "number"], ["kind", "stored"], budget
    ):
        if document["kind"] == "statistics":
            histogram = dict(document["stored"]["histogram"])
        else:
            of_kind[document["kind"]].append(document["stored"])
    if len(of_kind["article"]) != manifest.articles:
        raise IndexUnusableError("The index is damaged: articles are missing.")
    sizes = cluster.request("GET", f"/{generation.index}/_stats/store", budget)
    return Contents(
        ArticleTable(
            (
                _article(id_, stored["article"], manifest.commit, remote),
                _filter_keys(**stored["keys"]),
                stored["passages"],
            )
            for id_, stored in enumerate(of_kind["article"])
        ),
        [_article_input(**stored["input"]) for stored in of_kind["article"]],
        [
            (Skipped(**file), None if digest is None else bytes.fromhex(digest))
            for file, digest in of_kind["skipped"]
        ],
        [Noted(**note) for note in of_kind["noted"]],
        histogram,
        shard_routings(cluster, generation.index, budget),
        int(sizes["_all"]["total"]["store"]["size_in_bytes"]),
    )


def _article(
    id_: int, fields: Mapping[str, Any], commit: str | None, remote: Remote | None
) -> Article:
    url = remote.file_url(commit, fields["path"]) if remote and commit else None
    return replace(Article(**fields, id=id_, file_url=url), tags=tuple(fields["tags"]))


def _filter_keys(author: str, source: str, tags: Sequence[str], title: str) -> FilterKeys:
    return FilterKeys(author, source, tuple(tags), title)


def _article_input(digest: str, tokens: int, empty: int, opening_hash: int) -> ArticleInput:
    return ArticleInput(bytes.fromhex(digest), tokens, empty, opening_hash)


def documents(
    cluster: Cluster,
    index: str,
    query: Mapping[str, Any],
    sort: Sequence[str],
    fields: Sequence[str],
    budget: Budget,
) -> Iterator[Mapping[str, Any]]:
    """Yield these fields of all documents that match ``query``.

    Args:
        cluster: that has them.
        index: of the documents, which does not change meanwhile.
        query: in OpenSearch's language.
        sort: fields that no two documents have in common.
        fields: to read.
        budget: for all requests.

    Raises:
        EngineError: the cluster does not answer.
    """
    body = {"query": query, "sort": sort, "size": _PAGE, "_source": fields}
    while True:
        hits = search(cluster, index, body, budget)["hits"]["hits"]
        for hit in hits:
            yield hit["_source"]
        if len(hits) < _PAGE:
            return
        body["search_after"] = hits[-1]["sort"]


def search(
    cluster: Cluster, index: str, body: Mapping[str, Any], budget: Budget, **parameters: str
) -> Any:  # noqa: ANN401 (JSON)
    """Return the answer to a search of all parts of an index, none of which may be missing.

    Raises:
        EngineError: the cluster does not answer, or a part is missing.
        IndexUnusableError: the generation was removed.
    """
    body = {"track_total_hits": False, **body}
    try:
        return cluster.request(
            "POST",
            f"/{index}/_search",
            budget,
            body,
            allow_partial_search_results=False,
            **parameters,
        )
    except failures.NotFoundError as error:
        raise IndexUnusableError(_REPLACED) from error


def shard_routings(cluster: Cluster, index: str, budget: Budget) -> tuple[str, ...]:
    """Return a routing value for each part of an index, by which a request reaches it.

    Raises:
        EngineError: the cluster does not answer.
    """
    path = f"/{index}/_search_shards"
    shards = len(cluster.request("GET", path, budget)["shards"])
    routing_of: dict[int, str] = {}
    for value in count():
        answer = cluster.request("GET", path, budget, routing=value)
        routing_of.setdefault(answer["shards"][0][0]["shard"], str(value))
        if len(routing_of) == shards:
            break
    return tuple(routing_of.values())


def count_passages(
    cluster: Cluster, index: str, routings: Sequence[str], terms: Iterable[str], budget: Budget
) -> dict[str, int]:
    """Return in how many passages each of ``terms`` occurs; absent terms are left out.

    Each part of the index looks them up as those of a document that it does not have. That costs
    the same however frequent a term is, where an aggregation would read all its postings.

    Args:
        cluster: that has the index.
        index: without deleted documents, which would be counted.
        routings: see :func:`shard_routings`.
        terms: any number.
        budget: for all requests.

    Raises:
        EngineError: the cluster does not answer.
        IndexUnusableError: the generation was removed.
    """
    term_of = {encoded(term): term for term in terms}
    counts = Counter[str]()
    wanted = list(term_of)
    for start in range(0, len(wanted), _COUNTS):
        document = {"terms": " ".join(wanted[start : start + _COUNTS])}
        parts = [
            {
                "_index": index,
                "routing": routing,
                "doc": document,
                "term_statistics": True,
                "field_statistics": False,
                "positions": False,
                "offsets": False,
                "payloads": False,
            }
            for routing in routings
        ]
        try:
            answer = cluster.request(
                "POST", "/_mtermvectors", budget, {"docs": parts}, filter_path=_COUNT_PATH
            )
        except failures.NotFoundError as error:
            raise IndexUnusableError(_REPLACED) from error
        for part in answer.get("docs", ()):  # none if nothing is left by the path
            for term, found in part["term_vectors"]["terms"]["terms"].items():
                counts[term_of[term]] += found["doc_freq"]
    return dict(+counts)


class OpenSearchReader:
    """The OpenSearch engine's `IndexReader`, for one question: its time is limited."""

    def __init__(
        self,
        cluster: Cluster,
        generation: Generation,
        manifest: Manifest,
        contents: Contents,
        budget: Budget,
    ) -> None:
        """Create a reader of a generation whose contents were read."""
        self._cluster = cluster
        self._generation = generation
        self._manifest = manifest
        self._contents = contents
        self._table = contents.table
        self._budget = budget
        self._search = partial(search, cluster, generation.index)
        self._counts: dict[str, int] = {}
        self._sources: dict[int, Mapping[str, Any]] = {}
        """By passage id: the fields of its document that were read."""

    @property
    def generation(self) -> str:
        """Name of the generation, different for each build."""
        return self._generation.name

    @property
    def statistics(self) -> CollectionStatistics:
        """The collection statistics for BM25."""
        manifest = self._manifest
        return CollectionStatistics(manifest.passages, manifest.average_length, manifest.idf_floor)

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each of ``terms`` occurs; absent terms are left out."""
        wanted = list(terms)
        unknown = {term for term in wanted if term not in self._counts}
        if unknown and self._manifest.passages:
            found = count_passages(
                self._cluster,
                self._generation.index,
                self._contents.routings,
                sorted(unknown),
                self._budget,
            )
            self._counts |= {term: found.get(term, 0) for term in unknown}
        return {term: count for term in wanted if (count := self._counts.get(term))}

    def search(self, query: TermQuery, k: int) -> list[ScoredPassage]:
        """Return the ``k`` best passages, best first; equal scores in ascending order of ids.

        Lucene rounds the length of a passage of more than 40 terms. Of more than ``MAX_CLAUSES``
        terms the heaviest count.
        """
        weights = self._weights(query.boosts)
        if not weights or k < 1:
            return []
        heaviest = sorted(weights, key=lambda term: -abs(weights[term]))[:MAX_CLAUSES]
        negative = {term: -weights[term] for term in heaviest if weights[term] < 0}
        others = {term: max(weights[term], 0.0) for term in heaviest}
        scores = self._scores(others, query, _PAGE if negative else k)
        if negative:
            # Only in the smallest archives is a weight below 0, which no query takes: what these
            # terms score is subtracted.
            for id_, score in self._scores(negative, query, _PAGE).items():
                scores[id_] -= score
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
        return [
            ScoredPassage(id_, self._table.of_passage(id_).article.id, score, self._hash(id_))
            for id_, score in ranked
        ]

    def _weights(self, boosts: Mapping[str, float]) -> dict[str, float]:
        """Return what each term that occurs is to weigh: its boost times its idf."""
        idfs = bm25.idfs(self.document_frequencies(boosts), self.statistics)
        return {term: boosts[term] * idf for term, idf in idfs.items()}

    def _scores(self, weights: Mapping[str, float], query: TermQuery, k: int) -> dict[int, float]:
        """Return the scores of the ``k`` best passages by the terms of ``weights``, by id."""
        body = {
            "size": k,
            "query": {
                "bool": {
                    "should": [
                        {"term": {"terms": {"value": encoded(term), "boost": weight}}}
                        for term, weight in self._as_lucene_needs(weights).items()
                    ],
                    "minimum_should_match": 1,
                    "filter": [
                        *({"term": {"terms": encoded(term)}} for term in sorted(query.must)),
                        *self._filters(query),
                    ],
                    "must_not": [
                        *({"term": {"terms": encoded(term)}} for term in sorted(query.must_not)),
                        {"terms": {"source": [*query.filters.without_sources]}},
                    ],
                }
            },
            "sort": ["_score", "path", "ordinal"],
            "_source": [*_ALWAYS_READ, "stored"],
        }
        # Each part of the index would otherwise weigh terms by its own passages alone.
        answer = self._search(body, self._budget, search_type="dfs_query_then_fetch")
        return {
            self._remember(hit["_source"]): float(hit["_score"]) for hit in answer["hits"]["hits"]
        }

    def _as_lucene_needs(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Return the boosts with which Lucene, by its own idf, gives the ``weights``."""
        filled = self._manifest.filled
        k1, _ = self._manifest.similarity
        factor = bm25.K1 + 1
        if self._cluster.version < _OLD_FACTOR_BEFORE:
            factor /= k1 + 1
        counts = np.array([self._counts[term] for term in weights])
        lucene_idfs = np.log1p((filled - counts + 0.5) / (counts + 0.5))
        boosts = np.fromiter(weights.values(), np.float64) * factor / lucene_idfs
        return dict(zip(weights, boosts.tolist(), strict=True))

    def _filters(self, query: TermQuery) -> Iterator[Mapping[str, Any]]:
        filters = query.filters
        if query.paths is not None:
            yield {"terms": {"path": sorted(query.paths)}}
        if filters.source is not None:
            yield {"terms": {"source": sorted(self._table.sources_like(filters.source))}}
        if filters.author is not None:
            yield {"terms": {"author": sorted(self._table.authors_like(filters.author))}}
        if filters.tag is not None:
            yield {"term": {"tags": filters.tag}}
        if filters.after is not None or filters.before is not None:
            bounds = {"gte": filters.after, "lte": filters.before}
            yield {"range": {"day": {name: day for name, day in bounds.items() if day}}}

    def _remember(self, source: Mapping[str, Any]) -> int:
        """Keep the fields of a passage's document; return its id."""
        row = self._table.at(source["path"])
        if row is None:
            raise IndexUnusableError("The index is damaged: an article is missing.")
        id_ = row.first_passage + int(source["ordinal"])
        self._sources[id_] = {**self._sources.get(id_, {}), **source}
        return id_

    def _hash(self, id_: int) -> int:
        return int(self._sources[id_]["content"])

    def _fetch(self, ids: Iterable[int], field: str) -> None:
        """Read the documents of passages of which ``field`` was not read yet."""
        missing = [id_ for id_ in dict.fromkeys(ids) if field not in self._sources.get(id_, {})]
        if not missing:
            return
        rows = [(id_, self._table.of_passage(id_)) for id_ in missing]
        keys = [passage_key(row.article.path, id_ - row.first_passage) for id_, row in rows]
        try:
            answer = self._cluster.request(
                "POST",
                f"/{self._generation.index}/_mget",
                self._budget,
                {"ids": keys},
                _source=",".join((*_ALWAYS_READ, field)),
                realtime=False,
            )
        except failures.NotFoundError as error:
            raise IndexUnusableError(_REPLACED) from error
        for document in answer["docs"]:
            if not document.get("found"):
                raise IndexUnusableError("The index is damaged: a passage is missing.")
            self._remember(document["_source"])

    def explain(
        self, boosts: Mapping[str, float], passage_ids: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return the share of each term in the score of each passage, in the order of boosts."""
        self._fetch(passage_ids, "terms")
        return [self._explained(boosts, id_) for id_ in passage_ids]

    def _explained(self, boosts: Mapping[str, float], passage_id: int) -> dict[str, float]:
        terms = self._sources[passage_id]["terms"].split()
        frequencies = Counter(terms)
        lengths = np.array([rounded_length(len(terms))])
        norms = bm25.length_norms(lengths, self._manifest.average_length)
        own = {term: boost for term, boost in boosts.items() if encoded(term) in frequencies}
        return {
            term: float(bm25.term_scores(weight, np.array([frequencies[encoded(term)]]), norms)[0])
            for term, weight in self._weights(own).items()
        }

    def opening_passages(self, query: TermQuery, limit: int) -> list[ScoredPassage]:
        """Return the first passage of each article that satisfies a query's filters and paths."""
        allowed = self._table.allowed(query.filters, query.paths)
        inputs = self._contents.inputs
        return [
            ScoredPassage(
                row.first_passage, row.article.id, 0.0, inputs[row.article.id].opening_hash
            )
            for row in self._table.newest_first
            if row.passages and row.article.id in allowed
        ][:limit]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, in this order."""
        self._fetch(ids, "stored")
        return [self._passage(id_) for id_ in ids]

    def _passage(self, id_: int) -> Passage:
        row, stored = self._table.of_passage(id_), self._sources[id_]["stored"]
        ordinal = id_ - row.first_passage
        return Passage(id_, row.article.id, ordinal, stored["text"], stored["heading"])

    def folded_passages(self, ids: Sequence[int]) -> list[FoldedPassage]:
        """Return what the passages with these ids say, in this order."""
        self._fetch(ids, "stored")
        rows = ((id_, self._table.of_passage(id_)) for id_ in ids)
        return [
            FoldedPassage(
                row.keys.title, self._sources[id_]["stored"]["folded"], id_ - row.first_passage
            )
            for id_, row in rows
        ]

    def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, without their paragraphs."""
        return {id_: self._table.rows[id_].article for id_ in ids}

    def article(self, path: str) -> StoredArticle | None:
        """Return the article at ``path``, or None if there is none."""
        row = self._table.at(path)
        if row is None:
            return None
        ids = range(row.first_passage, row.first_passage + row.passages)
        passages = self.passages(ids)
        paragraphs = tuple(Paragraph(passage.text, passage.heading) for passage in passages)
        return StoredArticle(
            replace(row.article, paragraphs=paragraphs), row.first_passage, [*map(self._hash, ids)]
        )

    def passages_with_content(self, content_hash: int) -> list[int]:
        """Return the ids of passages with this `content_hash`, in ascending order."""
        query = {"bool": {"filter": [{"term": {"content": str(content_hash)}}]}}
        order, fields = ["path", "ordinal"], list(_ALWAYS_READ)
        found = documents(self._cluster, self._generation.index, query, order, fields, self._budget)
        return sorted(map(self._remember, found))

    def articles_with(self, terms: Collection[str]) -> set[int]:
        """Return the ids of articles with a passage that holds all of ``terms``, at least one."""
        if not terms:
            return set()
        paths = {"paths": {"terms": {"field": "path"}}}
        page: dict[str, Any] = {"size": _PAGE, "sources": [paths]}
        body = {
            "size": 0,
            "query": {
                "bool": {"filter": [{"term": {"terms": encoded(term)}} for term in sorted(terms)]}
            },
            "aggregations": {"articles": {"composite": page}},
        }
        found: set[int] = set()
        while True:
            articles = self._search(body, self._budget)["aggregations"]["articles"]
            for bucket in articles["buckets"]:
                row = self._table.at(bucket["key"]["paths"])
                if row is not None:
                    found.add(row.article.id)
            if len(articles["buckets"]) < _PAGE:
                return found
            page["after"] = articles["after_key"]

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return indexed bigrams that share one character, in its position, with ``bigram``.

        The candidates come from a sample of passages: a frequent bigram is in it.
        """
        similar: set[str] = set()
        for i in range(len(bigram)):
            pattern = "".join(_literal(char) if j == i else "." for j, char in enumerate(bigram))
            body = {
                "size": _SAMPLE,
                "query": {"regexp": {"terms": {"value": pattern}}},
                "_source": ["terms"],
            }
            counts = Counter[str]()
            for hit in self._search(body, self._budget)["hits"]["hits"]:
                terms = set(hit["_source"]["terms"].split())
                counts.update(
                    term for term in terms if len(term) == len(bigram) and term[i] == bigram[i]
                )
            candidates = [term for term, _ in counts.most_common(4 * _MAX_SIMILAR)]
            frequencies = self.document_frequencies(candidates)
            similar.update(sorted(frequencies, key=self._frequency_order)[:_MAX_SIMILAR])
        return sorted(similar - {bigram}, key=self._frequency_order)

    def _frequency_order(self, term: str) -> tuple[int, str]:
        return -self._counts[term], term

    def days(self, filters: Filters) -> dict[int, str]:
        """Return the day (``YYYY-MM-DD``, UTC) of each dated article that passes ``filters``."""
        return self._table.days(filters)

    def entries(self) -> list[ArticleEntry]:
        """Return all articles, the newest first."""
        return self._table.entries()

    def stats(self) -> Stats:
        """Return the figures of this generation that people are shown."""
        first, last = self._table.first_and_last()
        skipped = sorted((file for file, _ in self._contents.skipped), key=lambda file: file.path)
        noted = sorted(self._contents.noted, key=lambda note: note.path)
        return Stats(
            generation=self.generation,
            articles=self._manifest.articles,
            passages=self._manifest.passages,
            terms=self._manifest.terms,
            built_at=self._manifest.built_at,
            archive=self._manifest.fingerprint.archive,
            bytes=self._contents.bytes,
            skipped=tuple(skipped),
            noted=tuple(note for note in noted if note.note),
            sources=self._table.sources(),
            first_date=first,
            last_date=last,
            commit=self._manifest.commit,
        )


def _literal(char: str) -> str:
    return char if char.isalnum() else f"\\{char}"


def rounded_length(length: int) -> int:
    """Return the length that Lucene takes a passage of ``length`` terms to have.

    It keeps lengths in a byte (``SmallFloat.intToByte4``): exact to 40, then with four significant
    bits.
    """
    exact = 24  # values that have a code of their own before the others begin
    if length < exact:
        return length
    rest = length - exact
    shift = max(rest.bit_length() - 4, 0)
    return exact + (rest >> shift << shift)
