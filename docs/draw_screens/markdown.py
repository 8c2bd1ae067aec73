r"""Discord's markdown -> HTML, by Discord's rules.

They are those of simple-markdown with Discord's own: tried in turn at each place, the first that
fits takes the text. It is not CommonMark: ``**`` pairs with the next ``**`` whatever stands around
it, which is what lets a mark begin or end inside Chinese text.
"""

import re
from collections.abc import Callable
from html import escape
from typing import NamedTuple

from docs.draw_screens.reader import Reader

Match = re.Match[str]


class Rule(NamedTuple):
    """What a piece of text looks like, and the HTML that it becomes."""

    pattern: re.Pattern[str]
    html: Callable[[Match, Reader], str]


def block_html(text: str, reader: Reader) -> str:
    """Return the HTML of a text display: quotes, headings, lists and the lines between them."""
    parts: list[str] = []
    offset = 0
    while offset < len(text):
        for pattern, html in _BLOCKS:
            if match := pattern.match(text, offset):
                parts.append(html(match, reader))
                offset = match.end()
                break
    return "".join(parts)


def inline_html(text: str, reader: Reader) -> str:
    """Return the HTML of text in which nothing begins a block."""
    parts: list[str] = []
    offset = 0
    while offset < len(text):
        for pattern, html in _INLINE:
            if match := pattern.match(text, offset):
                parts.append(html(match, reader))
                offset = match.end()
                break
    return "".join(parts)


def _wrapped(tag: str, attributes: str = "") -> Callable[[Match, Reader], str]:
    """Return a rule's HTML: its first group, marks and all, inside an element."""

    def html(match: Match, reader: Reader) -> str:
        return f"<{tag}{attributes}>{inline_html(match[1], reader)}</{tag}>"

    return html


def _quote(match: Match, reader: Reader) -> str:
    lines = match[1].removesuffix("\n").split("\n")
    inner = "\n".join(re.sub(r"^ *> ", "", line) for line in lines)
    return f"<blockquote>{block_html(inner, reader)}</blockquote>"


def _rest_quoted(match: Match, reader: Reader) -> str:
    return f"<blockquote>{block_html(match[1], reader)}</blockquote>"


def _heading(match: Match, reader: Reader) -> str:
    level = len(match[1])
    return f"<h{level}>{inline_html(match[2].rstrip('# '), reader)}</h{level}>"


def _list(match: Match, reader: Reader) -> str:
    items: list[str] = []
    number = 0
    for line in match[0].removesuffix("\n").split("\n"):
        item = _ITEM.match(line)
        assert item is not None
        if item[2].isdigit():
            # Discord counts on from the first number, whatever the others say.
            number = number + 1 if number else int(item[2])
        bullet = f"{number}." if item[2].isdigit() else "•"
        depth = len(item[1]) // 2
        items.append(
            f'<div class="item" style="margin-left:{depth * 1.25:g}em">'
            f'<span class="bullet">{bullet}</span>{inline_html(item[3], reader)}</div>'
        )
    return "".join(items)


def _code_block(match: Match, _: Reader) -> str:
    return f"<pre>{escape(match[1])}</pre>"


def _code(match: Match, _: Reader) -> str:
    return f"<code>{escape(match[2].strip())}</code>"


def _link(match: Match, reader: Reader) -> str:
    return f'<a href="{escape(match[2])}">{inline_html(match[1], reader)}</a>'


def _bare_link(match: Match, _: Reader) -> str:
    return f'<a href="{escape(match[1])}">{escape(match[1])}</a>'


def _moment(match: Match, reader: Reader) -> str:
    shown = reader.moment(int(match[1]), match[2] or "f")
    return f'<span class="moment">{escape(shown)}</span>'


def _command(match: Match, _: Reader) -> str:
    return f'<span class="mention">/{escape(match[1])}</span>'


def _mention(match: Match, reader: Reader) -> str:
    return f'<span class="mention">{escape(reader.named(match[1], match[2]))}</span>'


def _literal(match: Match, _: Reader) -> str:
    return escape(match[1])


def _line_break(_: Match, __: Reader) -> str:
    return "<br>"


_ITEM = re.compile(r"( *)(?:(?=[-*] )|(?=\d))(\d+(?=\. )|[-*])\.? +([^\n]+)")

# Each applies where a line begins. The last takes the line, or all before the next block.
_BLOCKS = (
    Rule(re.compile(r"```(?:[\w+.#-]*\n)?\n*([^\n][\s\S]*?)\n*```\n?"), _code_block),
    Rule(re.compile(r" *>>> ([\s\S]*)"), _rest_quoted),
    Rule(re.compile(r"((?: *> [^\n]*(?:\n|$))+)"), _quote),
    Rule(re.compile(r" *(#{1,3}) +([^\n]+)(?:\n|$)"), _heading),
    Rule(re.compile(r" *-# +([^\n]+)(?:\n|$)"), _wrapped("small")),
    Rule(re.compile(r"(?: *(?:[-*]|\d+\.) +[^\n]+(?:\n|$))+"), _list),
    Rule(
        re.compile(r"([\s\S]+?)(?:\n(?= *(?:>>>|>|#{1,3}|-#|[-*]|\d+\.) |```)|\n?\Z)", re.ASCII),
        _wrapped("div"),
    ),
)

_INLINE = (
    Rule(re.compile(r"\\([^0-9A-Za-z\s])", re.ASCII), _literal),
    Rule(re.compile(r"\[((?:\\.|[^\]\\\n])+)\]\(<?(https?://[^\s()<>]+)>?\)"), _link),
    Rule(re.compile(r"<(https?://[^\s<>]+)>"), _bare_link),
    Rule(re.compile(r"(https?://[^\s<]+[^<.,:;\"'\]\s])"), _bare_link),
    Rule(re.compile(r"<t:(-?\d{1,17})(?::([tTdDfFR]))?>"), _moment),
    Rule(re.compile(r"</([^:\n]{1,100}):\d+>"), _command),
    Rule(re.compile(r"<(@!?|@&|#)(\d+)>"), _mention),
    Rule(re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"), _wrapped("strong")),
    Rule(re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"), _wrapped("u")),
    Rule(re.compile(r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b", re.ASCII), _wrapped("em")),
    Rule(
        re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
        _wrapped("em"),
    ),
    Rule(re.compile(r"~~([\s\S]+?)~~"), _wrapped("s")),
    Rule(re.compile(r"\|\|([\s\S]+?)\|\|"), _wrapped("span", ' class="spoiler"')),
    Rule(re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)"), _code),
    Rule(re.compile(r"\n"), _line_break),
    Rule(re.compile(r"([\s\S][^\\\[<*_~|`\nh]*)"), _literal),
)
