"""Fetches from servers that never end, send on, ask to be waited for, or are no git server."""

import gzip
import itertools
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dulwich.protocol import pkt_line
from urllib3.exceptions import HTTPError

from corpus.archive import repository
from corpus.archive.repository import newest_commit, update
from corpus.archive.transport import AddressCheck
from corpus.errors import ArchiveError, WrongArchiveError
from corpus.remote import Remote
from tests.corpus.git_server import App, Origin, StartResponse, git_app, serving, serving_app

REFS_TYPE = "application/x-git-upload-pack-advertisement"
RESULT_TYPE = "application/x-git-upload-pack-result"
TOO_MANY = "sends more names of branches than an archive has"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    origin = Origin(tmp_path / "origin")
    origin.commit({"_posts/a.md": "第一篇"})
    return origin


@pytest.fixture
def hold() -> Generator[threading.Event]:
    """Let a server wait until the test is over."""
    event = threading.Event()
    yield event
    event.set()


def ignore(_: int) -> None:
    pass


def endless_refs() -> Iterator[bytes]:
    sha = b"1" * 40
    yield pkt_line(sha + b" HEAD\0side-band-64k ofs-delta shallow\n")
    for number in itertools.count():
        yield b"".join(pkt_line(sha + b" refs/heads/%d-%d\n" % (number, i)) for i in range(1000))


def answer(
    body: Callable[[], Iterable[bytes]],
    content_type: str = REFS_TYPE,
    status: str = "200 OK",
    *headers: tuple[str, str],
) -> App:
    def app(_: object, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, [("Content-Type", content_type), *headers])
        return body()

    return app


def first_version(body: Callable[[], Iterable[bytes]]) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.chain([pkt_line(b"# service=git-upload-pack\n") + b"0000"], body())


def second_version(results: Callable[[], Iterable[bytes]]) -> App:
    """Name the commands of protocol 2, and answer each of them with ``results``."""
    greeting = b"".join(
        pkt_line(line + b"\n") for line in (b"version 2", b"ls-refs", b"fetch=shallow")
    )

    def app(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            return answer(lambda: [greeting + b"0000"])(environ, start_response)
        return answer(results, RESULT_TYPE)(environ, start_response)

    return app


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(answer(first_version(endless_refs)), id="protocol 1"),
        pytest.param(second_version(endless_refs), id="protocol 2"),
    ],
)
def test_a_server_that_names_branches_for_ever_is_left(app: App, tmp_path: Path) -> None:
    with serving_app(app) as address:
        remote = Remote.parse(address)
        with pytest.raises(ArchiveError, match=f"{TOO_MANY}\\.$"):
            newest_commit(remote)
        with pytest.raises(ArchiveError, match=f"{TOO_MANY}\\.$"):
            update(remote, tmp_path / "clone", ignore)


def test_names_that_are_packed_small_are_counted_unpacked(tmp_path: Path) -> None:
    names = b"".join(itertools.islice(first_version(endless_refs)(), 500))
    packed = gzip.compress(names)
    assert len(packed) < len(names) / 8
    app = answer(lambda: [packed], REFS_TYPE, "200 OK", ("Content-Encoding", "gzip"))
    with serving_app(app) as address, pytest.raises(ArchiveError, match=TOO_MANY):
        update(Remote.parse(address), tmp_path / "clone", ignore)


def test_a_server_that_cuts_the_history_short_for_ever_is_left(
    origin: Origin, tmp_path: Path
) -> None:
    def shallow_for_ever() -> Iterator[bytes]:
        for number in itertools.count():
            yield b"".join(pkt_line(b"shallow %040x\n" % (number * 500 + i)) for i in range(500))

    def wrap(app: App) -> App:
        def hostile(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] == "GET":
                return app(environ, start_response)
            return answer(shallow_for_ever, RESULT_TYPE)(environ, start_response)

        return hostile

    with serving(origin.repo, wrap) as address, pytest.raises(ArchiveError, match=TOO_MANY):
        update(Remote.parse(address), tmp_path / "clone", ignore)


