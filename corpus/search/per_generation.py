"""Keeps what was computed from a generation until another one answers."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from corpus.engine import IndexReader

_Value = TypeVar("_Value")


class PerGeneration(Generic[_Value]):
    """A value computed once a generation. Thread-safe."""

    def __init__(self, compute: Callable[[IndexReader], _Value]) -> None:
        self._compute = compute
        self._lock = Lock()
        self._kept: tuple[str, _Value] | None = None

    def of(self, reader: IndexReader) -> _Value:
        """Return the value for the generation of ``reader``."""
        with self._lock:
            if self._kept is None or self._kept[0] != reader.generation:
                self._kept = reader.generation, self._compute(reader)
            return self._kept[1]
