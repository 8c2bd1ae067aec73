"""Hits -> the pieces of a message that show them: title, facts, sentence, passage (pure)."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.localization import Formatter
from bot.messages.addresses import archived_copy, link_target
from bot.messages.conditions import MAX_NAME_CHARS, name
from bot.messages.dates import day, unbroken
from bot.messages.markdown import ELLIPSIS, excerpt, link, mark, one_line, window
from corpus import Article, Hit

MAX_TITLE_CHARS = 100
NEAR_BEST = 0.8
"""Share of the best score from which another article is worth a place beside the best one's.

Of 217 answerable questions a second article below it answers one in 25, above it one in six."""
SURE = 0.9
"""Share of the best score from which another article's sentence is marked."""
MAX_LINE_CHARS = 17  # Han characters of small print that a phone shows in one line
NO_BREAK = "\u00a0"
_NARROW = 0.5  # of the width of a Han character: a Latin letter's

_SITE = re.compile(
    r"(?P<title>.*\S)\s*[-–—|｜_·•:：]+\s*(?P<site>[^-–—|｜_·•:：]{1,40})", re.DOTALL
)
_STOPS = ("。", "！", "？", ".", "!", "?")
_SPACE_AFTER_STOP = re.compile(r"(?<=[。！？；]) (?=\S)")
"""Full-width marks bring their own room."""
_CLAUSE_MARKS = " ，、；：。,;:."
_MIN_CLAUSE = 0.6
"""Share of a line from which a clause is shown instead of all that fits."""
_BLANK = re.compile(r"\W")


@dataclass(frozen=True, slots=True)
class ArticleHits:
    """The hits of one article; the first stands for it."""

    hits: tuple[Hit, ...]

    @property
    def best(self) -> Hit:
        """The hit that came first."""
        return self.hits[0]

    @property
    def article(self) -> Article:
        """The article of all of them."""
        return self.hits[0].article


def group_by_article(hits: Iterable[Hit]) -> list[ArticleHits]:
    """Return the hits of each article together, in the order of their first ones."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.article.path, []).append(hit)
    return [ArticleHits(tuple(group)) for group in groups.values()]


def near_best(groups: Sequence[ArticleHits]) -> list[ArticleHits]:
    """Return the articles whose best passage is not far below the best of all."""
    best = groups[0].best.score if groups else 0.0
    return [group for group in groups if group.best.score >= min(NEAR_BEST * best, best)]


def title(article: Article, max_chars: int = MAX_TITLE_CHARS) -> str:
    """Return an article's title on one line, without a tail that repeats its source or author.

    Many pages append the name of their site.
    """
    text = one_line(article.title, len(article.title))
    known = {_letters(article.source), _letters(article.author)} - {""}
    while (match := _SITE.fullmatch(text)) and _letters(match["site"]) in known:
        text = match["title"]
    return one_line(text, max_chars) or one_line(article.path, max_chars)


def _letters(text: str) -> str:
    return _BLANK.sub("", text).casefold()


def linked_title(article: Article, max_chars: int = MAX_TITLE_CHARS) -> str:
    """Return an article's title as markdown, linked to where it was published."""
    return link(title(article, max_chars), _address(article))


def links_to(blocks: Sequence[str], addresses: Collection[str]) -> bool:
    """Return whether the markdown of a message links to one of these addresses of articles."""
    targets = filter(None, map(link_target, addresses))
    return any(f"]({target})" in block for target in targets for block in blocks)


def _address(article: Article) -> str | None:
    """Return where the article was published, else its file; None: neither can be linked."""
    return next(filter(link_target, (article.url, article.file_url)), None)


def facts(article: Article, heading: str, t: Formatter) -> list[str]:
    """Return what a reader judges a passage by, as markdown; ``heading`` is the one above it.

    The date comes first: where the line begins, it is never broken over two.
    """
    names = dict.fromkeys(name(text) for text in (article.source, article.author) if text.strip())
    parts = [*([day(article.date, t)] if article.date else []), *names]
    if heading := one_line(heading, MAX_NAME_CHARS).strip():
        parts.append(f"§{NO_BREAK}{name(heading)}")
    if _address(article) is None:
        parts.append(t("answer-no-link"))
    return parts


