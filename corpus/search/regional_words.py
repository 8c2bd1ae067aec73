"""Simplified Chinese -> the words of Taiwan and Hong Kong, by OpenCC with little memory.

OpenCC's own configurations hold every phrase whose characters have several traditional forms: 42 MB
that also have a question in 19,960 put otherwise, hardly ever better. The phrases that regional
words are made of are a dictionary of their own; with that one alone the rest is 5 MB.
"""

import json
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import opencc

_LARGE = "STPhrases.ocd2"


def to_region(config: str) -> opencc.OpenCC:
    """Return OpenCC's converter ``config``, such as ``s2twp``, without the large dictionary.

    What it cannot tell by the regional phrases becomes the most usual character.
    """
    with as_file(files("opencc") / "clib" / "share" / "opencc") as share:
        try:
            own = json.loads((share / f"{config}.json").read_text("utf-8"))
        except FileNotFoundError:
            # Packed otherwise, as from source: larger, but right.
            return opencc.OpenCC(config)
        try:
            with TemporaryDirectory(prefix="footnote-") as folder:
                path = Path(folder) / f"{config}.json"
                path.write_text(json.dumps(_without_large(own, share)), "utf-8")
                return opencc.OpenCC(str(path))
        except OSError:
            # A full disk must not keep anyone from asking.
            return opencc.OpenCC(config)


def _without_large(node: Any, share: Path) -> Any:  # noqa: ANN401 (any part of a JSON tree)
    """Return a copy of ``node`` that names its dictionaries by absolute paths, without that one."""
    if isinstance(node, list):
        return [_without_large(one, share) for one in node if _file(one) != _LARGE]
    if isinstance(node, dict):
        named = {name: _without_large(one, share) for name, one in node.items()}
        return named | {"file": str(share / node["file"])} if "file" in node else named
    return node


def _file(node: Any) -> str | None:  # noqa: ANN401 (any part of a JSON tree)
    return node.get("file") if isinstance(node, dict) else None
