"""``python -m bench fit-answer``: fits the weights of ``corpus.search.snippets`` to a question set.

Within the right passage, the probability that a sentence holds the answer is a softmax over the
features of all; the weights maximise the likelihood of the sentences that do. They are fitted on
half of the articles and evaluated on both halves.
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
_RIDGE = 3.0  # for the sum over all examples: there are hundreds, and few features

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
    """Fit the weights and print them with their accuracy."""
    parser = argparse.ArgumentParser(prog="python -m bench fit-answer", description=__doc__)
    parser.add_argument("--set", type=Path, required=True, help="an archive with questions.jsonl")
    options = parser.parse_args(arguments)
    all_examples = read_examples(options.set)
    weights = fit([example for example in all_examples if example.half == 0])
    for name, weight in zip(snippets.WEIGHTS, weights, strict=True):
        sys.stdout.write(f'    "{name}": {weight:.2f},\n')
    shipped = np.fromiter(snippets.WEIGHTS.values(), float)
    for name, half in (("tuning", 0), ("validation", 1)):
        examples = [example for example in all_examples if example.half == half]
        sys.stdout.write(
            f"{name:11} {len(examples)} questions: best sentence holds the answer"
            f" {accuracy(examples, weights):.3f} as fitted,"
            f" {accuracy(examples, shipped):.3f} as shipped\n"
        )
    return 0


def read_examples(root: Path) -> list[Example]:
    """Return the examples of the questions in the set at ``root``."""
    analyzer = Analyzer()
    articles = {
        article.url: article
        for path in files.scan(root)
        for article in [post.read(path, files.read_bytes(root, path)).article]
    }
    by_url = {unquote(url): article for url, article in articles.items() if url}
    idf = _idf(list(articles.values()), analyzer)
    examples = (
        make_example(question, by_url[question.url], idf, analyzer)
        for question in read_questions(root / "questions.jsonl")
        if question.url in by_url
    )
    return [example for example in examples if example is not None]


def make_example(
    question: Question, article: Article, idf: dict[str, float], analyzer: Analyzer
) -> Example | None:
    """Return the example of ``question``, or None if no passage or sentence answers it."""
    texts = (paragraph.text for paragraph in article.paragraphs)
    passage = next((text for text in texts if question.is_about(article.url, text)), None)
    if passage is None:
        return None
    typed = query.variant(question.text, analyzer)
    words = {word: typed.terms[word] * idf.get(word, 0.0) for word in typed.words}
    wanted = snippets.Wanted(typed.text, words, analyzer.fold(article.title))
    sentences = [passage[start:end] for start, end in sentence_spans(passage)]
    holds = np.array([float(question.is_answered_by(sentence)) for sentence in sentences])
    if not holds.any():
        return None
    folded = [analyzer.fold(sentence) for sentence in sentences]
    return Example(snippets.sentence_features(folded, wanted), holds, half_of(question))


def fit(examples: Sequence[Example]) -> Floats:
    """Return the maximum-likelihood weights, found by Adam."""
    weights = np.zeros(len(snippets.WEIGHTS))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        gradient = -_RIDGE * weights
        for example in examples:
            predicted = probabilities(example, weights)
            right = predicted * example.holds
            gradient += example.features.T @ (right / max(right.sum(), 1e-9) - predicted)
        gradient /= len(examples)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        unbiased = mean / (1 - 0.9**step), square / (1 - 0.99**step)
        weights = weights + _RATE * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)
    return weights


def probabilities(example: Example, weights: Floats) -> Floats:
    """Return the probability of each sentence, shape (sentences,)."""
    logits = example.features @ weights
    odds = np.exp(logits - logits.max())
    return odds / odds.sum()


def accuracy(examples: Sequence[Example], weights: Floats) -> float:
    """Return how often the most probable sentence holds an answer."""
    return float(np.mean([e.holds[np.argmax(e.features @ weights)] for e in examples]))


def _idf(articles: Sequence[Article], analyzer: Analyzer) -> dict[str, float]:
    counts: dict[str, int] = {}
    passages = [paragraph.text for article in articles for paragraph in article.paragraphs]
    for text in passages:
        for term in set(analyzer.terms(text)):
            counts[term] = counts.get(term, 0) + 1
    return bm25.idfs(counts, bm25.collection_statistics(counts, len(passages), 1.0))
