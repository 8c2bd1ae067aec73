"""payloads: what do Discord's objects look like? Pure functions from who and where to JSON."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from tests.e2e.loopback.rules import APPLICATION_ID, OWNER_ID

Json = dict[str, Any]

DISCORD_EPOCH = 1_420_070_400_000

COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
"""Interaction types."""

_MEMBER_PERMISSIONS = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 31 | 1 << 35 | 1 << 38
_BOT_PERMISSIONS = _MEMBER_PERMISSIONS | 1 << 14 | 1 << 15
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4


@dataclass(frozen=True, slots=True)
class User:
    """A person on Discord."""

    id: int
    name: str

    @property
    def direct_channel_id(self) -> int:
        """The channel of their direct messages with the bot."""
        return self.id + 1_000_000


@dataclass(frozen=True, slots=True)
class Guild:
    """A server with one text channel and one role beside @everyone."""

    id: int
    name: str
    locale: str = "en-US"

    @property
    def channel_id(self) -> int:
        """The only text channel."""
        return self.id + 1

    @property
    def role_id(self) -> int:
        """A role that every member has."""
        return self.id + 2


@dataclass(frozen=True, slots=True)
class Caller:
    """Who interacts with the bot, from where, and in which language their Discord speaks."""

    user: User
    guild: Guild | None
    """None: in a direct message to the bot."""
    locale: str = "en-US"
    permissions: int = _MEMBER_PERMISSIONS
    thread_id: int | None = None
    """None: not in a thread."""

    @property
    def channel_id(self) -> int:
        """The thread, else the guild's channel, or the one that stands for direct messages."""
        if self.thread_id is not None:
            return self.thread_id
        return self.guild.channel_id if self.guild else self.user.direct_channel_id

    def in_thread(self, thread_id: str) -> Caller:
        """Return the same caller in a thread."""
        return replace(self, thread_id=int(thread_id))

    def speaking(self, locale: str) -> Caller:
        """Return the same caller with another language."""
        return replace(self, locale=locale)

    def on_shard(self, shard: int, shards: int) -> Caller:
        """Return the same caller in a server whose events go to this shard."""
        distance = (shard - (GUILD.id >> 22)) % shards
        return replace(self, guild=replace(GUILD, id=GUILD.id + (distance << 22)), thread_id=None)

    def in_dm(self) -> Caller:
        """Return the same caller in a direct message."""
        return replace(self, guild=None, thread_id=None)

    def with_permissions(self, *bits: int) -> Caller:
        """Return the same caller with more permissions."""
        return replace(self, permissions=self.permissions | sum(bits))


GUILD = Guild(1_100_000_000_000_000_100, "Reading Room", "zh-TW")
MEMBER = Caller(User(1_100_000_000_000_000_003, "member"), GUILD)
OTHER_MEMBER = Caller(User(1_100_000_000_000_000_004, "other"), GUILD)
OWNER = Caller(User(OWNER_ID, "owner"), GUILD)


class Snowflakes:
    """Gives out ids that carry the time, each larger than the last."""

    def __init__(self) -> None:
        self._last = 0
        self._ahead = 0.0

    def next(self) -> str:
        """Return a fresh id."""
        self._last = max(self._now(), self._last + 1)
        return str(self._last)

    def old(self, seconds: float) -> str:
        """Return the id of something that was made so long ago."""
        return str(int(self.next()) - (round(seconds * 1000) << 22))

    def set_clock(self, ahead: float) -> None:
        """Let Discord's clock, from now on, be so many seconds ahead of this machine's."""
        self._ahead = ahead
        self._last = 0

    def time(self) -> float:
        """Return the time by Discord's clock, in seconds since 1970."""
        return time.time() + self._ahead

    def _now(self) -> int:
        return (int(self.time() * 1000) - DISCORD_EPOCH) << 22


def user(who: User, *, bot: bool = False) -> Json:
    """Return a user object."""
    return {
        "id": str(who.id),
        "username": who.name,
        "discriminator": "0",
        "global_name": who.name.title(),
        "avatar": None,
        "bot": bot,
        "public_flags": 0,
        "flags": 0,
    }


def bot_user() -> Json:
    """Return the bot's own user."""
    return user(User(APPLICATION_ID, "footnote"), bot=True)


