"""``python -m bench people``: does the bot find what people ask for, in the way they ask for it?

Puts sets of questions to ``python -m bot ask --json -``, so that it measures what a reader gets
and knows nothing of the inside. The sets are in ``bench/data``; ``bench/README.md`` describes them.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import unicodedata
import zlib
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import opencc
from rich.console import Console
from rich.table import Table

from bench.ablation import ABLATIONS
from bot.cli.output import result_json
from corpus.errors import IndexUnusableError
from corpus.library import Library

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bench" / "data"
HITS = 5
"""How far down a reader looks."""
MAX_HITS = 20
"""How many hits to take five distinct articles from."""
Z = NormalDist().inv_cdf(0.975)
SIMPLIFIED = opencc.OpenCC("t2s")
COLUMNS = ("article@1", "article@5", "passage@1", "passage@5", "marked", "sure", "refused")
"""What is told of the answerable questions. Of the others: ``right``."""

Answer = Mapping[str, Any]
"""An object of ``ask --json``."""
Bot = Callable[[Sequence[str], int], list[Answer]]
"""Answers questions, in order, with so many hits at most."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the set, its quotes normalised for comparison."""

    id: str
    kind: str
    text: str
    expect: str
    paths: frozenset[str]
    urls: frozenset[str]
    quotes: tuple[str, ...]

    def is_about(self, hit: Mapping[str, Any]) -> bool:
        """Return whether a hit is of a listed article, or of a duplicate of one."""
        urls = {hit.get("url"), *hit.get("duplicates", ())}
        return hit["path"] in self.paths or not self.urls.isdisjoint(urls)

    def is_answered_by(self, text: str) -> bool:
        """Return whether ``text`` holds one of the quotes."""
        normalised = normal(text)
        return any(quote in normalised for quote in self.quotes)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one answer is worth: the figures of its question's ``expect``, and the answer itself."""

    question: Question
    answer: Answer
    figures: Mapping[str, bool]

    @property
    def is_right(self) -> bool:
        """Return whether a reader would be content with it."""
        return self.figures.get("passage@1", False) or self.figures.get("right", False)


def main(arguments: Sequence[str]) -> int:
    """Ask the questions and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench people", description=__doc__)
    parser.add_argument("--archive", default=os.environ.get("ARCHIVE"), help="(ARCHIVE)")
    parser.add_argument("--questions", type=Path, default=DATA / "people.jsonl")
    parser.add_argument("--half", choices=["tune", "validate", "all"], default="all")
    parser.add_argument("--data-dir", type=Path, help="keep the index here (a temporary folder)")
    parser.add_argument("--ablation", action="store_true", help="also measure without each part")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show-failures", action="store_true", help="print what came instead")
    options = parser.parse_args(arguments)
    if not options.archive:
        parser.error("which archive? give --archive, or set ARCHIVE")
    with tempfile.TemporaryDirectory() as folder:
        environment = {"ARCHIVE": options.archive, "DATA_DIR": str(options.data_dir or folder)}
        try:
            report, judgements = measure(options.questions, options.half, partial(ask, environment))
            if options.ablation:
                folders = Path(options.archive), Path(options.data_dir or folder)
                report["ablation"] = ablation(options.questions, options.half, *folders)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
    if options.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    else:
        _print(report)
        if options.show_failures:
            _print_failures(judgements)
    return 0


def measure(path: Path, half: str, bot: Bot) -> tuple[dict[str, Any], list[Judgement]]:
    """Return every figure by name, and how each question was judged.

    Args:
        path: The questions. ``years.jsonl`` and ``typos.jsonl`` beside them are asked too.
        half: ``tune``, ``validate`` or ``all``.
        bot: Answers them.
    """
    questions = [q for q in read_questions(path) if half in {"all", half_of(q.id)}]
    years = _read(path.with_name("years.jsonl"), half)
    typos = _read(path.with_name("typos.jsonl"), half)
    texts = [question.text for question in questions]
    answers = bot([*texts, *(typo["question"] for typo in typos)], HITS)
    # The typos' answers come after those of the questions.
    judgements = [judge(q, answer) for q, answer in zip(questions, answers, strict=False)]
    report: dict[str, Any] = {"half": half, "questions": len(questions)}
    for expect in ("answer", "none", "talk"):
        if group := [j for j in judgements if j.question.expect == expect]:
            report["answerable" if expect == "answer" else expect] = summary(group)
    kinds = dict.fromkeys(question.kind for question in questions)
    report["kinds"] = {
        kind: summary([j for j in judgements if j.question.kind == kind]) for kind in kinds
    }
    if typos:
        report["typos"] = typo_figures(typos, answers[len(texts) :])
    if years:
        report["years"] = year_figures(years, bot([year["question"] for year in years], MAX_HITS))
    report["milliseconds"] = {
        f"p{share:.0f}": round(float(np.percentile([a["elapsed_ms"] for a in answers], share)), 1)
        for share in (50, 90, 99)
    }
    report["rows"] = [
        {"id": j.question.id, "kind": j.question.kind, "question": j.question.text, **j.figures}
        for j in judgements
    ]
    return report, judgements


def ablation(path: Path, half: str, archive: Path, data_dir: Path) -> dict[str, Any]:
    """Return the figures with each part of a search off, by its name."""
    with asking_here(archive, data_dir) as ask_here:
        figures = {"all parts": measure(path, half, ask_here)[0]}
        for name, off in ABLATIONS.items():
            with off():
                figures[name] = measure(path, half, ask_here)[0]
        return figures


@contextmanager
def asking_here(archive: Path, data_dir: Path) -> Generator[Bot]:
    """Answer in this process, where parts of a search can be replaced."""
    library = Library(archive, data_dir)

    async def open_index() -> None:
        try:
            await library.open()
        except IndexUnusableError:
            await library.reindex()

    async def answers(questions: Sequence[str], limit: int) -> list[Answer]:
        return [result_json(await library.search(q, limit=limit)) for q in questions]

    with asyncio.Runner() as runner:
        try:
            runner.run(open_index())
            yield lambda questions, limit: runner.run(answers(questions, limit))
        finally:
            runner.run(library.close())


def ask(environment: Mapping[str, str], questions: Sequence[str], limit: int) -> list[Answer]:
    """Return the bot's answers, all from one process.

    Raises:
        RuntimeError: It failed, or did not answer every question.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "--json", "--limit", str(limit), "-"],
        input="".join(f"{question}\n" for question in questions),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(answers) != len(questions):
        answered = f"{len(answers)} of {len(questions)} questions answered"
        raise RuntimeError(f"bot ask: status {done.returncode}, {answered}")
    return answers


