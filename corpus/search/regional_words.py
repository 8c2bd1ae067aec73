"""Converts Simplified Chinese to the words of Taiwan and Hong Kong by OpenCC, in little memory.

OpenCC's own configurations load all phrases whose characters have several traditional forms: 42 MB,
which change the conversion of 1 question in 19,960, hardly ever for the better. Regional phrases
have a dictionary of their own; without the large one the rest takes 5 MB.
"""

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import opencc

from corpus.scratch import ScratchFolder

_LARGE = "STPhrases.ocd2"


def to_region(config: str) -> opencc.OpenCC:
    """Return OpenCC's converter ``config``, such as ``s2twp``, without the large dictionary.

    Outside regional phrases it chooses the most frequent traditional character.
    """
    with as_file(files("opencc") / "clib" / "share" / "opencc") as share:
        try:
            configuration = json.loads((share / f"{config}.json").read_text("utf-8"))
        except FileNotFoundError:
            # A package with another layout, as from source: large, but correct.
            return opencc.OpenCC(config)
        try:
            with ScratchFolder() as folder:
                path = folder.path / f"{config}.json"
                path.write_text(json.dumps(_without_large(configuration, share)), "utf-8")
                return opencc.OpenCC(str(path))
        except OSError:
            # Questions must be answered even when the disk is full.
            return opencc.OpenCC(config)


def _without_large(node: Any, share: Path) -> Any:  # noqa: ANN401 (any part of a JSON tree)
    """Return a copy of ``node`` with absolute paths and without the large dictionary."""
    if isinstance(node, list):
        return [_without_large(child, share) for child in node if _file(child) != _LARGE]
    if isinstance(node, dict):
        copy = {name: _without_large(child, share) for name, child in node.items()}
        return copy | {"file": str(share / node["file"])} if "file" in node else copy
    return node


def _file(node: Any) -> str | None:  # noqa: ANN401 (any part of a JSON tree)
    return node.get("file") if isinstance(node, dict) else None
