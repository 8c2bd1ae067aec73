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
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from multiprocessing import forkserver
from pathlib import Path

import pytest

from corpus.engines.local import generation, runs
from corpus.engines.local.article_store import ARTICLES
from corpus.engines.local.generation import CURRENT, MANIFEST
from corpus.errors import CorpusError
from corpus.indexing import pool, worker
from corpus.indexing.builder import build
from corpus.indexing.job import Job, ProgressListener, Source
from corpus.indexing.pool import Batch
from corpus.model import IndexReport, Progress, Skipped, SourceReading
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
    """Return the contents of the current generation by file, without the time of its build."""
    folder = generation.current(Path(job.data_dir))
    contents = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
    }
    with closing(sqlite3.connect(folder / ARTICLES)) as connection:
        # The page of a row depends on the order in which the tables were filled.
        contents[ARTICLES] = "\n".join(connection.iterdump())
    contents[MANIFEST] = str(replace(generation.read_manifest(folder), built_at="", files={}))
    return contents


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


@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"_RUN_POSTINGS": 300, "_STRIPE_POSTINGS": 100},
        {"_RUN_POSTINGS": 300, "_STRIPE_POSTINGS": 100, "_MAX_RUNS": 3},
    ],
)
def test_an_index_updated_in_steps_equals_one_built_at_once(
    job: Job,
    archive: Path,
    write_post: WritePost,
    monkeypatch: pytest.MonkeyPatch,
    sizes: Mapping[str, int],
) -> None:
    with monkeypatch.context() as patched:
        for name, size in sizes.items():
            patched.setattr(runs, name, size)
        fill(write_post, 40)
        run(job)
        change(archive, write_post)
        report = run(job)
        assert (report.added, report.changed, report.removed) == (4, 1, 3)
        updated = content(job)
        assert not any(name.startswith("run-") for name in updated)
        run(job.rebuilding())
        assert content(job) == updated
    run(job.rebuilding())
    assert content(job) == updated


def test_unchanged_files_are_not_parsed_again(
    job: Job, archive: Path, write_post: WritePost
) -> None:
    fill(write_post, 20)
    run(job)
    change(archive, write_post)
    run(job)
    # A file that was skipped and is unchanged is not parsed again either.
    steps: list[Progress] = []
    write_post("one-more", "再多一篇文章，它的文字也夠長，因此自成一段，其他的都沒有變。")
    build(job, steps.append)
    assert next(step.total for step in steps if step.phase == "read") == 22
    assert run(job).added == 0


def test_an_unchanged_archive_writes_nothing(job: Job, write_post: WritePost) -> None:
    fill(write_post, 5)
    run(job)

    def modification_times() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in Path(job.data_dir).rglob("*")}

    before = modification_times()
    report = run(job)
    assert (report.added, report.changed, report.removed) == (0, 0, 0)
    assert modification_times() == before


def test_posts_appear_and_disappear_when_their_time_has_come(job: Job, archive: Path) -> None:
    text = "這是一段夠長的文字，因此自成一段，說的是什麼時候刊出、什麼時候下架的事情。"
    (archive / "always.md").write_text(f"---\ndate: 2030-01-01\n---\n{text}")
    (archive / "later.md").write_text(f"---\ndate: 2030-06-01T00:00:00Z\n---\n{text}")
    (archive / "until.md").write_text(
        f"---\ndate: 2030-01-01\nexpiryDate: 2030-07-01T00:00:00Z\n---\n{text}"
    )

    def paths(now: str) -> tuple[int, list[str], bool]:
        report = run(replace(job, now=f"{now}T00:00:00+00:00"))
        wrote = generation.current(Path(job.data_dir)).name
        unchanged = wrote == names[-1] if names else False
        names.append(wrote)
        return report.articles, [file.path for file in report.skipped], unchanged

    names: list[str] = []
    assert paths("2030-05-01") == (2, ["later.md"], False)
    assert paths("2030-05-02") == (2, ["later.md"], True)
    assert paths("2030-06-01") == (3, [], False)
    assert paths("2030-06-02") == (3, [], True)
    assert paths("2030-07-01") == (2, ["until.md"], False)
    assert paths("2031-01-01") == (2, ["until.md"], True)


