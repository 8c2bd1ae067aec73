"""Removes what kramdown, Jekyll's Markdown, adds to a text without showing it."""

import re

from corpus.archive.code_parts import CODE, outside_code

_CODE_OR_COMMENT = re.compile(
    rf"(?P<comment>\{{::\s*comment\b[^{{}}\n/]*\}})|{CODE.pattern}", CODE.flags
)
_END_OF_COMMENT = re.compile(r"\{:/\s*(?:comment)?\s*\}")
_TOC = re.compile(
    r"^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t][^\n]*\n {0,3}\{:[^{}\n]*\btoc\b[^{}\n]*\}[ \t]*$"
    r"|^ {0,3}\[\[?(?:toc|TOC)\]?\][ \t]*$",
    re.MULTILINE,
)
"""Where the table of contents is put: a list of one item above ``{:toc}``, or ``[TOC]``."""
_ATTRIBUTES = re.compile(
    r"""(?<![ \t])[ \t]*+\{:(?:[^{}\n"']|"[^"\n]*"|'[^'\n]*')*\}
    | (?<![ \t])[ \t]++\{[\#.][\w-][^{}\n]*\}(?=[ \t]*\#*[ \t]*$)""",
    re.MULTILINE | re.VERBOSE,
)
"""``{: .class key="value"}`` after a span or on a line of its own; ``{#id}`` after a heading."""
_UNSHOWN_LINE = re.compile(
    r"^(?:\^[ \t]*| {0,3}\*\[[^\]\n]{1,80}\]:[^\n]*|\\(?:newpage|pagebreak)[ \t]*)$", re.MULTILINE
)
"""The end of a block, and what an abbreviation stands for."""


def without_comments(body: str) -> str:
    """Return ``body`` without ``{::comment} … {:/comment}``."""
    if "{::" not in body:
        return body
    parts: list[str] = []
    position = 0
    while match := _CODE_OR_COMMENT.search(body, position):
        parts.append(body[position : match.start()])
        if not match["comment"]:
            parts.append(match[0])
            position = match.end()
        elif end := _END_OF_COMMENT.search(body, match.end()):
            position = end.end()
        else:
            position = match.start()
            break
    return "".join([*parts, body[position:]])


def without_attributes(markdown: str) -> str:
    """Return Markdown without attribute lists, extension tags and places for generated lists."""
    return outside_code(markdown, _without_attributes)


def _without_attributes(text: str) -> str:
    text = _ATTRIBUTES.sub("", _TOC.sub("", text))
    return _UNSHOWN_LINE.sub("", text)
