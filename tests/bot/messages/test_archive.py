"""Progress, reports and status keep Discord's limits and say what there is."""

import csv
from dataclasses import replace
from io import StringIO

import pytest

from bot.localization import Texts
from bot.messages import archive
from bot.messages.layout import MAX_TEXT_UNITS
from bot.messages.markdown import units
from bot.state import Damage
from bot.state.questions import QuestionFigures
from bot.state.shard_plan import Worker
from corpus.model import IndexReport, Noted, Progress, Skipped, SourceCount, Stats

TEXTS = Texts()
ZH = TEXTS.get("zh-TW")
HEALTH = archive.Health(1_700_000_000, 120 * 2**20)
SKIPPED = tuple(Skipped(f"_posts/{n}*.md", "holds no text") for n in range(12))
STATS = Stats(
    generation="index-5ca1ab1e",
    articles=1461,
    passages=56014,
    terms=9,
    built_at="2026-01-01T00:00:00+00:00",
    archive="/archive",
    bytes=3 * 2**20,
    skipped=SKIPPED,
    sources=tuple(SourceCount(f"報{n}", 100 - n, None, None) for n in range(9)),
    first_date=None,
    last_date=None,
)


@pytest.mark.parametrize(
    ("progress", "done"),
    [
        (Progress("scan", 0, 0), 0),
        (Progress("read", 0, 10), 5),
        (Progress("read", 5, 10), 50),
        (Progress("read", 20, 10), 95),
        (Progress("write", 0, 0), 95),
        (Progress("verify", 1, 1), 99),
        (Progress("something new", 1, 2), 0),
    ],
)
def test_a_phase_is_a_share_of_the_whole(progress: Progress, done: int) -> None:
    assert archive.percent(progress) == done


def test_progress_is_a_bar_with_its_phase() -> None:
    reply = archive.reindexing(Progress("read", 5, 10), ZH, joined=False)
    assert reply.texts() == (
        "**正在讀取文庫**\n`██████░░░░░░` 50%\n-# 讀取文章：第 5 篇，共 10 篇",
    )
    joined = archive.reindexing(Progress("write", 0, 0), ZH, joined=True)
    assert joined.texts()[0].startswith("索引已經在重建了")
    assert joined.texts()[0].endswith("寫入索引")
    for phase in ("scan", "verify"):
        assert archive.reindexing(Progress(phase, 0, 0), ZH, joined=False).texts()


def test_who_asks_before_there_is_an_index_sees_how_far_it_is() -> None:
    reply = archive.building(Progress("read", 5, 10), TEXTS.get("en-US"))
    assert reply.texts() == (
        "Reading the archive for the first time. Ask again in a moment.\n`██████░░░░░░` 50%",
    )


def test_a_report_names_the_first_ten_skipped_files() -> None:
    report = IndexReport(1461, 56014, 3, 2, 1, SKIPPED, 87.44)
    done, skipped = archive.reindexed(report, ZH).texts()
    assert done == (
        "**文庫已經是最新的了**\n1,461 篇文章，56,014 個段落\n"
        "-# 新增 3 篇，更新 2 篇，移除 1 篇 · 花了 87.4 秒"
    )
    lines = skipped.split("\n")
    assert lines[0] == "略過 12 個檔案："
    assert lines[1] == "-# • \\_posts/0\\*.md — holds no text"
    assert len(lines) == 12
    assert lines[-1] == "-# 還有 2 個"


def test_a_report_without_skipped_files_does_not_mention_them() -> None:
    assert len(archive.reindexed(IndexReport(1, 1, 1, 0, 0, (), 0.1), ZH).texts()) == 1


def test_a_report_names_files_that_were_not_read_as_written() -> None:
    noted = tuple(Noted(f"_posts/{n}.md", "front matter is *broken*") for n in range(5))
    _, block = archive.reindexed(IndexReport(5, 5, 5, 0, 0, (), 0.1, noted=noted), ZH).texts()
    lines = block.split("\n")
    assert lines[0] == "收進索引、但沒有照原文讀的檔案，共 5 個："
    assert lines[1] == "-# • \\_posts/0.md — front matter is \\*broken\\*"
    assert lines[-1] == "-# 還有 2 個"
    status = archive.status(
        replace(STATS, noted=noted), None, QuestionFigures(0, 0, None, None), HEALTH, ZH
    )
    assert any(lines[1] in text for text in status.texts())


def test_a_report_says_why_and_since_when_there_may_be_a_newer_commit() -> None:
    why = "https://user@example.org/posts.git cannot be reached: *Connection* refused. " * 3
    then = "2026-01-02T03:04:05+00:00"
    report = IndexReport(1, 1, 0, 0, 0, (), 0.1, "abc", why, then)
    problem = archive.reindexed(report, ZH).texts()[1]
    assert problem.count("\\*Connection\\* refused.") == 3
    assert problem.splitlines()[-1] == "目前用的是先前的內容，取得時間：<t:1767323045:R>"


def test_long_paths_and_reasons_stay_within_the_limits() -> None:
    skipped = tuple(Skipped("*" * 5000, "😀`" * 5000) for _ in range(500))
    noted = tuple(Noted("*" * 5000, "😀`" * 5000) for _ in range(500))
    reply = archive.reindexed(IndexReport(1, 1, 1, 0, 0, skipped, 1, noted=noted), ZH)
    assert sum(map(units, reply.texts())) <= MAX_TEXT_UNITS
    assert "還有 490 個" in reply.texts()[-2]


