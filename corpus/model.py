"""The vocabulary of the archive library, defined once: what an article, a passage and a hit are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

ConditionKind = Literal["date", "source", "author", "address"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article as a reader sees it: plain text, no markup, one line."""

    text: str
    heading: str = ""
    """The nearest heading above it, or empty."""


@dataclass(frozen=True, slots=True)
class Article:
    """One post of the archive."""

    id: int
    """Position in the archive's path order; belongs to one index generation."""
    path: str
    """POSIX path relative to the archive's root: what names an article across generations."""
    title: str
    date: str | None
    """ISO 8601 as the article writes it: a timestamp with its offset, or a bare day."""
    author: str
    source: str
    """The first category, else the URL's host, else empty."""
    url: str | None
    """Where the article was published; http or https only."""
    tags: tuple[str, ...] = ()
    paragraphs: tuple[Paragraph, ...] = field(default=(), repr=False)
    file_url: str | None = None
    """Its file as it was indexed, where the archive is a repository on a forge we know."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is ranked: a paragraph, or part of an overlong one."""

    id: int
    article_id: int
    ordinal: int
    """Position in its article, from 0."""
    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A term with its place in the original text, in code points."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit's article must satisfy; empty means no condition.

    Text is compared without case or script. Dates are inclusive days (``YYYY-MM-DD``) in UTC; as
    typed they may be anything that :func:`corpus.search.days.days` reads.
    """

    source: str | None = None
    author: str | None = None
    tag: str | None = None
    after: str | None = None
    before: str | None = None
    without_sources: tuple[str, ...] = ()
    """Whole names of sources that are left out."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What of an article was asked for: a preference, but for an address."""

    kind: ConditionKind
    text: str
    """As read."""
    value: str
    """Days in ISO 8601 (one, a month, a year or an interval), a name as the archive writes it, or
    the path of the article at an address, empty where there is none."""


@dataclass(frozen=True, slots=True)
class QueryVariant:
    """One wording of a question: the typed one, or another that means the same."""

    text: str
    """Its topic, folded."""
    words: tuple[str, ...]
    """Its words without stop words."""
    terms: dict[str, float]
    """Words, numbers and bigrams, and the boost of each."""


@dataclass(frozen=True, slots=True)
class Query:
    """An analysed question."""

    typed: str
    variants: tuple[QueryVariant, ...]
    """The typed one first."""
    terms: dict[str, float]
    """Of all variants, with their boosts; a term that was not typed has a lower one."""
    words: frozenset[str]
    """Of all variants; where they match, the passage is highlighted."""
    required: tuple[str, ...]
    """Folded texts that a hit must hold in one piece."""
    excluded: tuple[str, ...]
    """Folded texts that a hit must not hold."""
    preferred: tuple[str, ...] = ()
    """Folded texts that a hit had better hold in one piece: a quotation that is no operator."""
    conditions: tuple[Condition, ...] = ()
    talk: str | None = None
    """What kind of talk it is, where it is no question."""
    is_name: bool = False
    """Whether it is nothing but the name of an author or a source."""
    dropped: tuple[str, ...] = ()
    """The frame: what only says that something is asked, as read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The part of a passage that answers best: one sentence, or two neighbours."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked passage with what a reader needs to judge it."""

    rank: int
    """Its place among all hits, from 1."""
    score: float
    article: Article
    passage: Passage
    highlights: tuple[tuple[int, int], ...]
    """Sorted, disjoint, merged code-point spans of ``passage.text`` that match the question."""
    answer: Answer | None
    duplicates: tuple[Article, ...] = ()
    """Other articles that carry the same passage."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """The score in its parts, by name."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the archive that was not indexed, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a reindex did."""

    articles: int
    passages: int
    added: int
    changed: int
    removed: int
    skipped: tuple[Skipped, ...]
    seconds: float
    commit: str | None = None
    """What was indexed, where the archive is a git repository."""
    problem: str | None = None
    """Why there may be a newer commit, where the repository could not be asked."""
    fetched_at: str | None = None
    """ISO 8601, UTC: when ``commit`` was last known to be the newest."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reindex is."""

    phase: str
    """``fetch``, ``scan``, ``read``, ``write`` or ``verify``."""
    done: int
    """In bytes while fetching, else in files."""
    total: int
    """0 where the phase cannot be counted."""


