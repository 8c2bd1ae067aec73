"""Requests to a cluster: which node gets one, how long it may take, and what its failures mean.

The client tries a request once; here it goes to another node after a second, until its time is
over. A node that failed is asked last for a while (the client's pool of connections sees to that).
"""

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy import exceptions as failures

from corpus.engines.opensearch.address import ClusterAddress
from corpus.errors import EngineError

REQUEST_SECONDS = 1.0
"""After which a request of a question goes to another node."""
QUESTION_SECONDS = 3.0
"""That all requests of a question may take together."""
BUILD_REQUEST_SECONDS = 60.0
BUILD_SECONDS = 300.0
"""For which a reindex under way waits for a cluster that is away or overloaded."""
START_SECONDS = 10.0
"""For which a reindex that begins waits for it: somebody may be watching."""
MIN_VERSION = (2, 4)
"""The first with all that is used here: tests run the newest 2.x."""

_BUSY = frozenset({429, 502, 503, 504})
_FIRST_PAUSE = 0.05  # seconds; doubled each time
_MAX_PAUSE = 10.0

logging.getLogger("opensearch").setLevel(logging.ERROR)  # each failure is told by whom it stops


class Budget:
    """The time that a question or a reindex has for its requests."""

    def __init__(self, seconds: float, request_seconds: float) -> None:
        """Start the time.

        Args:
            seconds: for all requests together.
            request_seconds: for one request to one node.
        """
        self._end = time.monotonic() + seconds
        self._request_seconds = request_seconds

    @classmethod
    def of_question(cls) -> "Budget":
        """Return the time for the requests of a question."""
        return cls(QUESTION_SECONDS, REQUEST_SECONDS)

    @property
    def left(self) -> float:
        """Seconds."""
        return self._end - time.monotonic()

    @property
    def request(self) -> float:
        """Seconds for the next request, above 0."""
        return max(min(self.left, self._request_seconds), 0.01)


class Cluster:
    """A cluster. Thread-safe; connects at the first request."""

    def __init__(self, address: ClusterAddress) -> None:
        """Create the client of the cluster at ``address``."""
        self.address = address
        self.version: tuple[int, ...] = ()
        """As of :meth:`check_product`."""
        credentials = (address.username or "", address.password or "")
        self._client = OpenSearch(
            hosts=[{"host": node.host, "port": node.port} for node in address.nodes],
            http_auth=credentials if address.username else None,
            use_ssl=address.is_encrypted,
            # The system's authorities, or those of SSL_CERT_FILE.
            ssl_context=ssl.create_default_context() if address.is_encrypted else None,
            max_retries=0,
            retry_on_status=tuple(_BUSY),
            retry_on_timeout=True,
            pool_maxsize=16,
            http_compress=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        budget: Budget,
        body: Any = None,  # noqa: ANN401 (JSON, or lines of it as a string)
        **parameters: str | int | bool,
    ) -> Any:  # noqa: ANN401 (JSON)
        """Return the cluster's answer to a request that may be repeated, as JSON.

        Raises:
            EngineError: no node answers in time, or the cluster refuses; the message says why.
            NotFoundError: what the path names does not exist.
        """
        query = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in parameters.items()
        }
        headers = {"content-type": "application/x-ndjson"} if isinstance(body, str) else None

        def send() -> Any:  # noqa: ANN401 (JSON)
            answer = self._client.transport.perform_request(
                method, path, params=query, body=body, timeout=budget.request, headers=headers
            )
            _check_documents(answer)
            return answer

        return self._retrying(send, budget)

    def _retrying(self, send: Callable[[], Any], budget: Budget) -> Any:  # noqa: ANN401 (JSON)
        pause = _FIRST_PAUSE
        while True:
            try:
                return send()
            except failures.NotFoundError:
                raise
            except failures.OpenSearchException as error:
                if not _is_passing(error) or budget.left <= pause:
                    raise engine_error(error, self.address) from error
                # A lost connection has cost no time of the node: the next one is asked at once.
                if isinstance(error, failures.TransportError) and error.status_code in _BUSY:
                    time.sleep(pause)
                else:
                    time.sleep(_FIRST_PAUSE)
                pause = min(2 * pause, _MAX_PAUSE)

    def check_product(self, budget: Budget) -> None:
        """Make sure once that OpenSearch answers, in a version that is known.

        Raises:
            EngineError: another product answers, or a version that is too old.
        """
        if self.version:
            return
        try:
            answer = self.request("GET", "/", budget)
        except failures.NotFoundError as error:
            raise _other_product(self.address) from error
        version = answer.get("version") if isinstance(answer, Mapping) else None
        number = version.get("number") if isinstance(version, Mapping) else None
        if not isinstance(version, Mapping) or not isinstance(number, str):
            raise _other_product(self.address)
        if version.get("distribution") != "opensearch":
            raise EngineError(
                f"{self.address} is Elasticsearch {number}, but SEARCH_URL needs OpenSearch."
            )
        parts = tuple(int(part) for part in number.split("-")[0].split("."))
        if parts < MIN_VERSION:
            needed = ".".join(map(str, MIN_VERSION))
            raise EngineError(
                f"{self.address} runs OpenSearch {number}, which is too old:"
                f" SEARCH_URL needs {needed} or newer."
            )
        self.version = parts


