"""The records of the archive library: articles, passages, queries, hits and reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self

ConditionKind = Literal["date", "source", "author", "address"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article: plain text without markup or line breaks."""

    text: str
    heading: str = ""
    """The nearest heading above it, or empty."""


@dataclass(frozen=True, slots=True)
class Article:
    """One post of the archive."""

    id: int
    """Position in the archive's path order; belongs to one index generation."""
    path: str
    """POSIX path relative to the archive's root; identifies an article across generations."""
    title: str
    date: str | None
    """ISO 8601 as the article writes it: a timestamp with its offset, or a bare day."""
    author: str
    source: str
    """The first category, else the host of the URL, else empty."""
    url: str | None
    """Address of the published article; http or https only."""
    tags: tuple[str, ...] = ()
    paragraphs: tuple[Paragraph, ...] = field(default=(), repr=False)
    file_url: str | None = None
    """Web page of the indexed file, if the archive is a repository on a known forge."""

    @property
    def day(self) -> str | None:
        """The day (``YYYY-MM-DD``) of its date, in the time zone that the date is written in."""
        return self.date[: len("2021-01-06")] if self.date else None


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
    """A term with its span in the original text, in code points."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on the article of a hit; None means no condition.

    Text is compared without case or script. Dates are inclusive days (``YYYY-MM-DD``) in UTC; as
    typed they may be anything that :func:`corpus.search.days.days` reads.
    """

    source: str | None = None
    author: str | None = None
    tag: str | None = None
    after: str | None = None
    before: str | None = None
    without_sources: tuple[str, ...] = ()
    """Whole names of excluded sources."""
    ignored: tuple[str, ...] = ()
    """Texts of conditions in the question that are not to be preferred, as they were read."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A property of an article that the question names: preferred, or for an address required."""

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
    """Of all variants, with their boosts; lower for terms that were not typed."""
    words: frozenset[str]
    """Of all variants; they are highlighted in a passage."""
    required: tuple[str, ...]
    """Folded texts that a hit must contain."""
    excluded: tuple[str, ...]
    """Folded texts that a hit must not contain."""
    preferred: tuple[str, ...] = ()
    """Folded texts that a hit should contain: quotations that are not operators."""
    conditions: tuple[Condition, ...] = ()
    talk: str | None = None
    """The kind of talk, if it is not a question."""
    is_name: bool = False
    """Whether it is only the name of an author or a source."""
    dropped: tuple[str, ...] = ()
    """Parts of the frame, which only marks it as a question, as read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The best answer in a passage: one sentence, or two neighbouring ones."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked in a passage for a question; spans are in code points of its text."""

    highlights: tuple[tuple[int, int], ...]
    """Sorted, disjoint, merged spans that match the question."""
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked passage, with its article, highlights and answer."""

    rank: int
    """Among all hits, from 1."""
    score: float
    article: Article
    passage: Passage
    marks: Callable[[], Marks] = field(compare=False, repr=False)
    """Finds the marks at its first call, in half a millisecond: most hits are never shown."""
    duplicates: tuple[Article, ...] = ()
    """Other articles with the same passage."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """The parts of the score, by name."""
    content_hash: int = 0
    """Of the passage's text, 64 bits; the same wherever that stands."""

    @property
    def highlights(self) -> tuple[tuple[int, int], ...]:
        """The spans of the passage that match the question, see `Marks`."""
        return self.marks().highlights

    @property
    def answer(self) -> Answer | None:
        """The sentence that answers best, see `Marks`."""
        return self.marks().answer


@dataclass(frozen=True, slots=True)
class LocatedPassage:
    """A passage that was named earlier, where it stands now."""

    article: Article
    """With all its paragraphs."""
    ordinal: int
    content_hash: int
    """As in `Hit.content_hash`."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Articles of a list, without their paragraphs."""

    articles: tuple[Article, ...]
    total: int
    """How many there are, also those that were not chosen."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the archive that was not indexed, with the reason."""

    path: str
    reason: str
    until: str | None = None
    """ISO 8601, UTC: when the reason no longer holds; None: when the file changes."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A file that was indexed, and what is to be said of it: front matter that is broken."""

    path: str
    note: str
    """May be empty, if only ``until`` is known."""
    until: str | None = None
    """ISO 8601, UTC: when the article expires."""


@dataclass(frozen=True, slots=True)
class SourceReading:
    """How much of the articles of one source was read, in characters."""

    source: str
    articles: int
    read: int
    left_out: Mapping[str, int]
    """By the reason, the most first."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece of a post that is no text of the article."""

    text: str
    reason: str
    """As in `SourceReading.left_out`."""


@dataclass(frozen=True, slots=True)
class ArticleReading:
    """An article as it is read, and what of its page is left out."""

    path: str
    title: str
    paragraphs: tuple[Paragraph, ...]
    chars: int
    """Of the text that is read."""
    left_out: tuple[LeftOut, ...]
    """In the order of the page."""
    note: str
    """What could not be read as written, or empty."""