def test_broken_front_matter_is_noted_at_every_build(
    job: Job, archive: Path, write_post: WritePost
) -> None:
    write_post("good", "這是一段夠長的文字，因此自成一段，它的開頭沒有寫壞。")
    broken = "---\ntitle: 說明: 第二版\n---\n這是一段夠長的文字，因此自成一段，它的開頭寫壞了。"
    (archive / "broken.md").write_text(broken)
    first = run(job)
    assert (first.articles, first.skipped) == (2, ())
    assert [note.path for note in first.noted] == ["broken.md"]
    assert "line 2" in first.noted[0].note
    assert run(job).noted == first.noted
    write_post("another", "這是另一段夠長的文字，因此自成一段，開頭也沒有寫壞。")
    assert run(job).noted == first.noted
    (archive / "moved").mkdir()
    (archive / "broken.md").rename(archive / "moved" / "broken.md")
    assert [note.path for note in run(job).noted] == ["moved/broken.md"]


def test_what_was_read_and_left_out_is_counted_by_source(job: Job, archive: Path) -> None:
    text = "這是一段夠長的文字，因此自成一段，一個字也沒有少讀。"
    for name, source, page in (
        ("a", "甲站", "<nav>首頁</nav>"),
        ("b", "甲站", "<nav>頁尾</nav><figcaption>街景圖</figcaption>"),
        ("c", "乙站", ""),
    ):
        head = f"---\ntitle: {name}\ncategories: [{source}]\n---\n"
        (archive / f"{name}.html").write_text(f"{head}{page}<p>{text}</p>", "utf-8")
    assert run(job).reading == (
        SourceReading("甲站", 2, 2 * len(text), {"navigation": 4, "caption": 3}),
        SourceReading("乙站", 1, len(text), {}),
    )
    assert run(job).reading == ()


def test_the_entries_of_a_feed_come_and_go_with_the_file(
    job: Job, archive: Path, write_post: WritePost
) -> None:
    def write_feed(*numbers: int) -> None:
        items = "".join(
            f"<item><guid>{n}</guid><title>第{n}則</title>"
            f"<description>這是第{n}則，夠長的文字，因此自成一段。</description></item>"
            for n in numbers
        )
        (archive / "feed.xml").write_text(f"<rss version='2.0'><channel>{items}</channel></rss>")

    write_post("a", "這是一篇文章，夠長的文字，因此自成一段。")
    write_feed(1, 2, 3)
    report = run(job)
    assert (report.articles, report.added, report.removed) == (4, 4, 0)
    before = content(job)
    assert run(job).added == 0
    assert content(job) == before
    write_post("b", "這是另一篇文章，夠長的文字，因此自成一段。")
    report = run(job)
    assert (report.articles, report.added, report.changed, report.removed) == (5, 1, 0, 0)
    write_feed(2, 3, 4)
    report = run(job)
    assert (report.articles, report.added, report.changed, report.removed) == (5, 1, 2, 1)
    updated = content(job)
    run(job.rebuilding())
    assert content(job) == updated
    (archive / "feed.xml").unlink()
    assert run(job).articles == 2


def test_a_post_that_becomes_a_draft_is_left_out(job: Job, archive: Path) -> None:
    (archive / "a.md").write_text("這是一段夠長的文字，因此自成一段，後來又收回去改。")
    assert run(job).articles == 1
    (archive / "_drafts").mkdir()
    (archive / "a.md").rename(archive / "_drafts" / "a.md")
    report = run(job)
    assert (report.articles, [file.path for file in report.skipped]) == (0, ["_drafts/a.md"])


def test_a_bundle_that_moves_is_read_again(job: Job, archive: Path) -> None:
    (archive / "old").mkdir()
    (archive / "old" / "index.md").write_text("這是一段夠長的文字，因此自成一段，沒有標題。")
    run(job)
    (archive / "old").rename(archive / "new")
    assert run(job).articles == 1
    with closing(sqlite3.connect(generation.current(Path(job.data_dir)) / ARTICLES)) as connection:
        assert connection.execute("SELECT title FROM article").fetchall() == [("new",)]


