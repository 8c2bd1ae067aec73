"""Searches one index generation: query, terms, the engine's best passages, rerank, hits.

Plain synchronous code without callbacks; each stage fills more of one record, `Search`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import chain

from corpus import bm25
from corpus.analysis.analyzer import Analyzer, is_han
from corpus.analysis.bilingual import BilingualDictionary
from corpus.analysis.numerals import in_digits
from corpus.analysis.phrases import holds, loosened
from corpus.dates import epoch_seconds
from corpus.engine import IndexReader, TermQuery
from corpus.model import Article, Filters, Hit, Outcome, Passage, Query, QueryVariant, Sort
from corpus.search import confidence, preferences, query, rerank, snippets
from corpus.search.conditions import Names
from corpus.search.corrections import Corrector
from corpus.search.expansion import QueryExpander
from corpus.search.hits import HitBuilder, Marker
from corpus.search.rerank import Candidate, Target
from corpus.search.translation import Translator

MAX_QUESTION_CHARS = 300
"""The rest of a longer question is ignored."""
MAX_CANDIDATES = 200
MAX_DATED = 50
"""Candidates from each period that a question names, beside the best of all."""

INSIDE_WORD = 0.5
"""Boost of a bigram that holds a single character: the word itself comes first."""

SURER = 0.5
"""Least gain in confidence for which a corrected question replaces the typed one. Every slip that
`python -m bench people` counts as mended gains more."""
MUCH_SURER = 2.0
"""The same for a translated question, whose words are chosen among many."""
UNRELATED = -3.0
"""Confidence of a question whose best candidates share little with it; of one without any."""
CHOSEN = 3.0
"""What that choice takes from the confidence that a translated question is answered."""

_MAX_CHECKED = 800  # candidates that are read to find those that satisfy the operators


@dataclass(slots=True)
class Search:
    """One search, filled stage by stage."""

    query: Query
    today: date
    frequencies: Mapping[str, int]
    """In how many passages each of the query's terms is that occur."""
    idf: Mapping[str, float]
    """Of these terms."""
    term_query: TermQuery
    candidates: list[Candidate] = field(default_factory=list[Candidate])
    """Best first; after reranking, near-copies are folded into one."""
    passages: dict[int, Passage] = field(default_factory=dict[int, Passage])
    """By id: those that were read."""
    articles: dict[int, Article] = field(default_factory=dict[int, Article])
    """By id: those that were read."""
    considered: int = 0
    """How many passages the engine returned, copies included."""
    features: Mapping[str, float] = field(default_factory=dict[str, float])
    """By :func:`corpus.search.confidence.features`."""
    outcome: Outcome = Outcome.NOTHING
    hits: tuple[Hit, ...] = ()
    replaced: tuple[str, ...] = ()
    """What words of the typed question were corrected to, or translated."""

    @property
    def total(self) -> int:
        """How many candidates there are to show."""
        return len(self.candidates)

    @property
    def filters(self) -> Filters:
        """What the hits are limited to, normalised."""
        return self.term_query.filters

    @property
    def confidence(self) -> float:
        """The logarithm of the odds that the best candidates answer."""
        return confidence.confidence(self.features)

    @property
    def boosts(self) -> dict[str, float]:
        """The boosts of the query's terms that occur in the index."""
        return {term: boost for term, boost in self.term_query.boosts.items() if term in self.idf}

    @property
    def searched(self) -> tuple[str, ...]:
        """Corrections and translations; other wordings too where a word typed does not occur."""
        typed, *others = self.query.variants
        if all(word in self.idf for word in typed.words):
            return self.replaced
        words = (word for variant in others for word in variant.words if len(word) > 1)
        known = (word for word in words if word in self.idf and word not in typed.words)
        return tuple(dict.fromkeys((*self.replaced, *known)))

    def rewording(self, question: str) -> tuple[str, ...]:
        """Return in words what was searched instead of ``question``, if something was."""
        if question[:MAX_QUESTION_CHARS] == self.query.typed:
            return ()
        return f"typed: “{question}”", f"searched instead: “{self.query.typed}”"

    @property
    def word_weights(self) -> dict[str, float]:
        """The weight in an answer of each of the query's words that occur in the index."""
        return {
            term: boost * self.idf[term]
            for term, boost in self.boosts.items()
            if term in self.query.words
        }


