"""Parses the front matter of a post: YAML (Jekyll, Hexo, Hugo), TOML and JSON (Hugo, Hexo).

Front matter that its parser refuses is read line by line, so that no post is lost for a colon.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, cast

import yaml

from corpus.errors import ArticleError

if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:
    # The C parser is some 10 times faster; PyYAML may have been built without it.
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MAX_BYTES = 64 * 1024
_MAX_DEPTH = 20
_KEY = r"[\"']?(?P<key>[A-Za-z_][\w.-]*)[\"']?[ \t]*"
_BLANK = r"[ \t\u00a0\u3000]"
_YAML_LINE = re.compile(rf"{_KEY}:(?:{_BLANK}+(?P<value>.*))?")
_LOOSE_LINE = re.compile(rf"(?P<indent>{_BLANK}*){_KEY}[:：](?P<value>.*)")
"""Of broken YAML: without a space, with a wide colon, or indented for no reason."""
_OTHER_LINE = re.compile(rf"[ \t]*{_KEY}[:=](?P<value>.*)")
_LIST_ITEM = re.compile(rf"{_BLANK}*-{_BLANK}+(?P<value>.*)")
_FIRST_LINE = re.compile(r"\s{0,20}(?P<mark>-{3,}|\+\+\+|;;;)[ \t]*(?:\n|$)")
_HEXO_LAST_LINE = re.compile(r"^(?:-{3,}|;{3,})[ \t]*$", re.MULTILINE)
_JSON_START = re.compile(r"\s{0,20}\{\s*(?:\"|\}|\Z)")
_JSON_END = re.compile(r"^\}[ \t]*$", re.MULTILINE)
_YAML_MARK = re.compile(r"(?:[&!]\S+\s+)+")
"""An anchor or a tag before a value."""
_ANCHOR = re.compile(r":\s+&(\w+)")
_BLOCK_TEXT = re.compile(r"[|>][-+\d]*")
_TWO_QUOTATIONS = re.compile(r"([\"'])[^\"']*\1\s.*\1[^\"']*\1")
_SEPARATOR = re.compile(r"[,，、;；]")
_POST_KEYS = frozenset(
    (
        "title date tags categories category author authors layout permalink updated lastmod draft"
        " published description keywords slug url from link comments cover thumbnail abbrlink id"
    ).split()
)
"""Keys by which front matter is known that nothing marks as such."""


class _TextLoader(_Loader):
    """The safe loader, but scalars stay text: ``2019-08-17`` does not become a date object."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - read by PyYAML under this name
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front matter of a post, and the body below it."""

    values: Mapping[str, object]
    """By key in lower case: text as written, lists and mappings of it, or None."""
    body: str
    format: str = ""
    """``yaml``, ``toml`` or ``json``; empty: there is none."""
    problem: str = ""
    """Why it was read line by line."""


def split_front_matter(text: str) -> FrontMatter:
    r"""Split a post into its front matter and its body.

    Scalars are the text as written, or None for null. The last of several equal keys counts, as in
    Jekyll.

    Args:
        text: a post with ``\n`` line ends, without a byte order mark.
    """
    if _JSON_START.match(text):
        return _split_json(text)
    opening = _FIRST_LINE.match(text)
    if not opening:
        return _split_unopened(text)
    mark = opening["mark"]
    last_line = r"---|\.\.\." if mark == "---" else re.escape(mark)
    closing = re.compile(rf"^(?:{last_line})[ \t]*$", re.MULTILINE).search(text, opening.end())
    format_ = {"+": "toml", ";": "json"}.get(mark[0], "yaml")
    if not closing:
        return _split_unclosed(text, opening.end(), mark, format_)
    front = _parsed(text[opening.end() : closing.start()], text[closing.end() :], format_)
    # Between two rules above the text stands text, too.
    return front if front.values or not front.problem else FrontMatter({}, text)


def text_of(value: object) -> str:
    """Return a value as text: of a list the first entry that has some, of a mapping its name."""
    if isinstance(value, list):
        entries = [text_of(entry) for entry in cast("list[object]", value)]
        return next((entry for entry in entries if entry), "")
    if isinstance(value, dict):
        mapping = cast("dict[object, object]", value)
        names = (mapping.get(key) for key in ("name", "title", "display_name", "nickname"))
        return text_of(next((name for name in names if name), None))
    return "" if value is None else str(value)


def texts_of(value: object, *, split_on_spaces: bool = False) -> list[str]:
    """Return a value as a list of texts, without empty ones.

    Args:
        value: a list, or a text that is split at commas.
        split_on_spaces: whether to split a text without commas at white space, as Jekyll does
            with ``tags: one two``.
    """
    if isinstance(value, list):
        entries = [text_of(entry) for entry in cast("list[object]", value)]
    elif isinstance(value, dict):
        entries = [text_of(cast("object", value))]
    else:
        text = text_of(value)
        entries = _SEPARATOR.split(text)
        if split_on_spaces and len(entries) == 1:
            entries = text.split()
    return [entry.strip() for entry in entries if entry.strip()]


def _split_json(text: str) -> FrontMatter:
    """Split a post that begins with a JSON object, or with a brace that means something else."""
    start = text.index("{")
    try:
        loaded, end = json.JSONDecoder().raw_decode(text[: start + _MAX_BYTES], start)
    except (ValueError, RecursionError):
        closing = _JSON_END.search(text, start, start + _MAX_BYTES)
        if closing is None:
            return FrontMatter({}, text)
        front = _parsed(text[start : closing.end()], text[closing.end() :], "json")
    else:
        front = FrontMatter(_by_key(loaded), text[end:], "json")
    return front if _POST_KEYS & front.values.keys() else FrontMatter({}, text)


def _split_unopened(text: str) -> FrontMatter:
    """Split a post of Hexo, whose front matter needs no line above it."""
    nothing = FrontMatter({}, text)
    first = _OTHER_LINE.fullmatch(text.lstrip("\n").partition("\n")[0])
    if not first or first["key"].lower() not in _POST_KEYS:
        return nothing
    closing = _HEXO_LAST_LINE.search(text, 0, _MAX_BYTES)
    if not closing:
        return nothing
    source = text[: closing.start()]
    if closing[0].startswith(";"):
        return _parsed(source, text[closing.end() :], "json")
    for line in source.splitlines():
        if line.strip() and line[0] not in " \t-#]}" and not _YAML_LINE.fullmatch(line):
            return nothing
    return _parsed(source, text[closing.end() :], "yaml")


def _split_unclosed(text: str, start: int, mark: str, format_: str) -> FrontMatter:
    """Split a post whose front matter has no end: before the first line that is none of it."""
    pattern = _YAML_LINE if format_ == "yaml" else _OTHER_LINE
    end = position = start
    for line in text[start : start + _MAX_BYTES].splitlines(keepends=True):
        written = line.rstrip()
        key = pattern.fullmatch(written)
        if written and not key and (end < position or not _goes_on(written)):
            # A closing line that is one dash too long is no text.
            end = position + len(line) if written.strip("-+;") == "" else end
            break
        if key and end < position and key["key"].lower() not in _POST_KEYS:
            break  # after an empty line "Note: …" is text
        position += len(line)
        end = position if written else end
    values = dict(_lines(text[start:end], format_))
    if not values:
        return FrontMatter({}, text)  # a rule above the text
    problem = f"front matter was read line by line: it is not closed by a line of {mark}"
    return FrontMatter(values, text[end:], format_, problem)


def _goes_on(line: str) -> bool:
    """Return whether a line belongs to the value that begins above it, or is a comment."""
    return line[0] in " \t#]}[" or bool(_LIST_ITEM.fullmatch(line))


def _parsed(source: str, body: str, format_: str) -> FrontMatter:
    try:
        _check_size(source)
        return FrontMatter(_by_key(_PARSERS[format_](source)), body, format_)
    except ArticleError as error:
        problem = f"front matter was read line by line: it {error}"
    return FrontMatter(dict(_lines(source[:_MAX_BYTES], format_)), body, format_, problem)


def _check_size(source: str) -> None:
    if len(source.encode("utf-8", "replace")) > _MAX_BYTES:
        raise ArticleError(f"is larger than {_MAX_BYTES // 1024} KB")


def _by_key(loaded: object) -> Mapping[str, object]:
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ArticleError("is not a mapping of names to values")
    mapping = cast("dict[object, object]", loaded)
    values = {str(key).lower(): _plain(value) for key, value in mapping.items()}
    # Where Hugo keeps the keys that it does not know itself.
    params = values.get("params")
    return cast("dict[str, object]", params) | values if isinstance(params, dict) else values


def _plain(value: object, depth: int = 0) -> object:
    """Return a value with all scalars as text."""
    if depth > _MAX_DEPTH:
        raise ArticleError(f"is nested deeper than {_MAX_DEPTH} levels")
    if isinstance(value, list):
        return [_plain(entry, depth + 1) for entry in cast("list[object]", value)]
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value).items()
        return {str(key).lower(): _plain(entry, depth + 1) for key, entry in entries}
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value if value is None else str(value)


def _parse_yaml(source: str) -> object:
    try:
        _check_events(source)
        return cast("object", _TextLoader(source).get_single_data())
    except yaml.YAMLError as error:
        raise ArticleError(f"is not YAML: {_reason(error)}") from error
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        # Constructors raise these for `!!int abc`, or for a key that is a list.
        raise ArticleError("holds a value that YAML cannot build") from error


def _parse_toml(source: str) -> object:
    try:
        return tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ArticleError(f"is not TOML: {reason or 'it is nested too deep'}") from error


def _parse_json(source: str) -> object:
    source = source.strip()
    # Between lines of ;;; Hexo leaves out the braces.
    source = source if source.startswith("{") else f"{{{source}}}"
    try:
        return json.loads(source)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ArticleError(f"is not JSON: {reason}") from error


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "yaml": _parse_yaml,
    "toml": _parse_toml,
    "json": _parse_json,
}


def _check_events(source: str) -> None:
    """Refuse dangerous YAML by the parser's events, which take no memory, before it is built."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ArticleError("uses YAML anchors or aliases")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise ArticleError(f"is nested deeper than {_MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _reason(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or "it cannot be parsed"
        mark = error.problem_mark or error.context_mark
        # Marks count from 0, and line 1 of the file is the opening ---.
        return f"{problem} (line {mark.line + 2})" if mark else problem
    return " ".join(str(error).split())[:200]


