"""Progress, reports, questions and the archive's status -> messages (pure)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from discord import ui

from bot.localization import Formatter
from bot.messages.conditions import list_names
from bot.messages.layout import Attachment, Reply, Row
from bot.messages.markdown import ELLIPSIS, escape, one_line
from bot.state import Damage
from bot.state.questions import QuestionCount, QuestionFigures
from bot.state.shard_plan import Worker
from corpus import IndexReport, Noted, Progress, Skipped, Stats

MAX_SKIPPED = 10
MAX_SKIPPED_IN_STATUS = 3
MAX_NOTED = 3
MAX_SOURCES = 8
MAX_QUESTIONS = 5
MAX_WORKERS = 10
MAX_HOST_CHARS = 40
MAX_RANGES = 8
_MAX_QUESTION_CHARS = 80
_MAX_PATH_CHARS = 80
_MAX_REASON_CHARS = 80
_MAX_FAILURE_CHARS = 300
_BAR_CELLS = 12

# Where in the whole each phase begins and ends, in percent: reading takes nearly all the time.
_PHASES = {"fetch": (0, 0), "scan": (0, 5), "read": (5, 95), "write": (95, 98), "verify": (98, 100)}
# What begins a formula. Full-width signs too: Chinese spreadsheets read them the same.
_FORMULA = tuple("=+-@＝＋－＠\t\r")


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the bot's process."""

    started_at: int
    """Seconds since 1970."""
    memory_bytes: int | None
    """Resident; ``None`` where the system does not tell."""
    damages: Sequence[Damage] | None = ()
    """The quarantined state files, the latest last; ``None``: the state cannot be read."""
    failure: str | None = None
    """Why the last reindex failed, or the index cannot be read, in one sentence."""
    workers: Sequence[Worker] = ()
    """The processes that share the shards; empty: there is one, or they cannot be read."""
    worker_id: str | None = None
    """Of this process."""


def building(progress: Progress, t: Formatter) -> Reply:
    """Return the reply to a question before there is an index."""
    return Reply([f"{t('building')}\n{_bar(progress)}"])


def reindexing(
    progress: Progress,
    t: Formatter,
    *,
    joined: bool,
    rows: Sequence[ui.ActionRow[Any]] = (),
) -> Reply:
    """Return the progress of a reindex; ``joined``: someone else had started it."""
    title = t("reindex-joined") if joined else f"**{t('reindex-begun')}**"
    return Reply([f"{title}\n{_bar(progress)}\n-# {_phase(progress, t)}"], rows)


def reindexed(report: IndexReport, t: Formatter) -> Reply:
    """Return the report of a reindex, with the files it had to skip."""
    counts = t("reindex-counts", articles=report.articles, passages=report.passages)
    changes = t(
        "reindex-changes", added=report.added, changed=report.changed, removed=report.removed
    )
    seconds = t("reindex-seconds", seconds=round(report.seconds, 1))
    blocks = [f"**{t('reindex-done')}**\n{counts}\n-# {changes} · {seconds}"]
    if report.problem and report.fetched_at:
        problem = escape(one_line(report.problem, _MAX_FAILURE_CHARS), line_start=False)
        copied = f"<t:{_epoch(report.fetched_at)}:R>"
        lines = [t("reindex-problem", sentence=problem), t("reindex-copy", when=copied)]
        blocks.append("\n".join(lines))
    if report.skipped:
        blocks.append(_skipped(report.skipped, MAX_SKIPPED, t))
    if report.noted:
        blocks.append(_noted(report.noted, MAX_NOTED, t))
    return Reply(blocks)


def status(
    stats: Stats | None,
    running: Progress | None,
    figures: QuestionFigures | None,
    health: Health,
    t: Formatter,
) -> Reply:
    """Return the status of the archive and the bot.

    Args:
        stats: of the index; ``None``: there is none.
        running: how far a reindex is.
        figures: of the last day's questions; ``None``: they cannot be read.
        health: of the bot's process.
        t: the texts of the reader's language.
    """
    state = t("status-ready") if stats else t("status-unavailable")
    lines = [f"### {t('status-title')}", state]
    if running is not None:
        lines += [_bar(running), f"-# {_phase(running, t)}"]
    blocks = ["\n".join(lines), *_troubles(health, t)]
    if stats is not None:
        blocks.append("\n".join(_holdings(stats, t)))
    if figures is not None:
        blocks.append("\n".join(_questions(figures, t)))
    if health.workers:
        blocks.append("\n".join(_workers(health, t)))
    started = t("status-process", when=f"<t:{health.started_at}:R>")
    memory = (
        [t("status-memory", megabytes=round(health.memory_bytes / 2**20))]
        if health.memory_bytes is not None
        else []
    )
    blocks.append("-# " + " · ".join([started, *memory]))
    return Reply(blocks, attachments=_skipped_file(stats.skipped) if stats else ())


