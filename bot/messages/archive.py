"""Progress, reports and the archive's status -> messages (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from discord import ui

from bot.localization import Formatter
from bot.messages.answer import list_names
from bot.messages.csv_file import csv_file
from bot.messages.layout import Attachment, Reply
from bot.messages.markdown import ELLIPSIS, escape, one_line
from bot.services.reindexing import percent
from bot.state.questions import QuestionCount, QuestionFigures
from corpus import IndexReport, Progress, Skipped, Stats

SKIPPED_NAMED = 10
SKIPPED_IN_STATUS = 3
SOURCES_NAMED = 8
QUESTIONS_NAMED = 10
_LONGEST_QUESTION = 80  # characters
_LONGEST_PATH = 80  # characters
_LONGEST_REASON = 80
_LONGEST_FAILURE = 300
_BAR_CELLS = 12


@dataclass(frozen=True, slots=True)
class Health:
    """How the bot's process is."""

    started_at: int
    """Seconds since 1970."""
    memory_bytes: int | None
    """Resident; ``None`` where the system does not tell."""
    damaged: Sequence[str] = ()
    """Names of state files that were put aside, the latest last."""
    failure: str | None = None
    """Why the last reindex failed, in one sentence."""


def building(progress: Progress, t: Formatter) -> Reply:
    """Return what to tell someone who asks before there is an index."""
    return Reply([f"{t('building')}\n{_bar(progress)}"])


def reindexing(
    progress: Progress,
    t: Formatter,
    *,
    joined: bool,
    rows: Sequence[ui.ActionRow[Any]] = (),
) -> Reply:
    """Return how far a reindex is; ``joined``: someone else had started it."""
    title = t("reindex-joined") if joined else f"**{t('reindex-begun')}**"
    return Reply([f"{title}\n{_bar(progress)}\n-# {_phase(progress, t)}"], rows)


def reindexed(report: IndexReport, t: Formatter) -> Reply:
    """Return what a reindex did, with the files it had to skip."""
    counts = t("reindex-counts", articles=report.articles, passages=report.passages)
    changes = t(
        "reindex-changes", added=report.added, changed=report.changed, removed=report.removed
    )
    seconds = t("reindex-seconds", seconds=round(report.seconds, 1))
    blocks = [f"**{t('reindex-done')}**\n{counts}\n-# {changes} · {seconds}"]
    if report.problem and report.fetched_at:
        problem = escape(one_line(report.problem, _LONGEST_FAILURE), line_start=False)
        copied = f"<t:{_epoch(report.fetched_at)}:R>"
        told = [t("reindex-problem", sentence=problem), t("reindex-copy", when=copied)]
        blocks.append("\n".join(told))
    if report.skipped:
        blocks.append(_skipped(report.skipped, SKIPPED_NAMED, t))
    return Reply(blocks)


def status(
    stats: Stats | None,
    running: Progress | None,
    figures: QuestionFigures,
    health: Health,
    t: Formatter,
) -> Reply:
    """Return how the archive and the bot are; ``stats`` is ``None`` where there is no index."""
    state = t("status-ready") if stats else t("status-unavailable")
    lines = [f"### {t('status-title')}", state]
    if running is not None:
        lines += [_bar(running), f"-# {_phase(running, t)}"]
    blocks = ["\n".join(lines), *_troubles(health, t)]
    if stats is not None:
        blocks.append("\n".join(_holdings(stats, t)))
    blocks.append("\n".join(_questions(figures, t)))
    started = t("status-process", when=f"<t:{health.started_at}:R>")
    memory = (
        [t("status-memory", megabytes=round(health.memory_bytes / 2**20))]
        if health.memory_bytes is not None
        else []
    )
    blocks.append("-# " + " · ".join([started, *memory]))
    return Reply(blocks, attachments=_skipped_file(stats.skipped) if stats else ())


