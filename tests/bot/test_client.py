"""The client: which commands Discord is given and when, who is an admin, what errors become."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import discord
import pytest
from discord import app_commands
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot import client as client_module
from bot.app import open_client
from bot.client import Footnote, Interaction
from bot.interactions import delivery, responses
from bot.services.application_owners import ApplicationOwners
from bot.settings import LOCALES, Settings
from bot.state.guilds import GuildSettings
from tests.bot.simulated import texts

EVERYONES = ["ask", "timeline", "trend", "watch", "sources", "help", "settings", "forget"]
MENU = "Ask the archive"

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("anywhere")


def synced(env: Env) -> list[tuple[str, list[str]]]:
    """Return each time Discord was given commands: the path's end and their names."""
    return [
        (request.path.split("/", 3)[3], [command["name"] for command in request.json])  # type: ignore[union-attr, index]
        for request in env.http_requests
        if request.method == "PUT" and request.path.endswith("/commands")
    ]


async def test_commands_are_given_once_and_again_only_when_they_change(
    simcord_env: Env, settings: Settings
) -> None:
    assert synced(simcord_env) == [("commands", [*EVERYONES, "archive", MENU])]
    async with open_client(settings) as same:
        await simcord_env.restart_bot(same)
        assert len(synced(simcord_env)) == 1
    async with open_client(settings) as changed:
        changed.tree.remove_command("archive")
        await simcord_env.restart_bot(changed)
        assert synced(simcord_env)[1:] == [("commands", [*EVERYONES, MENU])]


async def test_commands_are_mentioned_once_their_ids_are_known_also_after_a_restart(
    simcord_env: Env, settings: Settings, footnote: Footnote
) -> None:
    ids = {command.name: command.id for command in await footnote.tree.fetch_commands()}
    for locale in LOCALES:
        assert footnote.texts.get(locale).command("ask") == f"</ask:{ids['ask']}>"
    async with open_client(settings) as same:
        assert same.texts.get("zh-TW").command("watch", "add") == "`/訂閱 新增`"
        await simcord_env.restart_bot(same)
        assert len(synced(simcord_env)) == 1
        assert same.texts.get("zh-TW").command("watch", "add") == f"</watch add:{ids['watch']}>"