def copies(article: Article, t: Formatter) -> list[str]:
    """Return links to other copies of an article, as markdown, for when its own link is dead."""
    links = [copy_link(article, t)]
    if article.file_url != _address(article):
        links.append(_labelled(t("answer-file"), article.file_url))
    return [text for text in links if text]


def copy_link(article: Article, t: Formatter) -> str:
    """Return a link to the Internet Archive's copy of an article; empty: there can be none."""
    return _labelled(t("answer-copy"), archived_copy(article.url, article.date))


def _labelled(label: str, url: str | None) -> str:
    """Return a link that is never broken over two lines, or nothing where it cannot be one."""
    return link(unbroken(label), url) if link_target(url) else ""


def hit_facts(hit: Hit, t: Formatter) -> list[str]:
    """Return the facts of a hit's passage, with the number of its duplicates."""
    parts = facts(hit.article, hit.passage.heading, t)
    if hit.duplicates:
        parts.append(t("answer-duplicates", count=len(hit.duplicates)))
    return parts


def fitting(text: str, han_chars: int) -> int:
    """Return how many characters of ``text`` take the room of so many Han characters."""
    return int(han_chars * len(text) / (room(text) or 1))


def room(text: str) -> float:
    """Return the room that ``text`` takes, in Han characters."""
    wide = sum(char > "\u2e7f" for char in text)
    return wide + _NARROW * (len(text) - wide)


def sentence(hit: Hit, max_chars: int) -> str:
    """Return the sentence of a hit that answers, cut to ``max_chars``; not escaped."""
    text = hit.passage.text
    start, end = (hit.answer.start, hit.answer.end) if hit.answer else (0, len(text))
    answer = one_line(text[start:end], end - start)
    answer = _SPACE_AFTER_STOP.sub("", answer)
    _, cut = window(answer, (0, 0), max_chars)
    shown = answer[:cut].rstrip()
    return shown if cut >= len(answer) or shown.endswith(_STOPS) else shown + ELLIPSIS


def marked_sentence(hit: Hit, max_han_chars: int, *, is_sure: bool) -> str:
    """Return the same as markdown, underlined where it surely answers."""
    text = sentence(hit, fitting(hit.passage.text, max_han_chars))
    return mark(text, (), (0, len(text)) if is_sure else None)


def passage(hit: Hit, budget: int, max_units: int) -> str:
    """Return the part of a hit's passage around its answer, see :func:`markdown.excerpt`."""
    return excerpt(
        hit.passage.text,
        hit.highlights,
        (hit.answer.start, hit.answer.end) if hit.answer else None,
        budget=budget,
        max_units=max_units,
    )


def one_small_line(hit: Hit) -> str:
    """Return what a passage is about on one line of a phone: its heading, or how it begins."""
    text = one_line(hit.passage.heading, len(hit.passage.heading)) or sentence(hit, 200)
    max_chars = fitting(text, MAX_LINE_CHARS)
    if len(text) <= max_chars:
        return text
    # A clause if that is most of the line, else no part of a word, a number or a date.
    _, cut = window(text, (0, 0), max_chars - 1)
    if cut < _MIN_CLAUSE * max_chars:
        cut = max_chars - 1
    while cut and _is_within_number(text, cut):
        cut -= 1
    return (text[:cut].rstrip(_CLAUSE_MARKS) or text[: max_chars - 1]) + ELLIPSIS


def _is_within_number(text: str, offset: int) -> bool:
    """Whether ``offset`` divides a Latin word, or a number from its unit."""
    before, after = text[:offset].rstrip()[-1:], text[offset:].lstrip()[:1]
    if before.isascii() and before.isdigit():
        return True
    is_word = before.isascii() and before.isalnum() and text[offset - 1] == before
    return is_word and after.isascii() and after.isalnum() and text[offset] == after
