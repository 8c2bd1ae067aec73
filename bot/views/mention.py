"""A question in a message: a mention of the bot, a reply to it, or a direct message.

It is answered as ``/ask`` answers, under the same limits, in a reply. In a thread that the bot has
answered in, in a reply to an answer and in a direct message it goes on from the last question.
"""

import logging
import re
from collections.abc import Sequence

import aiohttp
import discord

from bot.client import Footnote
from bot.interactions import failures, responses
from bot.interactions.typed import clean
from bot.localization import Formatter
from bot.messages import answer as answer_message
from bot.messages.layout import Reply
from bot.services.answers import Answer, Asker, Page
from bot.state.answers import AskRequest, StoredAnswer
from bot.state.guilds import GuildSettings
from bot.views.answer import answer_page, answer_post, check_allowed
from bot.views.stored import KEY
from corpus import MAX_QUESTION_CHARS, Filters, Outcome, to_script

_MENTION = re.compile(r"<@[!&]?[0-9]+>")
_ANSWER_ID = re.compile(rf"{KEY}:")
_HAN = re.compile(r"[\u3400-\u9fff]")
_CANNOT_REPLY = 160002  # Discord's error code: a reply needs the permission to read the history

_log = logging.getLogger(__name__)


async def answer(client: Footnote, message: discord.Message) -> None:
    """Answer the question in a message; where the bot may not speak, say nothing.

    A user who asks too often is told so once a minute: a channel is not filled with that.
    """
    now = message.created_at.timestamp()
    try:
        client.ask_limit.take(message.author.id, now)
    except responses.UserError as error:
        try:
            client.notice_limit.take(message.author.id, now)
        except responses.UserError:
            return
        await _guard(_MessageQuestion(client, message), error)
    else:
        await _guard(_MessageQuestion(client, message), None)


async def _guard(question: "_MessageQuestion", error: Exception | None) -> None:
    """Answer a question, or tell an error; where Discord refuses both, say nothing."""
    try:
        try:
            if error is None:
                await question.answer()
        except (discord.HTTPException, aiohttp.ClientError):
            raise
        except Exception as raised:  # noqa: BLE001 (each becomes a sentence; the unknown are logged)
            error = raised
        if error is not None:
            await question.tell(error)
    except (discord.HTTPException, aiohttp.ClientError) as refused:
        # Where the bot may not speak, and where a channel is gone, that is no fault.
        is_expected = isinstance(refused, discord.Forbidden | discord.NotFound)
        level = logging.INFO if is_expected else logging.WARNING
        _log.log(level, "%s was not answered: %s", question.where, refused)


