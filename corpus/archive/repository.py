"""Fetches the last commit of a git repository's branch and keeps its posts in a folder.

FOLDER/git/           a bare clone of depth one; none of a repository on this machine's disk
FOLDER/posts/ …       the posts of its commit, see :mod:`corpus.archive.checkout`
FOLDER/refused.json   a commit that holds too much, which is not fetched again for a day

The server is not trusted: what it sends is checked and limited in size, and connections go to the
allowed hosts only. Whatever it does, the earlier posts stay.
"""

import json
import shutil
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self

from dulwich.client import HTTPUnauthorized
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository
from dulwich.objects import ObjectID, valid_hexsha
from dulwich.refs import HEADREF, LOCAL_BRANCH_PREFIX, Ref
from dulwich.repo import Repo
from urllib3.exceptions import HTTPError, MaxRetryError

from corpus.archive.checkout import Checkout, check_out
from corpus.archive.files import MAX_BYTES as MAX_FILE_BYTES
from corpus.archive.pack import CUT_SHORT, check_pack
from corpus.archive.transport import MAX_BYTES, Budget, open_client
from corpus.errors import ArchiveError, CorpusError, TooLargeError, WrongArchiveError
from corpus.remote import Remote

MAX_SECONDS = 1800.0
"""Of an update: fetching and checking out."""
_MAX_REFS_SECONDS = 60.0  # of a look at the branches
_MAX_PACKS = 20  # every fetch of a new commit adds one; beyond this the clone is made anew
_MAX_CACHE_BYTES = 2 * 2**20  # of a pack, for what deltas are made from; dulwich takes 96 MB
_FETCHED = Ref(b"refs/heads/archive")
_BRANCHES = [HEADREF, LOCAL_BRANCH_PREFIX]
"""What the server is asked to name, rather than every tag and pull request."""
_NO_LARGE_FILES = b"blob:limit=%d" % (MAX_FILE_BYTES + 1)
"""What the server is asked to leave out: files that are no posts. The larger forges can do it."""
_SHOWN_CHARS = 120  # of what a server says
_UNREACHABLE = (HTTPError, GitProtocolError, HangupException, ConnectionError, TimeoutError)
_REFUSED = "refused.json"
_REFUSED_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Refused:
    """A commit that holds more than an archive may."""

    remote: str
    commit: str
    reason: str
    at: float
    """Seconds of the epoch."""

    @classmethod
    def read(cls, folder: Path, remote: Remote) -> Self | None:
        """Return the commit of ``remote`` that was refused in the last day."""
        try:
            fields: Any = json.loads((folder / _REFUSED).read_bytes())
            refused = cls(**fields)
            is_recent = 0 <= time.time() - refused.at < _REFUSED_SECONDS
        except (OSError, ValueError, TypeError):
            return None
        return refused if is_recent and refused.remote == remote.name else None

    def write(self, folder: Path) -> None:
        (folder / _REFUSED).write_text(json.dumps(asdict(self)), "ascii")


@dataclass(frozen=True, slots=True)
class _Update:
    """One attempt to bring a folder to the last commit of a branch."""

    remote: Remote
    folder: Path
    budget: Budget
    on_bytes: Callable[[int], None]
    refused: _Refused | None
    wanted: list[ObjectID] = field(default_factory=list[ObjectID])
    """The last commit, once the server has named it."""


class _UnreadableError(ArchiveError):
    """What the server sent, or the clone that it was added to, is no git repository."""


def update(
    remote: Remote, folder: Path, on_bytes: Callable[[int], None]
) -> tuple[Checkout, str | None]:
    """Fetch the branch and check its last commit out.

    If that fails, an earlier checkout stays as it is and is returned with the reason. An
    interrupted call leaves nothing that the next one would trust.

    Args:
        remote: the branch to fetch.
        folder: where the clone and the posts are kept; one caller at a time.
        on_bytes: called with the number of bytes received so far.

    Returns:
        The checkout, and why it may not be the newest commit.

    Raises:
        WrongArchiveError: there is no such repository or branch, or it may not be read.
        ArchiveError: it cannot be reached or read, or is too large, and there is no earlier
            checkout.
        OSError: the disk is full or cannot be written.
    """
    previous = Checkout.read(folder, remote)
    refused = _Refused.read(folder, remote)
    if previous is None:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with Budget(remote.name, MAX_SECONDS) as budget:
            attempt = _Update(remote, folder, budget, on_bytes, refused)
            return _update(attempt, previous), None
    except ArchiveError as error:
        if previous is None:
            raise
        return previous, str(error)


