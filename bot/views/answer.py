"""An answer: the message, and every component under it.

Their ids read ``a:KEY:ACTION:ARGUMENT``: the key of the stored answer, what to do, and with what.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import discord
from discord import ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import answer as answer_message
from bot.messages.layout import Reply
from bot.messages.markdown import escape, one_line
from bot.services.answers import Answer, Asker, Page, Paragraph
from bot.state.answers import AskRequest, PassageKey, StoredAnswer
from bot.state.guilds import GuildSettings
from bot.views.component import Component, Row, row
from corpus import Sort

MAX_LABEL_CHARS = 80  # Discord's limit of a button
_MAX_CHANNELS = 5  # named where one may not ask

_LETTERS = {Sort.RELEVANCE: "r", Sort.NEWEST: "n", Sort.OLDEST: "o"}
_SORTS = {letter: sort for sort, letter in _LETTERS.items()}

# Parts of the templates.
_KEY = r"a:(?P<key>[^:\ud800-\udfff]+)"  # no database takes half a surrogate pair
_PAGE = r"(?P<sort>[rno])(?P<offset>[0-9]{1,3})"
# -1: the disabled button before the first paragraph.
_FOCUS = rf"(?P<number>[0-9]{{1,6}})\.(?P<ordinal>-1|[0-9]{{0,6}})\.(?:{_PAGE})?"


def _encode_page(page: Page) -> str:
    return f"{_LETTERS[page.sort]}{page.offset}"


def _page(fields: dict[str, str]) -> Page:
    return Page(_SORTS[fields["sort"]], int(fields["offset"]))


@dataclass(frozen=True, slots=True)
class Focus:
    """A paragraph of an article, reached from a passage of an answer."""

    number: int
    """Of the passage in the answer."""
    ordinal: int | None = None
    """Of the paragraph in the article; ``None``: the passage itself."""
    back: Page | None = None
    """The page to go back to; ``None``: there is no way back."""

    def encode(self) -> str:
        """Return the argument of a ``custom_id``."""
        ordinal = "" if self.ordinal is None else self.ordinal
        back = "" if self.back is None else _encode_page(self.back)
        return f"{self.number}.{ordinal}.{back}"

    @classmethod
    def of(cls, fields: dict[str, str]) -> Self:
        """Return the focus that a ``custom_id`` holds."""
        ordinal = int(fields["ordinal"]) if fields["ordinal"] else None
        return cls(int(fields["number"]), ordinal, _page(fields) if fields["sort"] else None)


class AnswerComponent(Component, template=r"(?!)"):
    """A component of a stored answer, which :meth:`check` looks up."""

    for_asker_alone = False
    """Whether only the one who asked may press it."""
    is_question = False
    """Whether a press counts as a question."""
    record: StoredAnswer

    async def check(self, interaction: Interaction) -> None:
        """Look the answer up, and see that the user may press this.

        Raises:
            UserError: the answer is no longer stored, or they press too often.
            PermissionDenied: only the asker may press it.
        """
        client = interaction.client
        command = client.private_text(interaction).command("ask")
        record = await client.state.answers.get(self.fields["key"], interaction.user.id)
        if record is None:
            raise responses.UserError("error-expired", command=command)
        is_hidden = record.request.private and not record.shared
        if (self.for_asker_alone or is_hidden) and not record.is_own:
            raise responses.PermissionDenied("error-not-asker", command=command)
        if not self.is_question:
            client.press_limit.take(interaction)
        self.record = record


class PageButton(AnswerComponent, template=rf"{_KEY}:page:{_PAGE}"):
    """Turns to a page of the answer."""

    for_asker_alone = True

    async def respond(self, interaction: Interaction) -> None:
        """Show the page in the message."""
        await _turn(interaction, self.record, _page(self.fields))


class SortSelect(AnswerComponent, template=rf"{_KEY}:sort:"):
    """Changes the order of the hits."""

    for_asker_alone = True

    async def check(self, interaction: Interaction) -> None:
        """See also that the order is one of those offered.

        Raises:
            PermissionDenied: someone made it up.
        """
        await super().check(interaction)
        if self._letter not in _SORTS:
            raise _made_up(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Show the first page in the new order."""
        await _turn(interaction, self.record, Page(_SORTS[self._letter]))

    @property
    def _letter(self) -> str:
        values = self.item.values if isinstance(self.item, ui.Select) else []
        return values[0] if len(values) == 1 else ""


