"""Hostile articles, links and devices, through the real reindex: nothing lost, nobody dead."""

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

from corpus.archive.files import LIMIT_BYTES
from corpus.library import Library
from corpus.model import IndexReport, Progress
from tests.corpus import mutations
from tests.corpus.conftest import WritePost
from tests.soak import Soak

FOLDER = 1_000  # files that one reindex reads


async def reindexed(library: Library, files: set[str], seconds: list[float]) -> IndexReport:
    """Index ``files``, none of which may be lost; note how long the reader was silent."""
    last = time.monotonic()

    def listen(at: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if at.phase == "read":
            seconds.append(now - last)
        last = now

    report = await library.reindex(on_progress=listen)
    indexed, skipped = await library.paths(), {one.path: one.reason for one in report.skipped}
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
        for first in range(0, count, FOLDER):
            for path in archive.iterdir():
                path.unlink()
            files: set[str] = set()
            for number in range(first, min(first + FOLDER, count)):
                name = mutations.named(rng, number)
                files.add(shown(name))
                Path(os.fsdecode(os.fsencode(archive) + b"/" + name)).write_bytes(
                    mutations.mutated(rng, honest)
                )
            report = await reindexed(library, files, seconds)
            indexed += report.articles
            reasons.update(one.reason.split(":")[0].split(" (")[0] for one in report.skipped)
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
    bombs = mutations.BOMBS | mutations.ENDURED | endless
    for name, raw in bombs.items():
        (archive / name).write_bytes(raw)
    # They come first: what it takes to start a worker is no bomb's time.
    honest = {
        write_post(f"a-first-{at}", f"第{at}篇是老實的文章，不能因為別的文章而不見。").name
        for at in range(40)
    }
    seconds: list[float] = []
    async with Library(archive, data_dir) as library:
        report = await reindexed(library, honest | bombs.keys(), seconds)
    skipped = {one.path: one.reason for one in report.skipped}
    assert skipped.keys() >= mutations.BOMBS.keys() | endless.keys()
    assert not skipped.keys() & honest
    soak.note("bombs: only they are skipped", f"{len(bombs)} bombs, {len(skipped)} skipped")
    soak.timed("bombs: ≤ 5 s a file", seconds, within=5)


@contextmanager
def many_things(root: Path) -> Iterator[dict[str, str]]:
    """Put what is no regular file into the archive; yield why each is skipped."""
    os.mkfifo(root / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listening, suppress(PermissionError):
        with in_folder(root):
            listening.bind("socket.md")
        for number, name in enumerate(("null", "zero", "random")):
            device = os.makedev(1, (3, 5, 8)[number])
            os.mknod(root / f"device-{name}.md", stat.S_IFCHR | 0o666, device)
    (root / "passwd.md").symlink_to("/etc/passwd")
    (root / "endless.md").symlink_to("/dev/zero")
    (root / "itself.md").symlink_to("itself.md")
    (root / "up").symlink_to("..")
    (root / "etc").symlink_to("/etc")
    with (root / "sparse.md").open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)
    (root / os.fsdecode(b"\xff.md")).write_text("一篇文章，它的名字不是文字。", "utf-8")
    (root / "folder.md").mkdir()
    deep = deepest(root / "deep")
    link, no_file = "is a symbolic link, which is not followed", "is not a regular file"
    reasons = {
        "pipe.md": no_file,
        "socket.md": "cannot be read: No such device or address",
        **{f"device-{name}.md": no_file for name in ("null", "zero", "random")},
        **dict.fromkeys(("passwd.md", "endless.md", "itself.md", "up", "etc"), link),
        "sparse.md": "is larger than 8 MB",
        "\\xff.md": "has a name that is not UTF-8",
        deep: "cannot be read: File name too long",
    }
    yield {path: why for path, why in reasons.items() if path == deep or is_there(root, path)}


def is_there(root: Path, path: str) -> bool:
    return os.path.lexists(root / path) or "\\" in path


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Be in a folder: a socket's address has few characters."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def deepest(root: Path) -> str:
    """Nest folders in ``root`` deeper than a path can be long; return the first out of reach."""
    root.mkdir()
    open_ = os.open(root, os.O_RDONLY)
    path = str(root)
    beyond = ""
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=open_)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=open_)
        os.close(open_)
        open_ = below
        path += "/" + "d" * 250
        if not beyond and len(os.fsencode(path)) >= os.pathconf("/", "PC_PATH_MAX"):
            beyond = path
    os.close(open_)
    return str(Path(beyond).relative_to(root.parent))


async def test_what_is_no_regular_file_is_skipped_with_what_it_is(
    archive: Path, data_dir: Path, write_post: WritePost
) -> None:
    write_post("honest", "這篇是老實的文章，不能因為別的東西而不見。")
    with many_things(archive) as reasons:
        async with Library(archive, data_dir) as library:
            report = await reindexed(library, {"honest.md", *reasons}, [])
            again = await library.reindex()
    assert {one.path: one.reason for one in report.skipped} == reasons
    assert again.skipped == report.skipped


@contextmanager
def disturbed(change: Callable[[], object]) -> Iterator[None]:
    """Do something again and again in a thread, also while it fails."""
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
    files = {write_post(f"post-{at}", f"第{at}篇文章在讀的時候一直在變。").name for at in range(40)}
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
                skipped = [one.path for one in report.skipped]
                assert {*await library.paths(), *skipped} <= files
                assert all(one.reason for one in report.skipped)
        # At rest again, nothing of what happened meanwhile is kept.
        for name in files:
            (archive / name).write_bytes(honest)
        assert (await reindexed(library, files, [])).articles == 40
    soak.note("files growing, shrinking and moving while read", f"{rounds} reindexes, 0 failed")


def test_the_bot_never_loads_what_parses_articles(archive: Path, data_dir: Path) -> None:
    """By name: what can be killed is another process."""
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
async def test_what_may_not_be_read_is_skipped(
    archive: Path, data_dir: Path, write_post: WritePost
) -> None:
    write_post("honest", "這篇是老實的文章，不能因為別的東西而不見。")
    write_post("secret", "這篇文章不給人看。").chmod(0)
    async with Library(archive, data_dir) as library:
        report = await reindexed(library, {"honest.md", "secret.md"}, [])
    assert [one.reason for one in report.skipped] == ["cannot be read: Permission denied"]
