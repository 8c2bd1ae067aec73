"""``python -m bench quality``: how often is the first answer right, and are others refused?

The set is an archive with a ``questions.jsonl`` beside its posts: a question per line, with the
``url`` of its article, the ``paragraph`` that answers it and the ``answers`` as written there.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import opencc
from rich.console import Console
from rich.progress import track

from bench.ablation import ABLATIONS
from bench.default_recipe import DefaultRecipe
from bench.outcomes import Outcome, gains, latency, summary
from bench.stopwatch import Stopwatch
from corpus.archive import files, post
from corpus.errors import ArticleError
from corpus.library import Library
from corpus.model import SearchResult
from corpus.search import rerank
from corpus.search.hits import HitBuilder, Marker

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the set, normalised for comparison."""

    text: str
    url: str
    paragraph: str
    answers: tuple[str, ...]

    def is_answered_by(self, text: str) -> bool:
        """Return whether ``text`` contains one of the answers."""
        normalised = normal(text)
        return any(answer in normalised for answer in self.answers)

    def is_about(self, url: str | None, passage: str) -> bool:
        """Return whether a passage is the right paragraph, or the part of it with the answer."""
        text = normal(passage)
        if url is None or unquote(url) != self.url:
            return False
        return self.paragraph in text or (text in self.paragraph and self.is_answered_by(text))


def main(arguments: Sequence[str]) -> int:
    """Measure a set of questions and print the results."""
    parser = argparse.ArgumentParser(prog="python -m bench quality", description=__doc__)
    parser.add_argument("--set", type=Path, required=True, help="an archive with questions.jsonl")
    parser.add_argument("--distractors", type=Path, help="an archive to hide the set's articles in")
    parser.add_argument("--limit", type=int, help="use only every n-th, about this many")
    parser.add_argument("--ablation", action="store_true", help="also measure without each stage")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    report = asyncio.run(measure(options))
    if options.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    else:
        _print(report)
    return 0


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures by name."""
    questions = read_questions(options.set / "questions.jsonl")
    if options.limit:
        questions = questions[:: max(1, len(questions) // options.limit)]
    report: dict[str, Any] = {"questions": len(questions)}
    with tempfile.TemporaryDirectory() as folder:
        root = combine(Path(folder), options.set, options.distractors)
        async with Library(root, Path(folder)) as library:
            report["passages"] = (await library.reindex()).passages
            ours = await ask_all(library, questions)
            report["footnote"] = summary(ours)
            report["milliseconds"] = latency(ours)
            default = await asyncio.to_thread(default_outcomes, root, questions)
            report["default recipe"] = summary(default)
            report["gain"] = gains(ours, default)
            for name, half in (("validation", 1), ("tuning", 0)):
                pairs = zip(ours, questions, strict=True)
                report[name] = summary([o for o, question in pairs if half_of(question) == half])
            switched = await ask_all(library, [other_script(q) for q in questions])
            report["other script"] = summary(switched)
            if options.ablation:
                report["ablation"] = {}
                for name, off in ABLATIONS.items():
                    with off():
                        report["ablation"][name] = summary(await ask_all(library, questions))
    if options.distractors:
        report["refused"] = await share_refused(options.distractors, questions)
    return report


async def ask_all(library: Library, questions: Sequence[Question]) -> list[Outcome]:
    """Search for every question and judge the hits."""
    outcomes: list[Outcome] = []
    ranking, with_answer = Stopwatch(), Stopwatch()
    with (
        ranking.watching((rerank, "rank")),
        with_answer.watching((rerank, "rank"), (HitBuilder, "build"), (Marker, "marks")),
    ):
        for question in track(questions, console=Console(stderr=True), transient=True):
            result = await library.search(question.text, limit=DEPTH)
            for hit in result.hits:  # as if all of them were shown
                hit.marks()
            milliseconds = {
                "ranking": ranking.lap(),
                "ranking and answers": with_answer.lap(),
                "whole search": result.elapsed_ms,
            }
            outcomes.append(judge(question, result, milliseconds))
    return outcomes


def judge(question: Question, result: SearchResult, milliseconds: Mapping[str, float]) -> Outcome:
    """Return how well ``result`` answers ``question``."""
    ranks = [
        hit.rank
        for hit in result.hits
        if question.is_about(hit.article.url, hit.passage.text)
        or any(question.is_about(copy.url, hit.passage.text) for copy in hit.duplicates)
    ]
    best = result.hits[0] if result.hits else None
    marked = best.answer.text if best and best.answer else ""
    return Outcome(
        rank=min(ranks, default=None),
        answered=best is not None,
        in_passage=best is not None and question.is_answered_by(best.passage.text),
        in_sentence=question.is_answered_by(marked),
        marked=len(marked),
        milliseconds=milliseconds,
    )


def default_outcomes(root: Path, questions: Sequence[Question]) -> list[Outcome]:
    """Judge the answers of the default recipe from the same passages."""
    urls: list[str | None] = []
    texts: list[str] = []
    for path in files.scan(root):
        try:
            article = post.read(path, files.read_bytes(root, path)).article
        except ArticleError:
            continue
        urls += [article.url] * len(article.paragraphs)
        texts += [paragraph.text for paragraph in article.paragraphs]
    recipe = DefaultRecipe(texts)
    outcomes: list[Outcome] = []
    for question in questions:
        ranked = recipe.rank(question.text, DEPTH)
        ranks = [
            rank
            for rank, number in enumerate(ranked, 1)
            if question.is_about(urls[number], texts[number])
        ]
        marked = recipe.sentence(question.text, texts[ranked[0]])
        outcomes.append(
            Outcome(
                rank=min(ranks, default=None),
                answered=True,
                in_passage=question.is_answered_by(texts[ranked[0]]),
                in_sentence=question.is_answered_by(marked),
                marked=len(marked),
            )
        )
    return outcomes


async def share_refused(distractors: Path, questions: Sequence[Question]) -> float:
    """Return the share of the set's questions that the distractors alone do not answer."""
    with tempfile.TemporaryDirectory() as folder:
        async with Library(distractors, Path(folder)) as library:
            await library.reindex()
            outcomes = await ask_all(library, questions)
    return sum(not outcome.answered for outcome in outcomes) / len(outcomes)


