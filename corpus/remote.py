"""The address of a git repository: parses it, checks it, and shows it without its password."""

import ipaddress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from corpus.errors import WrongArchiveError

_FORGES = {
    "bitbucket.org": "src/{}",
    "codeberg.org": "src/commit/{}",
    "gitea.com": "src/commit/{}",
    "gitee.com": "blob/{}",
    "github.com": "blob/{}",
    "gitlab.com": "-/blob/{}",
}
"""By host: the path under a repository's address where it shows a file as of a commit."""
_PRIVATE_SUFFIXES = (".internal", ".local", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Remote:
    """A branch of a git repository."""

    name: str
    """The address without credentials, with ``#branch``: safe to show, to log and to store."""
    base: str
    """Scheme, host and port."""
    path: str
    branch: str | None = None
    """None: the repository's default branch."""
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    """The only hosts to connect to."""
    address: str = field(default="", repr=False)
    """The whole address as given, with credentials."""

    @classmethod
    def parse(cls, address: str, hosts: tuple[str, ...] = ()) -> Self:
        """Parse an address of the form ``https://[user:token@]host/name.git[#branch]``.

        Plain http is for this machine only; ``file:///folder`` is a repository on its disk.

        Args:
            address: as the settings give it.
            hosts: the allowed hosts; empty: the host of the address.

        Raises:
            WrongArchiveError: the address has another form, or its host is not in ``hosts``.
        """
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise WrongArchiveError("is no address: check it for stray characters") from error
        bare = urlunsplit((parts.scheme, _host_and_port(host, port), parts.path, "", ""))
        name = f"{bare}#{parts.fragment}" if parts.fragment else bare
        if parts.query or any(not char.isprintable() for char in address):
            raise WrongArchiveError("must not hold a ? or invisible characters")
        if parts.scheme == "file":
            if host or not parts.path.startswith("/"):
                raise WrongArchiveError("must name a folder of this machine after file://")
            return cls(
                name, "file://", unquote(parts.path), parts.fragment or None, address=address
            )
        if parts.scheme == "http" and not is_loopback(host):
            raise WrongArchiveError("must begin with https://: http is for this machine only")
        if parts.scheme not in {"http", "https"} or not host:
            raise WrongArchiveError(
                "must be a folder or the https address of a git repository,"
                " like https://example.org/posts.git"
            )
        if hosts and host not in hosts:
            raise WrongArchiveError(f"names the host {host}, which is not in GIT_HOSTS")
        return cls(
            name,
            f"{parts.scheme}://{_host_and_port(host, port)}",
            parts.path,
            parts.fragment or None,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            hosts or (host,),
            address,
        )

    @property
    def secrets(self) -> frozenset[str]:
        """The password, else the user's name (a token), both as written and percent-decoded."""
        parts = urlsplit(self.address)
        if parts.password:
            secrets = (parts.password, self.password)
        else:
            secrets = (parts.username, self.username)
        return frozenset(filter(None, secrets))

    @property
    def is_local(self) -> bool:
        """Whether the repository is on this machine's disk."""
        return self.base == "file://"

    def file_url(self, commit: str, path: str) -> str | None:
        """Return the web page of the file ``path`` as of ``commit``; None on an unknown host."""
        host = urlsplit(self.base).hostname or ""
        template = _FORGES.get(host)
        if template is None:
            return None
        repository = self.path.strip("/").removesuffix(".git")
        return f"https://{host}/{repository}/{template.format(commit)}/{quote(path)}"

    def without_credentials(self, text: str) -> str:
        """Return ``text`` with the user's name and password masked."""
        for secret in (self.password, self.username):
            if secret:
                text = text.replace(secret, "•••")
        return text


def is_remote(archive: str) -> bool:
    """Return whether ``archive`` is an address rather than a folder."""
    return "://" in archive or archive.startswith("git@")


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Return whether ``host`` is in a private network, by its name alone."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def _host_and_port(host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"
