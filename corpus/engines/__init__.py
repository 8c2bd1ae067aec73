"""Given weighted terms, which passages score best? One folder or module per engine.

`SEARCH_URL` names the engine: empty for the local one, ``compiled:`` for the same one with a
compiled loop, ``memory:`` for the one in memory, else the address of an OpenSearch cluster.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpus.analysis.analyzer import Analyzer
from corpus.engine import Fingerprint, IndexWriter, SearchEngine
from corpus.errors import CorpusError
from corpus.model import Article

LOCAL = ""
COMPILED = "compiled:"
MEMORY = "memory:"

Inverter = Callable[[Sequence[Article], Analyzer], Any]
"""Articles -> the terms of their passages, in the form that an engine's writer takes."""

# Each function imports only the engine that it needs: another may not be installed.


def is_cluster(search_url: str) -> bool:
    """Whether ``search_url`` names an index that several processes may share."""
    return search_url not in {LOCAL, COMPILED, MEMORY}


def uncompiled(search_url: str) -> str:
    """Return what names the same index, searched by what need not be compiled."""
    return LOCAL if search_url == COMPILED else search_url


def check_search_url(search_url: str) -> None:
    """Make sure that ``search_url`` names an engine that is installed.

    Raises:
        CorpusError: it does not; the message goes on after the setting's name.
    """
    if search_url == COMPILED and find_spec("numba") is None:
        raise CorpusError(
            "asks for the compiled search, whose compiler is not installed: run pip install numba"
        )
    if not is_cluster(search_url):
        return
    from corpus.engines.opensearch.address import ClusterAddress  # noqa: PLC0415

    ClusterAddress.parse(search_url)
    if find_spec("opensearchpy") is None:
        raise CorpusError(
            "names an OpenSearch cluster, whose client is not installed:"
            " run pip install opensearch-py"
        )


def open_engine(search_url: str, data_dir: Path, fingerprint: Fingerprint) -> SearchEngine:
    """Return the engine that ``search_url`` names; it reads nothing yet."""
    if search_url == MEMORY:
        from corpus.engines.memory import MemoryEngine  # noqa: PLC0415

        return MemoryEngine(fingerprint)
    if is_cluster(search_url):
        from corpus.engines.opensearch.address import ClusterAddress  # noqa: PLC0415
        from corpus.engines.opensearch.engine import OpenSearchEngine  # noqa: PLC0415

        return OpenSearchEngine(ClusterAddress.parse(search_url), data_dir, fingerprint)
    from corpus.engines.local.engine import LocalEngine  # noqa: PLC0415

    return LocalEngine(data_dir, fingerprint, compiled=search_url == COMPILED)


def open_writer(search_url: str, index_dir: Path, fingerprint: Fingerprint) -> IndexWriter:
    """Return the writer of that engine.

    Args:
        search_url: names the engine.
        index_dir: the engine's `SearchEngine.index_dir`.
        fingerprint: of the new generation.
    """
    if search_url == MEMORY:
        from corpus.engines.memory import MemoryWriter  # noqa: PLC0415

        return MemoryWriter(index_dir, fingerprint)
    if is_cluster(search_url):
        from corpus.engines.opensearch.address import ClusterAddress  # noqa: PLC0415
        from corpus.engines.opensearch.writer import OpenSearchWriter  # noqa: PLC0415

        return OpenSearchWriter(ClusterAddress.parse(search_url), index_dir, fingerprint)
    from corpus.engines.local.writer import LocalWriter  # noqa: PLC0415

    return LocalWriter(index_dir, fingerprint)


def inverter(search_url: str) -> Inverter:
    """Return the function with which indexing workers prepare articles for that engine."""
    if search_url == MEMORY or is_cluster(search_url):
        from corpus.engines.tokenized import tokenize  # noqa: PLC0415

        return tokenize
    from corpus.engines.local.inverted_batch import invert  # noqa: PLC0415

    return invert