async def test_commands_are_named_plainly_where_discord_does_not_tell_their_ids(
    simcord_env: Env, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    simcord_env.inject_error("GET", "/applications/*/commands", status=403, code=50001)
    async with open_client(settings) as same:
        await simcord_env.restart_bot(same)
        assert same.texts.get("en-US").command("ask") == "`/ask`"
    assert "The ids of the commands are not known" in caplog.text


async def test_an_admin_server_alone_sees_archive_and_loses_it_when_it_is_no_longer_named(
    simcord_env: Env, settings: Settings
) -> None:
    guild = simcord_env.create_guild()
    async with open_client(replace(settings, admin_guild=guild.id)) as there:
        await simcord_env.restart_bot(there)
        assert sorted(synced(simcord_env)[1:]) == [
            ("commands", [*EVERYONES, MENU]),
            (f"guilds/{guild.id}/commands", ["archive"]),
        ]
    async with open_client(settings) as nowhere:
        await simcord_env.restart_bot(nowhere)
        assert sorted(synced(simcord_env)[3:]) == [
            ("commands", [*EVERYONES, "archive", MENU]),
            (f"guilds/{guild.id}/commands", []),
        ]
        assert list(await nowhere.state.synced_commands.get(nowhere.application_id or 0)) == [None]


async def test_an_admin_server_without_the_bot_is_logged(
    simcord_env: Env, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    simcord_env.inject_error("PUT", "/applications/*/guilds/*/commands", status=403, code=50001)
    async with open_client(replace(settings, admin_guild=123456789012345678)) as client:
        await simcord_env.restart_bot(client)
    assert "ADMIN_GUILD is a server this bot is not in" in caplog.text


async def test_commands_are_for_servers_users_and_messages_and_in_chinese_too(
    simcord_env: Env,
) -> None:
    [request] = [sent for sent in simcord_env.http_requests if sent.path.endswith("/commands")]
    given = {command["name"]: command for command in request.json}  # type: ignore[union-attr, index, call-overload]
    settings, watch = given.pop("settings"), given.pop("watch")
    ask, archive, menu = given["ask"], given["archive"], given[MENU]
    for command in given.values():
        assert sorted(command["contexts"]) == [0, 1, 2]
        assert sorted(command["integration_types"]) == [0, 1]
        assert set(command["name_localizations"]) == {"zh-TW", "zh-CN"}
    assert ask["name_localizations"]["zh-TW"] == "提問"
    assert menu["type"] == discord.AppCommandType.message.value
    assert menu["name_localizations"] == {"zh-TW": "問文庫", "zh-CN": "问文库"}
    assert settings["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    # Everyone may watch for themselves; who may let it post to a channel is seen to at each use.
    assert watch["default_member_permissions"] is None
    assert (sorted(watch["contexts"]), sorted(watch["integration_types"])) == ([0, 1], [0, 1])
    assert (settings["contexts"], settings["integration_types"]) == ([0], [0])
    assert archive["default_member_permissions"] == discord.Permissions(administrator=True).value
    assert watch["name_localizations"] == {"zh-TW": "訂閱", "zh-CN": "订阅"}


def application(footnote: Footnote, **changes: object) -> discord.AppInfo:
    user = {"id": "1", "username": "owner", "discriminator": "0", "avatar": None}
    data: dict[str, Any] = {
        "id": "9",
        "name": "Footnote",
        "description": "",
        "icon": None,
        "summary": "",
        "verify_key": "",
        "owner": user,
        "bot_public": True,
        "bot_require_code_grant": False,
        "flags": 0,
        **changes,
    }
    return discord.AppInfo(footnote._connection, data)  # type: ignore[arg-type]


def team(*members: tuple[int, int, str]) -> dict[str, Any]:
    return {
        "id": "5",
        "name": "Keepers",
        "icon": None,
        "owner_user_id": "2",
        "members": [
            {
                "user": {"id": str(id_), "username": "m", "discriminator": "0", "avatar": None},
                "membership_state": state,
                "role": role,
                "permissions": ["*"],
                "team_id": "5",
            }
            for id_, state, role in members
        ],
    }


async def test_the_owner_and_those_named_are_admins(footnote: Footnote) -> None:
    footnote.settings = replace(footnote.settings, admin_ids=frozenset({7}))
    assert footnote.is_admin(discord.Object(7))
    assert not footnote.is_admin(discord.Object(1))
    footnote.owners.note(application(footnote))
    assert footnote.is_admin(discord.Object(1))
    assert not footnote.is_admin(discord.Object(2))


async def test_of_a_team_those_who_have_joined_and_may_change_it_are_admins(
    footnote: Footnote,
) -> None:
    members = team((2, 2, "admin"), (3, 2, "developer"), (4, 2, "read_only"), (5, 1, "admin"))
    footnote.owners.note(application(footnote, team=members))
    admins = {id_ for id_ in range(1, 7) if footnote.is_admin(discord.Object(id_))}
    assert admins == {2, 3}


async def test_who_joined_the_team_is_let_in_at_the_next_try(
    footnote: Footnote,
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
) -> None:
    def lookups() -> int:
        return sum(
            request.path.endswith("applications/@me") for request in simcord_env.http_requests
        )

    before = lookups()
    refused = await member.slash(channel, "archive status")
    assert "admins" in texts(refused.response)
    assert lookups() == before + 1
    # Within the minute Discord is not asked again.
    assert "admins" in texts((await member.slash(channel, "archive status")).response)
    assert lookups() == before + 1

    async def with_the_member() -> discord.AppInfo:
        return application(footnote, team=team((member.id, 2, "developer")))

    footnote.owners = ApplicationOwners(with_the_member)
    allowed = await member.slash(channel, "archive status")
    assert "admins" not in texts(allowed.response)
    assert len(simcord_env.errors) == 2  # the refusals


class TestWithABrokenCommand:
    """A command of the tree raises what nobody has thought of."""

    @pytest.fixture
    def simcord_bot(self, footnote: Footnote) -> Footnote:
        @app_commands.command(name="broken", description="raises")
        async def broken(interaction: Interaction, defer: bool) -> None:  # noqa: FBT001
            if defer:
                await responses.defer(interaction, private=True)
            raise ZeroDivisionError("private detail")

        footnote.tree.add_command(broken)
        return footnote

    @pytest.mark.parametrize("defer", [False, True])
    async def test_the_user_gets_a_number_that_the_log_carries(
        self,
        defer: bool,  # noqa: FBT001
        member: MemberActor,
        channel: ChannelHandle,
        simcord_env: Env,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        result = await member.slash(channel, "broken", defer=defer)
        message = result.response
        assert message is not None
        assert message.ephemeral
        said = texts(message)
        assert "private detail" not in said
        number = said.rsplit(": ", 1)[1]
        [record] = [entry for entry in caplog.records if number in entry.getMessage()]
        assert record.levelno == logging.ERROR
        assert record.exc_info
        assert isinstance(record.exc_info[1], ZeroDivisionError)
        assert len(simcord_env.errors) == 1

    async def test_an_answer_that_cannot_be_sent_is_logged_once(
        self,
        member: MemberActor,
        channel: ChannelHandle,
        simcord_env: Env,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        simcord_env.inject_error("POST", "/interactions/*/*/callback", status=403, code=50013)
        await member.slash(channel, "broken", defer=False)
        assert "An error could not be told to its user" in caplog.text
        assert simcord_env.errors


async def test_a_command_discord_still_shows_but_we_no_longer_have_is_explained(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, footnote: Footnote
) -> None:
    footnote.tree.remove_command("ask")
    result = await member.slash(channel, "ask", question="颱風")
    assert texts(result.response).startswith("This command has changed.")
    assert simcord_env.errors


async def test_nothing_is_kept_of_what_was_said(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, footnote: Footnote
) -> None:
    footnote.tree.remove_command("ask")
    before = asyncio.all_tasks()
    for _ in range(3):
        await member.slash(channel, "ask", question="颱風")
    assert simcord_env.errors
    assert asyncio.all_tasks() <= before


async def test_an_interaction_discord_has_given_up_is_left(
    member: MemberActor,
    channel: ChannelHandle,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(client_module, "MAX_AGE", -1)
    result = await member.slash(channel, "ask", question="颱風")
    assert not result.acknowledged
    assert "s old on arrival" in caplog.text


async def test_an_interaction_unknown_to_discord_is_logged_and_not_answered_again(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simcord_env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    before = len(simcord_env.http_requests)
    await member.slash(channel, "ask", question="颱風")
    assert len(simcord_env.http_requests) == before + 1
    assert "was not answered: 404" in caplog.text
    assert simcord_env.errors


async def test_the_settings_of_a_server_are_read_once_an_interaction(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads: list[int] = []
    get = footnote.state.guilds.get

    async def counted(guild_id: int) -> GuildSettings:
        reads.append(guild_id)
        return await get(guild_id)

    monkeypatch.setattr(footnote.state.guilds, "get", counted)
    message = (await member.slash(channel, "ask", question="颱風", private=False)).response
    assert reads == [member.guild.id]
    await member.click(message, label="👎")
    await member.slash(channel, "trend", terms="颱風", private=False)
    assert len(reads) == 2


async def test_settings_that_are_not_read_in_time_are_the_defaults(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def never(_: int) -> GuildSettings:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(footnote.state.guilds, "get", never)
    monkeypatch.setattr(client_module, "MAX_SETTINGS_WAIT", 0.01)
    assert await footnote.readable_settings(1) == GuildSettings()
    assert "The settings of server 1 cannot be read: no answer in time." in caplog.text


async def test_a_user_whose_answer_discord_never_took_is_told_by_a_message(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def expire(*_: object, **__: object) -> None:
        raise delivery.ExpiredError("it is over 840 s old")

    monkeypatch.setattr(delivery, "edit", expire)
    await member.slash(channel, "ask", question="颱風")
    sent = [
        str(request.json)
        for request in simcord_env.http_requests
        if request.method == "POST" and request.path.endswith("/messages")
    ]
    (message,) = sent
    assert "Discord did not take the answer" in message
    assert simcord_env.errors
