"""The output of the command line: hits, notices, progress and reports, as text or JSON."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from bot.messages.markdown import one_line
from corpus import (
    Hit,
    IndexReport,
    Noted,
    Notice,
    NoticeKind,
    SearchResult,
    Skipped,
    Timeline,
    age,
)
from corpus import Progress as ReindexProgress

SKIPPED_SHOWN = 20

_TALK = (
    "Hello! I answer from the archive's articles: ask about a name, an event, or in a short"
    " sentence."
)

_ESCAPED_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}
"""What JSON lets stand in a text, though Unicode takes it for the end of a line."""

_MAX_PATH_CHARS = 500  # characters shown

_PHASES = {
    "scan": "Looking for changes",
    "read": "Reading articles",
    "write": "Writing the index",
}


def result_json(result: SearchResult) -> dict[str, Any]:
    """Return ``result`` as the object that ``ask --json`` prints. Spans are code points."""
    return {
        "question": result.question,
        "outcome": result.outcome,
        "conditions": [
            {"kind": condition.kind, "text": condition.text, "value": condition.value}
            for condition in result.conditions
        ],
        "searched": list(result.searched),
        "total": result.total,
        "elapsed_ms": round(result.elapsed_ms, 3),
        "hits": [_hit_json(hit) for hit in result.hits],
        "suggestions": list(result.suggestions),
        "notice": notice_sentence(result.notice) if result.notice else None,
    }


def timeline_json(timeline: Timeline) -> dict[str, Any]:
    """Return ``timeline`` as the object that ``timeline --json`` prints; ``days``: of how many."""
    return {**result_json(timeline.result), "days": timeline.total}


def report_json(report: IndexReport) -> dict[str, Any]:
    """Return ``report`` as the object that ``reindex --json`` prints."""
    return {
        "articles": report.articles,
        "passages": report.passages,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "skipped": [{"path": file.path, "reason": file.reason} for file in report.skipped],
        "noted": [{"path": note.path, "note": note.note} for note in report.noted],
        "reading": [
            {
                "source": source.source,
                "articles": source.articles,
                "read": source.read,
                "left_out": dict(source.left_out),
            }
            for source in report.reading
        ],
        "seconds": round(report.seconds, 3),
        "commit": report.commit,
        "fetched_at": report.fetched_at,
        "problem": report.problem,
    }


def notice_sentence(notice: Notice) -> str:
    """Return in English why there is nothing to show, and what could be asked instead."""
    covers = ""
    if notice.first_date and notice.last_date:
        covers = f" The archive covers {notice.first_date} to {notice.last_date}."
    sources = f" Among its sources: {', '.join(notice.sources)}." if notice.sources else ""
    match notice.kind:
        case NoticeKind.EMPTY_QUESTION:
            text = f"Ask about something: the question holds no word to look for.{covers}{sources}"
        case NoticeKind.FILTERED_OUT:
            text = (
                f"The archive has passages on this, but none within the filters.{covers}{sources}"
            )
        case NoticeKind.UNKNOWN_SOURCE:
            text = f"The archive has no source of that name.{sources}"
        case NoticeKind.PHRASE_NOT_FOUND:
            text = "No passage holds what was quoted or marked with + and -."
        case NoticeKind.NO_MATCH:
            words = f" These words do occur: {', '.join(notice.words)}." if notice.words else ""
            text = f"Nothing was found.{words}{covers}{sources}"
        case NoticeKind.CLOSEST:
            text = "These are the closest passages; perhaps none answers the question."
        case NoticeKind.TALK:
            text = _TALK
    return text


def no_posts(archive: str) -> str:
    """Return in English that there is nothing to answer from."""
    return (
        f"{archive} holds no posts (Markdown, HTML, plain text, a feed or an export of WordPress):"
        " let ARCHIVE name the folder or the repository that does."
    )


def print_result(console: Console, result: SearchResult, *, explain: bool = False) -> None:
    """Print the hits of ``result``, or why there are none."""
    if explain:
        for line in result.explanation:
            console.print(Text(line, style="dim"), soft_wrap=True)
    if result.searched:
        console.print(Text(f"Also searched: {', '.join(result.searched)}"), soft_wrap=True)
    if result.notice:
        console.print(Text(notice_sentence(result.notice)), soft_wrap=True)
        for suggestion in result.suggestions:
            console.print(Text(f"Try: {suggestion}"))
    if not result.hits:
        return
    for hit in result.hits:
        console.print(_heading(hit), soft_wrap=True)
        console.print(_provenance(hit), soft_wrap=True)
        _print_passage(console, hit)
        if explain:
            parts = "  ".join(f"{name} {value:.2f}" for name, value in hit.parts.items())
            line = Text(f"score {hit.score:.2f} = {parts}", style="dim")
            console.print(Padding(line, (0, 0, 0, 3)))
        console.print()
    shown, total = len(result.hits), result.total
    console.print(
        Text(f"{shown} of {total} passages found, {result.elapsed_ms:.0f} ms", style="dim"),
        end="\n",
    )


def print_timeline(console: Console, timeline: Timeline) -> None:
    """Print the days of ``timeline``, or why there are none."""
    result = timeline.result
    if result.notice:
        console.print(Text(notice_sentence(result.notice)), soft_wrap=True)
    for hit in result.hits:
        day = Text(f"{hit.article.day}  ", style="bold cyan")
        told = one_line(hit.answer.text if hit.answer else hit.passage.text, len(hit.passage.text))
        where = hit.article.url or hit.article.file_url or _path(hit.article.path)
        console.print(Text.assemble(day, told), soft_wrap=True)
        console.print(Text(f"            {where}", style="dim"), soft_wrap=True)
    line = f"{len(result.hits)} of {timeline.total} days, {result.elapsed_ms:.0f} ms"
    console.print(Text(line, style="dim"))


def _print_passage(console: Console, hit: Hit) -> None:
    if console.is_terminal:
        console.print(Padding(marked(hit), (0, 2, 0, 3)))
        return
    # Nothing shows colours there: the answer stands between arrows, and no line is cut.
    text, answer = hit.passage.text, hit.answer
    if answer:
        text = f"{text[: answer.start]}▶{answer.text}◀{text[answer.end :]}"
    console.print(Text(f"   {text}"), soft_wrap=True)


def marked(hit: Hit) -> Text:
    """Return the passage of ``hit`` with its answer and its matched words marked."""
    text = Text(hit.passage.text)
    if hit.answer:
        text.stylize("black on bright_yellow", hit.answer.start, hit.answer.end)
    for start, end in hit.highlights:
        text.stylize("bold", start, end)
    return text


def print_report(console: Console, report: IndexReport) -> None:
    """Print what a reindex did, with the first files it skipped."""
    changes = f"{report.added} added, {report.changed} changed, {report.removed} removed"
    if not (report.added or report.changed or report.removed):
        changes = "nothing new"
    if report.problem and report.fetched_at:
        copied = age(report.fetched_at, datetime.now(UTC))
        text = f"{report.problem} The copy from {copied} ago serves on."
        console.print(Text(text, style="yellow"), soft_wrap=True)
    commit = f" at {report.commit[:12]}" if report.commit else ""
    console.print(
        f"{report.articles} articles, {report.passages} passages{commit}: {changes}"
        f" ({report.seconds:.1f} s).",
        highlight=False,
    )
    print_skipped(console, report.skipped)
    print_noted(console, report.noted)


def print_skipped(console: Console, skipped: tuple[Skipped, ...]) -> None:
    """Print which files were skipped and why, the first of many."""
    files = [(file.path, file.reason) for file in skipped]
    _print_files(console, f"Skipped {len(files)}:", files)


def print_noted(console: Console, noted: tuple[Noted, ...]) -> None:
    """Print which files were indexed, but not read as they are written, the first of many."""
    files = [(file.path, file.note) for file in noted]
    _print_files(console, f"Not read as written {len(files)}:", files)


def _print_files(console: Console, title: str, files: list[tuple[str, str]]) -> None:
    if not files:
        return
    console.print(title, highlight=False)
    for path, reason in files[:SKIPPED_SHOWN]:
        console.print(Text(f"  {_path(path)}: {reason}"), soft_wrap=True)
    if len(files) > SKIPPED_SHOWN:
        console.print(f"  … and {len(files) - SKIPPED_SHOWN} more", highlight=False)


@contextmanager
def reindex_progress(console: Console) -> Generator[Callable[[ReindexProgress], None]]:
    """Yield a callback that shows a reindex's progress: a bar on a terminal, else nothing."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Starting", total=None)

        def show(state: ReindexProgress) -> None:
            progress.update(
                task,
                description=_PHASES.get(state.phase, state.phase),
                completed=state.done,
                total=state.total or None,
            )

        yield show


