"""A git repository of posts -> a folder of them: one branch, its last commit, nobody's word taken.

FOLDER/git/           a bare clone of depth one
FOLDER/posts/ …       the posts of its commit, see :mod:`corpus.archive.checkout`
"""

import shutil
import zlib
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urlsplit

from dulwich.client import (
    AuthCallbackPoolManager,
    FetchPackResult,
    GitClient,
    HttpGitClient,
    HTTPUnauthorized,
    LocalGitClient,
    default_urllib3_manager,
)
from dulwich.errors import ChecksumMismatch, GitProtocolError, HangupException, NotGitRepository
from dulwich.objects import ObjectID
from dulwich.refs import HEADREF, LOCAL_BRANCH_PREFIX, Ref
from dulwich.repo import Repo
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager
from urllib3.exceptions import HTTPError, MaxRetryError

from corpus.archive.checkout import Checkout, check_out
from corpus.errors import ArchiveError, WrongArchiveError
from corpus.remote import Remote, is_loopback

MOST_BYTES = 1024 * 2**20
"""A larger pack is no archive of texts."""
_TIMEOUT = 60.0  # seconds without a byte
_MOST_PACKS = 20  # each fetch that brings something adds one; then the clone is made anew
_HELD = Ref(b"refs/heads/archive")
_CUT_SHORT = "did not send all of its posts: try again later."
_UNREACHABLE = (HTTPError, GitProtocolError, HangupException, ConnectionError, TimeoutError)


def update(
    remote: Remote, folder: Path, on_bytes: Callable[[int], None]
) -> tuple[Checkout, str | None]:
    """Fetch the branch and bring ``posts(folder)`` to its last commit.

    Where that fails and there is a copy from before, the copy stays, and the second of what is
    returned says why.
    An interrupted call leaves nothing that the next one would trust.

    Args:
        remote: what to fetch.
        folder: where it is kept; one caller at a time.
        on_bytes: told how much has come so far.

    Raises:
        WrongArchiveError: there is no such repository or branch, or it may not be read.
        ArchiveError: it cannot be reached, or is too large, and there is no copy yet.
        OSError: the disk is full or cannot be written.
    """
    before = Checkout.read(folder, remote)
    if before is None:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        commit = _fetch(remote, folder, on_bytes)
    except ArchiveError as error:
        if before is None:
            raise
        return before, str(error)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with closing(Repo(str(folder / "git"))) as repo:
        return check_out(repo, commit, folder, before, remote, now), None


def newest_commit(remote: Remote) -> str:
    """Return the last commit of the branch, as the repository says it now; nothing is fetched.

    Raises:
        WrongArchiveError: there is no such repository or branch, or it may not be read.
        ArchiveError: it cannot be reached.
    """
    with _client(remote) as (client, path), _told(remote):
        found = client.get_refs(path.encode()).refs
    return _head({ref: commit for ref, commit in found.items() if commit}, remote).decode()


def _fetch(remote: Remote, folder: Path, on_bytes: Callable[[int], None]) -> ObjectID:
    """Return the last commit of the branch, once it is in the clone."""
    clone = folder / "git"
    packs = list(clone.glob("objects/pack/*.pack"))
    if not packs or len(packs) > _MOST_PACKS:
        beside = folder / "git.new"
        shutil.rmtree(beside, ignore_errors=True)
        with closing(Repo.init_bare(str(beside), mkdir=True)) as repo:
            commit = _fetch_into(repo, remote, on_bytes)
        shutil.rmtree(clone, ignore_errors=True)
        beside.rename(clone)
        return commit
    with closing(Repo(str(clone))) as repo:
        return _fetch_into(repo, remote, on_bytes)


def _fetch_into(repo: Repo, remote: Remote, on_bytes: Callable[[int], None]) -> ObjectID:
    received = 0

    def write(data: bytes) -> int:
        nonlocal received
        received += len(data)
        if received > MOST_BYTES:
            raise ArchiveError(
                f"{remote.name} is larger than {MOST_BYTES // 2**20} MB: too large for an archive."
            )
        on_bytes(received)
        return file.write(data)

    with TemporaryFile(prefix="incoming-", dir=repo.object_store.path) as file:
        newest, result = _ask(remote, repo, write)
        if file.tell():
            file.seek(0)
            _add_pack(repo, file, remote)
    repo.update_shallow(result.new_shallow, result.new_unshallow)
    if newest not in repo.object_store:
        raise ArchiveError(f"{remote.name} did not send the commit it has: try again later.")
    repo.refs[_HELD] = newest
    return newest


