"""Starts and stops the nodes of a cluster, each in a process of its own.

A node ends with its standard input: also if the tests are killed, none outlives them.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_HERE = Path(__file__).parent
_JARS = "class-path"
_CLASSES = "classes"
_JAVA_OPTIONS = ("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-Dlog4j2.level=error")


class NoClusterError(Exception):
    """A cluster cannot be started on this machine; the message says what is missing."""


def prepare(folder: Path) -> None:
    """Write what starts the server of ``pom.xml`` into ``folder``; Maven fetches what is missing.

    Raises:
        NoClusterError: Java or Maven is not installed.
    """
    missing = [program for program in ("java", "javac", "mvn") if shutil.which(program) is None]
    if missing:
        raise NoClusterError(
            f"OpenSearch is not started: {', '.join(missing)} not found"
            " (Debian: openjdk-17-jdk-headless, maven)"
        )
    jars = folder / _JARS
    maven = ["mvn", "--quiet", "--batch-mode", "--file", str(_HERE / "pom.xml")]
    goal = ["dependency:build-classpath", f"-Dmdep.outputFile={jars}"]
    # To standard error: its colours are no output of `python -m tests.cluster`.
    subprocess.run([*maven, *goal], check=True, stdout=2)
    compiler = ["javac", "-cp", jars.read_text(), "-d", str(folder / _CLASSES)]
    subprocess.run([*compiler, str(_HERE / "TestNode.java")], check=True)


def class_path(folder: Path) -> str:
    """Return the class path of a node, given the folder that was prepared."""
    return f"{folder / _CLASSES}:{(folder / _JARS).read_text()}"


@dataclass(frozen=True)
class Address:
    """The ports of a node on loopback."""

    http: int
    transport: int


class Cluster:
    """One or more nodes on loopback, in temporary folders."""

    def __init__(self, class_path: str, folder: Path, nodes: int) -> None:
        """Create the cluster; entering its block starts it.

        Args:
            class_path: see :func:`class_path`.
            folder: for the data and logs of the nodes.
            nodes: how many there are.
        """
        self._class_path = class_path
        self._folder = folder
        self._nodes = nodes
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._addresses: dict[str, Address] = {}

    def __enter__(self) -> Self:
        names = [f"node{i + 1}" for i in range(self._nodes)]
        try:
            # The first founds the cluster; the others start together.
            for part in (names[:1], names[1:]):
                for name in part:
                    self.begin(name)
                for name in part:
                    self.wait_for(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        for name in tuple(self._processes):
            self.kill(name)

    @property
    def names(self) -> Sequence[str]:
        """Of the nodes that run."""
        return tuple(self._processes)

    @property
    def hosts(self) -> str:
        """All nodes with their ports, as in a SEARCH_URL."""
        return ",".join(f"127.0.0.1:{address.http}" for address in self._addresses.values())

    def url(self, name: str) -> str:
        """Return the address of one node."""
        return f"http://127.0.0.1:{self._addresses[name].http}"

    def begin(self, name: str) -> None:
        """Start a node, which keeps the data that it had."""
        others = [self._addresses[other] for other in self._processes if other in self._addresses]
        home = self._folder / name
        (home / "config").mkdir(parents=True, exist_ok=True)
        join = ",".join(f"127.0.0.1:{other.transport}" for other in others)
        old = self._addresses.get(name)
        port = old.http if old else 0
        arguments = [name, str(home), join, str(port)]
        command = ["java", *_JAVA_OPTIONS, "-cp", self._class_path, "TestNode", *arguments]
        with (home / "log").open("a") as log:
            self._processes[name] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def wait_for(self, name: str) -> None:
        """Wait until a node that was begun takes requests."""
        output = self._processes[name].stdout
        assert output is not None
        ports = output.readline().split()
        if not ports:
            log = (self._folder / name / "log").read_text()
            raise AssertionError(f"{name} did not start:\n{log[-4000:]}")
        self._addresses[name] = Address(*map(int, ports))

    def kill(self, name: str) -> None:
        """Kill a node at once, as ``kill -9`` does."""
        process = self._processes.pop(name)
        process.kill()
        process.communicate()