def judge(question: Question, answer: Answer) -> Judgement:
    """Return how well ``answer`` answers ``question``."""
    hits = answer["hits"][:HITS]
    outcome = answer.get("outcome") or ("answer" if hits else "nothing")
    if question.expect != "answer":
        right = outcome != "answer" if question.expect == "none" else not hits
        return Judgement(question, answer, {"right": right})
    about = [question.is_about(hit) for hit in hits]
    answering = [
        is_listed and question.is_answered_by(hit["passage"])
        for is_listed, hit in zip(about, hits, strict=True)
    ]
    marked = (hits[0].get("answer") or {}).get("text", "") if hits else ""
    figures = {
        "article@1": any(about[:1]),
        "article@5": any(about),
        "passage@1": any(answering[:1]),
        "passage@5": any(answering),
        "marked": any(about[:1]) and question.is_answered_by(marked),
        "sure": outcome == "answer",
        "refused": not hits,
    }
    return Judgement(question, answer, figures)


def summary(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Return the share of each figure with its 95 % interval: ``[share, low, high]``."""
    number = len(judgements)
    figures: dict[str, Any] = {"n": number}
    for column in judgements[0].figures:
        count = sum(judgement.figures[column] for judgement in judgements)
        figures[column] = [count / number, *wilson(count, number)]
    return figures


def wilson(successes: int, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927): right for few and for extreme ones."""
    share = successes / number
    scale = 1 + Z**2 / number
    middle = (share + Z**2 / (2 * number)) / scale
    half = Z * sqrt(share * (1 - share) / number + Z**2 / (4 * number**2)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def year_figures(years: Sequence[Mapping[str, Any]], answers: Sequence[Answer]) -> dict[str, Any]:
    """Return how many of the first five articles are of the time asked for."""
    counts: list[int] = []
    for year, answer in zip(years, answers, strict=True):
        period = str(year["year"]) + (f"-{year['month']:02}" if year["month"] else "")
        # A dict keeps the articles in the order of their best passages.
        dates = {hit["path"]: hit["date"] or "" for hit in answer["hits"]}
        counts.append(sum(date.startswith(period) for date in list(dates.values())[:HITS]))
    return {
        "n": len(counts),
        "of the time asked for, of five": round(sum(counts) / len(counts), 2),
        "questions with at least one": sum(count > 0 for count in counts),
    }


def typo_figures(typos: Sequence[Mapping[str, Any]], answers: Sequence[Answer]) -> dict[str, Any]:
    """Return how many slips were mended, and what was offered where nothing could be."""
    mended = senseless = 0
    for typo, answer in zip(typos, answers, strict=True):
        question = _fold(typo["question"])
        offered = [_fold(text) for text in _texts((answer.get("searched"), answer["suggestions"]))]
        if typo["wanted"]:
            mended += any(_fold(typo["wanted"]) in text for text in offered)
        else:
            # The question itself, in another script or in part, is no correction.
            senseless += any(text and text not in question for text in offered)
    wanted = sum(bool(typo["wanted"]) for typo in typos)
    return {
        "n": wanted,
        "mended": mended,
        "not to be mended": len(typos) - wanted,
        "senseless": senseless,
    }


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a set."""
    return [
        Question(
            id=line["id"],
            kind=line["kind"],
            text=line["question"],
            expect=line["expect"],
            paths=frozenset(line.get("paths", ())),
            urls=frozenset(line.get("urls", ())),
            quotes=tuple(normal(quote) for quote in line.get("quotes", ())),
        )
        for line in _lines(path)
    ]


def half_of(key: str) -> str:
    """Return which half a question is of: the same whatever else is added to its set."""
    return "validate" if zlib.crc32(key.encode()) % 2 else "tune"


def normal(text: str) -> str:
    """Return ``text`` without differences of width, case and spacing."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _fold(text: str) -> str:
    return normal(SIMPLIFIED.convert(text))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _read(path: Path, half: str) -> list[dict[str, Any]]:
    lines = _lines(path) if path.exists() else []
    return [line for line in lines if half in {"all", half_of(line["question"])}]


def _texts(value: object) -> Iterable[str]:
    """Yield every string in ``value``: how a correction is wrapped may change."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, Sequence):
        for element in value:
            yield from _texts(element)


def _print(report: Mapping[str, Any]) -> None:
    table = Table("", "n", *COLUMNS, "right", box=None, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    groups = [name for name in ("answerable", "none", "talk") if name in report]
    for name in groups:
        table.add_row(name.upper(), *_cells(report[name], with_interval=True))
    for kind, figures in report["kinds"].items():
        if kind not in groups:
            table.add_row(kind, *_cells(figures, with_interval=False))
    console = Console(width=130)
    console.print(table)
    console.print("Per cent; ± is half of the 95 % interval (Wilson).")
    for name in ("years", "typos", "milliseconds"):
        if name in report:
            console.print(f"{name}:", ", ".join(f"{k} {v}" for k, v in report[name].items()))
    if "ablation" in report:
        console.print(_ablation_table(report["ablation"]))


def _ablation_table(ablation: Mapping[str, Mapping[str, Any]]) -> Table:
    columns = ("passage@1", "passage@5", "marked", "sure")
    table = Table("", *columns, "none", "talk", "years", "typos", box=None, header_style="bold")
    for name, report in ablation.items():
        shares = [report["answerable"][column][0] for column in columns]
        shares += [report[group]["right"][0] for group in ("none", "talk") if group in report]
        years, typos = report.get("years", {}), report.get("typos", {})
        counts = [next(islice(years.values(), 1, 2), ""), typos.get("mended", "")]
        table.add_row(name, *(f"{100 * share:.0f}" for share in shares), *map(str, counts))
    return table


def _cells(figures: Mapping[str, Any], *, with_interval: bool) -> list[str]:
    cells = [str(figures["n"])]
    for column in (*COLUMNS, "right"):
        if column not in figures:
            cells.append("")
            continue
        share, low, high = figures[column]
        error = f" ±{50 * (high - low):.0f}" if with_interval else ""
        cells.append(f"{100 * share:.0f}{error}")
    return cells


def _print_failures(judgements: Iterable[Judgement]) -> None:
    for judgement in judgements:
        if judgement.is_right:
            continue
        question, hits = judgement.question, judgement.answer["hits"]
        print(f"\n{question.id} {question.kind}: {question.text}")
        wanted = ", ".join(sorted(question.paths)[:3])
        print(f"  wanted: {wanted or 'no answer'} {' / '.join(question.quotes[:3])}")
        found = [name for name, is_so in judgement.figures.items() if is_so]
        print(f"  is so:  {', '.join(found) or 'nothing'}")
        if hits:
            passage = " ".join(hits[0]["passage"].split())
            print(f"  first:  {hits[0]['path']} {passage[:80]}")
        else:
            print(f"  first:  no hit; {judgement.answer.get('notice') or 'nothing was said'}")
