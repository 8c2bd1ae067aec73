"""Measures the time that some functions take while others call them."""

import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch


class Stopwatch:
    """Adds up the time of the functions it watches, of which one runs at a time."""

    def __init__(self) -> None:
        self._seconds = 0.0

    @contextmanager
    def watching(self, *functions: tuple[object, str]) -> Generator[None]:
        """Watch functions, each given by its owner and its name in it."""
        with ExitStack() as patches:
            for owner, name in functions:
                patches.enter_context(patch.object(owner, name, self._timed(getattr(owner, name))))
            yield

    def lap(self) -> float:
        """Return the milliseconds since the last call, and reset."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds * 1000

    def _timed(self, function: Any) -> Any:  # noqa: ANN401 (of any signature)
        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            started = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self._seconds += time.perf_counter() - started

        return timed
