"""What a question says of the articles themselves: their date, author, source or address (pure).

A condition is a preference, said to the reader and removable; it excludes nothing, but for an
address, which names one article.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from corpus.engine import ArticleEntry
from corpus.model import Condition, ConditionKind, Token
from corpus.search.days import DateMention, mentions
from corpus.search.periods import Days

Names = Callable[[ConditionKind, str], str | None]
"""Looks up what the archive calls something.

Given a kind and a folded name or the key of an address, returns the name as it is written or the
path of the article at the address; None where the archive has none such. Dates are never asked for.
"""

_MAX_NAME_WORDS = 4
_LATER = 0.5
"""An article that came out shortly after the days asked for may be about them still."""
_SHORTLY = timedelta(31)
_MENTIONED = 0.8
_WIDER = 0.3
"""Of a passage that names only the year of the day asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A condition with its place in the folded question."""

    condition: Condition
    start: int
    end: int
    is_relative: bool = False
    """No article repeats these words."""


# Addresses.

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>「」『』“”《》，。！？；、\"]+"
    r"|(?<![\w@./-])(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>「」『』“”《》，。！？；、\"]+",
    re.IGNORECASE,
)
_ASCII = re.compile(r"[\x21-\x7e]+")
_TRAILING = ".,;:!?)]}'*_~|"
"""Belongs to the sentence rather than to the address at the end of it."""
_TRACKING = re.compile(
    r"utm_\w+|\w*clid|msclkid|_ga|_hs\w+|mc_[ce]id|mkt_tok|igshi?d?|spm(?:_id_from)?|vd_source"
    r"|ref(?:_?src)?|source|from|mpshare|share\w*|scene|srcid|chksm|feature|si"
)


def address_key(address: str) -> str:
    """Return what addresses of the same page have in common.

    Scheme, ``www.``, percent-encoding, case, a trailing slash, a fragment and the parameters that
    only track readers do not matter.
    """
    parts = urlsplit(address if "://" in address else f"https://{address}")
    host = (parts.hostname or "").removeprefix("www.")
    path = unquote(parts.path).rstrip("/")
    telling = sorted(
        (name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name)
    )
    query = f"?{urlencode(telling)}" if telling else ""
    return f"{host}{path}{query}".casefold()


def holds_address(text: str) -> bool:
    """Return whether ``text``, as typed, holds an address."""
    return bool(_ADDRESS.search(text))


def without_addresses(question: str, names: Names) -> tuple[str, list[Condition]]:
    """Take the addresses out of ``question``, as typed."""
    found: list[Condition] = []

    def take(match: re.Match[str]) -> str:
        address = match[0].rstrip(_TRAILING)
        path = _path(address, names)
        if path is None and (ascii_only := _ASCII.match(address)):
            # Chinese may follow without a space, and may as well be part of the address.
            address = ascii_only[0].rstrip(_TRAILING)
            path = _path(address, names)
        found.append(Condition("address", address, path or ""))
        return f" {match[0][len(address) :].strip(_TRAILING)} "

    return " ".join(_ADDRESS.sub(take, question).split()), found


def _path(address: str, names: Names) -> str | None:
    try:
        return names("address", address_key(address))
    except ValueError:  # no port, no closing bracket
        return None


# Dates.


def dates(text: str, today: date) -> list[Found]:
    """Return what ``text``, folded, says of the time."""
    return [
        Found(
            Condition("date", text[mention.start : mention.end], mention.days.value),
            mention.start,
            mention.end,
            mention.is_relative,
        )
        for mention in mentions(text, today)
    ]


def date_fit(asked: Days, published: date | None, named: Iterable[DateMention]) -> float:
    """Return how well a passage fits the days asked for, from 0 to 1.

    Args:
        asked: of the condition.
        published: when its article was.
        named: the dates that the passage, its heading or title names.
    """
    fit = 0.0
    if published is not None:
        if asked.first <= published <= asked.last:
            return 1.0
        if asked.last < published <= asked.last + _SHORTLY:
            fit = _LATER
    for mention in named:
        if asked.holds(mention.days):
            fit = max(fit, _MENTIONED)
        elif mention.days.holds(asked):
            fit = max(fit, _WIDER)
    return fit


# Names.

_OPINION = re.compile(
    r"\s?(?:是?(?:怎么|如何)(?:看|想|评价|说|写)|认为|觉得|主张|批评|谈|写(?:过|的|了)"
    r"|(?:对.{1,20})?的(?:看法|观点|意见|态度)|的(?:文章|专栏))"
)
_WRITTEN_BY = re.compile(r"(?:所?写过?|发表|撰写|著)的?\Z")
_BY = re.compile(r"\b(?:by|according\sto|from)\s\Z")


def whole_name(topic: str, names: Names) -> Condition | None:
    """Return the condition of a topic, folded, that is nothing but a name of the archive's."""
    name = _WRITTEN_BY.sub("", topic).strip()
    for kind in ("author", "source"):
        if name and (written := names(kind, name)):
            return Condition(kind, topic, written)
    return None


def named_authors(text: str, tokens: Sequence[Token], names: Names) -> list[Found]:
    """Return the authors whose opinion ``text``, folded, asks for.

    A name alone is none: it may as well be the topic.
    """
    found: list[Found] = []
    for i, first in enumerate(tokens):
        for last in tokens[i : i + _MAX_NAME_WORDS]:
            is_asked = _OPINION.match(text, last.end) or _BY.search(text[: first.start])
            name = text[first.start : last.end]
            if is_asked and (written := names("author", name)):
                condition = Condition("author", name, written)
                found.append(Found(condition, first.start, last.end))
    return found


class ArchiveNames:
    """The names and addresses of one generation, in memory; a :data:`Names`."""

    def __init__(
        self,
        entries: Sequence[ArticleEntry],
        fold_each: Callable[[list[str]], list[str]],
    ) -> None:
        """Gather them.

        Args:
            entries: of all articles.
            fold_each: removes differences of script, width and case from each of some texts.
        """
        authors = list(dict.fromkeys(entry.author for entry in entries if entry.author))
        sources = list(dict.fromkeys(entry.source for entry in entries if entry.source))
        self._known: dict[ConditionKind, dict[str, str]] = {
            "author": dict(zip(fold_each(authors), authors, strict=True)),
            "source": dict(zip(fold_each(sources), sources, strict=True)),
            "address": {},
        }
        for entry in entries:
            if entry.url:
                with suppress(ValueError):  # no port, no closing bracket
                    self._known["address"].setdefault(address_key(entry.url), entry.path)

    def __call__(self, kind: ConditionKind, name: str) -> str | None:
        """Return what the archive calls ``name``, folded, or None."""
        return self._known.get(kind, {}).get(name)