def _lines(source: str, format_: str) -> Iterator[tuple[str, object]]:
    """Yield what each line of broken front matter says by itself.

    That is a key with a text, a list or a mapping of texts. A value that goes on in the lines below
    is yielded again with each of them.
    """
    anchors = {match[1] for match in _ANCHOR.finditer(source)}
    value = _OpenValue()
    for line in source.splitlines():
        if match := _key_line(line, format_, is_open=bool(value.key)):
            written = (match["value"] or "").strip()
            if format_ != "yaml":
                written = written.removesuffix(",").rstrip(" \t")
            if written[:1] == "*" and written[1:] in anchors:
                written = ""
            key = match["key"].lower()
            value = _OpenValue(key, is_text=bool(_BLOCK_TEXT.fullmatch(written)))
            whole = _value(written)
            if isinstance(whole, list) and "]" not in written:
                value.items = cast("list[str]", whole)
            elif whole is not None:
                value = _OpenValue()
            yield key, whole
        elif value.key and line.strip() and (longer := value.with_line(line)) is not None:
            yield value.key, longer


@dataclass(slots=True)
class _OpenValue:
    """The value of a key that goes on in the lines below it."""

    key: str = ""
    """Empty: the last value was whole."""
    is_text: bool = False
    items: list[str] = field(default_factory=list[str])
    entries: dict[str, object] = field(default_factory=dict[str, object])

    def with_line(self, line: str) -> object:
        """Return the value with one more line; None: the line is none of it."""
        if self.is_text:
            self.items.append(line.strip())
            return " ".join(self.items)
        if match := _LIST_ITEM.fullmatch(line):
            self.items.append(_unquoted(match["value"]))
        elif not self.items and (match := _LOOSE_LINE.fullmatch(line)):
            self.entries[match["key"].lower()] = _unquoted(match["value"])
            return dict(self.entries)
        elif line[0].isspace():
            self.items += _items(line)
        else:
            return None
        return list(self.items)


