"""Watches and what they found -> messages (pure)."""

from collections.abc import Sequence

from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import answer
from bot.messages.layout import Reply, text_room
from bot.messages.markdown import escape, one_line, units
from bot.state.watches import Watch, WatchTarget
from corpus import Filters, Hit, Matches

LONGEST_PASSAGE = 300  # characters
LONGEST_LABEL = 100  # characters of a choice, Discord's limit
# Characters in the list, so that it holds all the watches a server may have.
_LISTED_QUESTION = 40
_LISTED_NAMES = 30


def article(watch: Watch, hit: Hit, t: Formatter) -> tuple[str, ...]:
    """Return the blocks that post one article a watch has found."""
    title = _title(t("watch-news", question=_question(watch.question)), watch.filters, t)
    said = answer.facts(hit.article, hit.passage.heading, t)
    if hit.duplicates:
        said.append(t("answer-duplicates", count=len(hit.duplicates)))
    head = f"### {answer.linked_title(hit.article)}"
    if said:
        head += f"\n-# {' · '.join(said)}"
    # Two units for the quote mark, one for the line break above it.
    quoted = answer.passage(hit, LONGEST_PASSAGE, text_room(title, head) - 3)
    return title, f"{head}\n> {quoted}" if quoted else head


def more(watch: Watch, count: int, t: Formatter) -> tuple[str, ...]:
    """Return the block that says how many more articles a watch has found."""
    question = _question(watch.question)
    said = t("watch-more", count=count, question=question, command=t.command("ask"))
    return (_title(said, watch.filters, t),)


def saved(
    place: WatchTarget, question: str, filters: Filters, today: Matches, t: Formatter
) -> Reply:
    """Return what was saved and how much of it the archive already has."""
    where = t("watch-saved", channel=f"<#{place.channel_id}>")
    asked = _title(f"**{_question(question)}**", filters, t)
    if today.is_all:
        count = t("watch-today", count=today.articles)
    else:
        count = t("watch-today-many", count=today.articles)
    return Reply([f"{where}\n{asked}", f"{count}\n-# {t('watch-how')}"])


def listed(watches: Sequence[Watch], t: Formatter) -> Reply:
    """Return a server's watches, as many as fit."""
    if not watches:
        command = t.command("watch", "add")
        return responses.sentence(t("watch-none", command=command))
    title = f"### {t('watch-title', count=len(watches))}"
    left_out = "-# " + t("watch-unlisted", count=len(watches))
    lines: list[str] = []
    room = text_room(title, left_out)
    for one in watches:
        line = _line(one, t)
        room -= units(line) + 1
        if room < 0:
            lines.append("-# " + t("watch-unlisted", count=len(watches) - len(lines)))
            break
        lines.append(line)
    return Reply([title, "\n".join(lines)])


def removed(watch: Watch, t: Formatter) -> Reply:
    """Return that a watch is no more."""
    channel = f"<#{watch.target.channel_id}>"
    return responses.sentence(
        t("watch-removed", question=_question(watch.question), channel=channel)
    )


def label(watch: Watch) -> str:
    """Return the plain text by which a watch is chosen."""
    where = f"#{watch.target.channel_name}"
    tail = " " + one_line(" · ".join([f"→ {where}", *_names(watch)]), LONGEST_LABEL // 2)
    return one_line(watch.question, LONGEST_LABEL - len(tail)) + tail


def _title(said: str, filters: Filters, t: Formatter) -> str:
    narrowed = answer.conditions(filters, t)
    return "\n".join([said, *([f"-# {' · '.join(narrowed)}"] if narrowed else [])])


def _line(watch: Watch, t: Formatter) -> str:
    question = escape(one_line(watch.question, _LISTED_QUESTION), line_start=False)
    posted = (
        t("watch-never")
        if watch.posted_at is None
        else t("watch-posted", when=f"<t:{int(watch.posted_at)}:R>")
    )
    narrowed = one_line(" · ".join(_names(watch)), _LISTED_NAMES)
    said = [*([escape(narrowed, line_start=False)] if narrowed else []), posted]
    return f"<#{watch.target.channel_id}> **{question}**\n-# {' · '.join(said)}"


def _names(watch: Watch) -> list[str]:
    filters = watch.filters
    return [one for one in (filters.source, filters.author, filters.tag) if one]


def _question(question: str) -> str:
    return escape(one_line(question, answer.MAX_QUESTION_CHARS), line_start=False)
