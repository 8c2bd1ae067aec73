"""An answer or a timeline -> a Markdown document with numbered footnotes and dates (pure).

CommonMark with the footnotes that GitHub, pandoc and Obsidian read. Discord's own markdown differs,
see `bot.messages.markdown`.
"""

import re
from collections.abc import Sequence
from datetime import date

from bot.localization import Formatter
from bot.messages.addresses import archived_copy, link_target
from bot.messages.conditions import added_name, filter_line
from bot.messages.dates import day
from bot.messages.layout import Attachment
from bot.messages.markdown import one_line
from bot.messages.passages import ArticleHits, sentence, title
from bot.messages.timeline import count
from corpus import Article, Filters, Hit, SearchResult, Sort, Timeline

MAX_ARTICLES = 10  # of an answer
_MAX_SENTENCE_CHARS = 1_000
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$#]")
# A list, a rule or an underlined heading: only where a line begins.
_LINE_START = re.compile(r"^(?:(?=[-+=])|([0-9]+)(?=[.)]))")


def answer(
    result: SearchResult,
    groups: Sequence[ArticleHits],
    filters: Filters,
    t: Formatter,
    *,
    sort: Sort,
    today: date,
) -> Attachment:
    """Return the file of an answer: of each article the best sentence and its paragraph."""
    hits = [group.best for group in groups[:MAX_ARTICLES]]
    entries = [_quoted(number, hit) for number, hit in enumerate(hits, 1)]
    added = [_escaped(added_name(result.added, t))] if result.added else []
    facts = [*added, *filter_line(filters, t, sort)]
    text = _document(result.question, facts, entries, hits, t, today)
    return Attachment("answer.md", text.encode())


def timeline(found: Timeline, filters: Filters, t: Formatter, *, today: date) -> Attachment:
    """Return the file of a timeline: a line a day."""
    hits = found.result.hits
    entries = [
        f"- **{_day(hit.article, t)}** {_sentence(hit)}[^{number}]"
        for number, hit in enumerate(hits, 1)
    ]
    facts = [count(found, t), *filter_line(filters, t)]
    text = _document(found.result.question, facts, ["\n".join(entries)], hits, t, today)
    return Attachment("timeline.md", text.encode())


def _document(
    question: str,
    facts: Sequence[str],
    entries: Sequence[str],
    hits: Sequence[Hit],
    t: Formatter,
    today: date,
) -> str:
    note = t("export-note", day=t("date", day=today))
    notes = [f"[^{number}]: {_source(hit.article, t)}" for number, hit in enumerate(hits, 1)]
    parts = [f"# {_escaped(question)}", " · ".join(facts), *entries, note, "\n".join(notes)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _quoted(number: int, hit: Hit) -> str:
    """Return the sentence that answers, with its footnote, then the whole paragraph.

    The sentence stands alone: CommonMark ends no bold text between a full-width full stop and a
    Han character.
    """
    text = hit.passage.text
    paragraph = _escaped(text)
    answered = f"**{_sentence(hit)}**[^{number}]"
    if not hit.answer or hit.answer.end - hit.answer.start >= len(text.strip()):
        return answered if hit.answer else f"> {paragraph}[^{number}]"
    return f"{answered}\n\n> {paragraph}"


def _sentence(hit: Hit) -> str:
    return _escaped(sentence(hit, _MAX_SENTENCE_CHARS), line_start=False)


def _source(article: Article, t: Formatter) -> str:
    """Return where an article is from: title, date, source, author, and the links to its copies."""
    label = _escaped(title(article), line_start=False)
    address = next(filter(link_target, (article.url, article.file_url)), None)
    names = dict.fromkeys(filter(str.strip, (article.source, article.author)))
    parts = [
        _linked(label, address) or label,
        _day(article, t) if article.day else "",
        *(_escaped(name, line_start=False) for name in names),
        _linked(t("answer-copy"), archived_copy(article.url, article.date)),
        _linked(t("answer-file"), article.file_url if article.file_url != address else None),
        "" if address else t("answer-no-link"),
    ]
    return " · ".join(filter(None, parts))


def _day(article: Article, t: Formatter) -> str:
    return day(article.day or "", t)


def _linked(label: str, url: str | None) -> str:
    target = link_target(url)
    return f"[{label}]({target})" if target else ""


def _escaped(text: str, *, line_start: bool = True) -> str:
    """Return CommonMark that shows ``text`` on one line."""
    escaped = _SPECIAL.sub(r"\\\g<0>", one_line(text, len(text)))
    return _LINE_START.sub(r"\1\\", escaped) if line_start else escaped
