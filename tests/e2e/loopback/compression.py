"""compression: how is a gateway message put on the wire? One context for a whole connection."""

from __future__ import annotations

import importlib
import sys
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Compress = Callable[[bytes], bytes]


def stream(kind: str) -> Compress:
    """Return the function that compresses a connection's messages, each to be read at once.

    Args:
        kind: The `compress` that the client asked for: zlib-stream or zstd-stream.

    Raises:
        ValueError: Discord has no such compression.
    """
    if kind == "zlib-stream":
        zlib_stream = zlib.compressobj()
        return lambda data: zlib_stream.compress(data) + zlib_stream.flush(zlib.Z_SYNC_FLUSH)
    if kind != "zstd-stream":
        raise ValueError(f"no such compression: {kind}")
    if sys.version_info >= (3, 14):
        zstd = importlib.import_module("compression.zstd")
        native = zstd.ZstdCompressor()
        return lambda data: native.compress(data, native.FLUSH_BLOCK)
    zstandard = importlib.import_module("zstandard")
    package = zstandard.ZstdCompressor().compressobj()
    flush_block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return lambda data: package.compress(data) + package.flush(flush_block)
