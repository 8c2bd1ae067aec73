"""Switches off one part of a search at a time, to measure the gain of each."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from typing import Any
from unittest.mock import patch

from corpus.search import query, rerank, snippets
from corpus.search.conditions import Found
from corpus.search.corrections import Corrector
from corpus.search.expansion import QueryExpander
from corpus.search.frames import Clause
from corpus.search.translation import Translator


@contextmanager
def _with(owner: object, name: str, value: Any) -> Generator[None]:  # noqa: ANN401 (of any type)
    with patch.object(owner, name, value):
        yield


def _no_variants(_expander: QueryExpander, _text: str) -> list[str]:
    return []


def _nothing(*_: object) -> None:
    return None


def _no_dates(_text: str, _today: date) -> list[Found]:
    return []


def _one_clause(text: str) -> list[Clause]:
    return [Clause(0, len(text), 1.0)]


ABLATIONS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "no second stage": partial(_with, rerank, "WEIGHTS", dict.fromkeys(rerank.WEIGHTS, 0.0)),
    **{
        f"no {name}": partial(_with, rerank, "WEIGHTS", {**rerank.WEIGHTS, name: 0.0})
        for name in rerank.WEIGHTS
    },
    "no talk": partial(_with, query, "talk", _nothing),
    "no frames": partial(_with, query, "clauses", _one_clause),
    "no dates": partial(_with, query, "dates", _no_dates),
    "no forms of words": partial(_with, query, "FORM_WEIGHT", 0.0),
    "no corrections": partial(_with, Corrector, "correct", _nothing),
    "no translation": partial(_with, Translator, "translate", _nothing),
    "no bigrams": partial(_with, query, "BIGRAM_WEIGHT", 0.0),
    "stop words kept": partial(_with, query, "STOP_WORDS", frozenset[str]()),
    "no expansion": partial(_with, QueryExpander, "expand", _no_variants),
    "one sentence": partial(_with, snippets, "GAIN_A_CHARACTER", float("inf")),
    "sentence by words only": partial(
        _with, snippets, "WEIGHTS", {name: float(name == "words") for name in snippets.WEIGHTS}
    ),
}
