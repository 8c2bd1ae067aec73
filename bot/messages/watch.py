"""Watches and the articles that match them -> messages (pure)."""

from collections.abc import Sequence

from discord import ui

from bot.localization import Formatter
from bot.messages import digest as digest_message
from bot.messages import passages
from bot.messages.conditions import filter_line
from bot.messages.layout import Reply, Row, text_room
from bot.messages.markdown import escape, one_line, units
from bot.state.recipients import MAX_FAILURES
from bot.state.watches import MAX_OWN_WATCHES, DigestKind, Watch, WatchTarget
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


def cancel_row(watch_id: int, t: Formatter) -> Row:
    """Return the row below each message of a watch, with the button that cancels it."""
    button = ui.Button[Reply](label=t("button-watch-cancel"), custom_id=f"watch:cancel:{watch_id}")
    return ui.ActionRow(button)


def resume_row(t: Formatter) -> Row:
    """Return the row with the button that lets a member's paused watches go on."""
    return ui.ActionRow(ui.Button(label=t("button-watch-resume"), custom_id="watch:resume"))


def saved(
    target: WatchTarget,
    question: str,
    filters: Filters,
    today: Matches,
    t: Formatter,
    *,
    is_paused: bool = False,
) -> Reply:
    """Return the new watch, and how many articles of the archive match it already."""
    if target.guild_id is None:
        intro = t("watch-saved-own")
    else:
        intro = t("watch-saved", channel=f"<#{target.channel_id}>")
    heading = _title(f"**{_question(question)}**", filters, t)
    if today.is_all:
        count = t("watch-today", count=today.articles)
    else:
        count = t("watch-today-many", count=today.articles)
    blocks = [f"{intro}\n{heading}", f"{count}\n-# {t('watch-how')}"]
    return _reply(blocks, t, is_paused=is_paused)


def saved_digest(target: WatchTarget, kind: DigestKind, t: Formatter) -> Reply:
    """Return the new regular list, and when it comes."""
    channel = f"<#{target.channel_id}>"
    match kind:
        case DigestKind.ON_THIS_DAY:
            text = t("digest-saved-on-this-day", channel=channel)
        case DigestKind.WEEKLY:
            text = t("digest-saved-weekly", channel=channel)
    return Reply([f"**{digest_message.title(kind, t)}**\n{text}\n-# {t('digest-how')}"])


def listed(
    watches: Sequence[Watch] | None, own: Sequence[Watch], t: Formatter, *, note: str = ""
) -> Reply:
    """Return the watches of a server and of a member, as many as fit.

    Args:
        watches: the server's; ``None``: the member may not see them, or it is no server.
        own: the member's.
        t: the texts of the member's language.
        note: what has just happened.
    """
    blocks = [note] if note else []
    if not watches and not own:
        command = t.command("watch", "add")
        is_own = watches is None
        none = t("watch-none-own", command=command) if is_own else t("watch-none", command=command)
        return Reply([*blocks, none])
    own_block = ""
    if own:
        title = f"### {t('watch-title-own', count=len(own), most=MAX_OWN_WATCHES)}"
        own_block = "\n".join([title, *(_line(watch, t) for watch in own)])
    is_paused = any(watch.is_paused for watch in own)
    if watches:
        title = f"### {t('watch-title', count=len(watches))}"
        paused = _paused(t) if is_paused else ""
        lines = _fitting_lines(watches, text_room(*blocks, title, own_block, paused), t)
        blocks += [title, "\n".join(lines)]
    return _reply([*blocks, *([own_block] if own else [])], t, is_paused=is_paused)


def _fitting_lines(watches: Sequence[Watch], room: int, t: Formatter) -> list[str]:
    lines: list[str] = []
    room -= units("-# " + t("watch-unlisted", count=len(watches)))
    for watch in watches:
        line = _line(watch, t)
        room -= units(line) + 1
        if room < 0:
            lines.append("-# " + t("watch-unlisted", count=len(watches) - len(lines)))
            break
        lines.append(line)
    return lines


def removed(watch: Watch, t: Formatter, *, is_paused: bool = False) -> Reply:
    """Return the sentence about a removed watch."""
    name = _name(watch, t, MAX_QUESTION_CHARS)
    if watch.target.guild_id is None:
        text = t("watch-removed-own", question=name)
    else:
        text = t("watch-removed", question=name, channel=f"<#{watch.target.channel_id}>")
    return _reply([text], t, is_paused=is_paused)


def _reply(blocks: Sequence[str], t: Formatter, *, is_paused: bool) -> Reply:
    """Return a reply that says, where it is so, that the member's watches are paused."""
    if not is_paused:
        return Reply(blocks)
    return Reply([*blocks, _paused(t)], [resume_row(t)])


def _paused(t: Formatter) -> str:
    return t("watch-paused", most=MAX_FAILURES)


def label(watch: Watch, t: Formatter) -> str:
    """Return the plain text of a watch in a list of choices."""
    target = watch.target
    place = f"#{target.channel_name}" if target.guild_id is not None else t("watch-place-own")
    tail = " " + one_line(" · ".join([f"→ {place}", *_names(watch)]), MAX_LABEL_CHARS // 2)
    name = digest_message.title(watch.digest, t) if watch.digest else watch.question
    return one_line(name, MAX_LABEL_CHARS - len(tail)) + tail


def _title(line: str, filters: Filters, t: Formatter) -> str:
    terms = filter_line(filters, t)
    return "\n".join([line, *([f"-# {' · '.join(terms)}"] if terms else [])])


def _line(watch: Watch, t: Formatter) -> str:
    name = _name(watch, t, _MAX_LISTED_QUESTION_CHARS)
    posted = (
        t("watch-never")
        if watch.posted_at is None
        else t("watch-posted", when=f"<t:{int(watch.posted_at)}:R>")
    )
    names = one_line(" · ".join(_names(watch)), _MAX_LISTED_NAMES_CHARS)
    small = [*([escape(names, line_start=False)] if names else []), posted]
    if watch.is_paused:
        small.append(t("watch-is-paused"))
    place = f"<#{watch.target.channel_id}> " if watch.target.guild_id is not None else ""
    return f"{place}**{name}**\n-# {' · '.join(small)}"


def _name(watch: Watch, t: Formatter, max_chars: int) -> str:
    """Return the question of a watch or the name of a list, as markdown."""
    if watch.digest is not None:
        return digest_message.title(watch.digest, t)
    return escape(one_line(watch.question, max_chars), line_start=False)


def _names(watch: Watch) -> list[str]:
    filters = watch.filters
    return [name for name in (filters.source, filters.author, filters.tag) if name]


def _question(question: str) -> str:
    return escape(one_line(question, MAX_QUESTION_CHARS), line_start=False)
