"""Switches off one part of a search at a time, to measure the gain of each."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from corpus.search import query, rerank, snippets
from corpus.search.expansion import QueryExpander


@contextmanager
def _with(owner: object, name: str, value: Any) -> Generator[None]:  # noqa: ANN401 (of any type)
    with patch.object(owner, name, value):
        yield


def _no_variants(_expander: QueryExpander, _text: str) -> list[str]:
    return []


ABLATIONS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "no second stage": partial(_with, rerank, "WEIGHTS", dict.fromkeys(rerank.WEIGHTS, 0.0)),
    **{
        f"no {name}": partial(_with, rerank, "WEIGHTS", {**rerank.WEIGHTS, name: 0.0})
        for name in rerank.WEIGHTS
    },
    "no bigrams": partial(_with, query, "BIGRAM_WEIGHT", 0.0),
    "stop words kept": partial(_with, query, "STOP_WORDS", frozenset[str]()),
    "no expansion": partial(_with, QueryExpander, "expand", _no_variants),
    "one sentence": partial(_with, snippets, "GAIN_A_CHARACTER", float("inf")),
    "sentence by words only": partial(
        _with, snippets, "WEIGHTS", {name: float(name == "words") for name in snippets.WEIGHTS}
    ),
}
