"""The HTTP client that git talks through: to allowed addresses only, within bytes and seconds.

The server is not trusted. It may name branches for ever, send a byte a minute, ask to be waited
for, or send on to another server, with a body without an end.
"""

import logging
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Self
from urllib.parse import urljoin

from dulwich.client import (
    AuthCallbackPoolManager,
    GitClient,
    HttpGitClient,
    default_urllib3_manager,
)
from dulwich.errors import NotGitRepository
from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import Retry, parse_url

from corpus.errors import ArchiveError
from corpus.remote import Remote, is_loopback

# Its warnings repeat what a server says, as often as the server likes.
logging.getLogger("dulwich").setLevel(logging.ERROR)

MAX_BYTES = 1024 * 2**20
"""Of a pack: an archive of texts needs less."""
MAX_REFS_BYTES = 4 * 2**20
"""Of all that comes before a pack, such as the names of branches: some 50,000."""
_IDLE_SECONDS = 60.0  # without a byte
_MAX_REDIRECTS = 3
_OVERHEAD = 1.1  # of a pack's packets, and of what the server tells about its progress
_PORTS = {"http": 80, "https": 443}
_SERVICES = ("/info/refs?service=git-upload-pack", "/git-upload-pack")
_GIT_CONTENT = "application/x-git-"


