"""Index generations on disk: finds the current one, checks it, and installs the next.

    DATA_DIR/CURRENT            the name of the current generation, one line; renamed into place
    DATA_DIR/index-<id>/        a generation, written once and never changed
    DATA_DIR/index-<id>.damaged a quarantined generation, for inspection

The manifest of a generation holds the size and checksums of its files, so that a flipped bit is
noticed before it affects an answer. A reader holds its files open, and so can still read a
generation that was replaced and removed.
"""

import hashlib
import json
import os
import shutil
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any, NamedTuple, Self

from corpus.engine import INDEX_FORMAT, Fingerprint
from corpus.errors import DamagedError, IndexUnusableError

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
APPLICATION = "footnote index"

_PREFIX = "index-"
_DAMAGED = ".damaged"
_SEGMENT_BYTES = 8 * 2**20  # under one checksum: the work of a thread at a time
_READ_BYTES = 2**18  # stay in a core's cache between reading and checking
_MAX_THREADS = 4


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a generation."""

    fingerprint: Fingerprint
    built_at: str
    """ISO 8601, UTC."""
    articles: int
    passages: int
    terms: int
    postings: int
    average_length: float
    """Of a passage, in tokens."""
    idf_floor: float
    """The idf of terms that are in more than half of the passages."""
    commit: str | None = None
    """Of the archive, if it is a git repository."""
    files: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """By name: the size in bytes, then the CRC-32 of every 8 MB."""


class Version(NamedTuple):
    """The file that names the current generation; different after each install."""

    inode: int
    mtime_ns: int


def current(data_dir: Path) -> Path:
    """Return the folder of the current generation.

    Raises:
        IndexUnusableError: there is none.
    """
    try:
        name = (data_dir / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise IndexUnusableError("There is no index yet.") from error
    except OSError as error:
        raise IndexUnusableError(f"The index cannot be read: {error}.") from error
    except UnicodeDecodeError as error:
        raise IndexUnusableError(f"The index is damaged: {CURRENT} is no text.") from error
    if not name.startswith(_PREFIX) or Path(name).name != name:
        raise IndexUnusableError(f"The index is damaged: {CURRENT} names no index of this program.")
    folder = data_dir / name
    if not folder.is_dir():
        raise IndexUnusableError("There is no index yet: what it names is gone.")
    return folder


def current_version(data_dir: Path) -> Version | None:
    """Return the version of the current generation, or None if there is none."""
    try:
        status = (data_dir / CURRENT).stat()
    except FileNotFoundError:
        return None
    return Version(status.st_ino, status.st_mtime_ns)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the generation in ``folder``.

    Raises:
        IndexUnusableError: it is damaged, or of another program or format.
        OSError: it cannot be read now.
    """
    try:
        body, digest, end = (folder / MANIFEST).read_bytes().split(b"\n")
        fields: Any = json.loads(body)
        if fields.pop("application") != APPLICATION:
            raise IndexUnusableError(f"{folder.name} is not an index of this program.")
        if fields["fingerprint"]["format"] != INDEX_FORMAT:
            raise IndexUnusableError("The index was made for another format.")
        if end or digest.decode() != _digest(body):
            raise DamagedError("The index is damaged: its manifest is not as written.")
        fingerprint = Fingerprint(**fields.pop("fingerprint"))
        return Manifest(fingerprint=fingerprint, **fields)
    except (FileNotFoundError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise DamagedError("The index is damaged: its manifest cannot be read.") from error


def check_whole(folder: Path, manifest: Manifest) -> None:
    """Check that every byte of the generation is as written.

    250,000 passages, 0.3 GB in the page cache: 0.1 s.

    Raises:
        DamagedError: a file is missing, or has another size or content.
        OSError: a file cannot be read now; it need not be damaged.
    """
    for name, (size, *expected) in manifest.files.items():
        try:
            actual = checksums(folder / name)
        except FileNotFoundError as error:
            raise DamagedError(f"The index is damaged: {name} is missing.") from error
        if actual != [size, *expected]:
            raise DamagedError(f"The index is damaged: {name} is not as written.")


def checksums(path: Path) -> list[int]:
    """Return the size of a file, then the CRC-32 of every 8 MB."""
    size = path.stat().st_size
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        starts = range(0, size, _SEGMENT_BYTES)
        with ThreadPoolExecutor(
            min(_MAX_THREADS, len(starts), os.cpu_count() or 1) or 1
        ) as threads:
            return [size, *threads.map(partial(_checksum, descriptor), starts)]
    finally:
        os.close(descriptor)


def _checksum(descriptor: int, start: int) -> int:
    buffer = memoryview(bytearray(_READ_BYTES))
    crc = 0
    for offset in range(start, start + _SEGMENT_BYTES, _READ_BYTES):
        # Read, not mapped: if the file shrinks meanwhile, this fails without a fatal signal.
        count = os.preadv(descriptor, [buffer], offset)
        crc = zlib.crc32(buffer[:count], crc)
        if count < _READ_BYTES:
            break
    return crc


def quarantine(folder: Path) -> None:
    """Move a damaged generation away for inspection, and remove earlier ones."""
    # In a read-only data folder it stays, and is refused again.
    with suppress(OSError):
        for earlier in folder.parent.glob(f"{_PREFIX}*{_DAMAGED}"):
            _remove(earlier)
        folder.rename(folder.with_name(folder.name + _DAMAGED))


def remove_stale(data_dir: Path) -> None:
    """Remove replaced generations and the remains of killed builds."""
    try:
        in_use = current(data_dir).name
    except IndexUnusableError:
        in_use = ""
    for path in data_dir.glob(f"{_PREFIX}*"):
        if path.name != in_use and not path.name.endswith(_DAMAGED):
            _remove(path)
    (data_dir / f"{CURRENT}.new").unlink(missing_ok=True)


def create(data_dir: Path) -> Path:
    """Create the empty folder of a new generation and return it."""
    folder = data_dir / f"{_PREFIX}{token_hex(6)}"
    folder.mkdir()
    return folder


def discard(folder: Path) -> None:
    """Remove an unfinished generation."""
    _remove(folder)


def install(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of the finished generation in ``folder`` and make it the current one.

    Its name is written only when all files are on the disk. Then the previous generation is
    removed.

    Raises:
        OSError: the disk is full or broken; the previous generation is still the current one.
    """
    for name in manifest.files:
        _sync(folder / name)
    fields = {"application": APPLICATION, **asdict(manifest)}
    body = json.dumps(fields, ensure_ascii=False).encode()
    _write_synced(folder / MANIFEST, body + b"\n" + _digest(body).encode() + b"\n")
    _sync(folder)
    data_dir = folder.parent
    draft = data_dir / f"{CURRENT}.new"
    _write_synced(draft, f"{folder.name}\n".encode())
    draft.replace(data_dir / CURRENT)
    _sync(data_dir)
    remove_stale(data_dir)


class EarlySync:
    """Syncs files in a thread while more is written, so that :func:`install` waits less."""

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1)
        self._syncs: list[Future[None]] = []
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.shutdown(cancel_futures=error is not None)
        if error is None:
            for sync in self._syncs:
                sync.result()  # the kernel reports a failure only once

    def begin(self, *paths: Path) -> None:
        """Start to sync the files' present content; the end of the block raises a failure."""
        self._syncs += [self._thread.submit(_sync, path) for path in paths]


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