class Sort(StrEnum):
    """The order of the hits shown."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class Unit(StrEnum):
    """How finely time is divided."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Series:
    """How often one term occurs."""

    term: str
    """As typed."""
    articles: tuple[int, ...]
    """That hold it, in each bucket of the trend."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How often terms occur over time."""

    unit: Unit
    buckets: tuple[str, ...]
    """``2021-03``, ``2021-Q1`` or ``2021``: the whole range in order, without holes."""
    articles: tuple[int, ...]
    """That the archive holds of each bucket at all."""
    series: tuple[Series, ...]


class NoticeKind(StrEnum):
    """Why a search has nothing to show, or nothing that is surely an answer."""

    EMPTY_QUESTION = "empty-question"
    """The question holds no word at all: blank, punctuation, emoji."""
    NO_MATCH = "no-match"
    """No passage of the archive has any of the question's words."""
    FILTERED_OUT = "filtered-out"
    """Passages match, but none within the filters."""
    PHRASE_NOT_FOUND = "phrase-not-found"
    """No passage holds what must be there, without what must not."""
    CLOSEST = "closest"
    """The hits are the closest passages; perhaps none of them answers."""
    TALK = "talk"
    """It is no question: a greeting, thanks, an order."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell someone whose search has nothing to show; the surface finds the words."""

    kind: NoticeKind
    first_date: str | None
    """The bare day (UTC) of the archive's earliest dated article."""
    last_date: str | None
    sources: tuple[str, ...] = ()
    """Sources to look at: those nearest to a source filter that fits none, else the largest."""
    words: tuple[str, ...] = ()
    """Words of the question that do occur in the archive, as typed."""


class Outcome(StrEnum):
    """What can be said of the hits of a search."""

    ANSWER = "answer"
    CLOSEST = "closest"
    """They are the closest passages, and perhaps no answer."""
    NOTHING = "nothing"
    """There are none."""
    TALK = "talk"
    """There are none: it is no question."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a question got."""

    question: str
    total: int
    """Candidates kept, at most 200; ``hits`` are some of these in the order asked for."""
    elapsed_ms: float
    hits: tuple[Hit, ...]
    suggestions: tuple[str, ...] = ()
    """Other questions that would find something."""
    notice: Notice | None = None
    """Set exactly where the outcome is not an answer."""
    outcome: Outcome = Outcome.ANSWER
    conditions: tuple[Condition, ...] = ()
    """What was read as a date, a source, an author or an address."""
    searched: tuple[str, ...] = ()
    """Corrections and other wordings that were searched as well."""
    explanation: tuple[str, ...] = ()
    """What was read in the question, in English: a line a step."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The articles worth telling someone of who waits for news on a question."""

    hits: tuple[Hit, ...]
    """Of each article the best passage, best first; copies of it are among its duplicates."""
    articles: int
    """How many there are, copies counted."""
    is_all: bool
    """Whether every candidate was looked at; else there may be more."""


class NameField(StrEnum):
    """What of an article has a name that a filter can be given."""

    SOURCE = "source"
    AUTHOR = "author"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class NameCount:
    """A name as the archive writes it most often, and how many articles have it."""

    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One source of the archive and how much of it there is."""

    name: str
    articles: int
    first_date: str | None
    last_date: str | None


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index generation holds."""

    generation: str
    """Its name, another one for each build."""
    articles: int
    passages: int
    terms: int
    built_at: str
    """ISO 8601, UTC."""
    archive: str
    bytes: int
    """Size of the index on disk."""
    skipped: tuple[Skipped, ...]
    sources: tuple[SourceCount, ...]
    """Largest first."""
    first_date: str | None
    last_date: str | None
    commit: str | None = None
    """What was indexed, where the archive is a git repository."""
