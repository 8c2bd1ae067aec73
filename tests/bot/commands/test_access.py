"""Who may do what: whatever Discord or its clients let through is decided on our side again.

Every payload here is one that Discord's own client would not send, or would not send for this user.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import discord
import pytest
import simcord
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.app import open_client
from bot.client import Footnote
from bot.localization import Texts
from bot.settings import Settings
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE, Question
from bot.state.watches import WatchTarget
from corpus.model import Filters
from tests.bot.controls import asked, ids, said
from tests.bot.simulated import make_admin, texts
from tests.soak import Soak

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

Json = dict[str, Any]

TEXTS = Texts()
PROMISE = "not-admins, other guilds, DMs, forged custom_ids, others' buttons: refused and logged"
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
BUTTON, SELECT, CHANNEL_SELECT = 2, 3, 8
ADMINS = ("archive reindex", "archive status", "archive synonyms", "archive questions")
MODERATORS = ("settings", "watch on-this-day", "watch weekly", "watch add")
ADMINS_CONTROLS = ("reindex:cancel", "synonyms:edit")
MODERATORS_CONTROLS = tuple(
    f"settings:{setting}" for setting in ("language", "private", "page", "channels", "sources")
)
OPTIONS = {
    "watch add": [
        {"name": "question", "type": 3, "value": "茶"},
        {"name": "dm", "type": 5, "value": False},
    ],
    "watch remove": [{"name": "watch", "type": 3, "value": "1"}],
}


@dataclass(frozen=True)
class From:
    """Where a payload says that it is from, and the language of whoever is there."""

    locale: str
    permissions: discord.Permissions = field(default_factory=discord.Permissions.none)
    in_guild: bool = True
    changes: Json = field(default_factory=dict)

    def payload(self, made: Json) -> Json:
        """Return the payload as it comes from there."""
        made["locale"] = self.locale
        if self.in_guild:
            made["member"]["permissions"] = str(self.permissions.value)
        else:
            del made["guild_id"]
            made["user"] = made.pop("member")["user"]
            made["context"] = 1
        return {**made, **self.changes}


# A server where only the user has the app says so, and Discord tells the user's permissions there.
USER_INSTALL = {"authorizing_integration_owners": {"1": "1"}, "context": 0}
MEMBER = From("zh-TW", discord.Permissions.text())
ADMINISTRATOR = From("en-US", discord.Permissions.all())
DIRECT_MESSAGE = From("zh-CN", in_guild=False)
GROUP = From("zh-TW", in_guild=False, changes={**USER_INSTALL, "context": 2})
OUTSIDE = From("en-US", discord.Permissions.text(), changes=USER_INSTALL)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("anywhere")


@pytest.fixture
def other(member: MemberActor, simcord_env: Env) -> MemberActor:
    return member.guild.add_member(simcord_env.create_user("other"))


async def send(
    who: MemberActor,
    where: From | None,
    kind: int,
    channel: ChannelHandle,
    data: Json,
    **more: object,
) -> InteractionResult:
    """Have Discord send any interaction; ``more`` replaces fields, or with ``...`` leaves them out."""
    original = simcord.interactions.base_payload

    def payload(*arguments: object, **options: object) -> tuple[object, Json]:
        record, made = original(*arguments, **options)  # type: ignore[arg-type]
        made = {**(where.payload(made) if where else made), **more}
        return record, {name: value for name, value in made.items() if value is not ...}

    with patch.object(simcord.interactions, "base_payload", payload):
        return await simcord.actors._dispatch_actor_interaction(who, kind, channel, data)


def called(command: str, **more: object) -> Json:
    """Return the data of a slash command, with the options it needs."""
    options: list[Json] = OPTIONS.get(command, [])
    first, *rest = command.split()
    for part in reversed(rest):
        options = [{"name": part, "type": 1, "options": options}]
    return {"id": "1", "name": first, "type": 1, "options": options, **more}


def used(custom_id: str, kind: int = BUTTON, *values: str) -> Json:
    """Return the data of a press, or of a choice."""
    data: Json = {"custom_id": custom_id, "component_type": kind}
    return data if kind == BUTTON else {**data, "values": list(values), "resolved": {}}


def holding(message: ResponseMessage, custom_id: str, kind: int = BUTTON) -> Json:
    """Return a message of the bot's with one component, as an earlier version may have sent it."""
    component: Json = {"type": kind, "custom_id": custom_id, "label": "x", "style": 1}
    if kind != BUTTON:
        component = {"type": kind, "custom_id": custom_id, "options": []}
    stored = message._message
    payload = dict(simcord.actors.serializers.message_payload(message._env.backend, stored))
    return {**payload, "components": [{"type": 1, "components": [component]}]}


