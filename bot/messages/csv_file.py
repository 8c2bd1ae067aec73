"""Rows -> a CSV file that a spreadsheet opens as text and never as a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from bot.messages.layout import Attachment

# Full-width signs too: spreadsheets of Chinese readers take them as the others.
_FORMULA = tuple("=+-@＝＋－＠\t\r")


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Attachment:
    """Return the file called ``name``: UTF-8 with the mark by which Excel knows it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return Attachment(name, text.getvalue().encode("utf-8-sig", "replace"))


def _harmless(cell: str | int) -> str | int:
    if isinstance(cell, str) and cell.lstrip(" \u3000").startswith(_FORMULA):
        return "'" + cell
    return cell
