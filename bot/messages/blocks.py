"""Articles -> the blocks of an answer, and how many fit the screen of a phone (pure)."""

from collections.abc import Sequence
from math import ceil

from bot.localization import Formatter
from bot.messages.markdown import escape, mark, units
from bot.messages.passages import (
    NO_BREAK,
    ArticleHits,
    copy_link,
    facts,
    fitting,
    hit_facts,
    linked_title,
    marked_sentence,
    one_small_line,
    passage,
    room,
    sentence,
    title,
)
from corpus import Hit, Outcome

# Shown, in Han characters; Latin letters take half the room.
LINE_CHARS = 15  # Han characters of a line on a phone
MAX_SCREEN_LINES = 27  # beside what stands above and below the articles
MAX_LINES = 2  # other passages of the best article
ANSWER_CHARS = 90
PARAGRAPH_CHARS = 110
MAX_PARAGRAPH_CHARS = 150  # of one with a long answer
AROUND_CHARS = 40  # of a paragraph, beside its answer
OTHER_CHARS = 45
OTHER_TITLE_CHARS = 40
MIN_REST_CHARS = 5  # a paragraph that adds less to its answer is not shown
MIN_PARAGRAPH_CHARS = 60  # with less room than this, fewer articles are shown
_MARKS_ROOM = 2  # units that a character may take with its share of marks and backslashes
_QUOTE_ROOM = 3  # units: two for the quote mark, one for the line break above it


def best_block(group: ArticleHits, max_units: int, t: Formatter) -> str:
    """Return the block of the best article, in at most ``max_units``."""
    hit = group.best
    answer, tail = _answer_line(hit), _tail(group, t)
    paragraph = ""
    if max_chars := _paragraph_chars(hit):
        paragraph = passage(hit, max_chars, max_units - units(answer + tail) - _QUOTE_ROOM)
    quote = f"> {paragraph}" if paragraph else ""
    return "\n".join(filter(None, (answer, quote, tail)))


def _paragraph_chars(hit: Hit) -> int:
    """Return how much of a hit's paragraph to show at most: 0 where the answer is all of it."""
    text = hit.passage.text
    answered = text[hit.answer.start : hit.answer.end] if hit.answer else text
    if len(text) - len(answered) < MIN_REST_CHARS and room(answered) <= ANSWER_CHARS:
        return 0
    around = min(max(PARAGRAPH_CHARS, room(answered) + AROUND_CHARS), MAX_PARAGRAPH_CHARS)
    return fitting(text, int(around))


def min_units(group: ArticleHits, t: Formatter) -> int:
    """Return the units that the block of the best article needs at least."""
    paragraph = MIN_PARAGRAPH_CHARS * _MARKS_ROOM + _QUOTE_ROOM
    return units(_answer_line(group.best) + _tail(group, t)) + paragraph


def _answer_line(hit: Hit) -> str:
    text = mark(sentence(hit, fitting(hit.passage.text, ANSWER_CHARS)), ())
    return f"### {text}" if text.strip() else ""


def _tail(group: ArticleHits, t: Formatter) -> str:
    """Return where the best article is from, and its other passages, a line each."""
    lines = [f"**{linked_title(group.article)}**"]
    if small := [*hit_facts(group.best, t), *filter(None, [copy_link(group.article, t)])]:
        lines.append(f"-# {' · '.join(small)}")
    names = dict.fromkeys(one_small_line(hit) for hit in group.hits[1 : 1 + MAX_LINES])
    own = one_small_line(group.best)
    lines += [
        f"-# §{NO_BREAK}{escape(name, line_start=False)}"
        for name in names
        if name.strip() not in {"", own}
    ]
    return "\n".join(lines)


def other_block(hit: Hit, outcome: Outcome, least: float | None, t: Formatter) -> str:
    """Return the block of another article; ``least``: the score from which its mark is sure."""
    is_sure = outcome is Outcome.ANSWER and least is not None and hit.score >= least
    small = facts(hit.article, "", t)
    quote = marked_sentence(hit, OTHER_CHARS, is_sure=is_sure)
    lines = [
        linked_title(hit.article, OTHER_TITLE_CHARS),
        *([f"-# {' · '.join(small)}"] if small else []),
    ]
    return "\n".join([*lines, *([f"> {quote}"] if quote.strip() else [])])


def fit_screen(groups: Sequence[ArticleHits]) -> list[ArticleHits]:
    """Return the first of ``groups`` that a phone shows on one screen, at least the best."""
    best, *others = groups
    shown, lines = [best], _best_lines(best)
    for group in others:
        lines += _other_lines(group.best)
        if lines > MAX_SCREEN_LINES:
            break
        shown.append(group)
    return shown


def _best_lines(group: ArticleHits) -> float:
    hit = group.best
    answer = min(room(sentence(hit, len(hit.passage.text))), ANSWER_CHARS)
    paragraph = min(room(hit.passage.text[: _paragraph_chars(hit)]), MAX_PARAGRAPH_CHARS)
    small = 1 + min(len(group.hits) - 1, MAX_LINES)
    return _lines(answer) + _lines(paragraph) + _lines(room(title(hit.article))) + small


def _other_lines(hit: Hit) -> float:
    """Return the lines of another article, its date and the space above it included."""
    answer = min(room(sentence(hit, len(hit.passage.text))), OTHER_CHARS)
    return _lines(answer) + _lines(min(room(title(hit.article)), OTHER_TITLE_CHARS)) + 2


def _lines(han_chars: float) -> int:
    return ceil(han_chars / LINE_CHARS)
