"""A git server on the loopback interface, and the repository that it serves."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from dulwich import porcelain
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

WHO = b"Keeper <keeper@example.org>"
App = Callable[..., Iterable[bytes]]
StartResponse = Callable[[str, list[tuple[str, str]]], Callable[[bytes], object]]


class Origin:
    """A repository with a work tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repo = Repo.init(str(folder), mkdir=True, default_branch=b"main")

    def commit(self, files: Mapping[str, str | None], message: str = "Change posts") -> str:
        """Write each of ``files``, delete it if its text is None; return the commit's id."""
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        porcelain.add(self.repo, [str(self.folder / name) for name in files])
        return porcelain.commit(
            self.repo, message=message.encode(), author=WHO, committer=WHO
        ).decode()


class Cut:
    """Middleware that cuts packs off half-way while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.count = 0
        """How many packs were cut off."""

    def __call__(self, app: App) -> App:
        """Wrap ``app``."""

        def cut(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
            if not self.is_on or environ["REQUEST_METHOD"] != "POST":
                return app(environ, start_response)
            sent: list[bytes] = []
            write: list[Callable[[bytes], object]] = []

            def start(status: str, headers: list[tuple[str, str]]) -> Callable[[bytes], object]:
                write.append(start_response(status, headers))
                return sent.append

            sent += app(environ, start)
            whole = b"".join(sent)
            write[0](whole[: len(whole) // 2])
            self.count += 1
            return []  # no length was given: the connection just ends

        return cut


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    # A client that has heard enough hangs up.
    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's)
        """Say nothing."""


@contextmanager
def serving(
    repo: Repo, wrap: Callable[[App], App] = lambda app: app, *, port: int = 0
) -> Generator[str]:
    """Serve ``repo`` and yield its address.

    Args:
        repo: the repository to serve.
        wrap: adds middleware.
        port: 0: any free port.
    """
    with serving_app(wrap(git_app(repo)), port=port) as address:
        yield address


def git_app(repo: Repo) -> App:
    """Return the application that serves ``repo``."""
    return make_wsgi_chain(DictBackend({"/posts.git": repo}))


def real_git_app(repo: Repo) -> App:
    """Return the application that serves ``repo`` by git's own server."""
    root = Path(repo.path)

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        texts = {name: value for name, value in environ.items() if isinstance(value, str)}
        cgi = {
            "GIT_PROJECT_ROOT": str(root.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": texts.get("HTTP_GIT_PROTOCOL", ""),
            "PATH_INFO": texts["PATH_INFO"].replace("posts.git", f"{root.name}/.git"),
        }
        done = subprocess.run(
            [shutil.which("git") or "git", "http-backend"],
            input=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
            env={**os.environ, **texts, **cgi},
            stdout=subprocess.PIPE,
            check=True,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode("ascii").split("\r\n")]
        headers = [(name, value) for name, value in lines if name != "Status"]
        start_response(dict(lines).get("Status", "200 OK"), headers)
        return [body]

    return app


@contextmanager
def serving_app(app: App, *, port: int = 0) -> Generator[str]:
    """Serve ``app`` and yield the address that its repository would have."""
    server = make_server("127.0.0.1", port, app, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/posts.git"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
