"""What narrows or steers a search -> short markdown: filters, and what the question says (pure)."""

from collections.abc import Callable, Sequence

from bot.localization import Formatter
from bot.messages.dates import period, period_of_value
from bot.messages.markdown import ELLIPSIS, escape, one_line
from corpus import Condition, Filters, Sort

MAX_NAME_CHARS = 40  # of a source, an author, a tag
_MAX_SOURCES = 3  # named of those that a server leaves out


def _short(text: str) -> str:
    return one_line(text, MAX_NAME_CHARS)


def filter_names(
    filters: Filters, t: Formatter, name: Callable[[str], str] = _short
) -> dict[str, str]:
    """Return each filter that is given, by its field; both dates under ``dates``.

    ``name`` shortens a name, and escapes it where the text is markdown: a button's label is not.
    """
    names: dict[str, str] = {}
    if filters.source:
        names["source"] = t("ask-source", source=name(filters.source))
    if filters.author:
        names["author"] = t("ask-author", author=name(filters.author))
    if filters.tag:
        names["tag"] = t("ask-tag", tag=name(filters.tag))
    if filters.after or filters.before:
        names["dates"] = period(filters.after, filters.before, t)
    return names


def filter_line(filters: Filters, t: Formatter, sort: Sort = Sort.RELEVANCE) -> list[str]:
    """Return the filters and the order of a search, as markdown; a period first.

    It begins the line, so that no date is broken over two.
    """
    names = filter_names(filters, t, name)
    parts = [names.pop("dates")] if "dates" in names else []
    parts += names.values()
    if filters.without_sources:
        parts.append(t("ask-without", sources=_first_names(filters.without_sources, t)))
    if sort is Sort.NEWEST:
        parts.append(t("choice-newest"))
    elif sort is Sort.OLDEST:
        parts.append(t("choice-oldest"))
    return parts


def condition_name(condition: Condition, t: Formatter) -> str:
    """Return what the question says of the articles, as text that is not yet escaped."""
    match condition.kind:
        case "date":
            return period_of_value(condition.value, t)
        case "address":
            return t("condition-address") if condition.value else t("condition-no-address")
        case "author" | "source":
            return _short(condition.value)


def condition_line(conditions: Sequence[Condition], t: Formatter) -> str:
    """Return the line that says what the question prefers; empty where that is nothing."""
    names = [escape(condition_name(condition, t), line_start=False) for condition in conditions]
    return t("ask-preferred", conditions=t("comma").join(dict.fromkeys(names))) if names else ""


def added_name(added: Sequence[str], t: Formatter) -> str:
    """Return what a question takes from the one before it, as text that is not yet escaped."""
    return t("ask-added", terms=t("comma").join(map(_short, added)))


def list_names(names: Sequence[str], t: Formatter) -> str:
    """Return ``names``, escaped and joined with the language's comma."""
    return t("comma").join(map(name, names))


def name(text: str) -> str:
    """Return a name on one line, cut and escaped."""
    return escape(_short(text), line_start=False)


def _first_names(names: Sequence[str], t: Formatter) -> str:
    listed = list_names(names[:_MAX_SOURCES], t)
    return listed + ELLIPSIS if len(names) > _MAX_SOURCES else listed
