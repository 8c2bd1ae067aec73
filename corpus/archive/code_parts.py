"""Finds the code in Markdown, in which no other markup counts."""

import re
from collections.abc import Callable

FENCE = r"(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$"
"""Opens a fenced block. After backticks on the same line it would be a code span."""
CODE = re.compile(
    rf"^ {{0,3}}{FENCE}(?:.*?^ {{0,3}}(?P=fence)[`~]*[ \t]*$|.*\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).){1,1000}?(?<!`)(?P=ticks)(?!`)",
    re.MULTILINE | re.DOTALL,
)
"""A fenced block, which without an end goes on to the last line, or a code span."""


def outside_code(text: str, edit: Callable[[str], str]) -> str:
    """Return ``text`` with all parts edited that are not code."""
    if "`" not in text and "~~~" not in text:
        return edit(text)
    parts: list[str] = []
    position = 0
    for match in CODE.finditer(text):
        parts += [edit(text[position : match.start()]), match[0]]
        position = match.end()
    parts.append(edit(text[position:]))
    return "".join(parts)
