"""An archive that grows, with its bot on a simulated Discord."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.settings import Settings
from tests.folders import build_index


@pytest.fixture(scope="session")
def growing(
    archive: Path, tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> tuple[Path, Path]:
    """Return a copy of the small archive, to which tests add, and its index; to be copied."""
    own = tmp_path_factory.mktemp("growing") / "archive"
    shutil.copytree(archive, own)
    return own, build_index(own, tmp_path_factory.mktemp("growing-index"), dictionary_cache)


@pytest.fixture
def settings(growing: tuple[Path, Path], tmp_path: Path) -> Iterator[Settings]:
    own, index = growing
    data_dir = tmp_path / "var"
    shutil.copytree(index, data_dir)
    yield Settings(archive=own, data_dir=data_dir, ask_cooldown=None)
    for added in own.rglob("new-*.md"):
        added.unlink()


@pytest.fixture
async def footnote(footnote: Footnote) -> AsyncIterator[Footnote]:
    yield footnote
    await footnote.watch_notifier.close()


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("news")
