"""Watches and the articles that match them -> messages (pure)."""

from collections.abc import Sequence

from bot.localization import Formatter
from bot.messages import passages
from bot.messages.conditions import filter_line
from bot.messages.layout import Reply, text_room
from bot.messages.markdown import escape, one_line, units
from bot.state.watches import Watch, WatchTarget
from corpus import Filters, Hit, Matches

MAX_PASSAGE_CHARS = 300
MAX_QUESTION_CHARS = 150  # shown
MAX_LABEL_CHARS = 100  # Discord's limit of a choice
# So that the list holds all the watches a server may have.
_MAX_LISTED_QUESTION_CHARS = 40
_MAX_LISTED_NAMES_CHARS = 30


def article(watch: Watch, hit: Hit, t: Formatter) -> tuple[str, ...]:
    """Return the blocks that post an article matched by a watch."""
    title = _title(t("watch-news", question=_question(watch.question)), watch.filters, t)
    head = f"### {passages.linked_title(hit.article)}"
    if small := passages.hit_facts(hit, t):
        head += f"\n-# {' · '.join(small)}"
    # Two units for the quote mark, one for the line break above it.
    quote = passages.passage(hit, MAX_PASSAGE_CHARS, text_room(title, head) - 3)
    return title, f"{head}\n> {quote}" if quote else head


def more(watch: Watch, count: int, t: Formatter) -> tuple[str, ...]:
    """Return the block that counts the further articles matched by a watch."""
    question = _question(watch.question)
    line = t("watch-more", count=count, question=question, command=t.command("ask"))
    return (_title(line, watch.filters, t),)


def saved(
    target: WatchTarget, question: str, filters: Filters, today: Matches, t: Formatter
) -> Reply:
    """Return the new watch, and how many articles of the archive match it already."""
    channel = t("watch-saved", channel=f"<#{target.channel_id}>")
    title = _title(f"**{_question(question)}**", filters, t)
    if today.is_all:
        count = t("watch-today", count=today.articles)
    else:
        count = t("watch-today-many", count=today.articles)
    return Reply([f"{channel}\n{title}", f"{count}\n-# {t('watch-how')}"])


def listed(watches: Sequence[Watch], t: Formatter) -> Reply:
    """Return a server's watches, as many as fit."""
    if not watches:
        command = t.command("watch", "add")
        return Reply([t("watch-none", command=command)])
    title = f"### {t('watch-title', count=len(watches))}"
    longest_end = "-# " + t("watch-unlisted", count=len(watches))
    lines: list[str] = []
    room = text_room(title, longest_end)
    for watch in watches:
        line = _line(watch, t)
        room -= units(line) + 1
        if room < 0:
            lines.append("-# " + t("watch-unlisted", count=len(watches) - len(lines)))
            break
        lines.append(line)
    return Reply([title, "\n".join(lines)])


def removed(watch: Watch, t: Formatter) -> Reply:
    """Return the sentence about a removed watch."""
    channel = f"<#{watch.target.channel_id}>"
    return Reply([t("watch-removed", question=_question(watch.question), channel=channel)])


def label(watch: Watch) -> str:
    """Return the plain text of a watch in a list of choices."""
    channel = f"→ #{watch.target.channel_name}"
    tail = " " + one_line(" · ".join([channel, *_names(watch)]), MAX_LABEL_CHARS // 2)
    return one_line(watch.question, MAX_LABEL_CHARS - len(tail)) + tail


def _title(line: str, filters: Filters, t: Formatter) -> str:
    terms = filter_line(filters, t)
    return "\n".join([line, *([f"-# {' · '.join(terms)}"] if terms else [])])


def _line(watch: Watch, t: Formatter) -> str:
    question = escape(one_line(watch.question, _MAX_LISTED_QUESTION_CHARS), line_start=False)
    posted = (
        t("watch-never")
        if watch.posted_at is None
        else t("watch-posted", when=f"<t:{int(watch.posted_at)}:R>")
    )
    names = one_line(" · ".join(_names(watch)), _MAX_LISTED_NAMES_CHARS)
    small = [*([escape(names, line_start=False)] if names else []), posted]
    return f"<#{watch.target.channel_id}> **{question}**\n-# {' · '.join(small)}"


def _names(watch: Watch) -> list[str]:
    filters = watch.filters
    return [name for name in (filters.source, filters.author, filters.tag) if name]


def _question(question: str) -> str:
    return escape(one_line(question, MAX_QUESTION_CHARS), line_start=False)
