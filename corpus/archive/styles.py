"""Reads from CSS whether an element is shown: its own ``style``, and the sheets within a post.

Only what authors and copy protection write is understood: simple selectors, no cascade.
"""

import re

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
_RULE = re.compile(r"([^{};@]{1,500})\{([^{}]{0,2000})\}")
_AT_RULE = re.compile(r"@[^{};@]*+(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NAME_SELECTOR = re.compile(r"\s*[a-zA-Z][\w]*?([.#][\w-]+)\s*|\s*([.#][\w-]+)\s*")
_MAX_SHEET_CHARS = 50_000


def hides(style: str) -> bool:
    """Return whether ``style`` hides an element with all it holds."""
    if ":" not in style:
        return False
    return bool(_HIDES.search(style)) or (
        bool(_CLIPS.search(style)) and bool(_EMPTY_BOX.search(style))
    )


def is_block(style: str) -> bool:
    """Return whether ``style`` makes an element a block of its own."""
    return bool(_BLOCK.search(style))


def unseen(style: str, inherited: frozenset[str]) -> frozenset[str]:
    """Return the properties that keep an element's text from being seen.

    Args:
        style: its own.
        inherited: those properties of the element around it.
    """
    shown = {name for match in _SEEN.finditer(style) for name in _named(match)}
    hidden = {name for match in _UNSEEN.finditer(style) for name in _named(match)}
    return (inherited - shown) | hidden


def hidden_names(root: LexborNode) -> frozenset[str]:
    """Return the classes (``.name``) and ids (``#name``) that a page's own sheets hide."""
    # A sheet at the start of a post becomes part of the head.
    sheets = (root.parent or root).css("style")
    sheet = "\n".join(node.text() for node in sheets)[:_MAX_SHEET_CHARS]
    if not sheet:
        return frozenset()
    sheet = _AT_RULE.sub(" ", _CSS_COMMENT.sub(" ", sheet))
    names: set[str] = set()
    for selectors, style in _RULE.findall(sheet):
        if hides(style) or unseen(style, frozenset()):
            for selector in selectors.split(","):
                if match := _NAME_SELECTOR.fullmatch(selector):
                    names.add(match[1] or match[2])
    return frozenset(names)


def _named(match: re.Match[str]) -> list[str]:
    return [name for name, text in match.groupdict().items() if text]