class ShareButton(AnswerComponent, template=rf"{_KEY}:share:{_PAGE}"):
    """Posts a private answer to the channel."""

    for_asker_alone = True

    async def respond(self, interaction: Interaction) -> None:
        """Post the page with the asker's name, once."""
        record, page = self.record, _page(self.fields)
        if not _may_post(interaction):
            raise responses.UserError("error-share")
        answers = interaction.client.state.answers
        await responses.acknowledge(interaction)
        if not await answers.set_shared(record.key, shared=True):
            raise responses.UserError("error-already-shared")
        try:
            settings = await interaction.client.guild_settings(interaction)
            answer = await interaction.client.answers.turn(
                record, page, _asker(interaction), settings
            )
            reply = await _message(interaction, answer, public=True)
            message = await responses.follow_up(interaction, reply, private=False)
        except BaseException as error:
            await answers.set_shared(record.key, shared=False)
            if isinstance(error, discord.Forbidden):
                raise responses.UserError("error-share") from error
            raise
        if message.flags.ephemeral:
            # Discord lets this app speak to its user alone here.
            await answers.set_shared(record.key, shared=False)
            raise responses.UserError("error-share")
        await _turn(interaction, replace(record, shared=True), page)


class VoteButton(AnswerComponent, template=rf"{_KEY}:(?P<vote>up|down):{_PAGE}"):
    """Says whether the answer was helpful."""

    async def respond(self, interaction: Interaction) -> None:
        """Store the vote, and show it where only its user sees the message."""
        is_helpful = self.fields["vote"] == "up"
        await responses.acknowledge(interaction)
        await interaction.client.state.answers.vote(
            self.record.key, interaction.user.id, helpful=is_helpful
        )
        if _is_private(interaction):
            await _turn(interaction, replace(self.record, vote=is_helpful), _page(self.fields))
        else:
            t = interaction.client.private_text(interaction)
            await responses.respond_ephemeral(interaction, responses.sentence(t("vote-noted")))


class ContextButton(AnswerComponent, template=rf"{_KEY}:context:{_FOCUS}"):
    """Shows a paragraph between its neighbours."""

    async def respond(self, interaction: Interaction) -> None:
        """Show it in the private message, or beside the public one."""
        focus = Focus.of(self.fields)
        if _is_private(interaction):
            acknowledge = partial(responses.acknowledge, interaction)
        else:
            acknowledge = partial(responses.defer, interaction, private=True)
            # The public message stays as it is: there is nothing to go back to.
            focus = replace(focus, back=None)
        searches = interaction.client.answers.searches
        async with searches.slot(interaction.user.id, acknowledge):
            paragraph = await _paragraph(interaction, self.record, focus)
        t = interaction.client.private_text(interaction)
        article, ordinal = paragraph.article, paragraph.ordinal
        blocks = answer_message.context(article, ordinal, paragraph.duplicates, t)
        rows = [context_row(self.record, focus, ordinal, len(article.paragraphs), t)]
        await responses.edit_original(interaction, Reply(blocks, rows))


class RelatedButton(AnswerComponent, template=rf"{_KEY}:related:{_FOCUS}"):
    """Asks for passages like a paragraph."""

    is_question = True

    async def respond(self, interaction: Interaction) -> None:
        """Answer privately."""
        interaction.client.count_question(interaction)
        paragraph = await _paragraph(interaction, self.record, Focus.of(self.fields))
        article = paragraph.article
        like = PassageKey(article.path, paragraph.ordinal)
        title = article.title or article.path
        request = AskRequest(title, self.record.request.filters, private=True, like=like)
        await ask(interaction, request)


class SuggestionButton(AnswerComponent, template=rf"{_KEY}:try:(?P<index>[0-9]{{1,3}})"):
    """Asks a suggested question."""

    for_asker_alone = True
    is_question = True

    async def respond(self, interaction: Interaction) -> None:
        """Answer in the message, which is private."""
        request, index = self.record.request, int(self.fields["index"])
        if index >= len(request.suggestions):
            raise _made_up(interaction)
        question = request.suggestions[index]
        request = replace(request, question=question, suggestions=(), private=True)
        await ask(interaction, request, in_message=True)


COMPONENTS = (
    PageButton,
    SortSelect,
    ShareButton,
    VoteButton,
    ContextButton,
    RelatedButton,
    SuggestionButton,
)