class Budget:
    """The seconds and bytes that a server may take; a context manager.

    When the seconds are over, its connections are cut, also in the middle of a header: the timeout
    of a socket begins anew with every byte.
    """

    def __init__(self, archive: str, seconds: float) -> None:
        self._archive = archive
        self._seconds = seconds
        self._is_over = False
        self._bytes = MAX_REFS_BYTES
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for watched in self._sockets:
            watched.close()

    def check(self) -> None:
        """Raise ArchiveError if the seconds are over."""
        if self._is_over:
            raise ArchiveError(
                f"{self._archive} took longer than {self._seconds / 60:g} minutes: try again later."
            )

    def spend(self, received: int) -> None:
        """Count bytes from the server.

        Raises:
            ArchiveError: there are too many of them, or the seconds are over.
        """
        self.check()
        self._bytes -= received
        if self._bytes < 0:
            raise ArchiveError(f"{self._archive} sends more names of branches than an archive has.")

    def begin_pack(self) -> None:
        """Allow the bytes of a pack from now on."""
        self._bytes = int(MAX_BYTES * _OVERHEAD)

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection, too, when the seconds are over."""
        # A duplicate: TLS takes the first descriptor over, and a response may close the connection.
        self._sockets.append(connection.dup())
        if self._is_over:
            self._cut()

    def _cut(self) -> None:
        self._is_over = True
        for watched in list(self._sockets):
            with suppress(OSError):
                watched.shutdown(socket.SHUT_RDWR)


@contextmanager
def open_client(remote: Remote, budget: Budget) -> Generator[GitClient]:
    """Yield a client of the server; close its connections afterwards."""
    with ExitStack() as closers:
        yield _Client(remote, budget, closers)


class _Client(HttpGitClient):
    """Counts what it reads, and speaks git's own protocol only.

    The older protocol of plain files is refused: dulwich holds every object of it in memory at its
    full length, and knows no shallow clone in it.
    """

    def __init__(self, remote: Remote, budget: Budget, closers: ExitStack) -> None:
        super().__init__(
            remote.base,
            pool_manager=_pool(remote, budget, closers),
            username=remote.username,
            password=remote.password,
            timeout=_IDLE_SECONDS,
            quiet=True,
        )
        self._budget = budget

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,  # noqa: FBT001, FBT002 (dulwich's)
    ) -> tuple[Any, Callable[[int], bytes]]:
        response, read = super()._http_request(url, headers, data, raise_for_status)
        if not (response.headers.get("Content-Type") or "").startswith(_GIT_CONTENT):
            raise NotGitRepository

        def counted(size: int) -> bytes:
            received = read(size)
            self._budget.spend(len(received))
            return received

        return response, counted


def _pool(
    remote: Remote, budget: Budget, closers: ExitStack
) -> PoolManager | ProxyManager | AuthCallbackPoolManager:
    """Return a connection pool that refuses other addresses than those of ``remote``.

    ``closers`` closes the pool and every response: dulwich leaves a response that it refuses open.
    """
    check = AddressCheck(remote)

    def follow(
        urlopen: Callable[..., BaseHTTPResponse], method: str, url: str, options: dict[str, Any]
    ) -> BaseHTTPResponse:
        # urllib3 would read the body of a redirect to its end, and wait as long as Retry-After says
        options["retries"] = Retry(
            connect=2, read=0, redirect=0, status=0, other=0, respect_retry_after_header=False
        )
        for _ in range(_MAX_REDIRECTS):
            check(url)
            response = urlopen(method, url, redirect=False, **options)
            closers.callback(response.close)
            response.url = url
            location = response.get_redirect_location()
            if not location or method != "GET":
                return response
            response.close()
            url = urljoin(url, location)
            if not check.is_origin(url):
                options["headers"] = {
                    name: value
                    for name, value in options["headers"].items()
                    if name.lower() != "authorization"
                }
        raise HTTPError("it sends on and on")

    class Direct(PoolManager):
        def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # noqa: ANN401, ARG002, FBT001, FBT002 (urllib3's)
            return follow(super().urlopen, method, url, options)

    class Proxied(ProxyManager):
        def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # noqa: ANN401, ARG002, FBT001, FBT002 (urllib3's)
            return follow(super().urlopen, method, url, options)

    pool = default_urllib3_manager(
        None,
        pool_manager_cls=Direct,
        proxy_manager_cls=Proxied,
        base_url=remote.base,
        timeout=_IDLE_SECONDS,
    )
    assert isinstance(pool, PoolManager)
    pool.pool_classes_by_scheme = _watched_pools(budget)
    closers.callback(pool.clear)
    return pool


class AddressCheck:
    """Tells which addresses may be asked.

    These are the host and port of the archive and, at their usual port, the hosts in GIT_HOSTS:
    another port may be another service, which is not the archive's.
    """

    def __init__(self, remote: Remote) -> None:
        self._hosts = remote.hosts
        self._origin = _origin(remote.base)

    def is_origin(self, url: str) -> bool:
        """Return whether ``url`` is on the server that ARCHIVE names."""
        return _origin(url) == self._origin

    def __call__(self, url: str) -> None:
        """Raise HTTPError if ``url`` may not be asked."""
        scheme, host, port = _origin(url)
        if not (scheme == "https" or is_loopback(host)) or host not in self._hosts:
            raise HTTPError(f"it sends on to {host}, which is not in GIT_HOSTS")
        usual = host != self._origin[1] and port == _PORTS[scheme]
        if not (usual or self.is_origin(url)):
            raise HTTPError(f"it sends on to another port of {host}")
        if not url.endswith(_SERVICES):
            raise HTTPError(f"it sends on to what is no repository of {host}")


def _origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port as urllib3, which makes the connection, reads them."""
    parts = parse_url(url)
    scheme = parts.scheme or ""
    return scheme, (parts.host or "").strip("[]"), parts.port or _PORTS.get(scheme, 0)


def _watched_pools(budget: Budget) -> dict[str, type[HTTPConnectionPool]]:
    """Return pools whose connections end with the seconds of ``budget``.

    A connection is watched from its first byte on, so that a TLS handshake cannot last for ever:
    that is why they override a method that urllib3 does not document.
    """

    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            budget.watch(connection)
            return connection

    class SecureConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            budget.watch(connection)
            return connection

    class Pool(HTTPConnectionPool):
        ConnectionCls: Any = Connection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls: Any = SecureConnection

    return {"http": Pool, "https": SecurePool}