def _check_documents(answer: Any) -> None:  # noqa: ANN401 (JSON)
    """Raise the failure of one of several documents: the answer itself has no status of its own."""
    for part in answer.get("docs", ()) if isinstance(answer, dict) else ():
        if "error" in part:
            kind = part["error"]["type"]
            if kind == "index_not_found_exception":
                raise failures.NotFoundError(404, kind, part)
            # A node went away: another one has a copy of its part.
            raise failures.TransportError(503, kind, part)


def _is_passing(error: failures.OpenSearchException) -> bool:
    """Return whether another node, or the same one later, may do what failed."""
    if isinstance(error, failures.SSLError):
        return False
    if isinstance(error, failures.ConnectionError):
        return True
    return isinstance(error, failures.TransportError) and error.status_code in _BUSY


def engine_error(error: failures.OpenSearchException, address: ClusterAddress) -> EngineError:
    """Return ``error`` as one whose message is a sentence for the archive's keeper."""
    return EngineError(_sentence(error, address))


def error_type(error: EngineError) -> str:
    """Return the cluster's own name of what failed, such as ``mapper_parsing_exception``."""
    cause = error.__cause__
    return str(cause.error) if isinstance(cause, failures.TransportError) else ""


def _sentence(error: failures.OpenSearchException, address: ClusterAddress) -> str:  # noqa: PLR0911
    match error:
        case failures.SSLError():
            return (
                f"The certificate of {address} is not of a known authority or is for another name:"
                " let SSL_CERT_FILE name the file of your own authority's certificate."
            )
        case failures.ConnectionError():
            return f"The search cluster at {address} does not answer."
        case failures.AuthenticationException():
            return f"{address} does not accept the user and password of SEARCH_URL: correct them."
        case failures.AuthorizationException():
            return f"{address} does not let the user of SEARCH_URL do this: {_reason(error)}."
        case failures.SerializationError():
            return str(_other_product(address))
        case failures.TransportError(status_code=429):
            return f"The search cluster at {address} is overloaded."
        case failures.TransportError(status_code=503):
            return (
                f"A part of the index at {address} cannot be read now: the cluster is red or has"
                " no manager."
            )
        case failures.TransportError():
            return f"The search cluster at {address} failed: {_reason(error)}."
        case _:
            return f"The search cluster at {address} failed: {type(error).__name__}."


def _other_product(address: ClusterAddress) -> EngineError:
    return EngineError(f"{address} is no OpenSearch: check the host and port of SEARCH_URL.")


def _reason(error: failures.TransportError) -> str:
    """Return the cluster's own sentence."""
    info: Any = error.info
    with suppress(LookupError, TypeError):
        return str(info["error"]["reason"]).rstrip(".")
    return f"status {error.status_code}"
