"""Git objects that git itself would not make, and repositories that hold them."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.pack import REF_DELTA
from dulwich.protocol import pkt_line
from dulwich.refs import Ref
from dulwich.repo import BaseRepo, Repo

from tests.corpus.git_server import WHO, App, StartResponse

FILE = 0o100644
FOLDER = 0o040000
LINK = 0o120000
SUBMODULE = 0o160000

_GIT = "application/x-git-upload-pack"
_NAMES = {kind.type_num: kind.type_name for kind in (Blob, Commit, Tree)}

Entry = tuple[bytes, int, ObjectID]


def blob(repo: BaseRepo, data: bytes) -> ObjectID:
    """Store a blob."""
    made = Blob.from_string(data)
    repo.object_store.add_object(made)
    return made.id


def large_blob(repo: Repo, data: bytes, times: int) -> ObjectID:
    """Store the blob that is ``data``, repeated, without holding it whole."""
    header = b"blob %d\0" % (len(data) * times)
    digest = hashlib.sha1(header, usedforsecurity=False)
    compress = zlib.compressobj(9)
    packed = [compress.compress(header)]
    for _ in range(times):
        digest.update(data)
        packed.append(compress.compress(data))
    name = digest.hexdigest()
    path = Path(repo.object_store.path, name[:2], name[2:])
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join([*packed, compress.flush()]))
    return ObjectID(name.encode())


def tree(repo: BaseRepo, entries: Sequence[Entry]) -> ObjectID:
    """Store a tree as it is given: names may be wrong, repeated and out of order."""
    made = ShaFile.from_raw_string(Tree.type_num, _raw_tree(entries))
    repo.object_store.add_object(made)
    return made.id


def nested(repo: BaseRepo, names: Sequence[bytes], inner: ObjectID) -> ObjectID:
    """Store folders in folders, named from the outside in, around the tree ``inner``."""
    for name in reversed(names):
        inner = tree(repo, [(name, FOLDER, inner)])
    return inner


def commit(repo: BaseRepo, root: ObjectID) -> ObjectID:
    """Make a commit of the tree ``root`` the last of the main branch."""
    made = Commit()
    made.tree, made.author, made.committer = root, WHO, WHO
    made.author_time = made.commit_time = 0
    made.author_timezone = made.commit_timezone = 0
    made.message = b"m"
    repo.object_store.add_object(made)
    repo.refs[Ref(b"refs/heads/main")] = made.id
    return made.id


class PackBuilder:
    """Writes a pack object by object, as its caller has it, without holding any of them whole."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def add(self, kind: int, data: bytes, times: int = 1) -> ObjectID:
        """Add the object that is ``data``, repeated; return its id."""
        digest = hashlib.sha1(b"%s %d\0" % (_NAMES[kind], len(data) * times), usedforsecurity=False)
        compress = zlib.compressobj(9)
        packed: list[bytes] = []
        for _ in range(times):
            digest.update(data)
            packed.append(compress.compress(data))
        packed.append(compress.flush())
        self.add_raw(kind, len(data) * times, b"".join(packed))
        return ObjectID(digest.hexdigest().encode())

    def add_delta(self, base: ObjectID, delta: bytes) -> None:
        """Add what ``delta`` makes of ``base``."""
        self.add_raw(REF_DELTA, len(delta), bytes.fromhex(base.decode()) + zlib.compress(delta))

    def add_raw(self, kind: int, size: int, packed: bytes) -> int:
        """Add an object whose header says ``kind`` and ``size``; return its bytes in the pack."""
        header = [size & 15 | kind << 4]
        size >>= 4
        while size:
            header[-1] |= 0x80
            header.append(size & 0x7F)
            size >>= 7
        self._objects.append(bytes(header) + packed)
        return len(self._objects[-1])

    def add_commit(self, root: ObjectID) -> ObjectID:
        """Add a commit of the tree ``root``."""
        who = b"Keeper <keeper@example.org> 0 +0000"
        text = b"tree %s\nauthor %s\ncommitter %s\n\nm" % (root, who, who)
        return self.add(Commit.type_num, text)

    def add_tree(self, entries: Sequence[Entry]) -> ObjectID:
        """Add a tree."""
        return self.add(Tree.type_num, _raw_tree(entries))

    def pack(self, count: int | None = None) -> bytes:
        """Return the pack, whose header says that it has ``count`` objects."""
        count = len(self._objects) if count is None else count
        body = b"PACK" + (2).to_bytes(4) + count.to_bytes(4) + b"".join(self._objects)
        return body + hashlib.sha1(body, usedforsecurity=False).digest()


def delta(base_size: int, size: int, *operations: bytes) -> bytes:
    """Return a delta that says it makes ``size`` bytes of ``base_size``."""
    return _varint(base_size) + _varint(size) + b"".join(operations)


def copy(offset: int, size: int) -> bytes:
    """Return the operation of a delta that copies up to 16 MB of the base."""
    return b"\xff" + offset.to_bytes(4, "little") + size.to_bytes(3, "little")


def pack_app(pack: bytes, head: ObjectID) -> App:
    """Return a git server that has one commit and sends this pack, whatever it is asked for."""
    refs = pkt_line(b"# service=git-upload-pack\n") + b"0000"
    capabilities = b"side-band-64k ofs-delta shallow"
    refs += pkt_line(head + b" HEAD\0" + capabilities + b"\n") + b"0000"

    def result() -> Iterator[bytes]:
        yield b"0000" + pkt_line(b"NAK\n")
        for start in range(0, len(pack), 65000):
            yield pkt_line(b"\1" + pack[start : start + 65000])
        yield b"0000"

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            start_response("200 OK", [("Content-Type", f"{_GIT}-advertisement")])
            return [refs]
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))  # or hanging up resets
        start_response("200 OK", [("Content-Type", f"{_GIT}-result")])
        return result()

    return app


def _raw_tree(entries: Sequence[Entry]) -> bytes:
    return b"".join(
        b"%o %s\0" % (mode, name) + bytes.fromhex(object_id.decode())
        for name, mode, object_id in entries
    )


def _varint(number: int) -> bytes:
    groups: list[int] = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
