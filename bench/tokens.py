"""The input of every engine: the tokens of all passages, and the questions, as files in a folder.

``tokens.u4`` holds the numbers of the tokens of all passages, ``ends.i8`` the end of each passage,
``terms.json`` the name of each number, ``questions.json`` the questions as ``[number, count]``.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.growing import grown
from corpus.analysis.analyzer import Analyzer
from corpus.archive import files, post
from corpus.engine import FilterKeys, Fingerprint
from corpus.engines.local import generation
from corpus.engines.local.inverted_batch import InvertedBatch, invert
from corpus.engines.local.term_keys import term_key
from corpus.engines.local.writer import LocalWriter
from corpus.errors import ArticleError
from corpus.model import Article
from corpus.search import query
from corpus.search.expansion import QueryExpander

QUESTIONS = 300
_SEED = 7
_BATCH_ARTICLES = 50

Question = list[tuple[int, int]]
"""The number of each term, and its frequency in the question."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a collection."""

    flat: NDArray[np.uint32]
    ends: NDArray[np.int64]
    names: list[str]

    def passages(self) -> Iterator[list[int]]:
        """Yield the token numbers of each passage."""
        first = 0
        for end in self.ends.tolist():
            yield self.flat[first:end].tolist()
            first = end

    @classmethod
    def read(cls, folder: Path) -> "Tokens":
        """Read the files of :func:`write`."""
        return cls(
            np.fromfile(folder / "tokens.u4", "<u4"),
            np.fromfile(folder / "ends.i8", "<i8"),
            json.loads((folder / "terms.json").read_text("ascii")),
        )


def read_questions(folder: Path) -> list[Question]:
    """Read the questions."""
    questions = json.loads((folder / "questions.json").read_text("ascii"))
    return [[(number, count) for number, count in question] for question in questions]


def read_articles(root: Path) -> list[Article]:
    """Return all readable articles of an archive."""
    articles: list[Article] = []
    for path in files.scan(root):
        try:
            raw = files.read_bytes(root, path)
            articles.append(replace(post.read(path, raw).article, id=len(articles)))
        except ArticleError:
            continue
    return articles


def write(
    articles: Sequence[Article], passages: int, folder: Path, print_status: Callable[[str], None]
) -> float:
    """Write tokens and questions of ``articles`` grown to ``passages``, and our index of them.

    Returns:
        The seconds that the index took, from tokens to installation.
    """
    analyzer = Analyzer(prefer_fast=True)
    data_dir = folder / "footnote"
    data_dir.mkdir()
    columns: list[tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint16]]] = []
    seconds = 0.0
    with LocalWriter(data_dir, Fingerprint("bench", "bench")) as writer:
        batch: list[Article] = []
        for article in [*grown(articles, passages), None]:
            if article is not None:
                batch.append(article)
            if len(batch) < _BATCH_ARTICLES and (article is not None or not batch):
                continue
            inverted = invert(batch, analyzer)
            first = writer.passages
            columns.append(
                (inverted.keys, inverted.passages + np.int64(first), inverted.frequencies)
            )
            started = time.perf_counter()
            _add(writer, batch, inverted)
            seconds += time.perf_counter() - started
            batch = []
            print_status(f"  {writer.passages:,} passages segmented")
        started = time.perf_counter()
        writer.commit(None, lambda: None)
        seconds += time.perf_counter() - started
    keys = _write_tokens(columns, folder)
    _write_questions(articles, keys, folder)
    return seconds


def _add(writer: LocalWriter, batch: Sequence[Article], inverted: InvertedBatch) -> None:
    writer.begin_batch(inverted)
    for article in batch:
        path = f"{writer.articles:08}.md"
        writer.add(replace(article, path=path), b"", FilterKeys("", "", ()))


def _write_tokens(
    columns: list[tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint16]]], folder: Path
) -> NDArray[np.uint64]:
    keys = np.unique(np.concatenate([np.unique(column[0]) for column in columns]))
    ends: list[NDArray[np.int64]] = []
    total = 0
    with (folder / "tokens.u4").open("wb") as file:
        for terms, passages, counts in columns:
            order = np.argsort(passages, kind="stable")
            numbers = np.searchsorted(keys, terms[order]).astype("<u4")
            file.write(np.repeat(numbers, counts[order]).tobytes())
            sizes = np.bincount(passages - passages.min(), counts).astype(np.int64)
            ends.append(total + np.cumsum(sizes))
            total += int(sizes.sum())
    np.concatenate(ends).astype("<i8").tofile(folder / "ends.i8")
    names = [f"{key:x}" for key in keys.tolist()]
    (folder / "terms.json").write_text(json.dumps(names), "ascii")
    return keys


def _write_questions(articles: Sequence[Article], keys: NDArray[np.uint64], folder: Path) -> None:
    analyzer = Analyzer()
    expand = QueryExpander(analyzer).expand
    titles = sorted({article.title for article in articles})
    random.Random(_SEED).shuffle(titles)  # noqa: S311 (reproducible, nothing secret)
    questions: list[Question] = []
    terms: list[dict[str, float]] = []
    for title in titles[:QUESTIONS]:
        parsed = query.parse(title, analyzer, expand).variants[0]
        counts = {term: max(1, round(weight)) for term, weight in parsed.terms.items()}
        rows = {term: int(np.searchsorted(keys, np.uint64(term_key(term)))) for term in counts}
        known = {
            term: number
            for term, number in rows.items()
            if number < len(keys) and int(keys[number]) == term_key(term)
        }
        if not known:  # this article was cut off
            continue
        questions.append([(number, counts[term]) for term, number in known.items()])
        terms.append({term: float(counts[term]) for term in known})
    (folder / "questions.json").write_text(json.dumps(questions), "ascii")
    (folder / "question_terms.json").write_text(json.dumps(terms), "ascii")


def index_folder(folder: Path) -> Path:
    """Return the folder of our index."""
    return generation.current(folder / "footnote")
