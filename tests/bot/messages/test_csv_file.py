"""CSV files open as text, whatever their cells begin with."""

import csv
from io import StringIO

import pytest

from bot.messages.csv_file import csv_file


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+花蓮", "-莫拉克", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＋1", "－1", "＠a"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    written = csv_file("a.csv", ["x"], [[cell]]).content
    rows = list(csv.reader(StringIO(written.decode("utf-8-sig"), newline="")))
    assert rows == [["x"], ["'" + cell]]


def test_other_cells_stay_as_they_are() -> None:
    row = ["颱風, 怎麼\n形成？", '"引號"', 3, "a=b", ""]
    written = csv_file("a.csv", list("abcde"), [row]).content
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(written.decode("utf-8-sig"), newline="")))
    assert rows[1] == [str(cell) for cell in row]


def test_half_a_surrogate_pair_does_not_lose_the_file() -> None:
    assert b"a?b" in csv_file("a.csv", ["x"], [["a\ud800b"]]).content
