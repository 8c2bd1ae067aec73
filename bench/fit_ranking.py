"""``python -m bench fit-ranking``: fits the weights of ``rerank`` and ``confidence``.

Each set is a file of questions in the form of ``bench/data/people.jsonl`` about one archive.
Weights are fitted on the tuning halves and reported on the validation halves, beside those that are
shipped; with several sets also on each set with that set left out of the fit.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from bench.people import DATA, Question, half_of, read_questions
from corpus.library import Library
from corpus.model import Article
from corpus.search import confidence, rerank
from corpus.search.searcher import Search, Searcher

Floats = NDArray[np.float64]

STEPS = 400
RATE = 0.05
RIDGE = 1e-3
"""Keeps weights of features that hardly occur near 0."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question with what was computed for it."""

    question: Question
    features: Floats
    """The first stage's share, then ``rerank.WEIGHTS``, shape (candidates, features)."""
    answers: NDArray[np.bool_]
    """Whether each candidate answers."""
    confidence: Mapping[str, float]
    """``confidence.features``; empty without a candidate."""
    is_answered: bool
    """Whether one of the first five hits answers."""


def main(arguments: Sequence[str]) -> int:
    """Collect features and fit."""
    parser = argparse.ArgumentParser(prog="python -m bench fit-ranking", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="the archive asked about")
    parser.add_argument("--questions", type=Path, nargs="*", default=[DATA / "people.jsonl"])
    parser.add_argument("--data-dir", type=Path, help="keep the index there")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.data_dir or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        sets = asyncio.run(collect(options.archive, folder, options.questions))
    for name, value in fit_ranking(sets).items():
        print(f"{name:14} {value:7.2f}")
    for name, value in fit_confidence(sets).items():
        print(f"{name:14} {value:7.2f}")
    return 0


async def collect(archive: Path, data_dir: Path, files: Sequence[Path]) -> list[list[Example]]:
    """Return an example for each question of each file that reaches the ranking."""
    async with Library(archive, data_dir) as library:
        await library.reindex()
        await library.open()
        return [
            [e for q in read_questions(file) if (e := await _example(library, q))] for file in files
        ]


async def _example(library: Library, question: Question) -> Example | None:
    with _recording() as records:
        result = await library.search(question.text, limit=5)
    # A misspelt question is searched twice.
    record = next((record for record in records if record["search"].hits == result.hits), None)
    if record is None or question.expect == "talk":
        return None
    search: Search = record["search"]
    candidates: Sequence[rerank.Candidate] = record["candidates"]
    possible = record["possible"] or 1.0
    share = np.array([candidate.score / possible for candidate in candidates])

    def answers(candidate: rerank.Candidate) -> bool:
        text = search.passages[candidate.passage_id].text
        copies = [search.articles[id_].url for id_ in candidate.duplicates]
        return is_right(search.articles[candidate.article_id], copies, text)

    def is_right(article: Article, copies: Sequence[str | None], text: str) -> bool:
        hit = {"path": article.path, "url": article.url, "duplicates": copies}
        return question.is_about(hit) and question.is_answered_by(text)

    answered = any(
        is_right(hit.article, [copy.url for copy in hit.duplicates], hit.passage.text)
        for hit in result.hits
    )
    return Example(
        question,
        np.column_stack([share, record["features"]]),
        np.array([answers(candidate) for candidate in candidates], np.bool_),
        record["confidence"],
        is_answered=answered,
    )


@contextmanager
def _recording() -> Generator[list[dict[str, Any]]]:
    """Record what each search computes."""
    records: list[dict[str, Any]] = []
    rank, order, sure = Searcher.rank, rerank.rank, confidence.features

    def record_rank(searcher: Searcher, search: Search) -> None:
        records.append({"search": search})
        rank(searcher, search)
        searcher.read(search, records[-1].get("candidates", ()))

    def record_order(
        candidates: Any,  # noqa: ANN401
        texts: Any,  # noqa: ANN401
        targets: Any,  # noqa: ANN401
        preferences: Any,  # noqa: ANN401
    ) -> list[rerank.Candidate]:
        records[-1] |= {
            "features": rerank.features(candidates, texts, targets),
            "candidates": candidates,
            "possible": targets[0].best_score if targets else 0.0,
        }
        return order(candidates, texts, targets, preferences)

    def record_confidence(*arguments: Any) -> dict[str, float]:  # noqa: ANN401
        records[-1]["confidence"] = sure(*arguments)
        return records[-1]["confidence"]

    with (
        patch.object(Searcher, "rank", record_rank),
        patch.object(rerank, "rank", record_order),
        patch.object(confidence, "features", record_confidence),
    ):
        yield records


