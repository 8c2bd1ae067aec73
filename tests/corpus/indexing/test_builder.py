import hashlib
import io
import multiprocessing
import multiprocessing.connection
import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.engines.local import generation, runs
from corpus.engines.local.article_store import ARTICLES
from corpus.engines.local.generation import CURRENT, MANIFEST
from corpus.errors import CorpusError
from corpus.indexing import worker, workers
from corpus.indexing.batch import Batch
from corpus.indexing.builder import build
from corpus.indexing.job import Job, ProgressListener, Source
from corpus.model import IndexReport, Progress, Skipped
from tests.corpus.conftest import WritePost

WORDS = "螞蟻集團 貸款對象 商業銀行 颱風 雨量 破紀錄 烏龍茶 發酵 香氣 地震 規模 OpenAI 2021 3.14".split()


@pytest.fixture
def job(archive: Path, data_dir: Path) -> Job:
    return Job(str(archive), str(data_dir), workers=1)


def run(job: Job) -> IndexReport:
    return build(job, lambda _: None)


def sentence(rng: random.Random) -> str:
    return (
        "".join(rng.choices(WORDS, k=rng.randint(6, 15))) + "。這是一段夠長的文字，因此自成一段。"
    )


def fill(write: WritePost, count: int, seed: int = 1) -> None:
    rng = random.Random(seed)
    for number in range(count):
        write(f"post-{number:03}", *(sentence(rng) for _ in range(rng.randint(1, 6))))


def content(job: Job) -> dict[str, str]:
    """Return what the files of the current generation hold, but for when it was built."""
    folder = generation.current(Path(job.data_dir))
    held = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()}
    with closing(sqlite3.connect(folder / ARTICLES)) as connection:
        # On which page a row is depends on the order in which the tables were filled.
        held[ARTICLES] = "\n".join(connection.iterdump())
    held[MANIFEST] = str(replace(generation.read_manifest(folder), built_at="", files={}))
    return held


def change(archive: Path, write: WritePost) -> None:
    rng = random.Random(7)
    write("post-003", sentence(rng), "一段新的文字，說明主管機關怎麼看這件事情，也說到颱風。")
    write("post-0000", sentence(rng))
    write("zzz", sentence(rng), sentence(rng))
    (archive / "post-007.md").unlink()
    (archive / "aaa").mkdir()
    (archive / "post-011.md").rename(archive / "aaa" / "post-011.md")
    (archive / "post-012.md").rename(archive / "renamed.md")
    (archive / "broken.md").write_bytes(b"---\ntitle: \xff\n---\n")


@pytest.mark.parametrize(("run_of", "stripe"), [(2_000_000, 1_000_000), (300, 100)])
def test_what_changed_bit_by_bit_is_the_same_index_as_one_built_at_once(
    job: Job,
    archive: Path,
    write_post: WritePost,
    monkeypatch: pytest.MonkeyPatch,
    run_of: int,
    stripe: int,
) -> None:
    monkeypatch.setattr(runs, "_RUN", run_of)
    monkeypatch.setattr(runs, "_STRIPE", stripe)
    fill(write_post, 40)
    run(job)
    change(archive, write_post)
    report = run(job)
    assert (report.added, report.changed, report.removed) == (4, 1, 3)
    bit_by_bit = content(job)
    run(job.rebuilding())
    assert content(job) == bit_by_bit


def test_files_that_have_not_changed_are_not_parsed_again(
    job: Job, archive: Path, write_post: WritePost
) -> None:
    fill(write_post, 20)
    run(job)
    change(archive, write_post)
    read: list[Progress] = []
    build(job, read.append)
    # What the reader says of a file it has seen before is not asked for again either.
    again: list[Progress] = []
    write_post("one-more", "再多一篇文章，它的文字也夠長，因此自成一段，其他的都沒有變。")
    build(job, again.append)
    assert next(one.total for one in again if one.phase == "read") == 22
    assert run(job).added == 0


def test_nothing_changed_means_nothing_written(job: Job, write_post: WritePost) -> None:
    fill(write_post, 5)
    run(job)
    before = {one: one.stat().st_mtime_ns for one in Path(job.data_dir).rglob("*")}
    report = run(job)
    assert (report.added, report.changed, report.removed) == (0, 0, 0)
    assert {one: one.stat().st_mtime_ns for one in Path(job.data_dir).rglob("*")} == before


def test_a_damaged_index_is_built_again_from_the_archive(job: Job, write_post: WritePost) -> None:
    fill(write_post, 5)
    run(job)
    intact = content(job)
    ids = generation.current(Path(job.data_dir)) / "ids.bin"
    ids.write_bytes(bytes(ids.stat().st_size))
    run(job)
    assert content(job) == intact


def test_several_workers_build_what_one_builds(job: Job, write_post: WritePost) -> None:
    fill(write_post, 90)
    run(replace(job, workers=2))
    several = content(job)
    run(job.rebuilding())
    assert content(job) == several


def _die(how: str) -> None:
    match how:
        case "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "memory":
            raise MemoryError
        case "exit":
            os._exit(0)
        case _:
            while True:
                pass


def _die_of_some(connection: multiprocessing.connection.Connection, source: Source) -> None:
    """Do a worker's work, but die of files in the way that they are called."""
    sys.stderr = io.StringIO()  # a traceback is expected
    real = worker.prepare

    def prepare(source: Source, paths: Sequence[str]) -> Batch:
        for path in paths:
            if path.startswith("deadly-"):
                _die(path.removeprefix("deadly-").removesuffix(".md"))
        return real(source, paths)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "prepare", prepare)
        patch.setattr(worker, "MAX_SECONDS", 1)
        worker.work(connection, source)


