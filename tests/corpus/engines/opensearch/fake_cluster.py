"""Servers on loopback: one answers as a cluster in trouble does, one stands before a real one."""

import gzip
import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = tuple[int, Any]
"""The status, and the body: JSON, or text that is none."""

OPENSEARCH = {"version": {"distribution": "opensearch", "number": "2.19.6"}}


class Trouble(Enum):
    """What happens to a request, or to its answer, on the way."""

    REQUEST_LOST = "the node never gets the request"
    ANSWER_LOST = "the node does it, and its answer is lost"


@contextmanager
def answering(answer: Callable[[str], Answer]) -> Iterator[str]:
    """Serve ``answer`` of each path; give host and port."""

    class Handler(_Handler):
        def _answer(self) -> None:
            self._read()
            status, body = answer(self.path)
            is_text = isinstance(body, str)
            content = (body if is_text else json.dumps(body)).encode()
            self._send(status, "text/html" if is_text else "application/json", content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 (its names)

    with _serving(Handler) as hosts:
        yield hosts


@contextmanager
def standing_before(
    url: str, meddle: Callable[[str, bytes], Trouble | Answer | None]
) -> Iterator[str]:
    """Pass requests on to the node at ``url``; give host and port.

    Args:
        url: of the node, by http.
        meddle: what is to happen to the request of a path and body instead, if anything.
    """
    node = url.removeprefix("http://")

    class Handler(_Handler):
        def _pass_on(self) -> None:
            body = self._read()
            is_packed = self.headers.get("Content-Encoding") == "gzip"
            trouble = meddle(self.path, gzip.decompress(body) if is_packed else body)
            if trouble is Trouble.REQUEST_LOST:
                self.close_connection = True
                return
            if isinstance(trouble, tuple):
                self._send(trouble[0], "application/json", json.dumps(trouble[1]).encode())
                return
            connection = http.client.HTTPConnection(node)
            names = ("Content-Type", "Content-Encoding")
            headers = {name: value for name in names if (value := self.headers.get(name))}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if trouble is Trouble.ANSWER_LOST:
                self.close_connection = True
                return
            self._send(answer.status, answer.headers["Content-Type"], content)

        do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815 (its names)

    with _serving(Handler) as hosts:
        yield hosts


class _Handler(BaseHTTPRequestHandler):
    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        with suppress(ConnectionError):  # who asked waits no longer
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Write nothing to the test's output."""


@contextmanager
def _serving(handler: type[_Handler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
