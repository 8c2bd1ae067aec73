"""The real bot on a simulated Discord, with an archive, for one reader."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle
from simcord.results import InteractionResult, ResponseMessage

from bot import chart
from bot.app import open_client
from bot.chart import Chart
from bot.client import Footnote
from bot.settings import Settings
from corpus.analysis.analyzer import Analyzer
from docs.draw_screens.archives import Ground
from docs.draw_screens.page import Choices, Message, Modal
from docs.draw_screens.reader import CHROME
from tests.bot.simulated import make_admin, readers_speak

Charts = dict[bytes, Chart]
"""What each picture shows that was drawn of a trend."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where one scenario happens."""

    env: simcord.Env
    footnote: Footnote
    reader: MemberActor
    channel: ChannelHandle
    locale: str
    ground: Ground
    analyzer: Analyzer
    charts: Charts = field(default_factory=Charts)

    @property
    def names(self) -> Mapping[str, str]:
        """What channels are called, by their id."""
        return {str(channel.id): name for name, channel in self.guild.channels.items()}

    @property
    def guild(self) -> GuildHandle:
        """The server of the channel."""
        assert self.channel.guild is not None
        return self.channel.guild

    async def slash(self, command: str, **options: Any) -> Message | Modal:  # noqa: ANN401
        """Call a command by its English name and return what it shows."""
        result = await self.reader.slash(self.channel, command, **options)
        return self.shown(result, self.named(command))

    async def choices(self, command: str, option: str, typed: str) -> Choices:
        """Type into an option of a command, both by their English names."""
        offered = await self.reader.autocomplete(self.channel, command, option, typed)
        return Choices(self.named(command), self._option_named(command, option), typed, offered)

    def shown(self, result: InteractionResult, command: str | None) -> Message | Modal:
        """Return what an interaction has led to: its modal, else its last message."""
        if result.modal is not None:
            return Modal(result.modal)
        return self._message(last_message(result), command)

    def edits(self, command: str) -> list[Message]:
        """Return what each edit of the private answers has shown so far."""
        return [
            Message(self.named(command), request.json["components"], is_ephemeral=True)
            for request in self.env.http_requests
            if request.method == "PATCH" and isinstance(request.json, dict)
        ]

    def posted(self, channel: ChannelHandle | None = None) -> Message:
        """Return what the bot has posted last in a channel by itself; ``None``: in the reader's."""
        *_, last = (channel or self.channel).history()
        components = [component.to_dict() for component in last.components]
        return Message(None, components, is_ephemeral=False)

    def make_admin(self) -> None:
        """Let the reader look after the archive."""
        make_admin(self.footnote, self.reader.id)

    def named(self, command: str) -> str:
        """Return how the reader's Discord names a command, with its slash."""
        path = self._path(command)
        return "/" + " ".join(self._localised(node) for node in path)

    def _option_named(self, command: str, option: str) -> str:
        [node] = [
            candidate
            for candidate in self._path(command)[-1]["options"]
            if candidate["name"] == option
        ]
        return self._localised(node)

    def _path(self, command: str) -> list[Mapping[str, Any]]:
        """Return the command and its subcommands as Discord was given them."""
        nodes: Sequence[Mapping[str, Any]] = [
            command
            for request in self.env.http_requests
            if request.method == "PUT" and isinstance(request.json, list)
            for command in request.json
        ]
        path: list[Mapping[str, Any]] = []
        for name in command.split():
            path.append(next(node for node in nodes if node["name"] == name))
            nodes = path[-1].get("options", ())
        return path

    def _localised(self, node: Mapping[str, Any]) -> str:
        return (node.get("name_localizations") or {}).get(self.locale, node["name"])

    def _message(self, sent: ResponseMessage, command: str | None) -> Message:
        files: dict[str, bytes] = {}
        for attachment in sent.attachments:
            data = self.env.backend.cdn.get(attachment.url)
            assert data is not None
            files[attachment.filename] = data
        charts = {name: self.charts[data] for name, data in files.items() if data in self.charts}
        return Message(command, sent.components, sent.ephemeral, files, charts)


def last_message(result: InteractionResult) -> ResponseMessage:
    """Return the last message that an interaction has led to."""
    [*_, last] = [result.response, *result.followups]
    assert last is not None
    return last


@asynccontextmanager
async def stage(
    locale: str,
    ground: Ground,
    analyzer: Analyzer,
    *,
    draws_charts: bool = True,
    **settings: Any,  # noqa: ANN401 (as Settings has them)
) -> AsyncGenerator[Stage]:
    """Open a stage for a reader of ``locale``, on a server of that language.

    Args:
        locale: what the reader's Discord speaks.
        ground: the archive, and the index to begin with.
        analyzer: of all stages, for one takes as much memory as a whole bot.
        draws_charts: whether pictures of trends are drawn, which takes a second each.
        settings: others of the bot's.
    """
    with tempfile.TemporaryDirectory() as folder, readers_speak(locale):
        data_dir = Path(folder) / "var"
        shutil.copytree(ground.index, data_dir)
        settings = {"default_locale": locale, **settings}
        chosen = Settings(archive=ground.archive, data_dir=data_dir, **settings)
        async with open_client(chosen) as footnote:
            footnote.library._analyzer = analyzer  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            options = {"shard_count": 1, "settle_timeout": 60, "check_errors": False}
            async with simcord.run(footnote, **options) as env:
                chrome = CHROME[locale]
                guild = env.create_guild()
                channel = guild.create_text_channel(chrome.channel)
                everything = guild.create_role("All", permissions=discord.Permissions.all())
                user = env.create_user(chrome.reader)
                reader = guild.add_member(user, roles=[everything])
                opened = Stage(env, footnote, reader, channel, locale, ground, analyzer)
                with _noting_charts(opened.charts, draws=draws_charts):
                    yield opened
                await footnote.reindexer.close()
                await footnote.library.close()  # a scene may have put another one in its place


@contextmanager
def _noting_charts(charts: Charts, *, draws: bool) -> Generator[None]:
    """Note what each picture of a trend shows."""
    draw = chart.draw

    async def draw_and_note(content: Chart, cache: Path) -> bytes:
        picture = await draw(content, cache) if draws else b"picture %d" % len(charts)
        charts[picture] = content
        return picture

    with patch.object(chart, "draw", draw_and_note):
        yield
