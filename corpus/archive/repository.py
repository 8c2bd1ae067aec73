"""Fetches the last commit of a git repository's branch and keeps its posts in a folder.

FOLDER/git/           a bare clone of depth one
FOLDER/posts/ …       the posts of its commit, see :mod:`corpus.archive.checkout`

The server is not trusted: what it sends is checked and limited in size, and connections go to the
allowed hosts only.
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

MAX_BYTES = 1024 * 2**20
"""Of a pack: an archive of texts needs less."""
_TIMEOUT = 60.0  # seconds without a byte
_MAX_PACKS = 20  # every fetch of a new commit adds one; beyond this the clone is made anew
_FETCHED = Ref(b"refs/heads/archive")
_CUT_SHORT = "did not send all of its posts: try again later."
_UNREACHABLE = (HTTPError, GitProtocolError, HangupException, ConnectionError, TimeoutError)


def update(
    remote: Remote, folder: Path, on_bytes: Callable[[int], None]
) -> tuple[Checkout, str | None]:
    """Fetch the branch and check its last commit out.

    If fetching fails, an earlier checkout stays as it is and is returned with the reason. An
    interrupted call leaves nothing that the next one would trust.

    Args:
        remote: the branch to fetch.
        folder: where the clone and the posts are kept; one caller at a time.
        on_bytes: called with the number of bytes received so far.

    Returns:
        The checkout, and why it may not be the newest commit.

    Raises:
        WrongArchiveError: there is no such repository or branch, or it may not be read.
        ArchiveError: it cannot be reached, or is too large, and there is no earlier checkout.
        OSError: the disk is full or cannot be written.
    """
    previous = Checkout.read(folder, remote)
    if previous is None:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        commit = _fetch(remote, folder, on_bytes)
    except ArchiveError as error:
        if previous is None:
            raise
        return previous, str(error)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with closing(Repo(str(folder / "git"))) as repo:
        return check_out(repo, commit, folder, previous, remote, now), None


def newest_commit(remote: Remote) -> str:
    """Return the last commit of the branch, as the server says now; fetch nothing.

    Raises:
        WrongArchiveError: there is no such repository or branch, or it may not be read.
        ArchiveError: it cannot be reached.
    """
    with _client(remote) as (client, path), _plain_errors(remote):
        refs = client.get_refs(path.encode()).refs
    return _head({ref: commit for ref, commit in refs.items() if commit}, remote).decode()


def _fetch(remote: Remote, folder: Path, on_bytes: Callable[[int], None]) -> ObjectID:
    """Bring the last commit of the branch into the clone and return its id."""
    clone = folder / "git"
    packs = list(clone.glob("objects/pack/*.pack"))
    if not packs or len(packs) > _MAX_PACKS:
        new_clone = folder / "git.new"
        shutil.rmtree(new_clone, ignore_errors=True)
        with closing(Repo.init_bare(str(new_clone), mkdir=True)) as repo:
            commit = _fetch_into(repo, remote, on_bytes)
        shutil.rmtree(clone, ignore_errors=True)
        new_clone.rename(clone)
        return commit
    with closing(Repo(str(clone))) as repo:
        return _fetch_into(repo, remote, on_bytes)


def _fetch_into(repo: Repo, remote: Remote, on_bytes: Callable[[int], None]) -> ObjectID:
    received = 0

    def write(data: bytes) -> int:
        nonlocal received
        received += len(data)
        if received > MAX_BYTES:
            raise ArchiveError(
                f"{remote.name} is larger than {MAX_BYTES // 2**20} MB: too large for an archive."
            )
        on_bytes(received)
        return file.write(data)

    with TemporaryFile(prefix="incoming-", dir=repo.object_store.path) as file:
        commit, result = _fetch_pack(remote, repo, write)
        if file.tell():
            file.seek(0)
            _add_pack(repo, file, remote)
    # Not dulwich's pull: on a shallow clone it finds that the branches have diverged.
    repo.update_shallow(result.new_shallow, result.new_unshallow)
    if commit not in repo.object_store:
        raise ArchiveError(f"{remote.name} did not send the commit it has: try again later.")
    repo.refs[_FETCHED] = commit
    return commit


def _add_pack(repo: Repo, file: IO[bytes], remote: Remote) -> None:
    try:
        repo.object_store.add_thin_pack(file.read, None)
    except (AssertionError, ChecksumMismatch, KeyError, ValueError, zlib.error) as error:
        raise ArchiveError(f"{remote.name} {_CUT_SHORT}") from error


def _fetch_pack(
    remote: Remote, repo: Repo, write: Callable[[bytes], int]
) -> tuple[ObjectID, FetchPackResult]:
    """Return the last commit of the branch; give ``write`` what the clone lacks of it."""
    wanted: list[ObjectID] = []

    def wants(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:  # noqa: ARG001 (dulwich's)
        wanted.append(_head(refs, remote))
        return [] if wanted[0] in repo.object_store else wanted

    with _client(remote) as (client, path), _plain_errors(remote, wanted):
        result = client.fetch_pack(path, wants, repo.get_graph_walker(), write, depth=1)
    return wanted[0], result


@contextmanager
def _plain_errors(remote: Remote, wanted: Sequence[ObjectID] = ()) -> Generator[None]:
    """Turn dulwich's and urllib3's errors into sentences for the archive's keeper.

    ``wanted`` is no longer empty once the server has listed its branches.
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
        # The same words at every attempt: a problem is reported again only when its text changes.
        if wanted:
            raise ArchiveError(f"{remote.name} {_CUT_SHORT}") from error
        reason = remote.without_credentials(_reason(error))
        raise ArchiveError(f"{remote.name} cannot be reached: {reason}.") from error


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


@contextmanager
def _client(remote: Remote) -> Generator[tuple[GitClient, str]]:
    """Yield a client and the repository's path for it; close its connections afterwards."""
    if remote.is_local:
        yield LocalGitClient(), remote.path
        return
    with ExitStack() as closers:
        client = HttpGitClient(
            remote.base,
            pool_manager=_pool(remote, closers),
            username=remote.username,
            password=remote.password,
            timeout=_TIMEOUT,
            quiet=True,
        )
        yield client, remote.path


def _head(refs: Mapping[Ref, ObjectID], remote: Remote) -> ObjectID:
    """Return the last commit of the branch that ``remote`` names."""
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
    remote: Remote, closers: ExitStack
) -> PoolManager | ProxyManager | AuthCallbackPoolManager:
    """Return a connection pool that refuses other hosts than those of ``remote``, redirects too.

    ``closers`` closes the pool and every response: dulwich leaves a response that it refuses open.
    """

    def check(url: str) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or is_loopback(parts.hostname or "")
        if not secure or parts.hostname not in remote.hosts:
            raise HTTPError(f"it sends on to {parts.hostname}, which is not in GIT_HOSTS")

    def closed_later(response: BaseHTTPResponse) -> BaseHTTPResponse:
        closers.callback(response.close)
        return response

    class Direct(PoolManager):
        def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # noqa: ANN401, FBT001, FBT002 (urllib3's)
            check(url)
            return closed_later(super().urlopen(method, url, redirect, **options))

    class Proxied(ProxyManager):
        def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # noqa: ANN401, FBT001, FBT002 (urllib3's)
            check(url)
            return closed_later(super().urlopen(method, url, redirect, **options))

    pool = default_urllib3_manager(
        None,
        pool_manager_cls=Direct,
        proxy_manager_cls=Proxied,
        base_url=remote.base,
        timeout=_TIMEOUT,
    )
    closers.callback(pool.clear)
    return pool
