"""Holds a pack of git objects to limits before anything of it is loaded.

dulwich loads every object of a pack whole, and with a delta all that it is made from; some
kilobytes can unpack to gigabytes. So the headers are read first, which declare the sizes, and each
object is inflated without being kept, since dulwich believes what the headers declare.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from dulwich.object_store import DiskObjectStore
from dulwich.objects import Blob, Commit, ObjectID, RawObjectID, Tag, Tree
from dulwich.pack import (
    DELTA_TYPES,
    OFS_DELTA,
    DeltaChainIterator,
    PackData,
    UnpackedObject,
    chunks_length,
)

from corpus.archive.transport import Budget
from corpus.errors import ArchiveError, TooLargeError

CUT_SHORT = "did not send all of its posts: try again later."
MAX_OBJECTS = 200_000
MAX_FILE_BYTES = 24 * 2**20
"""Of a file in the repository, pictures included: two are in memory at a time."""
MAX_TREE_BYTES = 4 * 2**20
"""Of the list of a folder, some 50,000 files: dulwich makes objects of it, of 25 times the size."""
MAX_COMMIT_BYTES = 2**20
MAX_UNPACKED_BYTES = 2048 * 2**20
MAX_CHAIN_BYTES = 32 * 2**20
"""Of the deltas of an object, and of all that is in memory while deltas are applied."""
_MAX_CHAIN_LENGTH = 500  # git makes 50, and 250 when asked to try hard
TOO_TIGHT = (
    "is packed too tightly: reading one file takes more than"
    f" {MAX_CHAIN_BYTES // 2**20} MB or {_MAX_CHAIN_LENGTH} steps."
)
_PACK_HEADER = 12
MAX_INTEGER_BYTES = 10  # of a size or a distance in a pack
_KINDS = {
    Commit.type_num: (Commit.type_name, MAX_COMMIT_BYTES, "commit"),
    Tree.type_num: (Tree.type_name, MAX_TREE_BYTES, "folder with a list"),
    Blob.type_num: (Blob.type_name, MAX_FILE_BYTES, "file"),
    Tag.type_num: (Tag.type_name, MAX_COMMIT_BYTES, "tag"),
}
"""By number: name, most bytes, and what an error calls it."""
FIRST_READ = 4096
_READ = 65536


def check_pack(file: IO[bytes], store: DiskObjectStore, archive: str, budget: Budget) -> None:
    """Read a pack through, and raise an error unless it can be added to ``store``.

    Args:
        file: the pack.
        store: holds what the pack's deltas may be made from.
        archive: what an error calls the repository.
        budget: the seconds that are left.

    Raises:
        TooLargeError: it holds more than an archive may.
        ArchiveError: it is cut short, or took too long.
        Exception: its deltas are malformed, or what they are made from is, in ``store``.
    """
    chains = _Chains(store, archive, budget)
    try:
        for entry in _entries(file, archive, budget):
            chains.enter(entry)
    except (LookupError, ValueError, zlib.error) as error:
        raise ArchiveError(f"{archive} {CUT_SHORT}") from error
    chains.check(file)


@dataclass(frozen=True, slots=True)
class Header:
    """How an object stands in a pack."""

    kind: int
    size: int
    """Bytes of its data when inflated: of the object, or of the delta."""
    base: int | bytes | None
    """Of a delta: the distance back to what it is made from, or that object's id."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An object of a pack that was read through."""

    offset: int
    header: Header
    sha: bytes | None
    """None of a delta."""


def _entries(file: IO[bytes], archive: str, budget: Budget) -> Iterator[_Entry]:
    """Inflate one object after the other, within the limits of size."""
    file.seek(0)
    signature, count = file.read(8), int.from_bytes(file.read(4))
    if signature not in {b"PACK\0\0\0\2", b"PACK\0\0\0\3"}:
        raise ValueError("is no pack")
    if count > MAX_OBJECTS:
        raise TooLargeError(
            f"{archive} holds more than {MAX_OBJECTS:,} files and folders: too large for an"
            " archive."
        )
    total, offset = 0, _PACK_HEADER
    for _ in range(count):
        budget.check()
        header = read_header(file, offset)
        # What a delta makes is of the same kind as its base, which is not known yet.
        kind = Blob.type_num if header.kind in DELTA_TYPES else header.kind
        check_size(kind, header.size, archive)
        digest = None
        if header.kind not in DELTA_TYPES:
            name = _KINDS[kind][0] + b" %d\0" % header.size
            digest = hashlib.sha1(name, usedforsecurity=False)
        start, end = _inflate(file, header.size, digest.update if digest else _ignore)
        total += header.size
        if digest is None:
            made = delta_size(start)
            check_size(kind, made, archive)
            total += made
        if total > MAX_UNPACKED_BYTES:
            raise TooLargeError(
                f"{archive} unpacks to more than {MAX_UNPACKED_BYTES // 2**20:,} MB: too large for"
                " an archive."
            )
        yield _Entry(offset, header, digest.digest() if digest else None)
        offset = end


def check_size(kind: int, size: int, archive: str) -> None:
    """Raise TooLargeError if an object of this kind is too large to be loaded."""
    _, most, words = _KINDS[kind]
    if size > most:
        raise TooLargeError(
            f"{archive} holds a {words} of {size // 2**20:,} MB, and {most // 2**20} MB is the"
            " most: too large for an archive."
        )


def _ignore(_: bytes) -> None:
    pass


