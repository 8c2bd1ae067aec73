"""Renders the template tags of a post: Liquid (Jekyll), Nunjucks (Hexo), shortcodes (Hugo).

A post is read without its site, so what only the site knows is left out: includes, variables,
filters. No template engine is used, because each of them stops at the first tag of a plugin.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from corpus.archive.code_parts import CODE, outside_code

_BLOCK = re.compile(
    r"(?P<brackets>\{%|\{\{[<%])[-+]?\s*(?P<tag>raw|comment|highlight|codeblock|code)\b"
    r"[^%>{}\n]{0,200}(?:%\}|[%>]\}\})"
)
"""Tags whose content no engine renders."""
_ARGUMENT = r"(?:[^\"'{}%]|%(?!\})|\"[^\"]{0,500}\"|'[^']{0,500}')"
_TAG = re.compile(
    rf"""(?P<before>[ \t]{{0,50}}+\n?[ \t]{{0,50}}+(?=\{{[{{%]-))?
    (?: \{{%[-+~]? \s* (?P<name>[a-zA-Z_\#][\w-]*)
            (?P<arguments>{_ARGUMENT}{{0,500}}?|[^%\n]{{0,500}}?) [-+~]?%\}}
      | \{{\{{[-~]? (?![<%{{])
            (?P<value>(?:[^{{}}"']|"[^"]{{0,500}}"|'[^']{{0,500}}'){{0,500}}?) [-~]?\}}\}}
    )
    (?P<after>(?<=-[%}}]\}})[ \t]{{0,50}}+\n?[ \t]{{0,50}}+)?""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"\{#(?:[^#{}]|#(?!\})){0,2000}#\}")
_SHORTCODE = re.compile(
    r"\{\{[<%]\s*/?\s*[a-zA-Z_][\w./-]*"
    r"(?P<arguments>(?:[^\"'`{}]|\"[^\"]{0,500}\"|'[^']{0,500}'|`[^`]{0,500}`){0,500}?)[%>]\}\}"
)
_QUOTED_SHORTCODE = re.compile(r"\{\{([<%])/\*(.{0,500}?)\*/([%>])\}\}")
_CAPTION = re.compile(r"\bcaption\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_BRANCH = re.compile(
    r"\{%[-+]?\s*(?P<tag>if|unless|elsif|else|case|for|endif|endunless|endcase|endfor)\b"
    r"\s*(?P<condition>[^%{}]{0,200}?)\s*[-+]?%\}"
)
_FALSE = frozenset("false no off".split())
_MAX_OPEN_BRANCHES = 100
_OPENS_BRANCHES = frozenset({"if", "unless", "case", "for"})
_CAPTURE = re.compile(r"\{%-?\s*capture\s+[\"']?(?P<name>[\w-]{1,100})[\"']?\s*-?%\}")
_END_OF_CAPTURE = re.compile(r"\{%-?\s*endcapture\s*-?%\}")
_VALUE_NAME = re.compile(r"\{\{-?\s*([\w-]+)")
_ARGUMENTS = re.compile(r"\{%-?\s*(?!capture\b)\w+\s([^%{}]*)%\}")
_WORD = re.compile(r"[\w-]+")
_ASSIGN = re.compile(r"\s*([\w-]+)\s*=\s*(.*?)\s*", re.DOTALL)
_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'|(-?\d+(?:\.\d+)?)")
_DEFAULT = re.compile(r"\|\s*default\s*:\s*(?:\"([^\"]*)\"|'([^']*)')")
_QUOTED = "\ue010"
"""Keeps apart the braces of text that is not Liquid; a private-use character."""


def render(body: str, page: Mapping[str, object], *, shortcodes_only: bool = False) -> str:
    """Return ``body`` as its template engine leaves it: comments and tags gone, code kept.

    Args:
        body: Markdown or HTML.
        page: the front matter, which a template may show.
        shortcodes_only: whether the site is one of Hugo, which knows no other tags.
    """
    if not any(start in body for start in ("{{", "{%", "{#")):
        return body
    body = outside_code(_with_blocks(body), lambda text: _SHORTCODE.sub(_shortcode, text))
    if not shortcodes_only:
        variables = _Variables(page)
        body = variables.without_dead_branches(body)
        body = variables.without_captures(body)
        body = variables.render(outside_code(body, lambda text: _COMMENT.sub("", text)))
    return _QUOTED_SHORTCODE.sub(r"{{\1\2\3}}", body).replace(_QUOTED, "")


def _with_blocks(body: str) -> str:
    """Drop comments, keep what is raw, and turn listings into HTML, which needs no escapes."""
    parts: list[str] = []
    position = start = 0
    unclosed: set[tuple[str, str]] = set()
    while opening := _BLOCK.search(body, start):
        start = opening.end()
        kind = opening["brackets"], opening["tag"]
        closing = None if kind in unclosed else _end_of_block(opening).search(body, start)
        if closing is None:
            unclosed.add(kind)
            continue
        content = body[start : closing.start()]
        parts += [body[position : opening.start()], _BLOCKS[opening["tag"]](content)]
        position = start = closing.end()
    return "".join([*parts, body[position:]])


def _end_of_block(opening: re.Match[str]) -> re.Pattern[str]:
    if opening["brackets"] == "{%":
        return re.compile(rf"\{{%[-+]?\s*end{opening['tag']}\s*[-+]?%\}}")
    return re.compile(rf"\{{\{{[<%]\s*/\s*{opening['tag']}\s*[%>]\}}\}}")


def _listing(code: str) -> str:
    return f"\n\n<pre><code>{html.escape(_raw(code), quote=False)}</code></pre>\n\n"


def _raw(text: str) -> str:
    return text.replace("{", "{" + _QUOTED)


_BLOCKS: Mapping[str, Callable[[str], str]] = {
    "raw": _raw,
    "comment": lambda _: "",
    "highlight": _listing,
    "codeblock": _listing,
    "code": _listing,
}


@dataclass(slots=True)
class _Branch:
    """The present branch of an open condition."""

    is_shown: bool | None
    """None: only the site knows."""
    was_shown: bool = False
    """Whether an earlier branch was."""

    def go_on(self, truth: bool | None) -> None:  # noqa: FBT001 (of its condition)
        """Go on to the next branch; where an earlier one may be shown, this one may be, too."""
        if self.is_shown is None:
            return
        self.was_shown = self.was_shown or self.is_shown
        self.is_shown = False if self.was_shown else truth


class _Variables:
    """The variables of one post: its front matter, and what it assigns."""

    def __init__(self, page: Mapping[str, object]) -> None:
        self._values = {
            f"page.{name}": value for name, value in page.items() if isinstance(value, str)
        }

    def without_dead_branches(self, body: str) -> str:
        """Drop what is surely not shown: ``{% if false %}``, or by a key of the post.

        Where only the site knows a condition, all its branches stay.
        """
        code = [match.span() for match in CODE.finditer(body)]
        parts: list[str] = []
        open_: list[_Branch] = []
        position = 0
        for match in _BRANCH.finditer(body):
            while code and code[0][1] <= match.start():
                del code[0]
            if code and code[0][0] <= match.start():
                continue
            if not any(branch.is_shown is False for branch in open_):
                parts.append(body[position : match.start()])
            position = match.start()
            tag = match["tag"]
            if len(open_) > _MAX_OPEN_BRANCHES:
                return body
            if tag in _OPENS_BRANCHES:
                shown = self._truth(match["condition"]) if tag in {"if", "unless"} else None
                open_.append(_Branch(not shown if tag == "unless" and shown is not None else shown))
            elif not open_:
                return body  # its tags do not match
            elif tag.startswith("end"):
                open_.pop()
            else:
                open_[-1].go_on(True if tag == "else" else self._truth(match["condition"]))
        return "".join([*parts, body[position:]])

    def without_captures(self, body: str) -> str:
        """Take what ``{% capture name %}`` holds as the value of a variable, unless it is a block.

        A block stays in its place if anything shows it, since its Markdown must stand by itself.
        """
        values = set(_VALUE_NAME.findall(body))
        used = {word for arguments in _ARGUMENTS.findall(body) for word in _WORD.findall(arguments)}
        parts: list[str] = []
        position = 0
        while opening := _CAPTURE.search(body, position):
            closing = _END_OF_CAPTURE.search(body, opening.end())
            if closing is None:
                break
            name, content = opening["name"], body[opening.end() : closing.start()]
            parts.append(body[position : opening.start()])
            if name in values and "\n" not in content:
                self._values[name] = self.render(content)
            elif name in values | used:
                parts.append(f"\n\n{content}\n\n")
            position = closing.end()
        return "".join([*parts, body[position:]])

    def _truth(self, condition: str) -> bool | None:
        """Return whether a condition holds; None: only the site knows."""
        name = condition.strip()
        if name in {"true", "false", "nil"}:
            return name == "true"
        value = self._values.get(name)
        return None if value is None else value.lower() not in _FALSE

    def render(self, body: str) -> str:
        return outside_code(body, lambda text: _TAG.sub(self._replace, text))

    def _replace(self, match: re.Match[str]) -> str:
        if match["name"] is None:
            return self._value(match["value"])
        name, arguments = match["name"], match["arguments"]
        if name == "assign" and (assigned := _ASSIGN.fullmatch(arguments)):
            self._values[assigned[1]] = self._value(assigned[2])
        if name in _TEXT_TAGS:
            return _TEXT_TAGS[name](arguments.split())
        return _caption(arguments)

    def _value(self, expression: str) -> str:
        first, _, filters = expression.partition("|")
        first = first.strip()
        if literal := _LITERAL.fullmatch(first):
            value = next(group for group in literal.groups() if group is not None)
            # `'now' | date: '%Y'` is no text of the author's.
            return "" if "date" in filters else value
        value = self._values.get(first, "")
        if not value and (default := _DEFAULT.search(expression)):
            value = default[1] or default[2] or ""
        return value


def _link_text(words: list[str]) -> str:
    """Return the text of Hexo's ``link text address``; Jekyll's ``link`` is an address."""
    end = next((i for i, word in enumerate(words) if word.startswith(("http", "/"))), 0)
    return " ".join(words[:end])


_TEXT_TAGS: Mapping[str, Callable[[list[str]], str]] = {
    "link": _link_text,
    "post_link": lambda words: " ".join(words[1:]).strip("'\""),
    "asset_link": lambda words: " ".join(words[1:]).strip("'\""),
}
"""Tags of Hexo that show one of their arguments."""


def _shortcode(match: re.Match[str]) -> str:
    return _caption(match["arguments"])


def _caption(arguments: str) -> str:
    """Return the figure that a tag for a picture shows, if it has a caption."""
    caption = _CAPTION.search(arguments)
    if caption is None:
        return ""
    text = html.escape(caption[1] or caption[2] or "", quote=False)
    return f"\n\n<figure><img><figcaption>{text}</figcaption></figure>\n\n"
