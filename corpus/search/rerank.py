"""Second stage: candidates -> the order to show them in (pure).

The first stage counts terms. This one reads the candidates: how much of the question each holds, in
one piece and in its title, whether it offers what is asked for, and which of them say the same.

The score is linear in the features, so that its parts can be shown: each feature is a share, and
adds its weight times the score of a passage that holds every term of the question.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import phrases
from corpus.analysis.analyzer import is_han
from corpus.analysis.sentences import sentence_spans
from corpus.engine import FoldedPassage
from corpus.search import answer_types

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Fitted on more sets than `python -m bench fit-ranking` takes, which refits the same model on those
# it is given. The first stage's share of the possible score has the weight 1.
WEIGHTS = {
    "characters": 1.65,  # share of the characters of its words, the rare ones weighing more
    "run": 1.1,  # share of the question that it holds as the longest single piece
    "title": 0.9,  # share of the words that the title holds, by weight
    "same title": 1.05,  # share of the title and the question that is in both
    "exact title": 4.0,  # the title is the question: by rule, no set asks enough of them
    "opening": 0.33,  # the first passages of an article tell most about all of it
    "answer type": 0.5,  # share of the words in a sentence that offers what is asked for
    "specific": 0.3,  # holds what few sentences do, such as an amount, where that is asked for
    "article": 0.8,  # the first stage's share of the article's best passage
}

_DASHES = "-|–—"
_SITE = re.compile(rf"(?<=\w{{4}}) ?[{_DASHES}] [^{_DASHES}]{{1,20}}$")
"""What many pages append to a title: the name of their site."""

KEPT = 0.4
"""Share of the best score below which a candidate has little to do with the question."""

SAME = 0.7
"""Share of two passages' bigrams in common from which they are the same to a reader."""
_MAX_COMPARED = 50
"""Candidates whose texts are compared; later ones are copies only where their words are equal."""
_ROUNDING = 1e-9  # by which sums of the same numbers may differ
_BUCKETS = 2048  # of hashed bigrams: a passage has a few hundred


class Candidate(NamedTuple):
    """A passage that may be shown. A tuple, as a search makes hundreds of them."""

    passage_id: int
    article_id: int
    score: float
    content: int
    """Equal for passages of the same words."""
    added: tuple[Sequence[str], Sequence[float]] = ((), ())
    """Names and values of the second stage's parts of the score."""
    duplicates: tuple[int, ...] = ()
    """Ids of other articles that carry the same passage, best first."""

    @property
    def parts(self) -> dict[str, float]:
        """What the second stage added to the score, by name."""
        return {name: part for name, part in zip(*self.added, strict=True) if part}


@dataclass(frozen=True, slots=True)
class Target:
    """What one wording of the question asks a passage to hold."""

    text: str
    words: Mapping[str, float]
    """Those that tell what it is about; how much each tells, to 1 for one the archive lacks."""
    best_score: float
    """About what a passage scores that holds every term of it once."""
    typed: str = ""
    """The question with its frame, which may belong to a title."""

    @property
    def shares(self) -> Floats:
        """The weights of its words, which sum to 1 if there are any."""
        weights = np.fromiter(self.words.values(), float)
        return weights / (weights.sum() or 1.0)

    @property
    def units(self) -> set[str]:
        """The words in pieces that are found in other words too: Han characters, Latin words."""
        return {unit for word in self.words for unit in (word if is_han(word) else (word,))}


def rank(
    candidates: Sequence[Candidate],
    texts: Sequence[FoldedPassage],
    targets: Sequence[Target],
    preferences: Mapping[str, Floats] | None = None,
) -> list[Candidate]:
    """Return ``candidates`` in their final order, with the parts of their scores.

    The sentences of a candidate are not read where nothing in them could save it from `kept`, which
    is so for most.

    Args:
        candidates: in any order.
        texts: what they say, in the same order.
        targets: one a wording, the typed one first.
        preferences: what else is added, by name: shares of the possible score, in the same order.
    """
    preferences = preferences or {}
    possible = max(targets[0].best_score, 0.0) if targets else 0.0
    names = [*WEIGHTS, *preferences]
    weights = list(WEIGHTS.values())
    preferred = [*preferences.values()]
    scores = np.array([candidate.score for candidate in candidates])

    found = _Features(candidates, texts, targets)
    least = scores + possible * np.column_stack([found.values * weights, *preferred]).sum(axis=1)
    best = least.max(initial=-np.inf)
    needed = min(KEPT * best, best) - _ROUNDING
    is_near = least >= needed
    doubtful = np.flatnonzero(~is_near & (least + possible * found.MAX_OF_SENTENCES >= needed))
    most = least[doubtful] + possible * found.most_of_sentences(doubtful)
    is_near[doubtful] = most >= needed
    found.read_sentences(np.flatnonzero(is_near))

    added = possible * np.column_stack([found.values * weights, *preferred])
    total = scores + added.sum(axis=1)
    rows, totals = added.tolist(), total.tolist()
    return [
        Candidate(
            candidates[i].passage_id,
            candidates[i].article_id,
            totals[i],
            candidates[i].content,
            (names, rows[i]),
        )
        for i in np.argsort(-total, kind="stable").tolist()
    ]