def test_another_version_of_the_reading_rules_reads_all_files_again(
    job: Job, write_post: WritePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(write_post, 3)
    run(job)
    assert run(job).added == 0
    monkeypatch.setattr("corpus.indexing.job.READING_VERSION", 0)
    assert run(job).added == 3


def test_a_damaged_index_is_rebuilt_from_the_archive(job: Job, write_post: WritePost) -> None:
    fill(write_post, 5)
    run(job)
    intact = content(job)
    ids = generation.current(Path(job.data_dir)) / "ids.bin"
    ids.write_bytes(bytes(ids.stat().st_size))
    run(job)
    assert content(job) == intact


def test_several_workers_build_the_same_index_as_one(job: Job, write_post: WritePost) -> None:
    fill(write_post, 90)
    run(replace(job, workers=2))
    built_by_two = content(job)
    run(job.rebuilding())
    assert content(job) == built_by_two


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


def _work_until_deadly(connection: multiprocessing.connection.Connection, source: Source) -> None:
    """Do a worker's work, but die of each deadly file in the way that its name says."""
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
def test_a_file_that_ends_its_worker_is_skipped_with_the_reason_and_the_rest_is_indexed(
    job: Job, write_post: WritePost, monkeypatch: pytest.MonkeyPatch, posts: int
) -> None:
    fill(write_post, posts)
    for how in ("endless", "exit", "memory", "segfault"):
        write_post(f"deadly-{how}", "這篇文章會讓讀它的程式當掉，但是其他的文章還是要能找到。")
    monkeypatch.setattr(pool, "_work", _work_until_deadly)
    report = run(job)
    assert report.articles == posts
    crash = "crashes the program that reads it"
    assert [(skipped.path, skipped.reason) for skipped in report.skipped] == [
        ("deadly-endless.md", "takes more than 4 s of processor time to read"),
        ("deadly-exit.md", crash),
        ("deadly-memory.md", crash),
        ("deadly-segfault.md", crash),
    ]
    assert run(job).skipped == report.skipped


def _work_interrupted(connection: multiprocessing.connection.Connection, source: Source) -> None:
    """Do a worker's work, but be stopped meanwhile for longer than it may compute."""
    real = worker.prepare

    def prepare(source: Source, paths: Sequence[str]) -> Batch:
        waker = f"sleep 1.5; kill -CONT {os.getpid()}"
        with subprocess.Popen(["/bin/sh", "-c", waker]):
            os.kill(os.getpid(), signal.SIGSTOP)
        return real(source, paths)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "prepare", prepare)
        patch.setattr(worker, "MAX_SECONDS", 1)
        worker.work(connection, source)


def test_time_in_which_the_machine_does_something_else_does_not_count(
    job: Job, write_post: WritePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(write_post, 3)
    monkeypatch.setattr(pool, "_work", _work_interrupted)
    report = run(job)
    assert (report.articles, report.skipped) == (3, ())


def _work_on_a_dead_disk(connection: multiprocessing.connection.Connection, source: Source) -> None:
    """Do a worker's work, but wait for ever for one file."""
    real = worker.prepare

    def prepare(source: Source, paths: Sequence[str]) -> Batch:
        if "far-away.md" in paths:
            signal.pause()
        return real(source, paths)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "prepare", prepare)
        worker.work(connection, source)