def fit_ranking(sets: Sequence[Sequence[Example]]) -> dict[str, float]:
    """Return weights of the reranking, the first stage's being 1, and print what they are worth."""
    sets = [[example for example in examples if example.answers.any()] for examples in sets]
    tuning = [[e for e in examples if half_of(e.question.id) == "tune"] for examples in sets]
    validation = [[e for e in examples if half_of(e.question.id) != "tune"] for examples in sets]
    shipped = np.array([1.0, *rerank.WEIGHTS.values()])
    weights = _softmax_weights([*chain(*tuning)])
    print("MRR of the candidates       shipped  fitted")
    for i, (tune, validate) in enumerate(zip(tuning, validation, strict=True)):
        for half, examples in (("tuning", tune), ("validation", validate)):
            figures = f"{mrr(examples, shipped):8.3f}{mrr(examples, weights):8.3f}"
            print(f"set {i}, {half:18}{figures}")
        if others := [*chain(*tuning[:i], *tuning[i + 1 :])]:
            left_out = mrr([*tune, *validate], _softmax_weights(others))
            print(f"set {i}, left out of the fit        {left_out:8.3f}")
    return dict(zip(rerank.WEIGHTS, (weights[1:] / weights[0]).tolist(), strict=True))


def mrr(examples: Sequence[Example], weights: Floats) -> float:
    """Return the mean of 1 / rank of the first candidate that answers."""
    ranks = [
        1 + int(np.flatnonzero(e.answers[np.argsort(-(e.features @ weights), kind="stable")])[0])
        for e in examples
    ]
    return float(np.mean([1 / rank for rank in ranks])) if ranks else 0.0


def _softmax_weights(examples: Sequence[Example]) -> Floats:
    """Maximise the probability of the candidates that answer, a softmax over each question's."""
    weights = np.ones(1 + len(rerank.WEIGHTS))
    moment, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        gradient = RIDGE * weights
        for example in examples:
            scores = example.features @ weights
            odds = np.exp(scores - scores.max())
            of_all, of_answers = odds / odds.sum(), odds * example.answers
            gradient += (of_all - of_answers / of_answers.sum()) @ example.features / len(examples)
        # Adam (Kingma and Ba, 2015) with its usual constants
        moment = 0.9 * moment + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        corrected = moment / (1 - 0.9**step), square / (1 - 0.999**step)
        weights -= RATE * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    return weights


def fit_confidence(sets: Sequence[Sequence[Example]]) -> dict[str, float]:
    """Return the weights, bias and threshold of ``confidence``; print what they are worth."""
    names = list(confidence.WEIGHTS)
    examples = [e for examples in sets for e in examples if e.confidence]
    rows = np.array([[1.0, *(e.confidence[name] for name in names)] for e in examples])
    labels = np.array([e.is_answered for e in examples])
    is_none = np.array([e.question.expect == "none" for e in examples])
    tune = np.array([half_of(e.question.id) == "tune" for e in examples])
    weights = np.zeros(len(names) + 1)
    for _ in range(30):  # Newton's method: a logistic regression converges in a few steps
        chance = 1 / (1 + np.exp(-rows[tune] @ weights))
        gradient = rows[tune].T @ (chance - labels[tune]) + RIDGE * weights
        hessian = (rows[tune].T * (chance * (1 - chance))) @ rows[tune]
        weights -= np.linalg.solve(hessian + RIDGE * np.eye(len(weights)), gradient)
    scores = rows @ weights
    # Without questions that have no answer, as sure as the model is of nothing.
    threshold = float(np.quantile(scores[tune & is_none], 0.8)) if (tune & is_none).any() else 0.0
    shipped = np.array([confidence.confidence(e.confidence) for e in examples])
    print("                       shown as an answer where there is one / rightly not shown")
    for label, half in (("tuning", tune), ("validation", ~tune)):
        for name, values, least in (
            ("shipped", shipped, confidence.ANSWER),
            ("fitted", scores, threshold),
        ):
            sure = (values >= least)[half]
            shown, held_back = _mean(sure[~is_none[half]]), _mean(~sure[is_none[half]])
            print(f"{label:11}{name:9}  {shown:.2f} / {held_back:.2f}")
    return {
        "bias": weights[0],
        **dict(zip(names, weights[1:], strict=True)),
        "threshold": threshold,
    }


def _mean(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if flags.size else float("nan")