def read_header(file: IO[bytes], offset: int) -> Header:
    """Read the header at ``offset`` and leave ``file`` at the data."""
    file.seek(offset)
    first = file.read(1)[0]
    kind, size = first >> 4 & 7, first & 15
    if first & 0x80:
        size |= _integer(file) << 4
    if kind == OFS_DELTA:
        byte = 0x80
        distance = -1
        for _ in range(MAX_INTEGER_BYTES):
            byte = file.read(1)[0]
            distance = distance + 1 << 7 | byte & 0x7F
            if not byte & 0x80:
                return Header(kind, size, distance)
        raise ValueError("a distance is too long")
    if kind in DELTA_TYPES:
        return Header(kind, size, file.read(20))
    return Header(kind, size, None)


def _integer(file: IO[bytes]) -> int:
    """Read an integer of groups of seven bits, the lowest first."""
    number = 0
    for i in range(MAX_INTEGER_BYTES):
        byte = file.read(1)[0]
        number |= (byte & 0x7F) << 7 * i
        if not byte & 0x80:
            return number
    raise ValueError("a size is too long")


def _inflate(file: IO[bytes], size: int, on_data: Callable[[bytes], None]) -> tuple[bytes, int]:
    """Inflate the data where ``file`` stands, keeping none of it.

    Returns:
        The first bytes, enough for the sizes of a delta, and the offset after the data.
    """
    inflate = zlib.decompressobj()
    start, inflated, amount = b"", 0, FIRST_READ
    packed = b""
    while not inflate.eof:
        if not packed:
            packed = file.read(amount)
            amount = _READ
            if not packed:
                raise ValueError("the pack ends within an object")
        data = inflate.decompress(packed, _READ)
        packed = inflate.unconsumed_tail
        inflated += len(data)
        if inflated > size:
            break
        if len(start) < 2 * MAX_INTEGER_BYTES:
            start += data[: 2 * MAX_INTEGER_BYTES]
        on_data(data)
    if inflated != size:
        raise ValueError("an object is not as long as its header says")
    return start, file.tell() - len(inflate.unused_data)


def delta_size(start: bytes) -> int:
    """Return the size of the object that a delta makes, from the delta's first bytes."""
    delta = BytesIO(start)
    _integer(delta)  # the size of what it is made from
    return _integer(delta)


@dataclass(slots=True)
class _Base:
    """An object while deltas are still to be applied to it: so long it is in memory."""

    length: int
    """Of the chain of deltas that it is made by."""
    delta_bytes: int
    """Of these deltas: reading the object takes all of them."""
    size: int
    waiting: int
    """How many deltas are still to be applied to it."""


class _Chains(DeltaChainIterator[None]):
    """Applies the deltas of a pack as dulwich will, and ends where a chain is over its limit.

    An object stays in memory until the last delta is applied to it, so a chain in which every step
    has a second delta stays as a whole. Each object is within the limit of a file, so that no more
    than one of them is made before too many are found to be in memory.
    """

    def __init__(self, store: DiskObjectStore, archive: str, budget: Budget) -> None:
        super().__init__(None, hashlib.sha1, resolve_ext_ref=self._read_stored)
        self._store = store
        self._archive = archive
        self._budget = budget
        self._whole: list[_Entry] = []
        self._waiting = Counter[int | bytes]()
        """How many deltas there are, by offset or id of what they are applied to."""
        self._bases: dict[int | bytes, _Base] = {}
        self._bytes = 0
        """Of all bases in memory."""

    def enter(self, entry: _Entry) -> None:
        """Take in an object of the pack."""
        base = entry.header.base
        if base is None:
            self._whole.append(entry)
            return
        self._waiting[entry.offset - base if isinstance(base, int) else base] += 1
        self._record(entry)

    def check(self, file: IO[bytes]) -> None:
        """Apply every delta.

        Raises:
            TooLargeError: a chain is too large.
        """
        if not self._waiting:
            return
        for entry in self._whole:
            if entry.offset in self._waiting or entry.sha in self._waiting:
                self._record(entry)
        self._whole.clear()
        with PackData.from_file(file, self._store.object_format) as data:
            self.set_pack_data(data)
            for _ in self:
                self._budget.check()

    def _record(self, entry: _Entry) -> None:
        unpacked = UnpackedObject(
            entry.header.kind,
            delta_base=entry.header.base,
            decomp_len=entry.header.size,
            offset=entry.offset,
        )
        self.record(unpacked)

    def _read_stored(self, sha: RawObjectID | ObjectID) -> tuple[int, list[bytes]]:
        """Return the type and the data of a base that is not in the pack."""
        kind, data = self._store.get_raw(sha)
        self._keep(_Base(0, 0, len(data), 0), sha)
        return kind, [data]

    def _result(self, unpacked: UnpackedObject) -> None:
        offset, distance = unpacked.offset, unpacked.delta_base
        assert offset is not None
        assert unpacked.obj_type_num is not None
        assert unpacked.obj_chunks is not None
        made = _Base(0, 0, chunks_length(unpacked.obj_chunks), 0)
        check_size(unpacked.obj_type_num, made.size, self._archive)
        if distance is not None:
            name = offset - distance if isinstance(distance, int) else distance
            base = self._bases[name]
            made.length = base.length + 1
            made.delta_bytes = base.delta_bytes + (unpacked.decomp_len or 0)
            if (
                max(self._bytes + made.size, made.delta_bytes) > MAX_CHAIN_BYTES
                or made.length > _MAX_CHAIN_LENGTH
            ):
                raise TooLargeError(f"{self._archive} {TOO_TIGHT}")
            base.waiting -= 1
            if not base.waiting:
                self._bytes -= base.size
                del self._bases[name]
        self._keep(made, offset, unpacked.sha())

    def _keep(self, base: _Base, *names: int | bytes) -> None:
        """Count an object for as long as deltas wait for it."""
        for name in names:
            if name in self._waiting:
                base.waiting += self._waiting.pop(name)
                self._bases[name] = base
        if base.waiting:
            self._bytes += base.size