def questions(
    asked: Sequence[QuestionCount], unanswered: Sequence[QuestionCount], t: Formatter
) -> Reply:
    """Return what was asked in 30 days, most often first, with all of ``asked`` attached.

    ``unanswered`` had no hit at least once.
    """
    title = f"### {t('questions-title')}"
    if not asked:
        return Reply([f"{title}\n{t('questions-none')}"])
    blocks = [title, "\n".join([t("questions-asked"), *_counted(asked, t)])]
    if unanswered:
        blocks.append("\n".join([t("questions-unanswered"), *_counted(unanswered, t)]))
    blocks.append("-# " + t("questions-attached", count=len(asked)))
    rows = [(one.text, one.times, one.unanswered, _iso(one.last_at)) for one in asked]
    header = ("question", "times", "without a hit", "last asked")
    return Reply(blocks, attachments=[csv_file("questions.csv", header, rows)])


def _counted(counts: Sequence[QuestionCount], t: Formatter) -> list[str]:
    lines: list[str] = []
    for one in counts[:QUESTIONS_NAMED]:
        text = escape(one_line(one.text, _LONGEST_QUESTION), line_start=False)
        said = t("questions-times", times=one.times, unanswered=one.unanswered)
        lines.append(f"• {text or ELLIPSIS}\n-# {said}")
    return lines


def _skipped_file(skipped: Sequence[Skipped]) -> list[Attachment]:
    if not skipped:
        return []
    return [
        csv_file("skipped.csv", ("path", "reason"), [(one.path, one.reason) for one in skipped])
    ]


def _troubles(health: Health, t: Formatter) -> list[str]:
    troubles: list[str] = []
    if health.damaged:
        name = f"`{health.damaged[-1]}`"
        troubles.append(t("status-damaged", count=len(health.damaged), name=name))
    if health.failure is not None:
        sentence = escape(one_line(health.failure, _LONGEST_FAILURE), line_start=False)
        troubles.append(t("status-failure", sentence=sentence))
    return troubles


def _holdings(stats: Stats, t: Formatter) -> list[str]:
    lines = [t("status-holds", articles=stats.articles, passages=stats.passages)]
    if stats.sources:
        shown = [
            t("status-source", name=list_names([one.name], t), articles=one.articles)
            for one in stats.sources[:SOURCES_NAMED]
        ]
        names = t("comma").join(shown) + ("…" if len(stats.sources) > SOURCES_NAMED else "")
        lines.append(t("status-sources", count=len(stats.sources), sources=names))
    if stats.commit:
        lines.append("-# " + t("status-commit", commit=f"`{stats.commit[:12]}`"))
    built = f"<t:{_epoch(stats.built_at)}:R>"
    lines.append("-# " + t("status-built", when=built, size=round(stats.bytes / 2**20, 1)))
    lines.append("-# " + t("status-generation", name=f"`{stats.generation}`"))
    if stats.skipped:
        lines.append(_skipped(stats.skipped, SKIPPED_IN_STATUS, t))
    return lines


def _questions(figures: QuestionFigures, t: Formatter) -> list[str]:
    lines = [t("status-questions", asked=figures.total, unanswered=figures.unanswered)]
    if figures.p50_ms is not None and figures.p95_ms is not None:
        p50, p95 = (max(1, round(value)) for value in (figures.p50_ms, figures.p95_ms))
        lines.append("-# " + t("status-latency", p50=p50, p95=p95))
    return lines


def _skipped(skipped: Sequence[Skipped], most: int, t: Formatter) -> str:
    lines = [t("skipped-title", count=len(skipped))]
    for one in skipped[:most]:
        path = escape(one_line(one.path, _LONGEST_PATH), line_start=False)
        reason = escape(one_line(one.reason, _LONGEST_REASON), line_start=False)
        lines.append(f"-# • {path} — {reason}")
    if len(skipped) > most:
        lines.append("-# " + t("skipped-more", count=len(skipped) - most))
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
