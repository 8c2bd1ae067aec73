"""The process that `bench.search` measures: opens an index, then times whole searches.

Run by its path, so that it can search with the `corpus` of another commit: it imports that alone,
and times those stages that the commit has. Reads a question a line; writes its times, a JSON object
a line, in milliseconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.engines.local.reader import LocalReader
from corpus.errors import IndexUnusableError
from corpus.library import Library
from corpus.search import rerank, snippets
from corpus.search.searcher import Searcher

HITS = 5
_ENGINE = "engine"
_STAGES: dict[str, tuple[Any, str]] = {
    "query": (Searcher, "_start"),
    _ENGINE: (LocalReader, "search"),
    "passages": (LocalReader, "passages"),
    "articles": (LocalReader, "articles"),
    "texts": (LocalReader, "folded_passages"),
    "second stage": (rerank, "rank"),
    "copies": (rerank, "fold_copies"),
    "hits": (Searcher, "_build_hits"),
    "answers": (snippets, "best_answer"),
}
"""By name: the function whose time is the stage's."""


def main() -> int:
    """Build the index if there is none, then answer until the input ends."""
    archive, data_dir, search_url = sys.argv[1:]
    times: dict[str, float] = {}
    for name, (owner, function) in _STAGES.items():
        if hasattr(owner, function):
            setattr(owner, function, _timed(getattr(owner, function), name, times))
    asyncio.run(_serve(Library(Path(archive), Path(data_dir), search_url=search_url), times))
    return 0


def _timed(function: Callable[..., Any], name: str, times: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: object, **options: object) -> object:
        started = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            times[name] = times.get(name, 0.0) + 1000 * (time.perf_counter() - started)

    return timed


async def _serve(opening: Library, times: dict[str, float]) -> None:
    async with opening as library:
        try:
            await library.open()
        except IndexUnusableError:
            await library.reindex()
        print(json.dumps({"passages": (await library.stats()).passages}), flush=True)
        for line in sys.stdin:
            times.clear()
            started = time.perf_counter()
            result = await library.search(json.loads(line), limit=HITS)
            for hit in result.hits:  # as if all of them were shown
                _ = hit.answer
            whole = 1000 * (time.perf_counter() - started)
            print(json.dumps({"whole": whole, "stages": times}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