def test_a_file_that_its_disk_does_not_give_is_skipped_with_the_reason(
    job: Job, write_post: WritePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(write_post, 3)
    write_post("far-away", "這篇文章在一顆不再回應的硬碟上，其他的文章還是要能找到。")
    monkeypatch.setattr(pool, "_work", _work_on_a_dead_disk)
    monkeypatch.setattr(pool, "_POLL_SECONDS", 0.05)
    monkeypatch.setattr(pool, "_MAX_IDLE_SECONDS", 1)
    report = run(job)
    assert report.articles == 3
    assert [(skipped.path, skipped.reason) for skipped in report.skipped] == [
        ("far-away.md", "is not given by the disk within 1 s")
    ]


def test_a_file_that_was_too_slow_is_tried_again_after_a_day_and_by_a_full_reindex(
    job: Job, write_post: WritePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(write_post, 3)
    write_post("deadly-endless", "這篇文章那一天讀得太久，後來又讀得很快，一個字都沒有變。")
    noon = replace(job, now="2030-05-01T12:00:00+00:00")

    def build_slowly() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(pool, "_work", _work_until_deadly)
            (skipped,) = run(noon.rebuilding()).skipped
        assert skipped == Skipped(
            "deadly-endless.md",
            "takes more than 4 s of processor time to read",
            "2030-05-02T12:00:00+00:00",
        )

    build_slowly()
    assert run(noon).articles == 3
    assert run(replace(job, now="2030-05-02T11:59:59+00:00")).articles == 3
    later = run(replace(job, now="2030-05-02T12:00:00+00:00"))
    assert (later.articles, later.added, later.skipped) == (4, 1, ())
    build_slowly()
    assert run(noon.rebuilding()).articles == 4


def _before_reading(change: Callable[[], object]) -> ProgressListener:
    """Return a listener that calls ``change`` after files were found and before they are read."""

    def listen(progress: Progress) -> None:
        if (progress.phase, progress.done) == ("read", 0):
            change()

    return listen


def test_a_file_that_grows_before_it_is_read_is_indexed_as_it_was_read(
    job: Job, write_post: WritePost
) -> None:
    path = write_post("growing", "這篇文章還在寫，第一段已經寫好了，後面還會有別的。")
    fill(write_post, 3)
    more = "\n第二段是後來才寫的，說的是花蓮的颱風。\n"
    written = path.read_text("utf-8")
    report = build(job, _before_reading(lambda: path.write_text(written + more, "utf-8")))
    assert (report.articles, report.skipped) == (4, ())
    again = run(job)
    assert (again.changed, again.passages) == (0, report.passages)


def test_a_file_that_was_missing_for_a_moment_is_indexed_by_the_next_build(
    job: Job, write_post: WritePost, tmp_path: Path
) -> None:
    path = write_post("moving", "這篇文章在讀它的時候正好不在，後來又回來了，一個字都沒有變。")
    fill(write_post, 3)
    away = tmp_path / "away"
    report = build(job, _before_reading(lambda: path.rename(away)))
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


def test_a_stuck_worker_ends_even_without_a_parent_to_kill_it(job: Job) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=_get_stuck, args=(theirs, job.source))
    worker.start()
    theirs.close()
    ours.recv()
    ours.send(["endless.md"])
    worker.join()
    assert worker.exitcode == -signal.SIGPROF


def test_more_postings_than_the_files_can_count_are_an_error_not_a_broken_index(
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


def _run_with_small_files(job: Job, max_bytes: int) -> None:
    # Like a full disk, this limit fails the write that exceeds it.
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, max_bytes))
    try:
        run(job)
    except (OSError, CorpusError, sqlite3.Error) as error:
        os._exit(3 if str(error) else 4)
    os._exit(0)


@pytest.mark.parametrize("max_bytes", [2_000, 20_000, 60_000])
def test_a_full_disk_leaves_the_old_index_and_nothing_else(
    job: Job, write_post: WritePost, max_bytes: int
) -> None:
    fill(write_post, 5)
    run(job)
    before = content(job)
    fill(write_post, 120, seed=2)
    process = multiprocessing.get_context("spawn").Process(
        target=_run_with_small_files, args=(job, max_bytes)
    )
    process.start()
    process.join()
    assert process.exitcode == 3
    assert content(job) == before
    assert len(list(Path(job.data_dir).glob("index-*"))) == 1
    assert not list(Path(job.data_dir).glob(f"{CURRENT}.*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written_is_an_error_and_the_old_index_stays_whole(
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


def test_an_archive_that_lost_all_its_posts_becomes_an_empty_index(
    job: Job, archive: Path, write_post: WritePost
) -> None:
    fill(write_post, 3)
    run(job)
    shutil.rmtree(archive)
    archive.mkdir()
    report = run(job)
    assert (report.articles, report.removed) == (0, 3)


def test_the_server_of_workers_ends_with_the_last_build_and_starts_again_for_another(
    job: Job, write_post: WritePost
) -> None:
    fill(write_post, 3)
    assert build(job, lambda _: None, is_last=True).articles == 3
    assert forkserver._forkserver._forkserver_pid is None  # type: ignore[attr-defined]
    assert run(job.rebuilding()).articles == 3
    assert forkserver._forkserver._forkserver_pid is not None  # type: ignore[attr-defined]