def application() -> Json:
    """Return the application, owned by one person and no team."""
    return {
        "id": str(APPLICATION_ID),
        "name": "footnote",
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": bot_user(),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "owner": user(OWNER.user),
        "team": None,
        "interactions_endpoint_url": None,
        "redirect_uris": [],
        "approximate_guild_count": 1,
        "integration_types_config": {"0": {}},
    }


def channel(where: Guild) -> Json:
    """Return the guild's text channel."""
    return {
        "id": str(where.channel_id),
        "type": 0,
        "guild_id": str(where.id),
        "name": "general",
        "position": 0,
        "permission_overwrites": [],
        "nsfw": False,
        "parent_id": None,
        "topic": None,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "flags": 0,
    }


def direct_messages(who: User) -> Json:
    """Return the channel of someone's direct messages with the bot."""
    return {
        "id": str(who.direct_channel_id),
        "type": 1,
        "last_message_id": None,
        "flags": 0,
        "recipients": [user(who)],
    }


def thread(where: Guild, thread_id: str, parent_id: str, name: str) -> Json:
    """Return a public thread of the guild's text channel."""
    return {
        "id": thread_id,
        "type": 11,
        "guild_id": str(where.id),
        "parent_id": parent_id,
        "owner_id": str(APPLICATION_ID),
        "name": name,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "flags": 0,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2026-01-01T00:00:00+00:00",
            "locked": False,
            "create_timestamp": "2026-01-01T00:00:00+00:00",
        },
    }


def _role(role_id: int, name: str, position: int) -> Json:
    return {
        "id": str(role_id),
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": position,
        "permissions": str(_MEMBER_PERMISSIONS),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def guild(where: Guild) -> Json:
    """Return the guild as GUILD_CREATE carries it, with the bot as its only cached member."""
    return {
        "id": str(where.id),
        "name": where.name,
        "owner_id": str(OWNER_ID),
        "preferred_locale": where.locale,
        "icon": None,
        "unavailable": False,
        "large": False,
        "member_count": 3,
        "joined_at": "2026-01-01T00:00:00+00:00",
        "features": [],
        "roles": [_role(where.id, "@everyone", 0), _role(where.role_id, "readers", 1)],
        "channels": [channel(where)],
        "members": [member(User(APPLICATION_ID, "footnote"), where, bot=True)],
        "threads": [],
        "emojis": [],
        "stickers": [],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
    }


def member(who: User, where: Guild, *, bot: bool = False) -> Json:
    """Return a member of the guild."""
    return {
        "user": user(who, bot=bot),
        "nick": None,
        "avatar": None,
        "roles": [str(where.role_id)],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }


def message(content: str, channel_id: str) -> Json:
    """Return a message of the other member, as the menu of a message hands it over."""
    return {
        "id": "1100000000000000777",
        "type": 0,
        "channel_id": channel_id,
        "author": user(OTHER_MEMBER.user),
        "content": content,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
    }


def interaction(kind: int, data: Json, caller: Caller, *, message: Json | None = None) -> Json:
    """Return an interaction, all but the id and token that Discord gives it when it is sent.

    Args:
        kind: COMMAND, COMPONENT or AUTOCOMPLETE.
        data: What was called, or which component was used.
        caller: Who and where.
        message: The message that holds the component.
    """
    where = caller.guild
    body: Json = {
        "application_id": str(APPLICATION_ID),
        "type": kind,
        "version": 1,
        "data": data,
        "channel_id": str(caller.channel_id),
        "locale": caller.locale,
        "app_permissions": str(_BOT_PERMISSIONS),
        "entitlements": [],
        "attachment_size_limit": 10_485_760,
    }
    if message is not None:
        body["message"] = message
    if where is None:
        body["user"] = user(caller.user)
        body["channel"] = direct_messages(caller.user)
        return {**body, "context": 1, "authorizing_integration_owners": {"0": "0"}}
    body["guild_id"] = str(where.id)
    body["guild"] = {"id": str(where.id), "locale": where.locale, "features": []}
    body["guild_locale"] = where.locale
    permissions = str(caller.permissions)
    place = channel(where)
    if caller.thread_id is not None:
        place = thread(where, str(caller.thread_id), str(where.channel_id), "thread")
    body["channel"] = {**place, "permissions": permissions}
    body["member"] = {**member(caller.user, where), "permissions": permissions}
    return {**body, "context": 0, "authorizing_integration_owners": {"0": str(where.id)}}
