"""What does a post's YAML front matter say?"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import yaml

from corpus.errors import ArticleError

if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:
    # The C parser is some 10 times faster; PyYAML may have been built without it.
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_LIMIT_BYTES = 64 * 1024
_LIMIT_DEPTH = 20
_FIRST_LINE = re.compile(r"---[ \t]*(?:\n|$)")
_LAST_LINE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_SEPARATOR = re.compile(r"\s*[,，、;；]\s*")


class _TextLoader(_Loader):
    """The safe loader, but a plain scalar is the text written: ``2019-08-17`` is no date object."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - read by PyYAML under this name
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    r"""Split a post into its front matter and its body; no front matter gives an empty mapping.

    Every scalar is the text as written, or None for YAML's null. Of a key given twice the last
    one counts, as in Jekyll. ``text`` has ``\n`` line ends and no byte order mark.

    Raises:
        ArticleError: the front matter is not closed, too large, nested too deep, uses anchors,
            or is not a YAML mapping.
    """
    opening = _FIRST_LINE.match(text)
    if not opening:
        return {}, text
    closing = _LAST_LINE.search(text, opening.end())
    if not closing:
        raise ArticleError("front matter is not closed by a line of ---")
    source = text[opening.end() : closing.start()]
    if len(source.encode("utf-8", "replace")) > _LIMIT_BYTES:
        raise ArticleError(f"front matter is larger than {_LIMIT_BYTES // 1024} KB")
    try:
        _refuse_dangerous(source)
        loaded = cast("object", _TextLoader(source).get_single_data())
    except yaml.YAMLError as error:
        raise ArticleError(f"front matter is not YAML: {_clause(error)}") from error
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        # What a constructor makes of `!!int abc` or of a key that is a list.
        raise ArticleError("front matter holds a value that YAML cannot build") from error
    if loaded is None:
        loaded = {}
    if not isinstance(loaded, dict):
        raise ArticleError("front matter is not a mapping of names to values")
    mapping = cast("dict[object, object]", loaded)
    return {str(key): value for key, value in mapping.items()}, text[closing.end() :]


def text_of(value: object) -> str:
    """Return a value that should be text as text: a list's first entry, nothing for null."""
    if isinstance(value, list):
        entries = [text_of(entry) for entry in cast("list[object]", value)]
        return next((entry for entry in entries if entry), "")
    return "" if value is None or isinstance(value, dict) else str(value)


def texts_of(value: object, *, split_on_spaces: bool = False) -> list[str]:
    """Return a value that should be a list of texts as one, without empty entries.

    A single text is split at commas; ``split_on_spaces`` also at white space where it has no
    comma, as Jekyll does with ``tags: one two``.
    """
    if isinstance(value, list):
        entries = [text_of(entry) for entry in cast("list[object]", value)]
    else:
        text = text_of(value)
        entries = _SEPARATOR.split(text)
        if split_on_spaces and len(entries) == 1:
            entries = text.split()
    return [entry.strip() for entry in entries if entry.strip()]


def _refuse_dangerous(source: str) -> None:
    """Walk the parser's events, which cost no memory, before anything is built from them."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ArticleError("front matter uses YAML anchors or aliases")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _LIMIT_DEPTH:
                raise ArticleError(f"front matter is nested deeper than {_LIMIT_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _clause(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or "it cannot be parsed"
        mark = error.problem_mark or error.context_mark
        # Line 1 of the file is the opening ---.
        return f"{problem} (line {mark.line + 2})" if mark else problem
    return " ".join(str(error).split())[:200]