def newest_commit(remote: Remote) -> str:
    """Return the last commit of the branch, as the server says now; fetch nothing.

    Raises:
        WrongArchiveError: there is no such repository or branch, or it may not be read.
        ArchiveError: it cannot be reached or read.
    """
    with Budget(remote.name, _MAX_REFS_SECONDS) as budget, _plain_errors(remote, budget):
        if remote.is_local:
            with closing(_open(Path(remote.path))) as repo:
                return _head(repo.get_refs(), remote).decode()
        with open_client(remote, budget) as client:
            refs = client.get_refs(remote.path.encode(), ref_prefix=_BRANCHES).refs
        return _head({ref: commit for ref, commit in refs.items() if commit}, remote).decode()


def _update(attempt: _Update, previous: Checkout | None) -> Checkout:
    remote, folder, budget = attempt.remote, attempt.folder, attempt.budget
    if remote.is_local:
        # dulwich would unpack all of its history for a clone of it.
        with _plain_errors(remote, budget), closing(_open(Path(remote.path))) as repo:
            commit = _head(repo.get_refs(), remote)
            with _plain_errors(remote, budget, [commit]):
                return check_out(repo, commit, folder, previous, remote, budget)
    try:
        commit = _fetch(attempt)
        with _plain_errors(remote, budget, [commit]), closing(_open(folder / "git")) as repo:
            return check_out(repo, commit, folder, previous, remote, budget)
    except _UnreadableError:
        # It may be the clone that is damaged: the next call makes it anew.
        shutil.rmtree(folder / "git", ignore_errors=True)
        raise
    except TooLargeError as error:
        if attempt.wanted:
            commit = attempt.wanted[0].decode()
            refused = attempt.refused
            if refused is None or refused.commit != commit:
                refused = _Refused(remote.name, commit, str(error), time.time())
            # Also a known one: without an earlier checkout the folder was emptied.
            with suppress(OSError):  # it is fetched once more
                refused.write(folder)
        raise


def _fetch(attempt: _Update) -> ObjectID:
    """Bring the last commit of the branch into the clone and return its id."""
    remote, folder, budget = attempt.remote, attempt.folder, attempt.budget
    clone = folder / "git"
    packs = list(clone.glob("objects/pack/*.pack"))
    size = sum(pack.stat().st_size for pack in packs)
    if not packs or len(packs) > _MAX_PACKS or size > MAX_BYTES:
        new_clone = folder / "git.new"
        shutil.rmtree(new_clone, ignore_errors=True)
        with closing(Repo.init_bare(str(new_clone), mkdir=True)) as repo:
            commit = _fetch_into(repo, attempt)
        shutil.rmtree(clone, ignore_errors=True)
        new_clone.rename(clone)
        return commit
    with _plain_errors(remote, budget, packs):
        repo = _open(clone)
    with closing(repo):
        return _fetch_into(repo, attempt)


