"""tiny: a small discord.py client of the tests' own, to try the loopback Discord with."""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import TYPE_CHECKING, TypeVar

import discord
import pytest
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.e2e.loopback.client import Loopback

DiscordInteraction = discord.Interaction[discord.Client]
AnyClient = TypeVar("AnyClient", bound=discord.Client)


class Tiny(discord.AutoShardedClient):
    """A bot with one command for each thing that the stand-in must do."""

    def __init__(self, intents: discord.Intents) -> None:
        super().__init__(intents=intents, max_messages=None)
        self.tree = app_commands.CommandTree(self)
        self.errors: asyncio.Queue[Exception] = asyncio.Queue()
        self.tree.error(self._keep)

    async def setup_hook(self) -> None:
        for command in (echo, longest, twice, private, follow, complete):
            self.tree.add_command(command)
        self.tree.add_command(group)
        self.add_view(Again())
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: discord.py would wait 5 s before each IDENTIFY but the first."""

    async def _keep(self, _: DiscordInteraction, error: app_commands.AppCommandError) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await self.errors.put(cause)


class Again(ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Again", custom_id="again")
    async def again(self, interaction: DiscordInteraction, _: ui.Button[Again]) -> None:
        await interaction.response.edit_message(content=f"again by {interaction.user.name}")

    @ui.select(custom_id="pick", options=[discord.SelectOption(label=c) for c in "ab"])
    async def pick(self, interaction: DiscordInteraction, chosen: ui.Select[Again]) -> None:
        await interaction.response.defer()
        await interaction.followup.send(f"picked {chosen.values}", ephemeral=True)


@app_commands.command(description="Think, then say the text again")
@app_commands.describe(text="What to say", times="How often")
async def echo(interaction: DiscordInteraction, text: str, times: int = 1) -> None:
    await interaction.response.defer(thinking=True)
    await interaction.edit_original_response(content=text * times, view=Again())


@app_commands.command(description="Say more than Discord takes")
async def longest(interaction: DiscordInteraction) -> None:
    await interaction.response.defer()
    layout = ui.LayoutView()
    layout.add_item(ui.TextDisplay("長" * 4001))
    with contextlib.suppress(discord.HTTPException):
        await interaction.followup.send(view=layout)
    await interaction.followup.send(embeds=[discord.Embed(description="x" * 4000)] * 2)


@app_commands.command(description="Acknowledge two times")
async def twice(interaction: DiscordInteraction) -> None:
    await interaction.response.send_message("once")
    second = discord.InteractionResponse(interaction)
    await second.send_message("and again")


@app_commands.command(description="Think aloud, then answer in private")
async def private(interaction: DiscordInteraction) -> None:
    await interaction.response.defer(thinking=True)
    original = await interaction.original_response()
    await original.delete()
    await interaction.followup.send("for you only", ephemeral=True)


@app_commands.command(description="Think, then follow up")
async def follow(interaction: DiscordInteraction) -> None:
    await interaction.response.defer(thinking=True, ephemeral=True)
    first = await interaction.followup.send("first", wait=True)
    await interaction.followup.send("second")
    await first.edit(content="edited")


@app_commands.command(description="Say who asked and where, with a file, in private")
async def whoami(interaction: DiscordInteraction) -> None:
    place = "a direct message" if interaction.guild_id is None else f"{interaction.guild_id}"
    text = f"{interaction.user.id} {interaction.locale} {place} {interaction.context}"
    file = discord.File(io.BytesIO(b"a,b\n1,2\n"), "figures.csv")
    await interaction.response.send_message(text, file=file, ephemeral=True)


@app_commands.command(description="Offer choices")
async def complete(interaction: DiscordInteraction, word: str) -> None:
    await interaction.response.send_message(word)


@complete.autocomplete("word")
async def _words(_: DiscordInteraction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed}{n}", value=str(n)) for n in range(3)]


group = app_commands.Group(name="archive", description="A group")
group.add_command(whoami)


@contextlib.asynccontextmanager
async def running(
    loopback: Loopback, intents: discord.Intents | None = None
) -> AsyncGenerator[Tiny]:
    """Log a tiny client in, and see it end without an error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", loopback.api_url)
        # Where discord.py goes after op 9, whatever /gateway/bot said.
        patch.setattr(
            DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(f"ws{loopback.origin[4:]}/gateway")
        )
        async with logged_in(Tiny(intents or discord.Intents.none()), loopback) as client:
            yield client


@contextlib.asynccontextmanager
async def logged_in(client: AnyClient, loopback: Loopback) -> AsyncGenerator[AnyClient]:
    """Log a client in, and see it end without an error."""
    async with client:
        life = asyncio.create_task(client.start(loopback.rules.token))
        try:
            yield client
        finally:
            await client.close()
            await life