def test_status_says_what_the_archive_holds_and_how_the_bot_is() -> None:
    figures = QuestionFigures(8, 2, 12.4, 0.2)
    reply = archive.status(STATS, None, figures, HEALTH, ZH)
    assert reply.texts() == (
        "### 文庫\n運作正常",
        (
            "1,461 篇文章，56,014 個段落\n"
            "9 個來源：報0 100 篇、報1 99 篇、報2 98 篇、報3 97 篇、報4 96 篇、報5 95 篇、報6 94 篇、"
            "報7 93 篇…\n"
            "-# 索引建立時間：<t:1767225600:R>，3 MB\n"
            "-# 索引版本 `index-5ca1ab1e`\n"
            "略過 12 個檔案：\n"
            "-# • \\_posts/0\\*.md — holds no text\n"
            "-# • \\_posts/1\\*.md — holds no text\n"
            "-# • \\_posts/2\\*.md — holds no text\n"
            "-# 還有 9 個"
        ),
        (
            "最近 24 小時有 8 個問題，其中 2 個沒有確定的答案\n"
            "-# 回答時間：半數在 12 毫秒內，95% 在 1 毫秒內"
        ),
        "-# 啟動時間：<t:1700000000:R> · 記憶體 120 MB",
    )


def test_status_without_an_index_shows_how_far_it_is() -> None:
    nothing = QuestionFigures(0, 0, None, None)
    health = archive.Health(1_700_000_000, None)
    reply = archive.status(None, Progress("read", 1, 2), nothing, health, TEXTS.get("en-US"))
    assert reply.texts() == (
        (
            "### Archive\nNot available: there is no index yet\n`██████░░░░░░` 50%\n"
            "-# Reading articles: 1 of 2"
        ),
        "No questions in the last 24 hours",
        "-# Started <t:1700000000:R>",
    )


def test_the_status_tells_admins_what_is_wrong() -> None:
    figures = QuestionFigures(0, 0, None, None)
    damages = (
        Damage("state.sqlite.damaged-1", 0, 0, is_whole=True, copy=None),
        Damage("state.sqlite.damaged-2", 12, 34, is_whole=False, copy=None),
    )
    well = "\n".join(archive.status(STATS, None, figures, HEALTH, ZH).texts())
    assert "⚠️" not in well
    unwell = replace(HEALTH, damages=damages, failure="No *space*\nleft.")
    for t in (ZH, TEXTS.get("zh-CN"), TEXTS.get("en-US")):
        told = "\n".join(archive.status(STATS, None, figures, unwell, t).texts())
        assert told.count("⚠️") == 2
        assert "`state.sqlite.damaged-2`" in told
        assert "12" in told
        assert "34" in told
        assert r"No \*space\* left." in told


@pytest.mark.parametrize(
    ("locale", "title", "own", "other", "idle"),
    [
        (
            "zh-TW",
            "12 個執行個體分擔所有伺服器",
            "`h0`（這一個）：分片 0–2, 7，3 秒前有心跳",
            "`h1`：分片 9，16 秒前有心跳",
            "`h2`：沒有分片，1 秒前有心跳",
        ),
        (
            "zh-CN",
            "12 个实例分担所有服务器",
            "`h0`（这一个）：分片 0–2, 7，3 秒前有心跳",
            "`h1`：分片 9，16 秒前有心跳",
            "`h2`：没有分片，1 秒前有心跳",
        ),
        (
            "en-US",
            "12 workers share the servers",
            "`h0` (this one): shards 0–2, 7, heartbeat 3 s ago",
            "`h1`: shard 9, heartbeat 16 s ago",
            "`h2`: no shards, heartbeat 1 s ago",
        ),
    ],
)
def test_status_names_the_workers_with_their_shards_and_heartbeats(
    locale: str, title: str, own: str, other: str, idle: str
) -> None:
    workers = (
        Worker("a", "h`0", "1", 3.2, frozenset({7, 0, 1, 2})),
        Worker("b", "h1", "1", 16.0, frozenset({9})),
        *(Worker(f"w{n}", f"h{n}", "1", 0.9, frozenset()) for n in range(2, 12)),
    )
    health = replace(HEALTH, workers=workers, worker_id="a")
    figures = QuestionFigures(0, 0, None, None)
    reply = archive.status(STATS, None, figures, health, TEXTS.get(locale))
    [block] = [text for text in reply.texts() if title in text]
    lines = [line.removeprefix("-# • ") for line in block.splitlines()]
    assert lines[1:4] == [own, other, idle]
    assert len(lines) == 1 + archive.MAX_WORKERS + 1
    assert "2" in lines[-1]


def test_status_with_hundreds_of_workers_and_shards_fits_discord() -> None:
    workers = [
        Worker(f"w{n}", "h" * 300, "1", 1e6, frozenset(range(n, 16_384, 2))) for n in range(300)
    ]
    health = replace(HEALTH, workers=workers)
    figures = QuestionFigures(10**6, 10**6, 9.0, 9.0)
    for locale in ("zh-TW", "zh-CN", "en-US"):
        reply = archive.status(STATS, Progress("read", 1, 2), figures, health, TEXTS.get(locale))
        assert sum(map(units, reply.texts())) <= MAX_TEXT_UNITS


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+花蓮", "-莫拉克", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＋1", "－1", "＠a"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    written = archive.csv_file("a.csv", ["x"], [[cell]]).content
    rows = list(csv.reader(StringIO(written.decode("utf-8-sig"), newline="")))
    assert rows == [["x"], ["'" + cell]]


def test_other_cells_stay_as_they_are() -> None:
    row = ["颱風, 怎麼\n形成？", '"引號"', 3, "a=b", ""]
    written = archive.csv_file("a.csv", list("abcde"), [row]).content
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(written.decode("utf-8-sig"), newline="")))
    assert rows[1] == [str(cell) for cell in row]


def test_half_a_surrogate_pair_does_not_lose_the_file() -> None:
    assert b"a?b" in archive.csv_file("a.csv", ["x"], [["a\ud800b"]]).content