@dataclass(frozen=True, slots=True)
class FileReading:
    """A file as it is read: one article, or those of a feed."""

    articles: tuple[ArticleReading, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The result of a reindex."""

    articles: int
    passages: int
    added: int
    changed: int
    removed: int
    skipped: tuple[Skipped, ...]
    seconds: float
    commit: str | None = None
    """The indexed commit, if the archive is a git repository."""
    problem: str | None = None
    """Why ``commit`` may not be the newest: the repository could not be fetched."""
    fetched_at: str | None = None
    """ISO 8601, UTC: the last time that ``commit`` was known to be the newest."""
    noted: tuple[Noted, ...] = ()
    """Files that were indexed, though not all of them could be read as written."""
    reading: tuple[SourceReading, ...] = ()
    """Of the articles that were read anew, the largest source first."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """Return the report of which `dataclasses.asdict` made these fields, also through JSON."""
        others = dict(fields)
        skipped = tuple(Skipped(**file) for file in others.pop("skipped"))
        noted = tuple(Noted(**note) for note in others.pop("noted"))
        reading = tuple(SourceReading(**source) for source in others.pop("reading"))
        return cls(**others, skipped=skipped, noted=noted, reading=reading)


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a reindex."""

    phase: str
    """``fetch``, ``scan``, ``read``, ``write`` or ``verify``."""
    done: int
    """In bytes for ``fetch``, else in files."""
    total: int
    """0 if it is unknown."""


class Sort(StrEnum):
    """The order of the hits shown."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class Unit(StrEnum):
    """The unit of time of a trend."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Series:
    """The occurrences of one term over time."""

    term: str
    """As typed."""
    articles: tuple[int, ...]
    """Number of articles that hold it, for each bucket of the trend."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The occurrences of terms over time."""

    unit: Unit
    buckets: tuple[str, ...]
    """``2021-03``, ``2021-Q1`` or ``2021``: the whole range in order, without gaps."""
    articles: tuple[int, ...]
    """Number of all articles, for each bucket."""
    series: tuple[Series, ...]


class NoticeKind(StrEnum):
    """Why a search has no results, or no certain answer."""

    EMPTY_QUESTION = "empty-question"
    """The question has no word: it is blank, punctuation or emoji."""
    NO_MATCH = "no-match"
    """No passage of the archive holds any of the question's words."""
    FILTERED_OUT = "filtered-out"
    """Passages match, but none passes the filters."""
    UNKNOWN_SOURCE = "unknown-source"
    """The archive has no source of the name that the filter gives."""
    PHRASE_NOT_FOUND = "phrase-not-found"
    """No passage satisfies the operators."""
    CLOSEST = "closest"
    """The hits are the closest passages; perhaps none of them answers."""
    TALK = "talk"
    """It is not a question, but a greeting, thanks or an order."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Facts to explain the outcome of a search; the user interface words them."""

    kind: NoticeKind
    first_date: str | None = None
    """The bare day (UTC) of the archive's earliest dated article."""
    last_date: str | None = None
    sources: tuple[str, ...] = ()
    """Sources to suggest: those most similar to an unknown source filter, else the largest."""
    words: tuple[str, ...] = ()
    """Words of the question that occur in the archive, as typed."""


class Outcome(StrEnum):
    """How well the hits of a search answer the question."""

    ANSWER = "answer"
    CLOSEST = "closest"
    """The hits are the closest passages, and perhaps no answer."""
    NOTHING = "nothing"
    """There are no hits."""
    TALK = "talk"
    """There are no hits, since it is not a question."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search."""

    question: str
    total: int
    """Number of candidates, at most 200; ``hits`` are some of these, sorted as requested."""
    elapsed_ms: float
    """Without the marks of the hits."""
    hits: tuple[Hit, ...]
    suggestions: tuple[str, ...] = ()
    """Other questions that have results."""
    notice: Notice | None = None
    """None exactly if the outcome is an answer."""
    outcome: Outcome = Outcome.ANSWER
    conditions: tuple[Condition, ...] = ()
    """Parts of the question read as a date, a source, an author or an address."""
    searched: tuple[str, ...] = ()
    """Corrections and other wordings that were searched as well."""
    explanation: tuple[str, ...] = ()
    """How the question was read, in English: one line per step."""
    added: tuple[str, ...] = ()
    """Terms of an earlier question that it goes on from, which were searched with it."""


@dataclass(frozen=True, slots=True)
class Match:
    """Why a passage matches a question, in words."""

    found: tuple[str, ...]
    """Words of the question that the passage, its heading or its title holds, as typed."""
    missing: tuple[str, ...]
    """Words of the question that they hold in no wording."""
    instead: tuple[str, ...]
    """Other words for those of the question that they hold, as written there."""
    replaced: tuple[str, ...]
    """What words of the question were corrected to or translated: these were searched."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days on which articles tell of a question."""

    result: SearchResult
    """Of the question; its hits are the best of each chosen day, oldest first."""
    total: int
    """Number of days to choose from."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The articles that match a saved search."""

    hits: tuple[Hit, ...]
    """The best passage of each article, best first; copies are among its duplicates."""
    articles: int
    """How many there are, copies included."""
    is_all: bool
    """Whether all candidates were checked; else there may be more matches."""


class NameField(StrEnum):
    """A field of an article whose values are names that a filter takes."""

    SOURCE = "source"
    AUTHOR = "author"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class NameCount:
    """A name in its most frequent spelling, and the number of its articles."""

    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One source of the archive, and the number and dates of its articles."""

    name: str
    articles: int
    first_date: str | None
    last_date: str | None


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of an index generation."""

    generation: str
    """Its name, different for each build."""
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
    """The indexed commit, if the archive is a git repository."""
    noted: tuple[Noted, ...] = ()
    """Files that were indexed, though not all of them could be read as written."""
