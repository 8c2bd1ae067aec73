"""Search engines behind one interface: build, open, search. Peers come with ``.[bench]``."""

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rank_bm25 import BM25Okapi

from bench.tokens import Question, Tokens, index_folder
from corpus import bm25
from corpus.engines.local import generation
from corpus.engines.local.engine import postings_class
from corpus.engines.local.postings import PassageColumns

Answer = list[tuple[int, float]]
"""Passage and score, best first."""
Ask = Callable[[int, Question, int], Answer]
"""Searches, given the question's number, the question and the number of results."""


def _footnote_open(folder: Path, *, compiled: bool) -> Ask:
    index = index_folder(folder)
    manifest = generation.read_manifest(index)
    columns = PassageColumns(index, manifest)
    norms = bm25.length_norms(columns.lengths, manifest.average_length)
    postings = postings_class(compiled=compiled)(index, manifest, norms)
    terms = json.loads((folder / "question_terms.json").read_text("ascii"))

    def ask(number: int, question: Question, k: int) -> Answer:
        del question  # ours is searched by its terms instead
        ids, scores = postings.top_k(terms[number], k)
        return list(zip(ids.tolist(), scores.tolist(), strict=True))

    return ask


def _rank_bm25_open(folder: Path) -> Ask:
    tokens = Tokens.read(folder)
    engine = BM25Okapi(list(tokens.passages()), k1=bm25.K1, b=bm25.B)

    def ask(number: int, question: Question, k: int) -> Answer:
        del number
        scores = engine.get_scores([term for term, count in question for _ in range(count)])
        best = np.argsort(-scores, kind="stable")[:k]
        return list(zip(best.tolist(), scores[best].tolist(), strict=True))

    return ask


def _bm25s_build(folder: Path) -> None:
    import bm25s  # noqa: PLC0415 (an extra)

    tokens = Tokens.read(folder)
    engine = bm25s.BM25(k1=bm25.K1, b=bm25.B)
    vocabulary = {name: number for number, name in enumerate(tokens.names)}
    engine.index((list(tokens.passages()), vocabulary), show_progress=False)
    engine.save(str(folder / "bm25s"))


def _bm25s_open(folder: Path, backend: str) -> Ask:
    import bm25s  # noqa: PLC0415 (an extra)

    engine: Any = bm25s.BM25.load(str(folder / "bm25s"))
    engine.backend = backend
    if backend == "numba":
        engine.activate_numba_scorer()
    names = json.loads((folder / "terms.json").read_text("ascii"))

    def ask(number: int, question: Question, k: int) -> Answer:
        del number
        words = [[names[term] for term, count in question for _ in range(count)]]
        ids, scores = engine.retrieve(words, k=k, show_progress=False, n_threads=0)
        return list(zip(ids[0].tolist(), scores[0].tolist(), strict=True))

    return ask


def _tantivy_build(folder: Path) -> None:
    import tantivy  # noqa: PLC0415 (an extra)

    path = folder / "tantivy"
    path.mkdir()
    index: Any = tantivy.Index(_tantivy_schema(), str(path))
    _register_whitespace(index)
    writer = index.writer(256 * 2**20, 1)
    tokens = Tokens.read(folder)
    for number, passage in enumerate(tokens.passages()):
        text = " ".join([tokens.names[token] for token in passage])
        writer.add_document(tantivy.Document(text=text, id=number))
    writer.commit()
    writer.wait_merging_threads()


def _tantivy_schema() -> Any:  # noqa: ANN401 (untyped library)
    import tantivy  # noqa: PLC0415 (an extra)

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", stored=False, tokenizer_name="spaces", index_option="freq")
    schema.add_integer_field("id", stored=True)
    return schema.build()


def _register_whitespace(index: Any) -> None:  # noqa: ANN401 (untyped library)
    import tantivy  # noqa: PLC0415 (an extra)

    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("spaces", analyzer)


def _tantivy_open(folder: Path) -> Ask:
    import tantivy  # noqa: PLC0415 (an extra)

    index: Any = tantivy.Index.open(str(folder / "tantivy"))
    _register_whitespace(index)
    searcher = index.searcher()
    schema = index.schema
    names = json.loads((folder / "terms.json").read_text("ascii"))

    def ask(number: int, question: Question, k: int) -> Answer:
        del number
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(schema, "text", names[term], index_option="freq"),
                    float(count),
                ),
            )
            for term, count in question
        ]
        # The stored number is not read, since that is no part of a search.
        hits = searcher.search(tantivy.Query.boolean_query(clauses), k, count=False).hits
        return [(address.doc, score) for score, address in hits]

    return ask


def _fts5_build(folder: Path) -> None:
    tokens = Tokens.read(folder)
    with contextlib.closing(sqlite3.connect(folder / "fts5.sqlite")) as connection, connection:
        connection.execute(
            "CREATE VIRTUAL TABLE passage USING fts5(text, content='', detail='full')"
        )
        connection.executemany(
            "INSERT INTO passage (rowid, text) VALUES (?, ?)",
            (
                (number, " ".join([tokens.names[token] for token in passage]))
                for number, passage in enumerate(tokens.passages())
            ),
        )
        connection.execute("INSERT INTO passage (passage) VALUES ('optimize')")


def _fts5_open(folder: Path) -> Ask:
    connection = sqlite3.connect(folder / "fts5.sqlite")
    names = json.loads((folder / "terms.json").read_text("ascii"))

    def ask(number: int, question: Question, k: int) -> Answer:
        del number
        words = " OR ".join(names[term] for term, count in question for _ in range(count))
        statement = "SELECT rowid, -rank FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT ?"
        return connection.execute(statement, (words, k)).fetchall()

    return ask


def _nothing(folder: Path) -> None:
    """Do nothing: the engine is built when it is opened, or was built before."""


OURS = "footnote"
COMPILED = "footnote-compiled"
REFERENCE = "rank-bm25"

ENGINES: dict[str, tuple[Callable[[Path], None], Callable[[Path], Ask], str]] = {
    OURS: (_nothing, lambda folder: _footnote_open(folder, compiled=False), OURS),
    COMPILED: (_nothing, lambda folder: _footnote_open(folder, compiled=True), OURS),
    REFERENCE: (_nothing, _rank_bm25_open, ""),
    "bm25s-numpy": (_bm25s_build, lambda folder: _bm25s_open(folder, "numpy"), "bm25s"),
    "bm25s-numba": (_bm25s_build, lambda folder: _bm25s_open(folder, "numba"), "bm25s"),
    "tantivy": (_tantivy_build, _tantivy_open, "tantivy"),
    "sqlite-fts5": (_fts5_build, _fts5_open, "fts5.sqlite"),
}
"""By name: the functions that build and open it, and the name of its index."""