def _add_pack(repo: Repo, file: IO[bytes], remote: Remote) -> None:
    try:
        repo.object_store.add_thin_pack(file.read, None)
    except (AssertionError, ChecksumMismatch, KeyError, ValueError, zlib.error) as error:
        raise ArchiveError(f"{remote.name} {_CUT_SHORT}") from error


def _ask(
    remote: Remote, repo: Repo, write: Callable[[bytes], int]
) -> tuple[ObjectID, FetchPackResult]:
    """Return the last commit of the branch; what the clone lacks of it goes to ``write``."""
    wanted: list[ObjectID] = []

    def wants(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:  # noqa: ARG001 (dulwich's)
        wanted.append(_head(refs, remote))
        return [] if wanted[0] in repo.object_store else wanted

    with _client(remote) as (client, path), _told(remote, wanted):
        result = client.fetch_pack(path, wants, repo.get_graph_walker(), write, depth=1)
    return wanted[0], result


@contextmanager
def _told(remote: Remote, wanted: Sequence[ObjectID] = ()) -> Generator[None]:
    """Raise what a repository or the way to it refuses as a sentence for the archive's keeper.

    ``wanted``: filled once the repository has said what it has.
    """
    try:
        yield
    except NotGitRepository as error:
        raise WrongArchiveError(
            f"There is no git repository at {remote.name}, or it needs a password: check ARCHIVE."
        ) from error
    except HTTPUnauthorized as error:
        raise WrongArchiveError(
            f"{remote.name} wants a user and a password or token: write them into ARCHIVE, as in"
            " https://user:token@host/name.git."
        ) from error
    except _UNREACHABLE as error:
        # The same words each time: what is tried every few minutes is told when it is new.
        if wanted:
            raise ArchiveError(f"{remote.name} {_CUT_SHORT}") from error
        reason = remote.without_credentials(_reason(error))
        raise ArchiveError(f"{remote.name} cannot be reached: {reason}.") from error


def _reason(error: BaseException) -> str:
    """Return why, in the system's words where it was the system that said so."""
    if isinstance(error, MaxRetryError) and error.reason:
        error = error.reason
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__
    return str(error).rstrip(".")


@contextmanager
def _client(remote: Remote) -> Generator[tuple[GitClient, str]]:
    """Yield what speaks to ``remote``, and its path there; afterwards no connection is left."""
    if remote.is_local:
        yield LocalGitClient(), remote.path
        return
    with ExitStack() as answers:
        client = HttpGitClient(
            remote.base,
            pool_manager=_pool(remote, answers),
            username=remote.username,
            password=remote.password,
            timeout=_TIMEOUT,
            quiet=True,
        )
        yield client, remote.path


def _head(refs: Mapping[Ref, ObjectID], remote: Remote) -> ObjectID:
    if remote.branch is None:
        if HEADREF in refs:
            return refs[HEADREF]
        raise WrongArchiveError(f"{remote.name} holds no commit yet.")
    name = Ref(LOCAL_BRANCH_PREFIX + remote.branch.encode())
    if name not in refs:
        branches = sorted(
            ref.removeprefix(LOCAL_BRANCH_PREFIX).decode(errors="replace")
            for ref in refs
            if ref.startswith(LOCAL_BRANCH_PREFIX)
        )
        known = f" It has {', '.join(branches[:5])}." if branches else ""
        raise WrongArchiveError(f"{remote.name} has no branch {remote.branch}.{known}")
    return refs[name]


def _pool(
    remote: Remote, answers: ExitStack
) -> PoolManager | ProxyManager | AuthCallbackPoolManager:
    """Return connections that speak to the hosts of ``remote`` only, wherever they are sent.

    ``answers`` closes them, and what they were answered: dulwich leaves what it refuses unread.
    """

    def check(url: str) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or is_loopback(parts.hostname or "")
        if not secure or parts.hostname not in remote.hosts:
            raise HTTPError(f"it sends on to {parts.hostname}, which is not in GIT_HOSTS")

    def kept(answer: BaseHTTPResponse) -> BaseHTTPResponse:
        answers.callback(answer.close)
        return answer

    class Direct(PoolManager):
        def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # noqa: ANN401, FBT001, FBT002 (urllib3's)
            check(url)
            return kept(super().urlopen(method, url, redirect, **options))

    class Proxied(ProxyManager):
        def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # noqa: ANN401, FBT001, FBT002 (urllib3's)
            check(url)
            return kept(super().urlopen(method, url, redirect, **options))

    pool = default_urllib3_manager(
        None,
        pool_manager_cls=Direct,
        proxy_manager_cls=Proxied,
        base_url=remote.base,
        timeout=_TIMEOUT,
    )
    answers.callback(pool.clear)
    return pool
