"""The address of a cluster: parses SEARCH_URL, and shows it without its password."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from corpus.errors import CorpusError
from corpus.remote import is_loopback, is_private

DEFAULT_NAME = "footnote"
DEFAULT_PORT = 9200

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Node:
    """One node that takes requests."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """The nodes of a cluster and the name of the index in it."""

    nodes: tuple[Node, ...]
    name: str
    """Of the alias by which the current generation is found."""
    is_encrypted: bool
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Return the address without its credentials."""
        scheme = "https" if self.is_encrypted else "http"
        return f"{scheme}://{','.join(map(str, self.nodes))}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``https://[user:password@]host[:port][,host[:port]…][/name]``.

        Plain http is for this machine and, without a password, for a private network.

        Raises:
            CorpusError: the address has another form; the message goes on after the setting's name
                and holds no part of the credentials.
        """
        if any(not char.isprintable() or char.isspace() for char in text):
            raise CorpusError("must not hold spaces or invisible characters")
        scheme, _, rest = text.partition("://")
        authority, _, name = rest.partition("/")
        credentials, has_credentials, hosts = authority.rpartition("@")
        username, has_password, password = credentials.partition(":")
        if scheme not in {"http", "https"} or re.search(r"[?#]", hosts + name):
            raise CorpusError(
                "must be empty, compiled:, memory: or the address of an OpenSearch cluster,"
                " like https://user:password@host:9200/footnote"
            )
        if has_credentials and not (username and has_password and password):
            raise CorpusError("must hold both a user and a password before the @, or neither")
        name = name.rstrip("/") or DEFAULT_NAME
        if not _NAME.fullmatch(name):
            raise CorpusError(
                "must end with a name of lower-case letters, digits, dots and dashes,"
                f" or with none for /{DEFAULT_NAME}"
            )
        nodes = tuple(_node(host) for host in hosts.split(","))
        if scheme == "http":
            _check_plain(nodes, has_password=bool(password))
        return cls(
            nodes,
            name,
            scheme == "https",
            unquote(username) or None,
            unquote(password) or None,
        )


def _node(text: str) -> Node:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:.]+", host):
        raise CorpusError("must hold the names of hosts with commas between, like h1:9200,h2:9200")
    return Node(host, DEFAULT_PORT if port is None else port)


def _check_plain(nodes: tuple[Node, ...], *, has_password: bool) -> None:
    if all(is_loopback(node.host) for node in nodes):
        return
    if has_password:
        raise CorpusError("must begin with https:// where it holds a password")
    if not all(is_loopback(node.host) or is_private(node.host) for node in nodes):
        raise CorpusError("must begin with https://: http is for private networks only")