def kind_of(custom_id: str) -> int:
    if not custom_id.startswith(("settings:", "trend:")):
        return BUTTON
    return CHANNEL_SELECT if custom_id.endswith("channels") else SELECT


async def press(
    who: MemberActor, where: From | None, message: ResponseMessage, custom_id: str, *values: str
) -> InteractionResult:
    """Have someone use a component of a message, whoever may see that."""
    kind = kind_of(custom_id)
    channel = ChannelHandle(
        who._env, who.guild, who._env.backend.get_channel(message._message.channel_id)
    )
    return await send(
        who,
        where,
        COMPONENT,
        channel,
        used(custom_id, kind, *values),
        message=holding(message, custom_id, kind),
    )


class Refused:
    """Checks that each of many attempts is refused, and counts them."""

    def __init__(self, env: Env, log: pytest.LogCaptureFixture, counted: list[str]) -> None:
        self.env, self.log, self.counted = env, log, counted

    def check(self, result: InteractionResult, who: MemberActor, locale: str, text: str) -> None:
        """See that it was answered with a text, privately, and logged with its user alone."""
        assert said(result) == TEXTS.get(locale)(text, **self._arguments(text))
        (line,) = (line for line in self.log.messages if line.startswith("Refused "))
        assert f"user {who.id}" in line
        assert "simcord_interaction_" not in self.log.text  # how its tokens begin
        self.log.clear()
        assert self.env.errors is not None  # what was raised is what was refused
        self.counted.append(line)

    @staticmethod
    def _arguments(text: str) -> Json:
        asks = {"error-button", "error-not-asker", "error-expired"}
        return {"command": "`/ask`"} if text in asks else {}


@pytest.fixture(scope="module")
def refusals(soak: Soak) -> Iterator[list[str]]:
    """Yield where each refusal is noted; at the end their count is in the table."""
    counted: list[str] = []
    yield counted
    soak.note(PROMISE, f"{len(counted)} tried, {len(counted)} refused and logged")


@pytest.fixture
def refused(simcord_env: Env, caplog: pytest.LogCaptureFixture, refusals: list[str]) -> Refused:
    """Return what checks refusals and counts them."""
    return Refused(simcord_env, caplog, refusals)


async def is_untouched(footnote: Footnote, guild_id: int) -> bool:
    """Whether nothing has been done that only admins or moderators may do."""
    return (
        not footnote.reindexer.is_running
        and not footnote.settings.own_synonyms.exists()
        and await footnote.state.guilds.get(guild_id) == GuildSettings()
        and [watch.question for watch in await footnote.state.watches.of_guild(guild_id)]
        == ["颱風"]
    )


async def anything(who: MemberActor, channel: ChannelHandle) -> ResponseMessage:
    result = await who.slash(channel, "help")
    assert result.response is not None
    return result.response


@pytest.mark.parametrize(
    ("where", "admins", "chosen", "watch"),
    [
        (MEMBER, "error-not-admin", "error-not-moderator", "error-watch-permission"),
        (OUTSIDE, "error-not-admin", "error-not-moderator", "error-watch-permission"),
        (DIRECT_MESSAGE, "error-not-admin", "error-guild-only", "error-watch-guild"),
        (GROUP, "error-not-admin", "error-guild-only", "error-watch-guild"),
        (ADMINISTRATOR, "error-not-admin", None, None),
    ],
    ids=["member", "user install", "direct message", "group", "administrator of the server"],
)
async def test_commands_and_controls_of_admins_and_moderators_are_theirs(  # noqa: PLR0913, PLR0917
    where: From,
    admins: str,
    chosen: str | None,
    watch: str | None,
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    refused: Refused,
) -> None:
    await footnote.state.watches.add(
        WatchTarget(member.guild.id, channel.id, "news"), "颱風", Filters()
    )
    message = await anything(member, channel)
    for command in ADMINS + MODERATORS:
        expected = {"archive": admins, "settings": chosen, "watch": watch}[command.split()[0]]
        if expected is not None:
            result = await send(member, where, COMMAND, channel, called(command))
            refused.check(result, member, where.locale, expected)
    for custom_id in ADMINS_CONTROLS + MODERATORS_CONTROLS:
        expected = chosen if custom_id.startswith("settings:") else admins
        if expected is not None:
            result = await press(member, where, message, custom_id, "2")
            refused.check(result, member, where.locale, expected)
            assert result.modal is None
    assert await is_untouched(footnote, member.guild.id)