def features(
    candidates: Sequence[Candidate], texts: Sequence[FoldedPassage], targets: Sequence[Target]
) -> Floats:
    """Return what each candidate offers, shape (candidates, ``WEIGHTS``).

    Each feature takes the wording that suits the candidate best.
    """
    found = _Features(candidates, texts, targets)
    found.read_sentences(np.arange(len(texts)))
    return found.values


class _Features:
    """What each candidate offers; first without its sentences, whose reading takes most time."""

    MAX_OF_SENTENCES = WEIGHTS["answer type"] + WEIGHTS["specific"]
    """The most that sentences may add to any candidate, by weight."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        texts: Sequence[FoldedPassage],
        targets: Sequence[Target],
    ) -> None:
        self._texts = texts
        self._targets = targets
        self.values = np.zeros((len(texts), len(WEIGHTS)))
        """Shape (candidates, ``WEIGHTS``)."""
        self._column = dict(zip(WEIGHTS, self.values.T, strict=True))
        if not texts or not targets:
            return
        self._asked = answer_types.asked(targets[0].text)
        passage = _Texts([text.text for text in texts])
        title = _Texts([text.title for text in texts])
        for target in targets:
            likeness = title.likenesses(target.text)
            if target.typed:
                likeness = np.maximum(likeness, title.likenesses(target.typed))
            for name, value in {
                "characters": _rarity_share(passage.hold(sorted(target.units))),
                "run": passage.longest_runs(target.text) / (len(target.text) or 1),
                "title": target.shares @ title.hold(list(target.words)),
                "same title": likeness,
                "exact title": likeness == 1,
            }.items():
                np.maximum(self._column[name], value, out=self._column[name])
        self._column["opening"][:] = [1 / (1 + text.ordinal) for text in texts]
        ids = [candidate.article_id for candidate in candidates]
        _, article = np.unique(ids, return_inverse=True)
        best = np.full(int(article.max()) + 1, -np.inf)
        np.maximum.at(best, article, [candidate.score for candidate in candidates])
        self._column["article"][:] = best[article] / (targets[0].best_score or 1.0)

    def most_of_sentences(self, rows: NDArray[np.intp]) -> Floats:
        """Return the most that their sentences may add to some candidates, by weight."""
        most = np.zeros(len(rows))
        if not self._targets or not rows.size:
            return most
        texts = [self._texts[i].text for i in rows.tolist()]
        for target in self._targets:
            held = [[word in text for text in texts] for word in target.words]
            shares = target.shares @ np.array(held).reshape(len(held), len(texts))
            np.maximum(most, shares, out=most)
        return WEIGHTS["answer type"] * most + WEIGHTS["specific"] * self._asked.is_specific

    def read_sentences(self, rows: NDArray[np.intp]) -> None:
        """Fill in what the sentences of some candidates offer."""
        if not self._targets or not rows.size:
            return
        sentences = _Sentences([self._texts[i].text for i in rows.tolist()], self._asked)
        shares = [sentences.best_share(list(t.words), t.shares) for t in self._targets]
        self._column["answer type"][rows] = np.max(shares, axis=0)
        if self._asked.is_specific:
            self._column["specific"][rows] = sentences.any_offers


def fold_copies(ranked: Sequence[Candidate], texts: Sequence[str]) -> list[Candidate]:
    """Return ``ranked`` with copies of a passage folded into the best of them.

    Args:
        ranked: best first.
        texts: what the first of them say, folded.
    """
    first_alike = _first_alike(list(texts[:_MAX_COMPARED]))
    groups: dict[int, list[Candidate]] = {}
    group_of: dict[int, int] = {}
    for i, candidate in enumerate(ranked):
        first = first_alike[i] if i < len(first_alike) else i
        group = group_of.setdefault(candidate.content, first if first in groups else i)
        groups.setdefault(group, []).append(candidate)
    return [
        _with_duplicates(group[0], group[1:]) if len(group) > 1 else group[0]
        for group in groups.values()
    ]


def _with_duplicates(best: Candidate, copies: Sequence[Candidate]) -> Candidate:
    others = dict.fromkeys(copy.article_id for copy in copies if copy.article_id != best.article_id)
    return best._replace(duplicates=tuple(others)) if others else best


def kept(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return those of ``ranked`` that have something to do with the question, as the best has.

    Ordered by date, the others would come first as often as not.
    """
    best = ranked[0].score if ranked else 0.0
    return [candidate for candidate in ranked if candidate.score >= min(KEPT * best, best)]


