"""Git objects that git itself would not make, and repositories that hold them."""

from collections.abc import Sequence

from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from tests.corpus.git_server import WHO

FILE = 0o100644
FOLDER = 0o040000
LINK = 0o120000
SUBMODULE = 0o160000

Entry = tuple[bytes, int, ObjectID]


def blob(repo: Repo, data: bytes) -> ObjectID:
    """Store a blob."""
    made = Blob.from_string(data)
    repo.object_store.add_object(made)
    return made.id


def tree(repo: Repo, entries: Sequence[Entry]) -> ObjectID:
    """Store a tree as it is given: names may be wrong, repeated and out of order."""
    raw = b"".join(
        b"%o %s\0" % (mode, name) + bytes.fromhex(object_id.decode())
        for name, mode, object_id in entries
    )
    made = ShaFile.from_raw_string(Tree.type_num, raw)
    repo.object_store.add_object(made)
    return made.id


def nested(repo: Repo, names: Sequence[bytes], inner: ObjectID) -> ObjectID:
    """Store folders in folders, named from the outside in, around the tree ``inner``."""
    for name in reversed(names):
        inner = tree(repo, [(name, FOLDER, inner)])
    return inner


def commit(repo: Repo, root: ObjectID) -> ObjectID:
    """Make a commit of the tree ``root`` the last of the main branch."""
    made = Commit()
    made.tree, made.author, made.committer = root, WHO, WHO
    made.author_time = made.commit_time = 0
    made.author_timezone = made.commit_timezone = 0
    made.message = b"m"
    repo.object_store.add_object(made)
    repo.refs[Ref(b"refs/heads/main")] = made.id
    return made.id