class _MessageQuestion:
    """One message that is for the bot."""

    def __init__(self, client: Footnote, message: discord.Message) -> None:
        self._client = client
        self._message = message
        self._is_typing = False
        channel = message.channel
        if isinstance(channel, discord.PartialMessageable):
            self._guild_id = channel.guild_id
        else:
            self._guild_id = message.guild.id if message.guild else None

    @property
    def where(self) -> str:
        """What to call it in the log, which does not tell what it says."""
        guild = self._guild_id or "a direct message"
        return f"A message of user {self._message.author.id} in {guild}"

    async def answer(self) -> None:
        """Answer it.

        Raises:
            UserError: not in this channel, too long, or too many ask.
            IndexUnusableError: there is no index yet.
            discord.HTTPException: Discord refuses the answer.
        """
        client, message = self._client, self._message
        settings = GuildSettings()
        if self._guild_id is not None:
            settings = await client.state.guilds.get(self._guild_id)
        t = self._texts(settings)
        place = message.channel.id
        is_dm = self._guild_id is None
        parent = None if is_dm else await client.threads.parent(place)
        check_allowed(settings, {place, parent}, t)
        asker = Asker(message.author.id, self._guild_id, t.locale)
        text = _MENTION.sub(" ", message.content)
        question = clean(text, t.option("question"), max_chars=MAX_QUESTION_CHARS) or ""
        earlier = await self._earlier(is_conversation=is_dm or parent is not None)
        request = AskRequest(question, Filters(), private=is_dm)
        if earlier is not None and question:
            request = await client.answers.follow_up(
                question, earlier.request, asker, self._acknowledge, private=is_dm
            )
        found = await client.answers.ask(request, Page(), asker, settings, self._acknowledge)
        post = await self._reply(self._shown(found, t, is_dm=is_dm))
        if found.groups:
            places = [post.id] if parent is None and not is_dm else [post.id, place]
            await client.answers.continue_in(found.record, places)
        await client.answers.record_question(found.result, asker)

    async def tell(self, error: Exception) -> None:
        """Answer an error with one sentence.

        Raises:
            discord.HTTPException: Discord refuses it.
        """
        settings = GuildSettings()
        if self._guild_id is not None:
            settings = await self._client.readable_settings(self._guild_id)
        t = self._texts(settings)
        progress = self._client.reindexer.running_progress
        reply = failures.error_reply(error, self.where, progress, t)
        if reply is not None:
            await self._reply(reply)

    def _shown(self, found: Answer, t: Formatter, *, is_dm: bool) -> Reply:
        if is_dm:
            return answer_page(found, t)
        if found.groups:
            return answer_post(found, t, self._message.author.display_name)
        has_words = any(map(str.isalnum, found.request.question))
        if not has_words or found.result.outcome is Outcome.TALK:
            return responses.sentence(t("notice-talk", command=t.command("help")))
        # Its buttons would be for the asker alone.
        return answer_message.nothing(found.result, found.request.filters, Page().sort, t)

    def _texts(self, settings: GuildSettings) -> Formatter:
        """Return the texts of the server's language, in a direct message of the question's."""
        if self._guild_id is not None:
            return self._client.texts.get(settings.locale)
        default = self._client.texts.get(None)
        return self._client.texts.get(_language(self._message.content, default.locale))

    async def _earlier(self, *, is_conversation: bool) -> StoredAnswer | None:
        """Return the answer that the question goes on from, if its asker may see that."""
        message, answers = self._message, self._client.state.answers
        replied = message.reference.resolved if message.reference else None
        key = _answer_key(replied.components) if isinstance(replied, discord.Message) else None
        record = await answers.get(key, message.author.id) if key else None
        if record is None and is_conversation:
            record = await answers.last_in(message.channel.id, message.author.id)
        is_hidden = record and record.request.private and not (record.shared or record.is_own)
        return None if is_hidden else record

    async def _acknowledge(self) -> None:
        """Show that the bot is typing.

        Discord refuses that where the bot may not speak, so nothing is searched for in vain.
        """
        if not self._is_typing:
            self._is_typing = True
            await self._message.channel.typing()

    async def _reply(self, reply: Reply) -> discord.Message:
        channel = self._message.channel
        nonce = str(self._message.id)
        reference = self._message.to_reference(fail_if_not_exists=False)
        try:
            return await channel.send(view=reply, reference=reference, nonce=nonce)
        except discord.HTTPException as error:
            if error.code != _CANNOT_REPLY:
                raise
            return await channel.send(view=reply, nonce=nonce)


def _answer_key(components: Sequence[object]) -> str | None:
    """Return the key of the answer that a message of the bot's shows."""
    for component in components:
        match = _ANSWER_ID.match(str(getattr(component, "custom_id", None)))
        if match:
            return match["key"]
        if key := _answer_key(getattr(component, "children", ())):
            return key
    return None


def _language(text: str, default: str) -> str:
    """Return the language of ours that a text is written in; ``default`` where it shows none."""
    if not _HAN.search(text):
        return "en-US" if re.search("[A-Za-z]", text) else default
    simplified, traditional = (to_script(text, locale) for locale in ("zh-CN", "zh-TW"))
    if simplified == traditional:
        return default if default.startswith("zh") else "zh-TW"
    return "zh-CN" if text == simplified else "zh-TW"
