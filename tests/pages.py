"""pages: README.md and docs/ as a reader finds them, for the tests of what they say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def tokens(page: Path) -> list[Token]:
    """Return a page as markdown-it reads it."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))


def inline(page: Path) -> Iterator[Token]:
    """Give what stands in the text: code, links, pictures."""
    for token in tokens(page):
        yield from token.children or ()


def blocks(page: Path, *kinds: str) -> list[str]:
    """Return the code blocks of some kinds."""
    return [
        token.content for token in tokens(page) if token.type == "fence" and token.info in kinds
    ]


def spans(page: Path) -> list[str]:
    """Return the code that stands in the text."""
    return [token.content for token in inline(page) if token.type == "code_inline"]


def headings(page: Path) -> Iterator[str]:
    """Give the text of each heading."""
    for opening, content in pairwise(tokens(page)):
        if opening.type == "heading_open":
            yield "".join(token.content for token in content.children or ())