def _fetch_into(repo: Repo, attempt: _Update) -> ObjectID:
    remote, budget, wanted = attempt.remote, attempt.budget, attempt.wanted
    received = 0

    def wants(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:  # noqa: ARG001 (dulwich's)
        wanted.append(_head(refs, remote))
        if attempt.refused and attempt.refused.commit == wanted[0].decode():
            raise TooLargeError(attempt.refused.reason)
        return [] if wanted[0] in repo.object_store else wanted

    def write(data: bytes) -> int:
        nonlocal received
        if not received:
            budget.begin_pack()
        received += len(data)
        if received > MAX_BYTES:
            raise TooLargeError(
                f"{remote.name} is larger than {MAX_BYTES // 2**20} MB: too large for an archive."
            )
        attempt.on_bytes(received)
        return file.write(data)

    with (
        _plain_errors(remote, budget, wanted),
        TemporaryFile(prefix="incoming-", dir=repo.object_store.path) as file,
    ):
        with open_client(remote, budget) as client:
            result = client.fetch_pack(
                remote.path,
                wants,
                repo.get_graph_walker(),
                write,
                depth=1,
                ref_prefix=_BRANCHES,
                filter_spec=_NO_LARGE_FILES,
            )
        if received:
            check_pack(file, repo.object_store, remote.name, budget)
            _add_pack(repo, file, budget)
        # Not dulwich's pull: on a shallow clone it finds that the branches have diverged.
        repo.update_shallow(result.new_shallow, result.new_unshallow)
        if wanted[0] not in repo.object_store:
            raise ArchiveError(f"{remote.name} did not send the commit it has: try again later.")
        repo.refs[_FETCHED] = wanted[0]
    return wanted[0]


def _add_pack(repo: Repo, file: IO[bytes], budget: Budget) -> None:
    def check(_: object) -> None:
        budget.check()

    file.seek(0)
    try:
        repo.object_store.add_thin_pack(file.read, None, check)
    finally:
        # dulwich leaves them, as large as the pack, at every attempt that fails or is killed.
        for leftover in Path(repo.object_store.path).glob("tmp_pack_*"):
            leftover.unlink()


def _open(clone: Path) -> Repo:
    repo = Repo(str(clone))
    repo.object_store.delta_base_cache_limit = _MAX_CACHE_BYTES
    return repo


@contextmanager
def _plain_errors(
    remote: Remote, budget: Budget, received: Sequence[object] = ()
) -> Generator[None]:
    """Turn dulwich's and urllib3's errors into sentences for the archive's keeper.

    ``received`` is no longer empty once the server has named its branches.
    """
    try:
        try:
            yield
        except Exception:
            budget.check()  # a connection that was cut is any of the errors below
            raise
    except CorpusError:
        raise
    except NotGitRepository as error:
        if received:
            raise _UnreadableError(f"{remote.name} {CUT_SHORT}") from error
        raise WrongArchiveError(
            f"There is no git repository at {remote.name}, or it needs a password: check ARCHIVE."
        ) from error
    except HTTPUnauthorized as error:
        raise WrongArchiveError(
            f"{remote.name} wants a user and a password or token: write them into ARCHIVE, as in"
            " https://user:token@host/name.git."
        ) from error
    # The same words at every attempt: a problem is reported again only when its text changes.
    except _UNREACHABLE as error:
        if received:
            raise ArchiveError(f"{remote.name} {CUT_SHORT}") from error
        reason = _one_line(remote.without_credentials(_reason(error)))
        raise ArchiveError(f"{remote.name} cannot be reached: {reason}.") from error
    except OSError:
        raise  # of the disk
    except Exception as error:
        # dulwich parses what the server sends, and raises whatever its parsers come to: assertions,
        # KeyError, struct.error and twenty more. None of them may end the update as a traceback.
        problem = CUT_SHORT if received else "does not answer as a git server does: check ARCHIVE."
        raise _UnreadableError(f"{remote.name} {problem}") from error


def _reason(error: BaseException) -> str:
    """Return the operating system's reason if there is one, else the error's own message."""
    if isinstance(error, MaxRetryError) and error.reason:
        error = error.reason
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__
    return str(error).rstrip(".")


def _one_line(text: str) -> str:
    """Return ``text``, which a server may have written, short and without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _SHOWN_CHARS else f"{line[:_SHOWN_CHARS]}…"


def _head(refs: Mapping[Ref, ObjectID], remote: Remote) -> ObjectID:
    """Return the last commit of the branch that ``remote`` names."""
    name = Ref(LOCAL_BRANCH_PREFIX + remote.branch.encode()) if remote.branch else HEADREF
    if name in refs:
        if not valid_hexsha(refs[name]):
            raise ValueError(f"{refs[name]!r} is no commit's id")
        return refs[name]
    if remote.branch is None:
        raise WrongArchiveError(f"{remote.name} holds no commit yet.")
    branches = sorted(
        ref.removeprefix(LOCAL_BRANCH_PREFIX).decode(errors="replace")
        for ref in refs
        if ref.startswith(LOCAL_BRANCH_PREFIX)
    )
    known = f" It has {_one_line(', '.join(branches[:5]))}." if branches else ""
    raise WrongArchiveError(f"{remote.name} has no branch {remote.branch}.{known}")