class Searcher:
    """Searches one generation. Blocks for milliseconds: call it from a thread."""

    def __init__(
        self,
        reader: IndexReader,
        analyzer: Analyzer,
        expander: QueryExpander,
        names: Names,
        dictionary: BilingualDictionary,
    ) -> None:
        """Create a searcher.

        Args:
            reader: of the generation.
            analyzer: that made the index.
            expander: returns other wordings of a question.
            names: of the archive's authors, sources and articles.
            dictionary: translates questions.
        """
        self._reader = reader
        self._analyzer = analyzer
        self._expander = expander
        self._names = names
        self._corrector = Corrector(reader, analyzer)
        self._translator = Translator(reader, analyzer, dictionary)

    def search(
        self,
        question: str,
        filters: Filters,
        *,
        limit: int,
        sort: Sort = Sort.RELEVANCE,
        offset: int = 0,
        paths: Collection[str] | None = None,
    ) -> Search:
        """Return the search with ``limit`` hits for ``question``, after the first ``offset``.

        Args:
            question: as typed.
            filters: normalised.
            limit: how many hits to return at most.
            sort: the order of the candidates, from which the hits are taken.
            offset: how many hits to skip, 0 or more.
            paths: if not None, only articles with these paths.
        """
        within = None if paths is None else frozenset(paths)
        search = self._best_wording(question, filters, within)
        self._build_hits(search, slice(offset, offset + limit), sort)
        return search

    def _best_wording(
        self, question: str, filters: Filters, paths: frozenset[str] | None
    ) -> Search:
        """Return the search for ``question``, corrected or translated where that is surer."""
        search = self._search(question, filters, paths)
        if not _may_be_reworded(search.query):
            return search
        if corrected := self._corrector.correct(question):
            other = self._search(corrected.question, filters, paths)
            if other.total and other.confidence >= search.confidence + SURER:
                search = other
                search.replaced = corrected.words
        if search.outcome is Outcome.ANSWER:
            return search
        translated = self._translator.translate(search.query.variants[0].text, search.today)
        if translated is None:
            return search
        other = self._search(translated.question, filters, paths)
        # How much its words tell is for the typed question to say: a translation may have more.
        own = {k: v for k, v in search.features.items() if k in {"words", "no type"}}
        sure = confidence.confidence({**other.features, **own})
        if not other.total or sure < max(search.confidence, UNRELATED) + MUCH_SURER:
            return search
        other.replaced = (*search.replaced, *translated.words)
        other.outcome = _outcome(other, sure - CHOSEN)
        return other

    def search_as_typed(self, question: str, filters: Filters, *, limit: int) -> Search:
        """Return the search with ``limit`` hits for ``question``, neither corrected nor translated.

        Args:
            question: as typed.
            filters: normalised.
            limit: how many hits to return at most.
        """
        search = self._search(question, filters, None)
        self._build_hits(search, slice(0, limit), Sort.RELEVANCE)
        return search

    def _search(self, question: str, filters: Filters, paths: frozenset[str] | None) -> Search:
        """Return the search with those candidates that are worth showing, but without hits."""
        search = self._start(question, filters, paths)
        if not self._list_named(search):
            if search.query.talk or not search.query.terms:
                search.outcome = Outcome.TALK if search.query.terms else Outcome.NOTHING
                return search
            self.rank(search)
            search.candidates = rerank.kept(search.candidates)[:MAX_CANDIDATES]
        if search.outcome is Outcome.NOTHING:
            search.candidates = []
        return search

    def all_candidates(
        self, question: str, filters: Filters, paths: Collection[str] | None
    ) -> Search:
        """Return the search with all candidates as hits, even those not worth showing.

        Copies are folded, but counted in ``considered``.
        """
        search = self._start(question, filters, None if paths is None else frozenset(paths))
        self.rank(search)
        self._build_hits(search, slice(0, search.total), Sort.RELEVANCE)
        return search

    def _list_named(self, search: Search) -> bool:
        """List the passages of an addressed article, or the articles of an author or source.

        Returns:
            Whether the question names one of these and asks for nothing else.
        """
        named = {condition.kind: condition.value for condition in search.query.conditions}
        term_query = search.term_query
        if path := named.get("address"):
            term_query = replace(term_query, paths=(term_query.paths or {path}) & {path})
            scored = self._reader.opening_passages(term_query, 1)
            stored = self._reader.article(path) if scored else None
            if stored is None:
                return False
            passages = range(
                stored.first_passage, stored.first_passage + len(stored.content_hashes)
            )
            scores = {hit.passage_id: hit.score for hit in self._reader.search(term_query, 200)}
            search.candidates = sorted(
                (
                    Candidate(id_, stored.article.id, scores.get(id_, 0.0), content=content)
                    for id_, content in zip(passages, stored.content_hashes, strict=True)
                ),
                key=lambda candidate: -candidate.score,
            )[:MAX_CANDIDATES]
        elif search.query.is_name:
            fold = self._analyzer.fold
            filters = search.filters
            if author := named.get("author"):
                filters = replace(filters, author=fold(author))
            elif source := named.get("source"):
                filters = replace(filters, source=fold(source))
            opening = self._reader.opening_passages(
                replace(term_query, filters=filters), MAX_CANDIDATES
            )
            search.candidates = [Candidate(*scored) for scored in opening]
        if not search.candidates:
            return False
        search.outcome = Outcome.ANSWER
        search.considered = len(search.candidates)
        return True

    def rank(self, search: Search) -> None:
        """Fill in the candidates, in their final order, and the outcome."""
        if search.query.required or search.query.excluded:
            candidates = self._satisfying(search)
        else:
            candidates = self._first_stage(search.term_query, MAX_CANDIDATES)
            candidates += self._dated(search, {candidate.passage_id for candidate in candidates})
        search.considered = len(candidates)
        ids = [candidate.passage_id for candidate in candidates]
        texts = dict(zip(ids, self._reader.folded_passages(ids), strict=True))
        if search.query.conditions:  # a date or an author may be preferred
            self._read_articles(search, candidates)
        targets = self._targets(search)
        ranked = rerank.rank(
            candidates,
            list(texts.values()),
            targets,
            preferences.added(search.query, candidates, search.articles, texts, search.today),
        )
        search.candidates = rerank.fold_copies(
            ranked, [texts[candidate.passage_id].text for candidate in ranked]
        )
        search.features = confidence.features(search.candidates, texts, targets)
        search.outcome = _outcome(search, search.confidence)

    def _dated(self, search: Search, known: set[int]) -> list[Candidate]:
        """Return candidates of the periods that the question names, without ``known`` ones."""
        dated: dict[int, Candidate] = {}
        for days in preferences.days_asked(search.query):
            filters = replace(
                search.filters,
                after=max(days.first.isoformat(), search.filters.after or ""),
                before=min(days.last.isoformat(), search.filters.before or "9999-12-31"),
            )
            term_query = replace(search.term_query, filters=filters)
            for candidate in self._first_stage(term_query, MAX_DATED):
                if candidate.passage_id not in known:
                    dated[candidate.passage_id] = candidate
        return list(dated.values())

    def _start(self, question: str, filters: Filters, paths: frozenset[str] | None) -> Search:
        """Analyse the question and look up its terms."""
        today = datetime.now(UTC).date()
        parsed = query.parse(
            question[:MAX_QUESTION_CHARS],
            self._analyzer,
            self._expander.expand,
            today=today,
            names=self._names,
        )
        # Their words stay, as those of any other part of the question.
        conditions = tuple(c for c in parsed.conditions if c.text not in filters.ignored)
        if conditions != parsed.conditions:
            parsed = replace(parsed, conditions=conditions, is_name=False)
        necessary = {
            phrase: query.necessary_terms(phrase, self._analyzer)
            for phrase in (*parsed.required, *parsed.excluded)
        }
        boosts = parsed.terms | self._inside_words(parsed)
        frequencies = self._reader.document_frequencies(
            {*boosts, *chain.from_iterable(necessary.values())}
        )
        idf = bm25.idfs(frequencies, self._reader.statistics)
        must = chain.from_iterable(necessary[phrase] for phrase in parsed.required)
        # A phrase that is itself a term can be excluded without reading texts.
        must_not = [phrase for phrase in parsed.excluded if phrase in necessary[phrase]]
        term_query = TermQuery(
            boosts,
            frozenset(must),
            frozenset(must_not),
            filters,
            paths,
        )
        return Search(parsed, today, frequencies, idf, term_query)

    def _inside_words(self, parsed: Query) -> dict[str, float]:
        """Return terms that find a question of one character inside words."""
        words = parsed.variants[0].words
        if len(words) != 1 or len(words[0]) != 1 or not is_han(words[0]):
            return {}
        bigrams = self._reader.similar_bigrams(2 * words[0])
        return {bigram: INSIDE_WORD for bigram in bigrams if bigram not in parsed.terms}

    def _first_stage(self, term_query: TermQuery, k: int) -> list[Candidate]:
        return [Candidate(*scored) for scored in self._reader.search(term_query, k)]

    def _satisfying(self, search: Search) -> list[Candidate]:
        """Return the candidates that satisfy the operators.

        Terms alone do not decide that: candidates are read until enough of them satisfy, or there
        are no more. A title and a heading belong to every passage below them.
        """
        term_query = search.term_query
        satisfying: list[Candidate] = []
        for k in (MAX_CANDIDATES, _MAX_CHECKED):
            candidates = self._first_stage(term_query, k)
            satisfying = self._of_these_satisfying(search, candidates)[:MAX_CANDIDATES]
            if len(satisfying) == MAX_CANDIDATES or len(candidates) < k:
                break
        # Pairs that writers part by a space or a middle dot, 哈利·波特, are no terms.
        loose = frozenset(term for term in term_query.must if not is_han(term))
        if loose != term_query.must and len(satisfying) < MAX_CANDIDATES:
            known = {candidate.passage_id for candidate in satisfying}
            others = self._first_stage(replace(term_query, must=loose), MAX_CANDIDATES)
            others = [other for other in others if other.passage_id not in known]
            satisfying += self._of_these_satisfying(search, others)
            satisfying.sort(key=lambda candidate: -candidate.score)
        return satisfying[:MAX_CANDIDATES]

    def _of_these_satisfying(
        self, search: Search, candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        self.read(search, candidates)
        folded = self._analyzer.fold_each(
            [self._with_title(search, candidate) for candidate in candidates]
        )
        required = [loosened(phrase) for phrase in search.query.required]
        excluded = [loosened(phrase) for phrase in search.query.excluded]
        return [
            candidate
            for candidate, text in zip(candidates, map(loosened, folded), strict=True)
            if all(holds(text, phrase) for phrase in required)
            and not any(holds(text, phrase) for phrase in excluded)
        ]

    def _with_title(self, search: Search, candidate: Candidate) -> str:
        passage = search.passages[candidate.passage_id]
        title = search.articles[candidate.article_id].title
        return f"{title}\n{passage.heading}\n{passage.text}"

    def read(self, search: Search, candidates: Sequence[Candidate]) -> None:
        """Read the passages of ``candidates`` and their articles, unless they were read already."""
        unread = [c.passage_id for c in candidates if c.passage_id not in search.passages]
        search.passages |= {passage.id: passage for passage in self._reader.passages(unread)}
        self._read_articles(search, candidates)

    def _read_articles(self, search: Search, candidates: Sequence[Candidate]) -> None:
        named = {id_ for c in candidates for id_ in (c.article_id, *c.duplicates)}
        search.articles |= self._reader.articles(named - search.articles.keys())

    def _targets(self, search: Search) -> list[Target]:
        size = self._reader.statistics.passages
        # A term that no passage holds has the largest idf.
        unknown = math.log(2 * size + 2)
        boosts = search.query.terms
        typed = self._analyzer.comparable([search.query.typed])[0]
        return [
            Target(
                typed=typed if variant is search.query.variants[0] else "",
                text=in_digits(variant.text),
                words={
                    word: _rarity(search.frequencies.get(word, 0), size) * _share(variant, word)
                    for word in variant.words
                },
                best_score=sum(
                    boosts[term] * search.idf.get(term, unknown) for term in variant.terms
                ),
            )
            for variant in search.query.variants
        ]

    def _build_hits(self, search: Search, span: slice, sort: Sort) -> None:
        candidates = search.candidates
        if sort is not Sort.RELEVANCE:
            candidates = self._by_date(candidates, newest_first=sort is Sort.NEWEST)
        shown = candidates[span]
        self.read(search, shown)
        words = search.word_weights
        question = self._analyzer.comparable([search.query.typed])[0]
        marker = Marker(self._analyzer, question, words, snippets.words_to_mark(words))
        search.hits = HitBuilder(self._reader, search.boosts, marker).build(
            enumerate(shown, span.start + 1), search.passages, search.articles
        )

    def _by_date(self, candidates: list[Candidate], *, newest_first: bool) -> list[Candidate]:
        """Sort by date; equal dates stay in order of relevance, undated articles come last."""
        articles = self._reader.articles(candidate.article_id for candidate in candidates)

        def age(candidate: Candidate) -> tuple[bool, int]:
            date = articles[candidate.article_id].date
            seconds = epoch_seconds(date) if date else None
            return seconds is None, (-(seconds or 0) if newest_first else (seconds or 0))

        return sorted(candidates, key=age)


def _may_be_reworded(asked: Query) -> bool:
    """Return whether ``asked`` is a question in words that its operators do not insist on."""
    is_addressed = any(condition.kind == "address" for condition in asked.conditions)
    return not (asked.talk or asked.required or asked.excluded or asked.is_name or is_addressed)


def _outcome(search: Search, sure: float) -> Outcome:
    """Return the outcome of that confidence; never an answer of another time than asked for."""
    outcome = confidence.outcome(sure)
    if outcome is Outcome.ANSWER and preferences.days_asked(search.query):
        is_of_the_time = search.candidates[0].parts.get("date")
        return Outcome.ANSWER if is_of_the_time else Outcome.CLOSEST
    return outcome


def _rarity(passages: int, size: int) -> float:
    """Return how much a word in so many of ``size`` passages tells, up to 1 for one in none.

    By an idf that stays above 0 in the smallest archive, where most words are in most passages.
    """
    return math.log(1 + (size - passages + 0.5) / (passages + 0.5)) / math.log(2 * size + 2)


def _share(variant: QueryVariant, word: str) -> float:
    """Return the weight of a word as a share of the full weight, at most 1."""
    return min(1.0, variant.terms[word] / query.WORD_WEIGHT)
