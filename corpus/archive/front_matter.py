"""Parses the YAML front matter of a post."""

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

_MAX_BYTES = 64 * 1024
_MAX_DEPTH = 20
_FIRST_LINE = re.compile(r"---[ \t]*(?:\n|$)")
_LAST_LINE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_SEPARATOR = re.compile(r"\s*[,，、;；]\s*")


class _TextLoader(_Loader):
    """The safe loader, but scalars stay text: ``2019-08-17`` does not become a date object."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - read by PyYAML under this name
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    r"""Split a post into its front matter and its body; without front matter the mapping is empty.

    Scalars are the text as written, or None for YAML's null. The last of several equal keys counts,
    as in Jekyll.

    Args:
        text: a post with ``\n`` line ends, without a byte order mark.

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
    if len(source.encode("utf-8", "replace")) > _MAX_BYTES:
        raise ArticleError(f"front matter is larger than {_MAX_BYTES // 1024} KB")
    try:
        _check_events(source)
        loaded = cast("object", _TextLoader(source).get_single_data())
    except yaml.YAMLError as error:
        raise ArticleError(f"front matter is not YAML: {_reason(error)}") from error
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        # Constructors raise these for `!!int abc`, or for a key that is a list.
        raise ArticleError("front matter holds a value that YAML cannot build") from error
    if loaded is None:
        loaded = {}
    if not isinstance(loaded, dict):
        raise ArticleError("front matter is not a mapping of names to values")
    mapping = cast("dict[object, object]", loaded)
    return {str(key): value for key, value in mapping.items()}, text[closing.end() :]


def text_of(value: object) -> str:
    """Return a value as text: of a list the first entry that has some, nothing for null."""
    if isinstance(value, list):
        entries = [text_of(entry) for entry in cast("list[object]", value)]
        return next((entry for entry in entries if entry), "")
    return "" if value is None or isinstance(value, dict) else str(value)


def texts_of(value: object, *, split_on_spaces: bool = False) -> list[str]:
    """Return a value as a list of texts, without empty ones.

    Args:
        value: a list, or a text that is split at commas.
        split_on_spaces: whether to split a text without commas at white space, as Jekyll does
            with ``tags: one two``.
    """
    if isinstance(value, list):
        entries = [text_of(entry) for entry in cast("list[object]", value)]
    else:
        text = text_of(value)
        entries = _SEPARATOR.split(text)
        if split_on_spaces and len(entries) == 1:
            entries = text.split()
    return [entry.strip() for entry in entries if entry.strip()]


def _check_events(source: str) -> None:
    """Refuse dangerous YAML by the parser's events, which take no memory, before it is built."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ArticleError("front matter uses YAML anchors or aliases")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise ArticleError(f"front matter is nested deeper than {_MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _reason(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or "it cannot be parsed"
        mark = error.problem_mark or error.context_mark
        # Marks count from 0, and line 1 of the file is the opening ---.
        return f"{problem} (line {mark.line + 2})" if mark else problem
    return " ".join(str(error).split())[:200]
