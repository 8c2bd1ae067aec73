import re
from pathlib import Path

import pytest

from corpus.archive import fields

HOSTING = Path(__file__).parents[3] / "docs" / "hosting.md"


@pytest.mark.parametrize(
    ("row", "keys"),
    [
        ("source link", fields.SOURCE_LINK_KEYS),
        ("date", (*fields.DATE_KEYS, *fields.LATER_DATE_KEYS)),
        ("author", fields.AUTHOR_KEYS),
        ("source", fields.CATEGORY_KEYS),
        ("tags", fields.TAG_KEYS),
    ],
)
def test_the_documentation_names_the_keys_in_their_order(row: str, keys: tuple[str, ...]) -> None:
    (line,) = re.findall(rf"^\| {row} \| (.*) \|$", HOSTING.read_text("utf-8"), re.MULTILINE)
    named = [key.lower() for key in re.findall(r"`(\w+)`", line)]
    assert named[: len(keys)] == list(keys)