def questions(
    counts: Sequence[QuestionCount],
    unanswered: Sequence[QuestionCount],
    unhelpful: Sequence[tuple[str, int]],
    t: Formatter,
    rows: Sequence[Row] = (),
) -> Reply:
    """Return the questions of 30 days, the most frequent first, with all ``counts`` attached.

    Args:
        counts: how often each was asked.
        unanswered: those that had no sure answer at least once.
        unhelpful: those whose answers were voted down, and how often.
        t: the texts of the reader's language.
        rows: what can be pressed.
    """
    title = f"### {t('questions-title')}"
    if not counts:
        return Reply([f"{title}\n{t('questions-none')}"])
    blocks = [title, "\n".join([t("questions-asked"), *_counted(counts, t)])]
    if unhelpful:
        lines = [
            f"• {_shown_question(text)}\n-# {t('questions-votes', times=times)}"
            for text, times in unhelpful[:MAX_QUESTIONS]
        ]
        blocks.append("\n".join([t("questions-unhelpful"), *lines]))
    if unanswered:
        blocks.append("\n".join([t("questions-unanswered"), *_counted(unanswered, t)]))
    blocks.append("-# " + t("questions-attached", count=len(counts)))
    table = [(count.text, count.times, count.unanswered, _iso(count.last_at)) for count in counts]
    header = ("question", "times", "without a sure answer", "last asked")
    return Reply(blocks, rows, [csv_file("questions.csv", header, table)])


def hidden(paths: Sequence[str], t: Formatter) -> Reply:
    """Return what was hidden, and what that does and does not do."""
    return Reply([f"{_paths(t('hide-done', count=len(paths)), paths)}\n-# {t('hide-posted')}"])


def shown_again(paths: Sequence[str], t: Formatter) -> Reply:
    """Return what is shown again, as soon as the index holds it."""
    return Reply([_paths(t("unhide-done", count=len(paths)), paths)])


def _paths(title: str, paths: Sequence[str]) -> str:
    shown = [escape(one_line(path, _MAX_PATH_CHARS), line_start=False) for path in paths]
    lines = [f"-# • {path}" for path in shown[:MAX_SKIPPED]]
    return "\n".join([title, *lines, *(["-# …"] if len(paths) > MAX_SKIPPED else [])])


def _counted(counts: Sequence[QuestionCount], t: Formatter) -> list[str]:
    lines: list[str] = []
    for count in counts[:MAX_QUESTIONS]:
        times = t("questions-times", times=count.times, unanswered=count.unanswered)
        lines.append(f"• {_shown_question(count.text)}\n-# {times}")
    return lines


def _shown_question(text: str) -> str:
    return escape(one_line(text, _MAX_QUESTION_CHARS), line_start=False) or ELLIPSIS


def _skipped_file(skipped: Sequence[Skipped]) -> list[Attachment]:
    if not skipped:
        return []
    rows = [(file.path, file.reason) for file in skipped]
    return [csv_file("skipped.csv", ("path", "reason"), rows)]


def _troubles(health: Health, t: Formatter) -> list[str]:
    troubles: list[str] = []
    if health.damages is None:
        troubles.append(t("status-unreadable"))
    elif health.damages:
        last = health.damages[-1]
        extent = "all" if last.is_whole else "copy" if last.copy is not None else "some"
        troubles.append(
            t(
                "status-damaged",
                count=len(health.damages),
                name=f"`{last.file}`",
                guilds=last.guilds,
                watches=last.watches,
                extent=extent,
            )
        )
    if health.failure is not None:
        sentence = escape(one_line(health.failure, _MAX_FAILURE_CHARS), line_start=False)
        troubles.append(t("status-failure", sentence=sentence))
    return troubles