class _Texts:
    """Looks pieces of the question's wordings up in texts, each piece once."""

    def __init__(self, texts: Sequence[str]) -> None:
        # The candidates of an article share its title.
        self._distinct = list(dict.fromkeys(texts))
        numbers = {text: i for i, text in enumerate(self._distinct)}
        self._number = np.array([numbers[text] for text in texts])
        self._texts = phrases.Texts(self._distinct)
        self._held: dict[str, list[bool]] = {}

    def hold(self, pieces: Sequence[str]) -> Mask:
        """Return which texts hold each piece, shape (pieces, texts)."""
        for piece in pieces:
            if piece not in self._held:
                self._held[piece] = self._texts.hold(piece)
        rows = np.array([self._held[piece] for piece in pieces], np.bool_)
        return rows.reshape(len(pieces), len(self._distinct))[:, self._number]

    def longest_runs(self, question: str) -> Floats:
        """Return the length of the longest piece of ``question`` that each text holds."""
        # All texts at once, a character of the question after the other: a piece that ends at a
        # place is one longer than the piece that ends before it.
        points, starts = self._joined
        places: dict[str, NDArray[np.intp]] = {"\n": np.zeros(0, np.intp)}
        longest = np.zeros(len(points), np.uint16)
        before = np.zeros(len(points) + 1, np.uint16)
        for char in question:
            if char not in places:
                places[char] = np.flatnonzero(points == ord(char))
            found = places[char]
            lengths = before[found] + 1
            before[:] = 0
            before[found + 1] = lengths
            longest[found] = np.maximum(longest[found], lengths)
        return np.maximum.reduceat(longest, starts)[self._number].astype(float)

    def likenesses(self, question: str) -> Floats:
        """Return how much of each text and ``question`` is in both, from 0 to 1, sites aside."""
        asked = _pairs(_letters(question))
        return np.array([_dice(letters, asked) for letters in self._letters])[self._number]

    @cached_property
    def _joined(self) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
        """The code points of all texts, each with a line end, and where each text begins."""
        together = "".join(f"{text}\n" for text in self._distinct)
        points = np.frombuffer(together.encode("utf-32-le", "surrogatepass"), np.uint32)
        return points, np.cumsum([0, *(len(text) + 1 for text in self._distinct[:-1])])

    @cached_property
    def _letters(self) -> list[str]:
        return list(map(_letters, self._distinct))


class _Sentences:
    """The sentences of texts, and which of them offer what is asked for."""

    def __init__(self, texts: Sequence[str], asked: answer_types.AnswerType) -> None:
        self._offering = [
            [
                text[start:end]
                for start, end in sentence_spans(text)
                if asked.is_offered(text[start:end])
            ]
            for text in texts
        ]

    @property
    def any_offers(self) -> list[bool]:
        """Whether a sentence of each text offers what is asked for."""
        return [bool(sentences) for sentences in self._offering]

    def best_share(self, words: Sequence[str], weights: Floats) -> Floats:
        """Return for each text the most that one such sentence holds of ``words``, by weight."""
        weighted = list(zip(words, weights.tolist(), strict=True))
        return np.array(
            [
                max(
                    (sum(w for word, w in weighted if word in sentence) for sentence in sentences),
                    default=0.0,
                )
                for sentences in self._offering
            ]
        )


def _rarity_share(held: Mask) -> Floats:
    """Return the share of some pieces that each passage holds, rarer ones weighing more.

    Args:
        held: whether a passage holds a piece, shape (pieces, passages).
    """
    weights = np.log(1 + held.shape[1] / (1 + held.sum(axis=1)))
    return weights @ held / (weights.sum() or 1.0)


def _letters(text: str) -> str:
    if any(dash in text for dash in _DASHES):
        text = _SITE.sub("", text)
    return text if text.isalnum() else "".join(filter(str.isalnum, text))


def _pairs(letters: str) -> set[str]:
    return {letters[i : i + 2] for i in range(max(len(letters) - 1, 1))}


def _dice(letters: str, asked: set[str]) -> float:
    """Return the share of pairs of letters in common (Dice's coefficient)."""
    if not any(pair in letters for pair in asked):  # as for most titles
        return 0.0
    pairs = _pairs(letters)
    return 2 * len(pairs & asked) / (len(pairs) + len(asked))


def _first_alike(texts: list[str]) -> list[int]:
    """Return for each text the place of the first that is nearly the same, maybe its own."""
    if not texts:
        return []
    # All at once: a call of numpy for each text would cost more than what it does.
    together = "".join(f"{text}\n" for text in texts)
    points = np.frombuffer(together.encode("utf-32-le", "replace"), np.uint32)
    rows = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    is_pair = rows[:-2] == rows[2:]  # and not a character and the line end, or two texts'
    held = np.zeros((len(texts), _BUCKETS), np.bool_)
    held[rows[:-2][is_pair], (points[:-2] * 31 + points[1:-1])[is_pair] % _BUCKETS] = True
    # Bits rather than a matrix product, whose threads cost more than the work.
    bits = np.packbits(held, axis=1).view(np.uint64)
    common = np.bitwise_count(bits[:, None] & bits).sum(axis=2, dtype=np.int32)
    sizes = common.diagonal()
    alike = common >= SAME * np.maximum(sizes[:, None] + sizes - common, 1)
    return np.argmax(alike | np.eye(len(texts), dtype=bool), axis=1).tolist()