async def ask(
    interaction: Interaction,
    request: AskRequest,
    page: Page | None = None,
    *,
    in_message: bool = False,
) -> None:
    """Answer a question.

    Args:
        interaction: of a command, or of a component that asks.
        request: the question.
        page: the page to show; ``None``: the first by relevance.
        in_message: whether to answer in the message of the component, which is private.

    Raises:
        UserError: not in this channel, not so soon, or too many ask.
        IndexUnusableError: there is no index yet.
        QueryError: a filter cannot be understood.
    """
    client = interaction.client
    settings = await client.guild_settings(interaction)
    check_channel(interaction, settings)

    async def acknowledge() -> None:
        client.count_question(interaction)
        if in_message:
            await responses.acknowledge(interaction)
        else:
            await responses.defer(interaction, private=request.private)

    asker = _asker(interaction)
    answer = await client.answers.ask(request, page or Page(), asker, settings, acknowledge)
    # A channel need not see that nothing was found.
    public = bool(answer.result.hits) and not request.private
    reply = await _message(interaction, answer, public=public)
    if in_message or public:
        await responses.edit_original(interaction, reply)
    else:
        await responses.respond_ephemeral(interaction, reply)
    await client.answers.record_question(answer, asker)


def _asker(interaction: Interaction) -> Asker:
    return Asker(interaction.user.id, interaction.guild_id, interaction.locale.value)


def check_channel(interaction: Interaction, settings: GuildSettings) -> None:
    """See that questions may be asked here.

    Raises:
        UserError: the server's moderators want them elsewhere.
    """
    allowed = settings.channels
    # A thread counts as its channel.
    here = {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}
    if allowed and allowed.isdisjoint(here):
        t = interaction.client.private_text(interaction)
        names = t("comma").join(
            f"<#{channel_id}>" for channel_id in sorted(allowed)[:_MAX_CHANNELS]
        )
        raise responses.UserError("error-channels", channels=names)


@dataclass(frozen=True, slots=True)
class AnswerControls:
    """Makes the components of a page of an answer."""

    record: StoredAnswer
    page: Page
    size: int
    """Hits a page."""
    numbers: Sequence[int]
    """Of the page's hits in the answer."""
    can_share: bool
    can_sort: bool

    def context(self, index: int, t: Formatter) -> Component:
        """Return the button beside the page's hit at ``index``."""
        focus = Focus(self.numbers[index], back=self.page)
        custom_id = f"a:{self.record.key}:context:{focus.encode()}"
        return ContextButton(ui.Button(label=t("button-context"), custom_id=custom_id))

    def rows(self, shown: int, total: int, t: Formatter) -> list[Row]:
        """Return the rows below a page that shows ``shown`` hits of ``total``."""
        key, page = self.record.key, self.page
        components: list[Component] = []
        if page.offset or shown < total:
            before = replace(page, offset=max(0, page.offset - self.size))
            after = replace(page, offset=page.offset + shown)
            components += [
                _page_button(key, before, "◀", disabled=not page.offset),
                _page_button(key, after, "▶", disabled=after.offset >= total),
            ]
        if self.can_share:
            label = t("button-shared") if self.record.shared else t("button-share")
            custom_id = f"a:{key}:share:{_encode_page(page)}"
            button = ui.Button[Any](label=label, custom_id=custom_id, disabled=self.record.shared)
            components.append(ShareButton(button))
        for vote, label, is_helpful in (("up", "👍", True), ("down", "👎", False)):
            is_chosen = self.record.vote is is_helpful
            style = discord.ButtonStyle.success if is_chosen else discord.ButtonStyle.secondary
            custom_id = f"a:{key}:{vote}:{_encode_page(page)}"
            components.append(VoteButton(ui.Button(label=label, custom_id=custom_id, style=style)))
        rows = [row(*components)]
        if self.can_sort and total > 1:
            rows.append(row(self._sort_select(t)))
        return rows

    def _sort_select(self, t: Formatter) -> SortSelect:
        names = {
            Sort.RELEVANCE: t("choice-relevance"),
            Sort.NEWEST: t("choice-newest"),
            Sort.OLDEST: t("choice-oldest"),
        }
        options = [
            discord.SelectOption(label=name, value=_LETTERS[sort], default=sort is self.page.sort)
            for sort, name in names.items()
        ]
        return SortSelect(ui.Select(custom_id=f"a:{self.record.key}:sort:", options=options))


def suggestion_rows(record: StoredAnswer | None) -> list[Row]:
    """Return a button for each question suggested instead."""
    if record is None or not record.request.suggestions:
        return []
    buttons = [
        SuggestionButton(
            ui.Button(
                label=one_line(question, MAX_LABEL_CHARS), custom_id=f"a:{record.key}:try:{index}"
            )
        )
        for index, question in enumerate(record.request.suggestions)
    ]
    return [row(*buttons)]