def _hit_json(hit: Hit) -> dict[str, Any]:
    article, passage, answer = hit.article, hit.passage, hit.answer
    return {
        "rank": hit.rank,
        "score": hit.score,
        "title": article.title,
        "author": article.author,
        "source": article.source,
        "date": article.date,
        "url": article.url,
        "path": article.path,
        "ordinal": passage.ordinal,
        "passage": passage.text,
        "highlights": [list(span) for span in hit.highlights],
        "answer": {"text": answer.text, "start": answer.start, "end": answer.end}
        if answer
        else None,
        "duplicates": [other.url or other.path for other in hit.duplicates],
    }


def _heading(hit: Hit) -> Text:
    title = Text(hit.article.title, style="bold cyan")
    if hit.article.url:
        title.stylize(f"link {hit.article.url}")
    return Text.assemble((f"{hit.rank}. ", "dim"), title)


def _provenance(hit: Hit) -> Text:
    article = hit.article
    facts = [article.source]
    if article.author != article.source:
        facts.append(article.author)
    facts.append((article.date or "no date")[:10])
    if hit.passage.heading:
        facts.append(f"§ {hit.passage.heading}")
    where = article.url or article.file_url or f"{_path(article.path)} (no link)"
    lines = [" · ".join(filter(None, facts)), where]
    if hit.duplicates:
        lines.append(
            "also in " + ", ".join(other.url or _path(other.path) for other in hit.duplicates)
        )
    return Text("\n".join(f"   {line}" for line in lines), style="dim")


def _path(path: str) -> str:
    # A file may be called what clears a screen or sets its title.
    return one_line(path, _MAX_PATH_CHARS)


def json_line(value: dict[str, Any]) -> str:
    """Return ``value`` as one line of JSON, readable as it is, whoever splits the lines."""
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPED_BREAKS)