@pytest.mark.parametrize("posts", [3, 40])
def test_a_file_that_ends_its_worker_is_skipped_with_how_and_the_rest_is_indexed(
    job: Job, write_post: WritePost, monkeypatch: pytest.MonkeyPatch, posts: int
) -> None:
    fill(write_post, posts)
    for how in ("endless", "exit", "memory", "segfault"):
        write_post(f"deadly-{how}", "這篇文章會讓讀它的程式當掉，但是其他的文章還是要能找到。")
    monkeypatch.setattr(workers, "_work", _die_of_some)
    report = run(job)
    assert report.articles == posts
    crash = "crashes the program that reads it"
    assert [(one.path, one.reason) for one in report.skipped] == [
        ("deadly-endless.md", "takes longer than 4 s to read"),
        ("deadly-exit.md", crash),
        ("deadly-memory.md", crash),
        ("deadly-segfault.md", crash),
    ]
    assert run(job).skipped == report.skipped


def _meanwhile(change: Callable[[], object]) -> ProgressListener:
    """Return a listener that does something after files were found and before they are read."""

    def listen(at: Progress) -> None:
        if (at.phase, at.done) == ("read", 0):
            change()

    return listen


def test_a_file_that_grows_before_it_is_read_is_indexed_as_it_was_read(
    job: Job, write_post: WritePost
) -> None:
    path = write_post("growing", "這篇文章還在寫，第一段已經寫好了，後面還會有別的。")
    fill(write_post, 3)
    more = "\n第二段是後來才寫的，說的是花蓮的颱風。\n"
    written = path.read_text("utf-8")
    report = build(job, _meanwhile(lambda: path.write_text(written + more, "utf-8")))
    assert (report.articles, report.skipped) == (4, ())
    again = run(job)
    assert (again.changed, again.passages) == (0, report.passages)


def test_a_file_that_was_gone_for_a_moment_is_indexed_when_it_is_back(
    job: Job, write_post: WritePost, tmp_path: Path
) -> None:
    path = write_post("moving", "這篇文章在讀它的時候正好不在，後來又回來了，一個字都沒有變。")
    fill(write_post, 3)
    away = tmp_path / "away"
    report = build(job, _meanwhile(lambda: path.rename(away)))
    assert report.skipped == (Skipped("moving.md", "cannot be read: No such file or directory"),)
    away.rename(path)
    assert run(job).added == 1


def _never_end(source: Source, paths: Sequence[str]) -> Batch:
    del source, paths
    while True:
        pass


def _get_stuck(connection: multiprocessing.connection.Connection, source: Source) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "MAX_SECONDS", 1)
        patch.setattr(worker, "prepare", _never_end)
        worker.work(connection, source)


def test_a_worker_that_is_stuck_ends_even_where_nobody_is_left_to_kill_it(job: Job) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=_get_stuck, args=(theirs, job.source))
    worker.start()
    theirs.close()
    ours.recv()
    ours.send(["endless.md"])
    worker.join()
    assert worker.exitcode == -signal.SIGALRM


def test_more_postings_than_can_be_counted_are_an_error_not_a_broken_index(
    job: Job, write_post: WritePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(write_post, 3)
    monkeypatch.setattr(runs, "_MAX_POSTINGS", 20)
    with pytest.raises(CorpusError, match="too large"):
        run(job)
    assert not list(Path(job.data_dir).glob("index-*"))


def test_two_builds_at_once_take_turns(job: Job, write_post: WritePost) -> None:
    fill(write_post, 30)
    context = multiprocessing.get_context("spawn")
    builders = [context.Process(target=run, args=(job,)) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert [builder.exitcode for builder in builders] == [0, 0]
    assert len(list(Path(job.data_dir).glob("index-*"))) == 1
    assert run(job).added == 0


def _with_small_files(job: Job, most: int) -> None:
    # As a full disk does, this fails the write that goes beyond it.
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        run(job)
    except (OSError, CorpusError, sqlite3.Error) as error:
        os._exit(3 if str(error) else 4)
    os._exit(0)


@pytest.mark.parametrize("most", [2_000, 20_000, 60_000])
def test_a_full_disk_leaves_the_old_index_and_nothing_else(
    job: Job, write_post: WritePost, most: int
) -> None:
    fill(write_post, 5)
    run(job)
    before = content(job)
    fill(write_post, 120, seed=2)
    process = multiprocessing.get_context("spawn").Process(
        target=_with_small_files, args=(job, most)
    )
    process.start()
    process.join()
    assert process.exitcode == 3
    assert content(job) == before
    assert len(list(Path(job.data_dir).glob("index-*"))) == 1
    assert not list(Path(job.data_dir).glob(f"{CURRENT}.*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written_is_an_error_and_goes_on_serving(
    job: Job, write_post: WritePost
) -> None:
    fill(write_post, 3)
    run(job)
    data_dir = Path(job.data_dir)
    data_dir.chmod(0o500)
    try:
        with pytest.raises(OSError, match=r"index\.lock|denied"):
            run(job.rebuilding())
        generation.check_whole(
            generation.current(data_dir),
            generation.read_manifest(generation.current(data_dir)),
        )
    finally:
        data_dir.chmod(0o700)


def test_an_archive_that_lost_all_its_posts_is_an_empty_index(
    job: Job, archive: Path, write_post: WritePost
) -> None:
    fill(write_post, 3)
    run(job)
    shutil.rmtree(archive)
    archive.mkdir()
    report = run(job)
    assert (report.articles, report.removed) == (0, 3)