def _holdings(stats: Stats, t: Formatter) -> list[str]:
    lines = [t("status-holds", articles=stats.articles, passages=stats.passages)]
    if stats.sources:
        named = [
            t("status-source", name=list_names([source.name], t), articles=source.articles)
            for source in stats.sources[:MAX_SOURCES]
        ]
        names = t("comma").join(named) + ("…" if len(stats.sources) > MAX_SOURCES else "")
        lines.append(t("status-sources", count=len(stats.sources), sources=names))
    if stats.commit:
        lines.append("-# " + t("status-commit", commit=f"`{stats.commit[:12]}`"))
    built = f"<t:{_epoch(stats.built_at)}:R>"
    lines.append("-# " + t("status-built", when=built, size=round(stats.bytes / 2**20, 1)))
    lines.append("-# " + t("status-generation", name=f"`{stats.generation}`"))
    if stats.skipped:
        lines.append(_skipped(stats.skipped, MAX_SKIPPED_IN_STATUS, t))
    if stats.noted:
        lines.append(_noted(stats.noted, MAX_NOTED, t))
    return lines


def _questions(figures: QuestionFigures, t: Formatter) -> list[str]:
    lines = [t("status-questions", asked=figures.total, unanswered=figures.unanswered)]
    if figures.p50_ms is not None and figures.p95_ms is not None:
        p50, p95 = (max(1, round(value)) for value in (figures.p50_ms, figures.p95_ms))
        lines.append("-# " + t("status-latency", p50=p50, p95=p95))
    return lines


def _workers(health: Health, t: Formatter) -> list[str]:
    lines = [t("status-workers", count=len(health.workers))]
    for worker in health.workers[:MAX_WORKERS]:
        line = t(
            "status-worker",
            name=f"`{one_line(worker.host, MAX_HOST_CHARS).replace('`', '')}`",
            count=len(worker.shards),
            shards=_ranges(worker.shards),
            seconds=max(0, round(worker.age)),
            self="yes" if worker.id == health.worker_id else "no",
        )
        lines.append(f"-# • {line}")
    if len(health.workers) > MAX_WORKERS:
        lines.append("-# " + t("skipped-more", count=len(health.workers) - MAX_WORKERS))
    return lines


def _ranges(numbers: Iterable[int]) -> str:
    """Return numbers in order, neighbours joined: 0–3, 7."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    shown = [str(first) if first == last else f"{first}–{last}" for first, last in ranges]
    return ", ".join(shown[:MAX_RANGES]) + (", …" if len(shown) > MAX_RANGES else "")


def _skipped(skipped: Sequence[Skipped], limit: int, t: Formatter) -> str:
    files = [(file.path, file.reason) for file in skipped]
    return _files(t("skipped-title", count=len(files)), files, limit, t)


def _noted(noted: Sequence[Noted], limit: int, t: Formatter) -> str:
    files = [(file.path, file.note) for file in noted]
    return _files(t("noted-title", count=len(files)), files, limit, t)


def _files(title: str, files: Sequence[tuple[str, str]], limit: int, t: Formatter) -> str:
    """Return the first ``limit`` of ``files``, each with what is to be said of it."""
    lines = [title]
    for path, reason in files[:limit]:
        name = escape(one_line(path, _MAX_PATH_CHARS), line_start=False)
        text = escape(one_line(reason, _MAX_REASON_CHARS), line_start=False)
        lines.append(f"-# • {name} — {text}")
    if len(files) > limit:
        lines.append("-# " + t("skipped-more", count=len(files) - limit))
    return "\n".join(lines)


def _phase(progress: Progress, t: Formatter) -> str:
    match progress.phase:
        case "read" if progress.total:
            return t("reindex-phase-read", done=progress.done, total=progress.total)
        case "fetch":
            return t("reindex-phase-fetch", megabytes=round(progress.done / 2**20, 1))
        case "write":
            return t("reindex-phase-write")
        case "verify":
            return t("reindex-phase-verify")
        case _:
            return t("reindex-phase-scan")


def _bar(progress: Progress) -> str:
    done = percent(progress)
    full = done * _BAR_CELLS // 100
    return f"`{'█' * full}{'░' * (_BAR_CELLS - full)}` {done}%"


def _epoch(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def percent(progress: Progress) -> int:
    """Return how much of a whole reindex is done, from 0 to 99."""
    begin, end = _PHASES.get(progress.phase, (0, 0))
    share = progress.done / progress.total if progress.total > 0 else 0.0
    return min(99, int(begin + (end - begin) * min(max(share, 0.0), 1.0)))


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Attachment:
    """Return a CSV file that spreadsheets open as text, never as formulas.

    It is UTF-8 with the byte order mark by which Excel recognises it.
    """
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return Attachment(name, text.getvalue().encode("utf-8-sig", "replace"))


def _harmless(cell: str | int) -> str | int:
    if isinstance(cell, str) and cell.lstrip(" \u3000").startswith(_FORMULA):
        return "'" + cell
    return cell
