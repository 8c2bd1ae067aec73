"""A passage -> the sentence in it that answers best, and the spans that match (pure)."""

from collections.abc import Iterable, Mapping, Sequence

from corpus.model import Answer, Token
from corpus.sentences import sentence_spans


def highlights(found: Iterable[Token]) -> tuple[tuple[int, int], ...]:
    """Return the spans of ``found``, sorted by their start, with touching ones as one."""
    spans: list[tuple[int, int]] = []
    for token in found:
        if spans and token.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(token.end, spans[-1][1]))
        else:
            spans.append((token.start, token.end))
    return tuple(spans)


def best_sentence(text: str, found: Sequence[Token], weights: Mapping[str, float]) -> Answer | None:
    """Return the sentence of ``text`` whose distinct words weigh most, the first of equals.

    Args:
        text: a passage.
        found: the question's words in it.
        weights: of these words, such as their idf.

    Returns:
        None where no sentence holds any of the words.
    """
    best: tuple[float, int, int] | None = None
    for start, end in sentence_spans(text):
        present = {token.text for token in found if start <= token.start < end}
        weight = sum(weights[word] for word in present)
        if present and (best is None or weight > best[0]):
            best = (weight, start, end)
    if best is None:
        return None
    _, start, end = best
    return Answer(text[start:end], start, end)
