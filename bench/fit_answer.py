"""``python -m bench fit-answer``: fits the weights of ``corpus.search.snippets`` to a question set.

Within the right passage, the sentences' odds to hold the answer are a softmax over their features;
the weights maximise the likelihood that it falls on one that does. Fitted on half of the articles
and shown for both halves.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from bench.quality import Question, half_of, read_questions
from corpus import bm25
from corpus.analysis.analyzer import Analyzer
from corpus.analysis.sentences import sentence_spans
from corpus.archive import files, post
from corpus.model import Article
from corpus.search import query, snippets

_STEPS = 400
_RATE = 0.05
_RIDGE = 3.0  # of the whole sum: the features are few, the examples hundreds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A question within its right passage."""

    features: Floats
    """Shape (sentences, ``snippets.WEIGHTS``)."""
    holds: Floats
    """1 for each sentence that holds an answer, shape (sentences,)."""
    half: int


def main(arguments: Sequence[str]) -> int:
    """Fit and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench fit-answer", description=__doc__)
    parser.add_argument("--set", type=Path, required=True, help="an archive with questions.jsonl")
    options = parser.parse_args(arguments)
    found = examples(options.set)
    tuning = [one for one in found if one.half == 0]
    weights = fit(tuning)
    for name, weight in zip(snippets.WEIGHTS, weights, strict=True):
        sys.stdout.write(f'    "{name}": {weight:.2f},\n')
    shipped = np.fromiter(snippets.WEIGHTS.values(), float)
    for name, half in (("tuning", 0), ("validation", 1)):
        chosen = [one for one in found if one.half == half]
        fitted, kept = accuracy(chosen, weights), accuracy(chosen, shipped)
        sys.stdout.write(
            f"{name:11} {len(chosen)} questions: best sentence holds the answer"
            f" {fitted:.3f} as fitted, {kept:.3f} as shipped\n"
        )
    return 0


def examples(root: Path) -> list[Example]:
    """Return an example for each question of the set at ``root``."""
    analyzer = Analyzer()
    articles = {
        article.url: article
        for path in files.scan(root)
        for article in [post.parse(path, files.read_bytes(root, path), article_id=0)]
    }
    by_url = {unquote(url): article for url, article in articles.items() if url}
    idf = _idf(list(articles.values()), analyzer)
    found = (
        example(question, by_url[question.url], idf, analyzer)
        for question in read_questions(root / "questions.jsonl")
        if question.url in by_url
    )
    return [one for one in found if one is not None]


def example(
    question: Question, article: Article, idf: dict[str, float], analyzer: Analyzer
) -> Example | None:
    """Return ``question`` within the passage that answers it, or None where none was read so."""
    texts = (paragraph.text for paragraph in article.paragraphs)
    passage = next((text for text in texts if question.is_about(article.url, text)), None)
    if passage is None:
        return None
    typed = query.variant(question.text, analyzer)
    words = {word: typed.terms[word] * idf.get(word, 0.0) for word in typed.words}
    wanted = snippets.Wanted(typed.text, words, analyzer.fold(article.title))
    sentences = [passage[start:end] for start, end in sentence_spans(passage)]
    holds = np.array([float(question.is_answered_by(one)) for one in sentences])
    if not holds.any():
        return None
    folded = [analyzer.fold(one) for one in sentences]
    return Example(snippets.sentence_features(folded, wanted), holds, half_of(question))


def fit(found: Sequence[Example]) -> Floats:
    """Return the weights that make the sentences with answers most likely (Adam)."""
    weights = np.zeros(len(snippets.WEIGHTS))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        gradient = -_RIDGE * weights
        for one in found:
            chance = chances(one, weights)
            right = chance * one.holds
            gradient += one.features.T @ (right / max(right.sum(), 1e-9) - chance)
        gradient /= len(found)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        unbiased = mean / (1 - 0.9**step), square / (1 - 0.99**step)
        weights = weights + _RATE * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)
    return weights


def chances(one: Example, weights: Floats) -> Floats:
    """Return the probability of each sentence, shape (sentences,)."""
    odds = np.exp(one.features @ weights - (one.features @ weights).max())
    return odds / odds.sum()


def accuracy(found: Sequence[Example], weights: Floats) -> float:
    """Return how often the likeliest sentence holds an answer."""
    return float(np.mean([one.holds[np.argmax(one.features @ weights)] for one in found]))


def _idf(articles: Sequence[Article], analyzer: Analyzer) -> dict[str, float]:
    counts: dict[str, int] = {}
    passages = [paragraph.text for article in articles for paragraph in article.paragraphs]
    for text in passages:
        for term in set(analyzer.terms(text)):
            counts[term] = counts.get(term, 0) + 1
    return bm25.idfs(counts, bm25.collection_statistics(counts, len(passages), 1.0))
