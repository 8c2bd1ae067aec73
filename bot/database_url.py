"""The address of a PostgreSQL: parses DATABASE_URL, and shows it without its password."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote

from corpus import is_loopback, is_private

_SCHEMES = {"postgresql", "postgres"}
_PLAIN_MODES = {"disable", "allow", "prefer"}  # with which a password may cross the net unencrypted
_SECRETS = {"password", "sslpassword"}
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A database of a PostgreSQL."""

    name: str
    """The address without credentials and options: safe to show and to log."""
    parameters: Mapping[str, str] = field(repr=False)
    """The parameters of libpq."""

    def __str__(self) -> str:
        """Return the address without credentials and options."""
        return self.name

    @property
    def secrets(self) -> frozenset[str]:
        """Texts that no log, message or file may hold."""
        return frozenset(self.parameters[name] for name in _SECRETS & self.parameters.keys())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``postgresql://[user[:password]@]host[:port][,…]/name[?option=value&…]``.

        Options are those of libpq. A password crosses a public network encrypted only.

        Raises:
            ValueError: the address has another form; the message goes on after the setting's name
                and holds no part of the credentials.
        """
        if any(not char.isprintable() or char.isspace() for char in text):
            raise ValueError("must not hold spaces or invisible characters")
        scheme, _, rest = text.partition("://")
        rest, _, query = rest.partition("?")
        authority, _, database = rest.partition("/")
        credentials, _, hosts = authority.rpartition("@")
        user, _, password = credentials.partition(":")
        if scheme not in _SCHEMES or "/" in database or "#" in rest:
            raise ValueError(
                "must be empty or the address of a PostgreSQL database,"
                " like postgresql://user:password@host:5432/footnote"
            )
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        if hosts:
            matches = [_HOST.fullmatch(host) for host in hosts.split(",")]
            found = [match for match in matches if match is not None]
            if len(found) < len(matches):
                raise ValueError(
                    "must hold the names of hosts, like host:5432 or h1:5432,h2:5432;"
                    " in a user or password, write @ as %40 and / as %2F"
                )
            parameters["host"] = ",".join(match[1].strip("[]") for match in found)
            if any(match[2] for match in found):
                parameters["port"] = ",".join(match[2] or "5432" for match in found)
        if "host" not in parameters:
            raise ValueError("must hold the name of a host, or ?host= the folder of a socket")
        if not database and "dbname" not in parameters:
            raise ValueError("must end with the name of a database, like /footnote")
        written = {"user": user, "password": password, "dbname": database}
        parameters |= {name: unquote(value) for name, value in written.items() if value}
        _encrypt(parameters)
        return cls(f"postgresql://{hosts or parameters['host']}/{parameters['dbname']}", parameters)


def _encrypt(parameters: dict[str, str]) -> None:
    """See that nothing crosses a public network unencrypted."""
    hosts = (parameters.get("hostaddr") or parameters["host"]).split(",")
    if all(host.startswith("/") or is_loopback(host) or is_private(host) for host in hosts):
        return
    if parameters.setdefault("sslmode", "require") in _PLAIN_MODES:
        raise ValueError(
            "must not switch encryption off for a host that is not in a private network:"
            " take sslmode out of it, or write sslmode=require"
        )
