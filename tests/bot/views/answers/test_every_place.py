"""The controls of an answer as an owner, a moderator and a member use them, everywhere."""

from collections.abc import Callable

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.client import Footnote
from bot.state.guilds import GuildSettings
from tests.bot.controls import asked, choices, controls, ids, labels, shown
from tests.bot.simulated import texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

FIELD = "question"
FOLLOW, ADDED = "button-follow", "ask-added"


@pytest.fixture
def people(member: MemberActor, simcord_env: Env) -> dict[str, MemberActor]:
    """Return the server's owner, a moderator and a member without any special permission."""
    guild = member.guild
    manage = guild.create_role("Manage", permissions=discord.Permissions(manage_guild=True))
    return {
        "owner": guild.add_member(guild.owner),
        "moderator": guild.add_member(simcord_env.create_user("moderator"), roles=[manage]),
        "member": guild.add_member(simcord_env.create_user("plain")),
    }


@pytest.mark.parametrize(
    ("role", "locale"), [("owner", "zh-TW"), ("moderator", "zh-CN"), ("member", "en-US")]
)
async def test_a_follow_up_and_a_thread_work_for_everyone_in_every_place(
    role: str,
    locale: str,
    people: dict[str, MemberActor],
    channel: ChannelHandle,
    footnote: Footnote,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    who = people[role]
    t = footnote.texts.get(locale)
    await footnote.state.guilds.set(who.guild.id, GuildSettings(locale))

    async def follow(message: ResponseMessage, how: MemberActor | object) -> ResponseMessage:
        form = await how.click(message, label=t(FOLLOW))  # type: ignore[attr-defined]
        answer = await how.submit_modal(form, {FIELD: "那後來呢？"})  # type: ignore[attr-defined]
        found = answer.response
        assert t(ADDED, terms="颱風眼牆") in texts(found)
        assert len(list(controls(found))) <= 7
        return found

    private = await asked(who, channel, "颱風眼牆")
    found = await follow(private, who)
    await who.click(found, label=f"✕ {t(ADDED, terms='颱風眼牆')}")
    assert not shown(found)
    await who.select(private, ["t"])
    [thread] = channel.threads
    assert thread.name == "颱風眼牆"
    there = await asked(who, thread, "颱風眼牆", private=False)
    assert not there.ephemeral
    found = await follow(there, who)
    assert not choices(found, "t")
    await who.click(found, label=t("button-share"))
    assert t("button-share") not in labels(found)
    assert footnote.user is not None
    await who.send(thread, f"{footnote.user.mention} 為什麼？")
    assert t(ADDED, terms="颱風眼牆") in str(thread.history()[-1].components)
    alone = who.user
    direct = (await alone.slash("ask", question="颱風眼牆")).response
    assert direct is not None
    found = await follow(direct, alone)
    assert not choices(found, "t")
    assert not ids(found, "share")