def _key_line(line: str, format_: str, *, is_open: bool) -> re.Match[str] | None:
    """Return the match of a line that begins with a key; ``is_open``: a value may go on in it."""
    if format_ != "yaml":
        return _OTHER_LINE.fullmatch(line)
    if match := _YAML_LINE.fullmatch(line):
        return match
    match = _LOOSE_LINE.fullmatch(line)
    is_key = match and match["key"].lower() in _POST_KEYS and not (is_open and match["indent"])
    return match if is_key else None


def _value(text: str) -> object:
    text = _YAML_MARK.sub("", text, count=1) if text[:1] in {"&", "!"} else text
    if text.startswith("[") and (text.endswith("]") or "]" not in text):
        return _items(text)
    is_empty = text in {"", "~", "null"} or _BLOCK_TEXT.fullmatch(text)
    return None if is_empty else _unquoted(text)


def _items(text: str) -> list[str]:
    """Return the entries of a list in brackets, or of a line of it."""
    return [_unquoted(part) for part in text.strip(" \t[]").split(",") if part.strip()]


def _unquoted(text: str) -> str:
    text = text.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    if is_quoted:
        # "上" 與 "下" is two quotations, "他說"不"去" one.
        return text if _TWO_QUOTATIONS.fullmatch(text) else text[1:-1]
    is_unclosed = text[:1] in {'"', "'"} and text.count(text[0]) == 1
    return text[1:] if is_unclosed else text
