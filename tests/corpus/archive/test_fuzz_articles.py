"""Reindexes hostile articles, links and devices: no file is lost, no process dies."""

import os
import random
import socket
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from corpus.archive.files import MAX_BYTES
from corpus.library import Library
from corpus.model import IndexReport, Progress
from tests.corpus import mutations
from tests.corpus.conftest import WritePost
from tests.soak import Soak

FILES = 1_000  # of one reindex


async def reindexed(library: Library, files: set[str], seconds: list[float]) -> IndexReport:
    """Reindex ``files`` and check that none is lost; append the seconds between progress reports."""
    last = time.monotonic()

    def listen(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if progress.phase == "read":
            seconds.append(now - last)
        last = now

    report = await library.reindex(on_progress=listen)
    indexed = await library.paths()
    skipped = {file.path: file.reason for file in report.skipped}
    assert not indexed.keys() & skipped.keys()
    assert indexed.keys() | skipped.keys() == files
    assert report.articles == len(indexed)
    for reason in skipped.values():
        assert reason.strip()
        assert reason.isprintable()
    return report


def shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


async def test_mutated_articles_are_each_indexed_or_skipped_with_a_reason(
    archive: Path, data_dir: Path, soak: Soak
) -> None:
    count, rng = soak.times(100, 10_000), random.Random(1)
    honest, reasons, seconds = mutations.honest(), Counter[str](), list[float]()
    indexed = 0
    async with Library(archive, data_dir) as library:
        for first in range(0, count, FILES):
            for path in archive.iterdir():
                path.unlink()
            files: set[str] = set()
            for number in range(first, min(first + FILES, count)):
                name = mutations.named(rng, number)
                files.add(shown(name))
                Path(os.fsdecode(os.fsencode(archive) + b"/" + name)).write_bytes(
                    mutations.mutated(rng, honest)
                )
            report = await reindexed(library, files, seconds)
            indexed += report.articles
            reasons.update(file.reason.split(":")[0].split(" (")[0] for file in report.skipped)
    assert indexed
    assert not [reason for reason in reasons if "crashes" in reason]
    skipped = f"{reasons.total()} skipped for {len(reasons)} reasons"
    soak.note(
        "mutated articles: none lost, none crashes its reader", f"{indexed} indexed, {skipped}"
    )
    soak.timed("mutated articles: ≤ 5 s a file", seconds, within=5)


async def test_bombs_are_skipped_in_time_and_take_nothing_with_them(
    archive: Path, data_dir: Path, write_post: WritePost, soak: Soak
) -> None:
    endless = mutations.ENDLESS if soak.full else {}
    bombs = mutations.BOMBS | mutations.TOLERATED | endless
    for name, raw in bombs.items():
        (archive / name).write_bytes(raw)
    # These come first, so that the time to start a worker is not counted as a bomb's.
    honest = {
        write_post(f"a-first-{i}", f"第{i}篇是老實的文章，不能因為別的文章而不見。").name
        for i in range(40)
    }
    seconds: list[float] = []
    async with Library(archive, data_dir) as library:
        report = await reindexed(library, honest | bombs.keys(), seconds)
    skipped = {file.path: file.reason for file in report.skipped}
    assert skipped.keys() >= mutations.BOMBS.keys() | endless.keys()
    assert not skipped.keys() & honest
    soak.note("bombs: only they are skipped", f"{len(bombs)} bombs, {len(skipped)} skipped")
    soak.timed("bombs: ≤ 5 s a file", seconds, within=5)


@contextmanager
def special_files(root: Path) -> Iterator[dict[str, str]]:
    """Create links, devices and the like in the archive; yield the reason why each is skipped."""
    os.mkfifo(root / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listener, suppress(PermissionError):
        with in_folder(root):
            listener.bind("socket.md")
        for number, name in enumerate(("null", "zero", "random")):
            device = os.makedev(1, (3, 5, 8)[number])
            os.mknod(root / f"device-{name}.md", stat.S_IFCHR | 0o666, device)
    (root / "passwd.md").symlink_to("/etc/passwd")
    (root / "endless.md").symlink_to("/dev/zero")
    (root / "itself.md").symlink_to("itself.md")
    (root / "up").symlink_to("..")
    (root / "etc").symlink_to("/etc")
    with (root / "sparse.md").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (root / os.fsdecode(b"\xff.md")).write_text("一篇文章，它的名字不是文字。", "utf-8")
    (root / "folder.md").mkdir()
    deep = deepest(root / "deep")
    link, not_regular = "is a symbolic link, which is not followed", "is not a regular file"
    reasons = {
        "pipe.md": not_regular,
        "socket.md": "cannot be read: No such device or address",
        **{f"device-{name}.md": not_regular for name in ("null", "zero", "random")},
        **dict.fromkeys(("passwd.md", "endless.md", "itself.md", "up", "etc"), link),
        "sparse.md": "is larger than 8 MB",
        "\\xff.md": "has a name that is not UTF-8",
        deep: "cannot be read: File name too long",
    }
    yield {path: reason for path, reason in reasons.items() if path == deep or exists(root, path)}


def exists(root: Path, path: str) -> bool:
    return os.path.lexists(root / path) or "\\" in path


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Change into ``folder``: the address of a socket must be short."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def deepest(root: Path) -> str:
    """Nest folders deeper than a path can be long; return the first path that is too long."""
    root.mkdir()
    descriptor = os.open(root, os.O_RDONLY)
    path = str(root)
    too_long = ""
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=descriptor)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
        path += "/" + "d" * 250
        if not too_long and len(os.fsencode(path)) >= os.pathconf("/", "PC_PATH_MAX"):
            too_long = path
    os.close(descriptor)
    return str(Path(too_long).relative_to(root.parent))


async def test_special_files_are_skipped_with_the_reason(
    archive: Path, data_dir: Path, write_post: WritePost
) -> None:
    write_post("honest", "這篇是老實的文章，不能因為別的東西而不見。")
    with special_files(archive) as reasons:
        async with Library(archive, data_dir) as library:
            report = await reindexed(library, {"honest.md", *reasons}, [])
            again = await library.reindex()
    assert {file.path: file.reason for file in report.skipped} == reasons
    assert again.skipped == report.skipped


@contextmanager
def disturbed(change: Callable[[], object]) -> Iterator[None]:
    """Call ``change`` again and again in a thread, whether it fails or not."""
    ended = threading.Event()

    def disturb() -> None:
        while not ended.wait(0.0005):
            with suppress(OSError):
                change()

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


async def test_files_that_change_while_they_are_read_are_not_lost(
    archive: Path, data_dir: Path, write_post: WritePost, soak: Soak
) -> None:
    rng = random.Random(3)
    files = {write_post(f"post-{i}", f"第{i}篇文章在讀的時候一直在變。").name for i in range(40)}
    away = archive / ".away"
    honest = "---\ntitle: 變\n---\n這篇文章在讀的時候一直在變。\n".encode()

    def change() -> None:
        path = archive / rng.choice(sorted(files))
        match rng.randrange(4):
            case 0:
                with path.open("ab") as file:
                    file.write("又多了一句。".encode() * 1000)
            case 1:
                path.write_bytes(honest)
            case 2:
                os.truncate(path, rng.randint(0, 60))
            case _:
                path.rename(away)
                away.rename(path)

    rounds = soak.times(1, 25)
    async with Library(archive, data_dir) as library:
        with disturbed(change):
            for _ in range(rounds):
                report = await library.reindex(full=True)
                skipped = [file.path for file in report.skipped]
                assert {*await library.paths(), *skipped} <= files
                assert all(file.reason for file in report.skipped)
        # Once the files are at rest, all of them are indexed.
        for name in files:
            (archive / name).write_bytes(honest)
        assert (await reindexed(library, files, [])).articles == 40
    soak.note("files growing, shrinking and moving while read", f"{rounds} reindexes, 0 failed")


def test_the_bot_never_loads_what_parses_articles(archive: Path, data_dir: Path) -> None:
    """The parsers run in processes that can be killed."""
    parsers = (
        "selectolax",
        "yaml",
        "markdown_it",
        "corpus.archive.post",
        "corpus.archive.markup",
        "corpus.archive.front_matter",
    )
    program = f"""
import asyncio, sys
import bot.app, bot.__main__
from pathlib import Path
from corpus.library import Library
async def main():
    async with Library(Path({str(archive)!r}), Path({str(data_dir)!r})) as library:
        assert (await library.reindex()).articles == 1
        assert (await library.search("颱風")).hits
asyncio.run(main())
print([name for name in {parsers!r} if name in sys.modules])
"""
    (archive / "a.md").write_text("---\ntitle: 颱風\n---\n<p>颱風在海上形成。</p>\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_without_read_permission_is_skipped(
    archive: Path, data_dir: Path, write_post: WritePost
) -> None:
    write_post("honest", "這篇是老實的文章，不能因為別的東西而不見。")
    write_post("secret", "這篇文章不給人看。").chmod(0)
    async with Library(archive, data_dir) as library:
        report = await reindexed(library, {"honest.md", "secret.md"}, [])
    assert [file.reason for file in report.skipped] == ["cannot be read: Permission denied"]