@contextmanager
def saying(words: bytes, hold: threading.Event) -> Generator[str]:
    """Send the same bytes to every connection, and then no more."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(words)
                hold.wait()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/posts.git"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(b"", id="at once"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", id="in a header"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0",
            id="in the length of a chunk",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-\r\n\r\n00", id="in the names"
        ),
    ],
)
def test_a_server_that_stops_in_the_middle_is_left_after_some_time(
    words: bytes, hold: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MAX_SECONDS", 0.3)
    monkeypatch.setattr(repository, "_MAX_REFS_SECONDS", 0.3)
    with saying(words, hold) as address:
        remote = Remote.parse(address)
        with pytest.raises(ArchiveError, match=r"took longer than 0\.005 minutes: try again later"):
            update(remote, tmp_path / "clone", ignore)
        with pytest.raises(ArchiveError, match="took longer than"):
            newest_commit(remote)


def test_a_pack_that_comes_too_slowly_leaves_the_earlier_posts(
    origin: Origin, hold: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_slow = threading.Event()

    def drip() -> Iterator[bytes]:
        yield b"0000" + pkt_line(b"NAK\n") + pkt_line(b"\1PACK")
        hold.wait()

    def wrap(app: App) -> App:
        def slow(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
            if is_slow.is_set() and environ["REQUEST_METHOD"] == "POST":
                return answer(drip, RESULT_TYPE)(environ, start_response)
            return app(environ, start_response)

        return slow

    with serving(origin.repo, wrap) as address:
        remote = Remote.parse(address)
        before, _ = update(remote, tmp_path / "clone", ignore)
        is_slow.set()
        monkeypatch.setattr(repository, "MAX_SECONDS", 0.5)
        origin.commit({"_posts/a.md": "改過的"})
        after, problem = update(remote, tmp_path / "clone", ignore)
    assert after == before
    assert problem
    assert "took longer than" in problem


def redirect(location: str, body: Callable[[], Iterable[bytes]] = list) -> App:
    return answer(body, "text/html", "302 Found", ("Location", location))


def test_a_redirect_to_another_port_of_the_host_is_refused(tmp_path: Path) -> None:
    asked: list[object] = []

    def other(environ: object, start_response: StartResponse) -> Iterable[bytes]:
        asked.append(environ)
        return answer(list)(environ, start_response)

    with serving_app(other) as elsewhere:
        app = redirect(f"{elsewhere}/info/refs?service=git-upload-pack")
        for hosts in ((), ("127.0.0.1",)):
            with (
                serving_app(app) as address,
                pytest.raises(ArchiveError, match=r"it sends on to another port of 127\.0\.0\.1"),
            ):
                update(Remote.parse(address, hosts), tmp_path / "clone", ignore)
    assert not asked


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1@localhost/info/refs?service=git-upload-pack",
        "http://localhost\\@127.0.0.1/info/refs?service=git-upload-pack",
        "https://localhost/info/refs?service=git-upload-pack",
        "//localhost/info/refs?service=git-upload-pack",
        "ftp://127.0.0.1/info/refs?service=git-upload-pack",
        "file:///etc/passwd",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "/secret",
    ],
)
def test_a_redirect_to_what_is_no_repository_of_the_host_is_refused(
    location: str, tmp_path: Path
) -> None:
    expected = r"^http://127\S* (cannot be reached: (it sends on|Failed to parse)|does not answer as)[^\n]*\.$"
    with (
        serving_app(redirect(location)) as address,
        pytest.raises(ArchiveError, match=expected),
    ):
        update(Remote.parse(address), tmp_path / "clone", ignore)


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://git.example.org:8443", True),
        ("https://cdn.example.org", True),
        ("https://cdn.example.org:443", True),
        ("https://GIT.example.org:8443", True),
        ("https://git.example.org", False),
        ("https://cdn.example.org:8443", False),
        ("http://cdn.example.org", False),
        ("http://git.example.org:8443", False),
        ("https://example.org", False),
        ("https://git.example.org.evil.example:8443", False),
    ],
)
def test_only_the_archives_server_and_the_usual_port_of_git_hosts_are_asked(
    origin: str, *, is_allowed: bool
) -> None:
    hosts = ("git.example.org", "cdn.example.org")
    check = AddressCheck(Remote.parse("https://git.example.org:8443/posts.git", hosts))
    for service in ("info/refs?service=git-upload-pack", "git-upload-pack"):
        if is_allowed:
            check(f"{origin}/posts.git/{service}")
        else:
            with pytest.raises(HTTPError, match="it sends on to"):
                check(f"{origin}/posts.git/{service}")
    assert check.is_origin(origin) == (is_allowed and "cdn" not in origin)


def test_a_pack_is_not_fetched_from_where_the_server_says(tmp_path: Path) -> None:
    head = b"1" * 40

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            return second_version(list)(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if b"command=ls-refs" in body:
            lines = [head + b" HEAD\n"]
        else:
            uri = f"https://127.0.0.1:{elsewhere.getsockname()[1]}/pack sha1 {'0' * 40}\n"
            lines = [b"packfile-uris\n", uri.encode(), b"packfile\n"]
        packets = b"".join(map(pkt_line, lines)) + b"0000"
        return answer(lambda: [packets], RESULT_TYPE)(environ, start_response)

    with socket.create_server(("127.0.0.1", 0)) as elsewhere, serving_app(app) as address:
        with pytest.raises(ArchiveError, match="did not send all of its posts") as caught:
            update(Remote.parse(address), tmp_path / "clone", ignore)
        assert "sends on to another port" in str(caught.value.__cause__)
        elsewhere.settimeout(0)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


def test_a_redirect_is_followed_within_the_server_and_its_body_is_not_read(
    origin: Origin, tmp_path: Path
) -> None:
    served = git_app(origin.repo)

    def app(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/old.git/"):
            location = "/posts.git/info/refs?service=git-upload-pack"
            return redirect(location, lambda: itertools.repeat(b"x" * 65536))(
                environ, start_response
            )
        return served(environ, start_response)

    with serving_app(app) as address:
        remote = Remote.parse(address.replace("posts.git", "old.git"))
        checkout, problem = update(remote, tmp_path / "clone", ignore)
    assert set(checkout.files) == {"_posts/a.md"}
    assert problem is None


def test_redirects_without_an_end_are_refused(tmp_path: Path) -> None:
    app = redirect("/posts.git/info/refs?service=git-upload-pack")
    with serving_app(app) as address, pytest.raises(ArchiveError, match="it sends on and on"):
        update(Remote.parse(address), tmp_path / "clone", ignore)


def test_a_server_that_asks_to_be_waited_for_is_not_waited_for(tmp_path: Path) -> None:
    app = answer(list, "text/html", "503 Busy", ("Retry-After", "86400"))
    with (
        serving_app(app) as address,
        pytest.raises(ArchiveError, match=r"cannot be reached: .*503"),
    ):
        update(Remote.parse(address), tmp_path / "clone", ignore)


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", ""])
def test_plain_files_are_no_git_server(content_type: str, tmp_path: Path) -> None:
    names = b"1" * 40 + b"\trefs/heads/main\n"
    with (
        serving_app(answer(lambda: [names], content_type)) as address,
        pytest.raises(WrongArchiveError, match="There is no git repository at"),
    ):
        update(Remote.parse(address), tmp_path / "clone", ignore)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"0000",
        b"zzzz",
        b"0003",
        b"ffff" + b"x" * 100,
        pkt_line(b"version 9\n"),
        pkt_line(b"version 2\n") + b"0000",
        pkt_line(b"# service=git-upload-pack\n") + b"0000" + pkt_line(b"\xff\xfe\n"),
        pkt_line(b"# service=git-upload-pack\n") + b"0000" + pkt_line(b"x HEAD\0a\n") + b"0000",
        pkt_line(b"# service=git-upload-pack\n") + b"0000" + pkt_line(b"\0\0\0\n") + b"0000",
    ],
)
def test_garbage_is_an_error_in_one_sentence(body: bytes, tmp_path: Path) -> None:
    with serving_app(answer(lambda: [body])) as address:
        for ask in (
            lambda: newest_commit(Remote.parse(address)),
            lambda: update(Remote.parse(address), tmp_path / "clone", ignore),
        ):
            with pytest.raises(ArchiveError, match=r"^http://127[^\n]*\.$"):
                ask()


def test_what_the_server_says_is_shown_short_and_in_one_line(tmp_path: Path) -> None:
    said = pkt_line(b"ERR gone\n\x1b[31m@everyone\0" + b"x" * 5000 + b"\n")
    with (
        serving_app(answer(first_version(lambda: [said]))) as address,
        pytest.raises(ArchiveError, match=r"gone \[31m@everyone x+…\.$") as caught,
    ):
        update(Remote.parse(address), tmp_path / "clone", ignore)
    assert len(str(caught.value)) < 250
