"""Reads from CSS whether an element is shown: its own ``style``, and the sheets within a post.

Only what authors and copy protection write is understood: simple selectors, no cascade.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

_ZERO = r"0+(?:\.0+)?(?:px|pt|em|rem|%|vh|vw)?"
_END = r"\s*(?:!\s*important\s*)?(?:;|$)"
_START = r"(?:^|;)\s*"

_HIDES = re.compile(
    rf"""{_START}(?:
        display\s*:\s*none | opacity\s*:\s*{_ZERO} | content-visibility\s*:\s*hidden
      | (?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{{3,}}[\w.]*
      | clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)
      | clip-path\s*:\s*inset\(\s*(?:50|100)%\s*\)
      | transform\s*:\s*scale[XY]?\(\s*0\s*\)
    ){_END}""",
    re.VERBOSE | re.IGNORECASE,
)
"""What hides an element with all it holds."""
_EMPTY_BOX = re.compile(
    rf"{_START}(?:max-)?(?:width|height)\s*:\s*(?:{_ZERO}|1px){_END}", re.IGNORECASE
)
_CLIPS = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)", re.IGNORECASE)

_UNSEEN = re.compile(
    rf"""{_START}(?:(?P<visibility>visibility\s*:\s*(?:hidden|collapse))
      | (?P<size>font-size\s*:\s*(?:{_ZERO}|0?\.\d+(?:px|pt)))
      | (?P<color>color\s*:\s*transparent)){_END}""",
    re.VERBOSE | re.IGNORECASE,
)
"""What hides text, until an element inside sets the same property otherwise."""
_SEEN = re.compile(
    rf"""{_START}(?:(?P<visibility>visibility\s*:\s*visible)
      | (?P<size>font-size\s*:\s*(?:(?!{_ZERO}{_END})[\d.]+(?:px|pt|rem|vw|vh)|[a-z]))
      | (?P<color>color\s*:\s*(?!transparent|inherit)))""",
    re.VERBOSE | re.IGNORECASE,
)
_BLOCK = re.compile(
    rf"{_START}display\s*:\s*(?:block|flex|grid|table|table-row|list-item|flow-root|-webkit-box)"
    rf"{_END}",
    re.IGNORECASE,
)
_CONTAINER = re.compile(rf"{_START}display\s*:\s*(?:inline-)?(?:flex|grid){_END}", re.IGNORECASE)
_RULE = re.compile(r"([^{};@]{1,500})\{([^{}]{0,2000})\}")
_AT_RULE = re.compile(r"@[^{};@]*+(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_NAME_SELECTOR = re.compile(r"\s*[a-zA-Z][\w]*?([.#][\w-]+)\s*|\s*([.#][\w-]+)\s*")
_MAX_SHEET_CHARS = 50_000


def hides(style: str) -> bool:
    """Return whether ``style`` hides an element with all it holds."""
    if ":" not in style:
        return False
    style = _in_force(style)
    return bool(_HIDES.search(style)) or (
        bool(_CLIPS.search(style)) and bool(_EMPTY_BOX.search(style))
    )


def is_block(style: str) -> bool:
    """Return whether ``style`` makes an element a block of its own."""
    return bool(_BLOCK.search(style))


def makes_blocks(style: str) -> bool:
    """Return whether ``style`` makes each of an element's children a block."""
    return bool(_CONTAINER.search(style))


def unseen(style: str, inherited: frozenset[str]) -> frozenset[str]:
    """Return the properties that keep an element's text from being seen.

    Args:
        style: its own.
        inherited: those properties of the element around it.
    """
    shown = {name for match in _SEEN.finditer(style) for name in _named(match)}
    hidden = {name for match in _UNSEEN.finditer(style) for name in _named(match)}
    return (inherited - shown) | hidden


@dataclass(frozen=True, slots=True)
class SheetNames:
    """The classes (``.name``) and ids (``#name``) to which a page's own sheets give a style."""

    hidden: frozenset[str] = frozenset()
    blocks: frozenset[str] = frozenset()


def sheet_names(root: LexborNode) -> SheetNames:
    """Return the names that the sheets of a page hide or make blocks."""
    # A sheet at the start of a post becomes part of the head.
    sheets = (root.parent or root).css("style")
    sheet = "\n".join(node.text() for node in sheets)[:_MAX_SHEET_CHARS]
    if not sheet:
        return SheetNames()
    sheet = _AT_RULE.sub(" ", _CSS_COMMENT.sub(" ", sheet))
    hidden: set[str] = set()
    blocks: set[str] = set()
    for selectors, style in _RULE.findall(sheet):
        names = [
            match[1] or match[2]
            for match in map(_NAME_SELECTOR.fullmatch, selectors.split(","))
            if match
        ]
        if hides(style) or unseen(style, frozenset()):
            hidden.update(names)
        elif is_block(style):
            blocks.update(names)
    return SheetNames(frozenset(hidden), frozenset(blocks))


def _in_force(style: str) -> str:
    """Return ``style`` without declarations that a later one of the same property replaces."""
    declared: dict[str, str] = {}
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if "!" in value or "!" not in declared.get(name, ""):
            declared[name] = value
    return ";".join(f"{name}:{value}" for name, value in declared.items())


def _named(match: re.Match[str]) -> list[str]:
    return [name for name, text in match.groupdict().items() if text]
