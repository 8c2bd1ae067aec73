"""A Dockerfile's steps without a container engine: each stage is an overlay of this machine.

Linux and root only. What a step writes goes to a folder of the test; the machine itself stays as it
is. Mounts live in a namespace of each command and end with it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LENT = "/lent"
"""Where a stage finds the packages of this environment, if it borrows them."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The arguments: root, upper, work, mode, volume, its place, packages to lend, then the command.
_ENTER = f"""
root=$1 upper=$2 work=$3 mode=$4 volume=$5 place=$6 lent=$7; shift 7
mount -t overlay overlay -o "lowerdir=/,upperdir=$upper,workdir=$work" "$root"
if [ "$lent" ]; then mkdir -p "$root{LENT}"; mount --bind "$lent" "$root{LENT}"; fi
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
if [ "$mode" = ro ]; then
    mount -o remount,ro "$root"
    mount -t tmpfs tmpfs "$root/tmp"
    mount --bind "$volume" "$root$place"
fi
exec chroot "$root" "$@"
"""


@dataclass(slots=True)
class Stage:
    """One stage: its files, and what its instructions have set."""

    folder: Path
    lent: str = ""
    """A folder of packages to lend; empty: none."""
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    workdir: str = "/"
    user: str = "0:0"
    health: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)

    @property
    def files(self) -> Path:
        """What the stage has beside the machine's own files."""
        return self.folder / "upper"

    def command(
        self,
        command: Sequence[str],
        *,
        volume: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Return what runs `command` in the stage; in a read-only tree if there is a volume.

        It is then run without any privilege, and DATA_DIR is the volume.
        """
        uid, gid = self.user.split(":")
        environment = {**self.environment, **(settings or {})}
        variables = [f"{k}={v}" for k, v in environment.items()]
        drop = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
        if volume is not None:
            drop += ["--no-new-privs", "--bounding-set=-all"]
        inside = f'cd "$1" && shift && exec env -i {shlex.join(variables)} "$@"'
        return [
            *("unshare", "--mount", "sh", "-ec", _ENTER, "sh"),
            *(str(self.folder / name) for name in ("root", "upper", "work")),
            *("rw" if volume is None else "ro", str(volume or "")),
            *(environment.get("DATA_DIR", ""), self.lent),
            *(*drop, "sh", "-ec", inside, "sh", self.workdir, *command),
        ]

    def set(self, name: str, rest: str) -> None:
        """Do an instruction that only says how the stage is used."""
        match name:
            case "ARG":
                variable, _, default = rest.partition("=")
                self.environment.setdefault(variable, default)
            case "ENV":
                for word in shlex.split(rest):
                    variable, _, text = word.partition("=")
                    self.environment[variable] = text.replace("$PATH", self.environment["PATH"])
            case "WORKDIR":
                self.workdir = rest
                (self.files / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                self.user = rest
            case "HEALTHCHECK":
                self.health = json.loads(rest.partition(" CMD ")[2])
            case "ENTRYPOINT":
                self.entry = json.loads(rest)
            case _:
                assert name == "VOLUME", name

    def run(self, script: str) -> None:
        """Do a RUN."""
        passed = {name: text for name, text in os.environ.items() if name.startswith("PIP_")}
        done = subprocess.run(
            self.command(["sh", "-ec", script], settings=passed),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Return each instruction with its arguments on one line."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [
        (name, rest.strip())
        for line in joined.splitlines()
        if line.strip()
        for name, _, rest in [line.strip().partition(" ")]
    ]


def included(context: Path) -> set[str]:
    """Return the names that .dockerignore lets into the context; it leaves out all others."""
    lines = (context / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    return {pattern[1:] for pattern in patterns if pattern.startswith("!")}


def build(
    context: Path,
    folder: Path,
    *,
    wheel: Path | None = None,
    arguments: Mapping[str, str] | None = None,
) -> Stage:
    """Follow the Dockerfile of `context` and return its last stage.

    Args:
        context: a checkout.
        folder: empty, for the files of the stages.
        arguments: of the build, by their names.
        wheel: installed in place of what pip would fetch, beside the packages of this environment.
    """
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for name, rest in instructions((context / "Dockerfile").read_text("utf-8")):
        if name == "FROM":
            label = rest.partition(" AS ")[2] or "last"
            stage = stages[label] = _start(folder / label, borrows=wheel is not None)
            stage.environment.update(arguments or {})
            continue
        assert stage is not None
        match name:
            case "RUN" if wheel is not None and "pip " in rest:
                if " -r " in rest:
                    _install(stage, wheel)
            case "RUN":
                stage.run(rest)
            case "COPY":
                _copy(rest.split(), context, stage, stages)
            case _:
                stage.set(name, rest)
    return stages["last"]


def _start(folder: Path, *, borrows: bool) -> Stage:
    for name in ("root", "upper", "work"):
        (folder / name).mkdir(parents=True)
    stage = Stage(folder, lent=sysconfig.get_path("purelib") if borrows else "")
    # The machine stands in for the base image: its Python is `python`, and everyone may read it.
    programs = Path(sys.base_prefix) / "bin"
    stage.environment["PATH"] = f"{programs}:{_PATH}"
    own = stage.files / programs.relative_to("/")
    own.mkdir(parents=True)
    if not (programs / "python").exists():
        (own / "python").symlink_to("python3")
    (own / "pip").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pip "$@"\n')
    (own / "pip").chmod(0o755)
    parents = shlex.join(str(path) for path in Path(sys.base_prefix).parents)
    stage.run(f"chmod a+rx {parents}")
    return stage


def _install(stage: Stage, wheel: Path) -> None:
    shutil.copy(wheel, stage.files / wheel.name)
    stage.run(
        "python -m venv --without-pip /opt/footnote &&"
        f" pip --python /opt/footnote/bin/python install --no-deps --no-index /{wheel.name}"
    )
    (library,) = stage.files.glob("opt/footnote/lib/python*/site-packages")
    (library / "lent.pth").write_text(LENT, encoding="utf-8")


def _copy(words: list[str], context: Path, stage: Stage, stages: Mapping[str, Stage]) -> None:
    source, allowed = context, included(context)
    if words[0].startswith("--from="):
        source, allowed = stages[words[0].partition("=")[2]].files, None
        words = words[1:]
    *names, target = words
    place = stage.files / os.path.join(stage.workdir, target).lstrip("/")  # noqa: PTH118
    for name in names:
        assert allowed is None or name in allowed, f".dockerignore leaves out {name}"
        original = source / name.lstrip("/")
        if original.is_dir():
            ignored = shutil.ignore_patterns("__pycache__") if allowed else None
            shutil.copytree(original, place, symlinks=True, ignore=ignored)
        else:
            shutil.copy(original, place)
