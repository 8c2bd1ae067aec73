"""A file that takes long to make and little to read: written once, checked when it is read."""

import logging
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

_MAGIC = b"footnote packed file 1\n"
_DIGEST_BYTES = 16
_STALE_SECONDS = 3600

_log = logging.getLogger(__name__)


def path(name: str, folder: Path | None) -> Path:
    """Return the path of the file that :func:`load` keeps."""
    return (folder or Path(tempfile.gettempdir())) / f"{name.replace(' ', '-')}.trie"


def load(name: str, folder: Path | None, pack: Callable[[], bytes]) -> bytes:
    """Return the content of the file if that is intact; else make it and write the file.

    Args:
        name: names the content, with the version of what it is made from.
        folder: where the file is kept; None: the system's temporary folder.
        pack: makes the content.
    """
    file = path(name, folder)
    with suppress(OSError):
        data = file.read_bytes()
        content = data[len(_MAGIC) + _DIGEST_BYTES :]
        if data == _MAGIC + _digest(content) + content:
            return content
    content = pack()
    _write(_MAGIC + _digest(content) + content, file)
    return content


def _digest(content: bytes) -> bytes:
    # A flipped bit would silently cut questions into other words than the index has.
    return blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _write(data: bytes, file: Path) -> None:
    """Write the file whole or not at all; after a failure the next process tries again."""
    temporary = None
    try:
        _remove_stale_drafts(file)
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as opened:
            temporary = Path(opened.name)
            opened.write(data)
        temporary.replace(file)
    except OSError as error:
        _log.warning("The dictionary cannot be kept at %s: %s", file, error)
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _remove_stale_drafts(file: Path) -> None:
    """Remove what killed processes had begun to write; writing takes a second."""
    for draft in file.parent.iterdir():
        if draft.name.startswith(file.name) and draft != file:
            with suppress(FileNotFoundError):  # renamed meanwhile
                if time.time() - draft.stat().st_mtime > _STALE_SECONDS:
                    draft.unlink()
