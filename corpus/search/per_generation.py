"""Caches a value that is computed from an index generation."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from corpus.engine import IndexReader

_Value = TypeVar("_Value")


class PerGeneration(Generic[_Value]):
    """A value that is computed once per generation. Thread-safe."""

    def __init__(self, compute: Callable[[IndexReader], _Value]) -> None:
        self._compute = compute
        self._lock = Lock()
        self._cached: tuple[str, _Value] | None = None

    def of(self, reader: IndexReader) -> _Value:
        """Return the value for the generation of ``reader``."""
        with self._lock:
            if self._cached is None or self._cached[0] != reader.generation:
                self._cached = reader.generation, self._compute(reader)
            return self._cached[1]
