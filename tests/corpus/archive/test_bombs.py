"""Repositories that unpack to far more than they take: each ends in a sentence, within 150 MB."""

import itertools
import json
import subprocess
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.protocol import pkt_line

from corpus.archive.checkout import posts_folder
from tests.corpus.git_server import Origin, StartResponse, git_app, serving_app
from tests.corpus.hostile_git import (
    FILE,
    FOLDER,
    PackBuilder,
    blob,
    commit,
    copy,
    delta,
    large_blob,
    pack_app,
    tree,
)

MB = 2**20
SPACES = b" " * MB
MAX_PEAK_MB = 150


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch in a process of its own came to."""

    files: int
    problem: str | None
    peak_mb: float


def fetch(address: str, folder: Path) -> Fetched:
    """Fetch in a child process, which must not end with a traceback, nor take too much memory."""
    command = [sys.executable, "-m", "tests.corpus.fetching", address, str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert not done.stderr, done.stderr.decode()
    fetched = Fetched(**json.loads(done.stdout))
    print(fetched)  # noqa: T201 (the figures of the documentation)
    assert fetched.peak_mb < MAX_PEAK_MB
    return fetched


def fetch_pack(builder: PackBuilder, head: ObjectID, folder: Path, *, max_kb: int) -> Fetched:
    pack = builder.pack()
    assert len(pack) < max_kb * 1024
    with serving_app(pack_app(pack, head)) as address:
        return fetch(address, folder)


def test_a_file_of_400_mb_in_484_kb(tmp_path: Path) -> None:
    builder = PackBuilder()
    big = builder.add(Blob.type_num, SPACES, 400)
    head = builder.add_commit(builder.add_tree([(b"a.md", FILE, big)]))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=484)
    assert fetched.problem
    assert fetched.problem.endswith(
        "posts.git holds a file of 400 MB, and 24 MB is the most: too large for an archive."
    )


def test_a_file_of_7_mb_under_400_names_in_92_kb(tmp_path: Path) -> None:
    builder = PackBuilder()
    big = builder.add(Blob.type_num, SPACES, 7)
    names = [(b"%03d.md" % i, FILE, big) for i in range(400)]
    head = builder.add_commit(builder.add_tree(names))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=92)
    assert fetched.problem
    assert fetched.problem.endswith(
        "posts.git holds posts of more than 1,024 MB: too large for an archive."
    )
    assert not list(posts_folder(tmp_path).iterdir())


def test_a_tree_of_trees_with_a_billion_paths_in_144_kb(tmp_path: Path) -> None:
    builder = PackBuilder()
    inner = builder.add(Blob.type_num, b"text")
    for mode, suffix in ((FILE, b".md"), (FOLDER, b""), (FOLDER, b"")):
        inner = builder.add_tree([(b"%03d%s" % (i, suffix), mode, inner) for i in range(1000)])
    fetched = fetch_pack(builder, builder.add_commit(inner), tmp_path, max_kb=144)
    assert fetched.problem
    assert fetched.problem.endswith(
        "posts.git holds more than 200,000 files and folders: too large for an archive."
    )


def test_many_deltas_that_each_make_a_large_file(tmp_path: Path) -> None:
    builder = PackBuilder()
    base = builder.add(Blob.type_num, SPACES, 15)
    for i in range(150):
        operations = [copy(0, 15 * MB - i), b"\1x"]
        builder.add_delta(base, delta(15 * MB, 15 * MB - i + 1, *operations))
    head = builder.add_commit(builder.add_tree([(b"a.md", FILE, base)]))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=40)
    assert fetched.problem
    assert fetched.problem.endswith(
        "posts.git unpacks to more than 2,048 MB: too large for an archive."
    )


def test_a_chain_of_deltas_that_each_double_the_file(tmp_path: Path) -> None:
    builder = PackBuilder()
    data = b"x" * 1536
    base = builder.add(Blob.type_num, data)
    names = [(b"00.md", FILE, base)]
    for i in range(1, 15):
        builder.add_delta(base, delta(len(data), len(data) * 2, *([copy(0, len(data))] * 2)))
        data *= 2
        base = Blob.from_string(data).id
        names.append((b"%02d.md" % i, FILE, base))
    head = builder.add_commit(builder.add_tree(names))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=4)
    assert fetched.problem
    assert fetched.problem.endswith(
        "posts.git is packed too tightly: reading one file takes more than 32 MB or 500 steps."
    )


def test_a_chain_of_deltas_in_which_each_step_waits_for_a_second_one(tmp_path: Path) -> None:
    builder = PackBuilder()
    size = 8 * MB
    data = bytearray(size)
    base = builder.add(Blob.type_num, bytes(data))
    for step in range(1, 60):
        steps = [
            (b"\1" + bytes([mark]), delta(size, size, b"\1" + bytes([mark]), copy(1, size - 1)))
            for mark in (255 - step, step)
        ]
        for _, made in steps:
            builder.add_delta(base, made)
        data[0] = step
        base = Blob.from_string(bytes(data)).id
    head = builder.add_commit(builder.add_tree([(b"a.bin", FILE, base)]))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=24)
    assert fetched.problem
    assert "is packed too tightly" in fetched.problem


def test_what_is_just_within_the_limits_is_read(tmp_path: Path) -> None:
    builder = PackBuilder()
    base = builder.add(Blob.type_num, SPACES, 15)
    size = 16 * MB
    builder.add_delta(base, delta(15 * MB, size, copy(0, 15 * MB), copy(0, MB)))
    made = Blob.from_string(b" " * size).id
    posts = [(b"large-%d.md" % i, FILE, builder.add(Blob.type_num, SPACES, i)) for i in (7, 8, 9)]
    entries = [(b"a.bin", FILE, base), (b"b.bin", FILE, made), *posts]
    for i in range(4):
        data = bytes([i]) * MB
        entries.append((b"picture-%d.bin" % i, FILE, builder.add(Blob.type_num, data, 24)))
    head = builder.add_commit(builder.add_tree(entries))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=300)
    assert fetched.problem is None
    assert fetched.files == 2


def test_a_long_chain_of_large_files_that_are_nearly_the_same_is_read(tmp_path: Path) -> None:
    builder = PackBuilder()
    data = bytearray(MB)
    base = builder.add(Blob.type_num, bytes(data))
    names = [(b"000.md", FILE, base)]
    for i in range(1, 250):
        builder.add_delta(base, delta(MB, MB, b"\1" + bytes([i]), copy(1, MB - 1)))
        data[0] = i
        base = Blob.from_string(bytes(data)).id
        names.append((b"%03d.md" % i, FILE, base))
    head = builder.add_commit(builder.add_tree(names))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=24)
    assert fetched.problem is None
    assert fetched.files == 250


def test_as_many_deltas_as_a_pack_may_have(tmp_path: Path) -> None:
    builder = PackBuilder()
    base = builder.add(Blob.type_num, b"text")
    packed = bytes.fromhex(base.decode())
    for i in range(199_997):
        mark = i.to_bytes(3)
        made = delta(4, 7, copy(0, 4), b"\3" + mark)
        builder.add_raw(7, len(made), packed + zlib.compress(made, 0))
    head = builder.add_commit(builder.add_tree([(b"a.md", FILE, base)]))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=20_000)
    assert fetched.problem is None
    assert fetched.files == 1


def test_folders_as_large_as_they_may_be(tmp_path: Path) -> None:
    builder = PackBuilder()
    text = builder.add(Blob.type_num, b"text")
    folder = builder.add_tree([(b"%06d.png" % i, FILE, text) for i in range(99_000)])
    head = builder.add_commit(builder.add_tree([(b"a", FOLDER, folder), (b"b.md", FILE, text)]))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=4_000)
    assert fetched.problem is None
    assert fetched.files == 1


def test_a_folder_with_too_many_files(tmp_path: Path) -> None:
    builder = PackBuilder()
    entry = b"100644 a\0" + b"\1" * 20
    folder = builder.add(Tree.type_num, entry * 1000, 1000)
    head = builder.add_commit(builder.add_tree([(b"a", FOLDER, folder)]))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=484)
    assert fetched.problem
    assert fetched.problem.endswith(
        "a folder with a list of 27 MB, and 4 MB is the most: too large for an archive."
    )


def test_a_commit_of_30_mb(tmp_path: Path) -> None:
    builder = PackBuilder()
    root = builder.add_tree([(b"a.md", FILE, builder.add(Blob.type_num, b"text"))])
    lines = b"tree %s\n" % root + b"parent %s\n" % (b"1" * 40)
    head = builder.add(Commit.type_num, lines, 30 * MB // len(lines))
    fetched = fetch_pack(builder, head, tmp_path, max_kb=484)
    assert fetched.problem
    assert fetched.problem.endswith(
        "a commit of 29 MB, and 1 MB is the most: too large for an archive."
    )


def test_a_bomb_leaves_the_earlier_posts(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin")
    origin.commit({"_posts/a.md": "第一篇"})
    builder = PackBuilder()
    inner = builder.add(Blob.type_num, b"text")
    for mode, suffix in ((FILE, b".md"), (FOLDER, b""), (FOLDER, b"")):
        inner = builder.add_tree([(b"%03d%s" % (i, suffix), mode, inner) for i in range(1000)])
    head = builder.add_commit(inner)
    served = [git_app(origin.repo), pack_app(builder.pack(), head)]

    def app(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
        return served[0](environ, start_response)

    folder = tmp_path / "clone"
    with serving_app(app) as address:
        assert fetch(address, folder) == Fetched(1, None, pytest.approx(0, abs=MAX_PEAK_MB))
        served.pop(0)
        for _ in range(2):
            fetched = fetch(address, folder)
            assert fetched.files == 1
            assert fetched.problem
            assert "more than 200,000 files" in fetched.problem
        assert (posts_folder(folder) / "_posts" / "a.md").read_text("utf-8") == "第一篇"


def test_a_file_of_400_mb_in_a_repository_on_this_disk(tmp_path: Path) -> None:
    repo = Origin(tmp_path / "origin").repo
    big = large_blob(repo, SPACES, 400)
    text = blob(repo, b"text")
    commit(repo, tree(repo, [(b"a.md", FILE, big), (b"b.md", FILE, text), (b"c.bin", FILE, big)]))
    fetched = fetch(f"file://{tmp_path}/origin", tmp_path / "clone")
    assert fetched.problem is None
    assert fetched.files == 1


def test_a_server_that_names_branches_for_ever(tmp_path: Path) -> None:
    def app(_: object, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/x-git-upload-pack-advertisement")])
        yield pkt_line(b"# service=git-upload-pack\n") + b"0000"
        yield pkt_line(b"1" * 40 + b" HEAD\0side-band-64k ofs-delta shallow\n")
        for i in itertools.count():
            yield b"".join(
                pkt_line(b"1" * 40 + b" refs/heads/%d-%d\n" % (i, j)) for j in range(999)
            )

    with serving_app(app) as address:
        fetched = fetch(address, tmp_path)
    assert fetched.problem
    assert fetched.problem.endswith("sends more names of branches than an archive has.")
