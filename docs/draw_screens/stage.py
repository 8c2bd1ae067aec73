"""The real bot on a simulated Discord, with the sample archive, for one reader."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

import corpus
from bot.app import open_client
from bot.client import Footnote
from bot.settings import Settings
from corpus.analysis.analyzer import Analyzer
from corpus.library import Library
from docs.draw_screens.page import Choices, Message, Modal
from docs.draw_screens.reader import CHROME
from tests.bot.simulated import make_admin, readers_speak

SAMPLE = Path(corpus.__file__).parent / "sample"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where one scenario happens."""

    env: simcord.Env
    footnote: Footnote
    reader: MemberActor
    channel: ChannelHandle
    locale: str

    async def slash(self, command: str, **options: Any) -> Message | Modal:  # noqa: ANN401
        """Call a command by its English name and return what it shows."""
        result = await self.reader.slash(self.channel, command, **options)
        return self.shown(result, self.named(command))

    async def choices(self, command: str, option: str, typed: str) -> Choices:
        """Type into an option of a command, both by their English names."""
        offered = await self.reader.autocomplete(self.channel, command, option, typed)
        return Choices(self.named(command), self._option_named(command, option), typed, offered)

    def shown(self, result: InteractionResult, command: str) -> Message | Modal:
        """Return what an interaction has led to: its modal, else its last message."""
        if result.modal is not None:
            return Modal(result.modal)
        [*_, last] = [result.response, *result.followups]
        assert last is not None
        return self._message(last, command)

    def edits(self, command: str) -> list[Message]:
        """Return what each edit of the private answers has shown so far."""
        return [
            Message(self.named(command), request.json["components"], is_ephemeral=True)
            for request in self.env.http_requests
            if request.method == "PATCH" and isinstance(request.json, dict)
        ]

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
        return Message(command, sent.components, sent.ephemeral, files)


async def build_index(data_dir: Path, archive: Path = SAMPLE) -> None:
    """Index an archive into ``data_dir``."""
    async with Library(archive, data_dir) as library:
        await library.reindex()


@asynccontextmanager
async def stage(
    locale: str,
    index: Path,
    analyzer: Analyzer,
    archive: Path = SAMPLE,
    **settings: Any,  # noqa: ANN401 (as Settings has them)
) -> AsyncGenerator[Stage]:
    """Open a stage for a reader of ``locale``.

    Args:
        locale: what the reader's Discord speaks.
        index: the data folder to begin with.
        analyzer: of all stages, for one takes as much memory as a whole bot.
        archive: which the index is of.
        settings: others of the bot's.
    """
    with tempfile.TemporaryDirectory() as folder, readers_speak(locale):
        data_dir = Path(folder) / "var"
        shutil.copytree(index, data_dir)
        chosen = Settings(archive=archive, data_dir=data_dir, **settings)
        async with open_client(chosen) as footnote:
            footnote.library._analyzer = analyzer  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            options = {"shard_count": 1, "settle_timeout": 60, "check_errors": False}
            async with simcord.run(footnote, **options) as env:
                guild = env.create_guild()
                channel = guild.create_text_channel("questions")
                everything = guild.create_role("All", permissions=discord.Permissions.all())
                user = env.create_user(CHROME[locale].reader)
                reader = guild.add_member(user, roles=[everything])
                yield Stage(env, footnote, reader, channel, locale)
                await footnote.reindexer.close()
                await footnote.library.close()  # a scene may have put another one in its place
