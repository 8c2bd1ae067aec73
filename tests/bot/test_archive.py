"""/archive on a simulated Discord, over a real index and a real child process."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.commands import archive as archive_module
from bot.settings import Settings
from corpus.errors import CorpusError
from corpus.library import Library
from corpus.model import IndexReport, Progress
from tests.bot.simulated import make_admin, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


class HeldLibrary(Library):
    """A library whose reindex waits to be let go, or to be told to fail."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.archive, library.data_dir)
        self.released = asyncio.Event()
        self.started = 0
        self.failure: Exception | None = None

    async def reindex(
        self, *, full: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> IndexReport:
        self.started += 1
        assert on_progress is not None
        on_progress(Progress("read", 1, 2))
        await self.released.wait()
        if self.failure is not None:
            raise self.failure
        return IndexReport(3, 3, 3 if full else 0, 0, 0, (), 1.0)
