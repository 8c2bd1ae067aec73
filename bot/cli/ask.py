"""The commands of the terminal: ``ask``, ``timeline`` and ``reindex``."""

import argparse
import sys

from rich.console import Console

from bot.cli import output
from bot.cli.reading import print_sources
from bot.settings import Settings
from corpus import (
    Filters,
    IndexReport,
    IndexUnusableError,
    Library,
    SearchResult,
    Sort,
    WrongArchiveError,
)

_NOTHING_KEPT = (
    "Nothing was kept: with SEARCH_URL=memory: each process builds an index of its own when it"
    " starts."
)


async def reindex(library: Library, options: argparse.Namespace, settings: Settings) -> None:
    """Bring the index up to date and report."""
    with output.reindex_progress(Console(stderr=True)) as show:
        report = await library.reindex(full=options.full, on_progress=show)
    if options.json:
        _print_line(output.json_line(output.report_json(report)))
    else:
        output.print_report(Console(), report)
        print_sources(Console(), report.reading)
    if not library.keeps_index:
        Console(stderr=True).print(_NOTHING_KEPT, highlight=False)
    _check_for_posts(report, settings)


async def ask(library: Library, options: argparse.Namespace, settings: Settings) -> None:
    """Answer a question, or each of those that come in; build the index where there is none."""
    await _open_or_build(library, settings)

    async def search(question: str) -> SearchResult:
        filters = Filters(
            options.source, options.author, options.tag, options.after, options.before
        )
        return await library.search(question, filters, limit=options.limit, sort=Sort(options.sort))

    question = _question(options)
    if options.json and question == "-":
        for line in sys.stdin or ():
            _print_line(output.json_line(output.result_json(await search(line.strip()))))
    elif options.json:
        _print_line(output.json_line(output.result_json(await search(question))))
    else:
        output.print_result(Console(), await search(question), explain=options.explain)


async def timeline(library: Library, options: argparse.Namespace, settings: Settings) -> None:
    """Tell a story from its beginning; build the index where there is none."""
    await _open_or_build(library, settings)
    filters = Filters(after=options.after, before=options.before)
    found = await library.timeline(_question(options), filters)
    if options.json:
        _print_line(output.json_line(output.timeline_json(found)))
    else:
        output.print_timeline(Console(), found)


def _question(options: argparse.Namespace) -> str:
    """Return the question of the command line.

    What the terminal could not decode stands there as half surrogate pairs, which JSON cannot hold.
    """
    return " ".join(options.question).encode("utf-8", "replace").decode()


async def _open_or_build(library: Library, settings: Settings) -> None:
    try:
        await library.open()
    except IndexUnusableError as error:
        console = Console(stderr=True)
        console.print(f"{error} Building it …", highlight=False)
        with output.reindex_progress(console) as show:
            report = await library.reindex(on_progress=show)
        output.print_report(console, report)
        _check_for_posts(report, settings)


def _check_for_posts(report: IndexReport, settings: Settings) -> None:
    """Say it where there was nothing to read: an empty index is in order, but nobody's aim."""
    if not report.articles and not report.skipped:
        raise WrongArchiveError(output.no_posts(settings.archive_location))


def _print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (unlike write, does nothing where there is no output)