async def test_another_server_than_the_admins_has_no_archive_command(
    settings: Settings,
    simcord_env: Env,
    member: MemberActor,
    channel: ChannelHandle,
    refused: Refused,
) -> None:
    keepers = simcord_env.create_guild()
    async with open_client(replace(settings, admin_guild=keepers.id)) as there:
        make_admin(there, member.id)
        await simcord_env.restart_bot(there)
        for command in ADMINS:
            for data in (called(command), called(command, guild_id=str(member.guild.id))):
                result = await send(member, ADMINISTRATOR, COMMAND, channel, data)
                refused.check(result, member, "en-US", "error-outdated")
        there.settings = replace(there.settings, admin_ids=frozenset())
        for command in ADMINS:
            data = called(command, guild_id=str(keepers.id))
            result = await send(member, ADMINISTRATOR, COMMAND, channel, data)
            refused.check(result, member, "en-US", "error-not-admin")
        await there.reindexer.close()


class TestAnothersPrivateAnswer:
    """Its key is known to a member who should not know it."""

    @pytest.fixture
    async def key(self, member: MemberActor, channel: ChannelHandle) -> str:
        return ids(await asked(member, channel), "up")[0].split(":")[1]

    async def test_none_of_its_controls_is_anyone_elses(
        self,
        key: str,
        member: MemberActor,
        other: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
        refused: Refused,
    ) -> None:
        message = await anything(other, channel)
        rest = ("page:r0", "sort:", "share:r0", "up:r0", "down:r0")
        rest += ("context:0..r0", "related:0..", "try:0", "menu:r0", "all:")
        rest += ("drop:source", "ignore:2019年")
        for suffix in rest:
            result = await press(other, MEMBER, message, f"a:{key}:{suffix}")
            refused.check(result, other, "zh-TW", "error-not-asker")
        for user in (member, other):
            kept = await footnote.state.answers.get(key, user.id)
            assert kept is not None
            assert (kept.shared, kept.vote) == (False, None)

    async def test_once_shared_its_votes_and_context_are_everyones(
        self, key: str, other: MemberActor, channel: ChannelHandle, footnote: Footnote
    ) -> None:
        await footnote.state.answers.set_shared(key, shared=True)
        message = await anything(other, channel)
        await press(other, MEMBER, message, f"a:{key}:up:r0")
        kept = await footnote.state.answers.get(key, other.id)
        assert kept is not None
        assert kept.vote is True

    async def test_an_expired_or_unknown_key_says_how_to_ask_again(
        self,
        key: str,
        member: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        message = await anything(member, channel)
        expired = TEXTS.get("en-US")("error-expired", command="`/ask`")
        for unknown in ("nokey", key[::-1], key.swapcase(), "\0", "'", "\u202e"):
            result = await press(member, None, message, f"a:{unknown}:page:r0")
            assert said(result) == expired
        monkeypatch.setattr(footnote.state.answers._database, "now", lambda: 10**10 + LIFE)
        result = await press(member, None, message, f"a:{key}:page:r0")
        assert said(result) == expired


GARBAGE = (
    *(
        "a",
        "a:",
        "a:x",
        "a:x:page",
        "a:x:nothing:r0",
        "a:x:page:r0000",
        "a:x:page:r٣",
        "a:x:days:-1",
        "a:x:days:1000",
        "a:x:export:",
        "A:x:page:r0",
    ),
    *(
        "reindex:",
        "reindex:cancel2",
        "watch:",
        "watch:cancel:",
        "watch:cancel:-1",
        "watch:cancel:1:2",
        "watch:cancel:1234567890123456789",
        "watch:resume:1",
        "synonyms:",
        "synonyms:edit:1",
        "synonyms",
        "forget2",
        "forge",
    ),
    *(
        "settings:",
        "settings:nothing",
        "settings:page:2",
        "help:",
        "help:4",
        "help:12",
        "help:ask:",
    ),
    *(
        "sources:",
        "sources:-1",
        "sources:1234567",
        "sources:x",
        "sources:٣",
        "trend:",
        "trend:peaks",
    ),
    *("x" * 100, "' OR 1=1 --", "\ud83d", "\u202e", "a:x:page:r0\n"),
)


async def test_what_only_begins_like_a_control_is_refused(
    member: MemberActor, channel: ChannelHandle, refused: Refused
) -> None:
    message = await anything(member, channel)
    for custom_id in GARBAGE:
        result = await press(member, None, message, custom_id)
        refused.check(result, member, "en-US", "error-button")


async def test_a_payload_that_does_not_fit_its_message_is_refused(
    member: MemberActor, channel: ChannelHandle, refused: Refused, footnote: Footnote
) -> None:
    message = await anything(member, channel)
    page = holding(message, "settings:page", SELECT)
    without_values = {"custom_id": "settings:page", "component_type": SELECT}
    peak = holding(message, "trend:peak", SELECT)
    button, setting = "error-button", "error-setting"
    for data, held, text in (
        (used("settings:page", BUTTON), page, button),
        (used("settings:page", SELECT, "2"), holding(message, "help:2"), button),
        (used("settings:page", SELECT, "2"), ..., button),
        (without_values, page, setting),
        (used("settings:page", SELECT, "2", "3"), page, setting),
        (used("settings:page", SELECT, "99"), page, setting),
        (used("trend:peak", SELECT), peak, button),
        (used("trend:peak", SELECT, "2021-13 x"), peak, button),
        (used("trend:peak", SELECT, "2021 " + "x" * 200), peak, button),
    ):
        result = await send(member, ADMINISTRATOR, COMPONENT, channel, data, message=held)
        refused.check(result, member, "en-US", text)
    assert await footnote.state.guilds.get(member.guild.id) == GuildSettings()


class TestTheSynonymsForm:
    """A form is submitted by a payload that names it, opened or not."""

    def submitted(self, custom_id: str, text: str = "a = b") -> Json:
        field = {"type": 4, "custom_id": "synonyms", "value": text}
        return {"custom_id": custom_id, "components": [{"type": 18, "component": field}]}

    async def test_a_form_that_was_never_opened_is_refused(
        self, member: MemberActor, channel: ChannelHandle, footnote: Footnote, refused: Refused
    ) -> None:
        make_admin(footnote, member.id)
        for custom_id in ("0" * 32, "synonyms:edit", ""):
            data = self.submitted(custom_id)
            result = await send(member, ADMINISTRATOR, MODAL, channel, data)
            refused.check(result, member, "en-US", "error-form")
        assert not footnote.settings.own_synonyms.exists()

    async def test_an_admins_open_form_is_not_submitted_by_another(
        self,
        member: MemberActor,
        other: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
        refused: Refused,
    ) -> None:
        make_admin(footnote, member.id)
        message = (await member.slash(channel, "archive synonyms")).response
        assert message is not None
        for where in (MEMBER, ADMINISTRATOR, DIRECT_MESSAGE):
            opened = await member.click(message, label="Edit")
            assert opened.modal is not None
            data = self.submitted(opened.modal["custom_id"])
            result = await send(other, where, MODAL, channel, data)
            refused.check(result, other, where.locale, "error-not-admin")
        assert not footnote.settings.own_synonyms.exists()


async def test_completion_tells_nobody_what_is_not_theirs(
    member: MemberActor, other: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await footnote.state.watches.add(
        WatchTarget(member.guild.id, channel.id, "news"), "颱風", Filters()
    )
    await footnote.state.questions.log(Question("我的祕密", member.id, None, "zh-TW", 0, 5))

    def typed(command: str, option: str) -> Json:
        data = called(command)
        options = data["options"][0]["options"] if " " in command else data["options"]
        options[:] = [{"name": option, "type": 3, "value": "", "focused": True}]
        return data

    for command, option in (
        *((command, "full") for command in ADMINS),
        ("watch remove", "watch"),
        ("settings", "x"),
        ("ask", "question"),
    ):
        for where in (MEMBER, OUTSIDE, DIRECT_MESSAGE, GROUP):
            result = await send(other, where, AUTOCOMPLETE, channel, typed(command, option))
            offered = [choice["value"] for choice in result.autocomplete_choices or ()]
            assert not {"1", "我的祕密"} & set(offered)
            assert command == "ask" or not offered


async def test_forgetting_is_of_whoever_presses(
    member: MemberActor, other: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    log = footnote.state.questions
    for user in (member, other):
        await log.log(Question(f"{user.id}", user.id, None, "zh-TW", 0, 5))
    message = await anything(member, channel)
    await press(other, MEMBER, message, "forget")
    assert await log.recent(other.id, limit=9) == []
    assert await log.recent(member.id, limit=9) == [f"{member.id}"]


@pytest.mark.parametrize("custom_id", ["sources:0", "help:2", "help:1", "help:ask:颱風"])
async def test_what_is_everyones_may_be_pressed_anywhere(
    custom_id: str, member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    message = await anything(member, channel)
    for where in (MEMBER, DIRECT_MESSAGE):
        result = await press(other, where, message, custom_id)
        assert result.acknowledged
        assert texts(result.response or message)