def context_row(record: StoredAnswer, focus: Focus, ordinal: int, count: int, t: Formatter) -> Row:
    """Return the row below paragraph ``ordinal`` of an article of ``count``."""
    components: list[Component] = []
    for step, label in ((-1, "◀"), (1, "▶")):
        neighbour = replace(focus, ordinal=ordinal + step)
        custom_id = f"a:{record.key}:context:{neighbour.encode()}"
        is_outside = not 0 <= ordinal + step < count
        components.append(
            ContextButton(ui.Button(label=label, custom_id=custom_id, disabled=is_outside))
        )
    here = replace(focus, ordinal=ordinal, back=None)
    custom_id = f"a:{record.key}:related:{here.encode()}"
    components.append(RelatedButton(ui.Button(label=t("button-related"), custom_id=custom_id)))
    if focus.back is not None:
        components.append(_page_button(record.key, focus.back, t("button-back")))
    return row(*components)


def _page_button(key: str, page: Page, label: str, *, disabled: bool = False) -> PageButton:
    custom_id = f"a:{key}:page:{_encode_page(page)}"
    return PageButton(ui.Button(label=label, custom_id=custom_id, disabled=disabled))


async def _turn(interaction: Interaction, record: StoredAnswer, page: Page) -> None:
    """Show a page of an answer in the message of the component.

    Raises:
        UserError: too many ask.
        IndexUnusableError: there is no index.
    """
    client = interaction.client
    settings = await client.guild_settings(interaction)
    acknowledge = partial(responses.acknowledge, interaction)
    answer = await client.answers.turn(record, page, _asker(interaction), settings, acknowledge)
    reply = await _message(interaction, answer, public=not _is_private(interaction))
    await responses.edit_original(interaction, reply)


async def _paragraph(interaction: Interaction, record: StoredAnswer, focus: Focus) -> Paragraph:
    """Return the paragraph in focus.

    Raises:
        PermissionDenied: the answer has not shown its article.
        UserError: the archive no longer has it.
        IndexUnusableError: there is no index.
    """
    client = interaction.client
    shown = await client.state.answers.passage(record.key, focus.number)
    if shown is None or focus.ordinal == -1:
        raise _made_up(interaction)
    paragraph = await client.answers.paragraph(shown, focus.ordinal)
    if paragraph is None:
        command = client.private_text(interaction).command("ask")
        raise responses.UserError("error-gone", command=command)
    return paragraph


async def _message(interaction: Interaction, answer: Answer, *, public: bool) -> Reply:
    """Return the message of an answer; ``public``: in the channel's language, else the user's."""
    client, result, record = interaction.client, answer.result, answer.record
    t = await client.public_text(interaction) if public else client.private_text(interaction)
    filters, sort = answer.request.filters, answer.page.sort
    if not result.hits:
        return answer_message.nothing(result, filters, sort, t, suggestion_rows(record))
    controls = None
    if record is not None and answer.numbers:
        controls = AnswerControls(
            record,
            answer.page,
            answer.page_size,
            answer.numbers,
            can_share=not public and not interaction.context.dm_channel,
            can_sort=answer.request.like is None,
        )
    return answer_message.answer(
        result,
        filters,
        t,
        sort=sort,
        offset=answer.page.offset,
        controls=controls,
        title=_title(interaction, answer.request, t, public=public),
    )


def _title(
    interaction: Interaction, request: AskRequest, t: Formatter, *, public: bool
) -> str | None:
    """Return the lines above a page where the question alone does not do."""
    lines: list[str] = []
    if public and request.private:
        name = one_line(interaction.user.display_name, answer_message.MAX_NAME_CHARS)
        lines.append("-# " + t("answer-shared-by", name=escape(name, line_start=False)))
    if request.like is not None:
        title = one_line(request.question, answer_message.MAX_TITLE_CHARS)
        lines.append(f"**{t('answer-related', title=escape(title, line_start=False))}**")
    elif lines:
        lines.append(answer_message.question_line(request.question))
    return "\n".join(lines) or None


def _is_private(interaction: Interaction) -> bool:
    """Whether only the user sees the message of the component."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def _may_post(interaction: Interaction) -> bool:
    """Whether the channel lets both the user and the bot post, as far as Discord tells."""
    if interaction.guild_id is None:
        return True
    user = interaction.permissions
    bot = interaction.app_permissions
    if isinstance(interaction.channel, discord.Thread):
        user_may, bot_may = user.send_messages_in_threads, bot.send_messages_in_threads
    else:
        user_may, bot_may = user.send_messages, bot.send_messages
    if interaction.is_user_integration() and not interaction.is_guild_integration():
        # Only the user has installed the bot, so it speaks by their permission.
        bot_may = user.use_external_apps
    return user_may and bot_may


def _made_up(interaction: Interaction) -> responses.PermissionDenied:
    command = interaction.client.private_text(interaction).command("ask")
    return responses.PermissionDenied("error-button", command=command)
