"""A passage -> the sentence in it that answers best, and the spans that match (pure)."""

from collections.abc import Iterable, Mapping, Sequence

from corpus.model import Answer, Token
from corpus.sentences import sentence_spans


def highlights(tokens: Iterable[Token], terms: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Return the spans of the tokens that are among ``terms``, touching ones as one."""
    wanted = frozenset(terms)
    spans: list[tuple[int, int]] = []
    for token in tokens:
        if token.text not in wanted:
            continue
        if spans and token.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(token.end, spans[-1][1]))
        else:
            spans.append((token.start, token.end))
    return tuple(spans)


def best_sentence(
    text: str, tokens: Sequence[Token], weights: Mapping[str, float]
) -> Answer | None:
    """Return the sentence of ``text`` whose distinct terms weigh most, the first of equals.

    Args:
        text: a passage.
        tokens: its tokens, in order.
        weights: of the question's terms, such as their idf.

    Returns:
        None where no sentence holds any of the terms.
    """
    best: tuple[float, int, int] | None = None
    for start, end in sentence_spans(text):
        present = {token.text for token in tokens if start <= token.start < end}
        weight = sum(weights.get(term, 0.0) for term in present)
        if present & weights.keys() and (best is None or weight > best[0]):
            best = (weight, start, end)
    if best is None:
        return None
    _, start, end = best
    return Answer(text[start:end], start, end)