def combine(folder: Path, *archives: Path | None) -> Path:
    """Copy ``archives`` into a new one."""
    root = folder / "archive"
    for number, archive in enumerate(archives):
        if archive is not None:
            shutil.copytree(archive, root / str(number))
    return root


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a set."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [
        Question(
            text=line["question"],
            url=unquote(line["url"]),
            paragraph=normal(line["paragraph"]),
            answers=tuple(normal(answer) for answer in line["answers"]),
        )
        for line in lines
    ]


def half_of(question: Question) -> int:
    """Return 0 for the articles that weights are tuned on, 1 for those of the validation."""
    return sum(question.url.encode()) % 2


def other_script(question: Question) -> Question:
    """Return ``question`` in the other script."""
    simplified = opencc.OpenCC("t2s").convert(question.text)
    switched = opencc.OpenCC("s2t").convert(question.text)
    text = simplified if simplified != question.text else switched
    return Question(text, question.url, question.paragraph, question.answers)


def normal(text: str) -> str:
    """Return ``text`` without differences of width, case and spacing."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _print(report: dict[str, Any]) -> None:
    for name, value in report.items():
        if not isinstance(value, dict):
            sys.stdout.write(f"{name}: {value if isinstance(value, int) else f'{value:.3f}'}\n")
            continue
        rows = value.items() if name in {"ablation", "milliseconds"} else [(name, value)]
        for row, figures in rows:
            cells = "  ".join(f"{key} {_figure(figure)}" for key, figure in figures.items())
            sys.stdout.write(f"{row:22} {cells}\n")


def _figure(figure: float | list[float]) -> str:
    if isinstance(figure, list):
        return "[" + ", ".join(f"{value:+.3f}" for value in figure) + "]"
    return f"{figure:.3f}"
