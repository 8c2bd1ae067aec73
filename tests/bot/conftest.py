"""A small archive of our own, and the bot on a simulated Discord that answers from it."""

import logging
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import discord
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from simcord import Env
from simcord.actors import MemberActor

from bot.app import open_client
from bot.client import Footnote
from bot.settings import Settings
from corpus.analysis.analyzer import Analyzer
from tests.bot.openapi import check_requests
from tests.bot.simulated import readers_speak
from tests.folders import build_index

# How long an example takes says more about the machine than about the code.
hypothesis_settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("untimed")

POSTS = {
    "2019-08-08-颱風.md": (
        (
            "title: 颱風怎麼形成\ndate: 2019-08-08T08:00:00+08:00\nauthor: 林小氣\n"
            "from: https://example.org/typhoon\ncategories: [島嶼氣象]\ntags: [天氣]"
        ),
        "夏天的海面很溫暖。颱風在溫暖的海面上形成，水氣上升時放出大量的熱。颱風登陸之後會很快減弱。",
    ),
    "2021-01-06-茶.md": (
        "title: 高山茶\ndate: 2021-01-06\nauthor: 陳茶\nfrom: not a link\ncategories: [茶葉誌]",
        "高山茶種在海拔一千公尺以上，日夜溫差大，葉片厚而甘甜。@everyone 請喝茶。",
    ),
    "2022-03-04-高铁.md": (
        (
            "title: 高铁时刻\ndate: 2022-03-04\nauthor: 王铁\nfrom: https://example.com/hsr\n"
            "categories: [铁道周记]"
        ),
        "高铁列车每天清晨从台北出发，一个半小时之后到达左营。",
    ),
}


@contextmanager
def kept_logging() -> Iterator[None]:
    """Undo afterwards what a bot does to the logging of its whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    # A terminal's command, run by another test, may have left it so: it would not begin again.
    logging.captureWarnings(capture=False)
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Undo afterwards what a test's bot does to the logging of the whole process."""
    with kept_logging():
        yield


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of three posts and one that cannot be read; not to be changed."""
    folder = tmp_path_factory.mktemp("archive") / "_posts"
    folder.mkdir()
    for name, (front, body) in POSTS.items():
        (folder / name).write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
    (folder / "2020-01-01-broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    return folder.parent


@pytest.fixture(scope="session")
def index(archive: Path, tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path) -> Path:
    """Return a data folder with the index of ``archive``; to be copied."""
    return build_index(archive, tmp_path_factory.mktemp("index"), dictionary_cache)


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    """Return an analyzer with its dictionary loaded, which takes a second."""
    loaded = Analyzer()
    loaded.load()
    return loaded


@pytest.fixture
def settings(archive: Path, index: Path, tmp_path: Path) -> Settings:
    """Return the settings of a bot with an index, and no limit on questions."""
    data_dir = tmp_path / "var"
    shutil.copytree(index, data_dir)
    return Settings(archive=archive, data_dir=data_dir, ask_cooldown=None)


@pytest.fixture
async def footnote(settings: Settings, analyzer: Analyzer) -> AsyncIterator[Footnote]:
    """Yield a client with everything open, not yet connected."""
    async with open_client(settings) as client:
        client.library._analyzer = analyzer
        yield client
        await client.reindexer.close()
        # A test may have put another one in its place, whose threads would outlive the tests.
        await client.library.close()


@pytest.fixture
def simcord_bot(footnote: Footnote) -> Footnote:
    """Name the bot that simcord's own fixture runs."""
    return footnote


@pytest.fixture
def simcord_env(simcord_env: Env, monkeypatch: pytest.MonkeyPatch) -> Iterator[Env]:
    """Yield simcord's own, and afterwards check that Discord would have taken all it was sent.

    A bot that is restarted builds its index. For that simcord has 5 s, whatever the test's own
    patience; here it has that.
    """
    settle = simcord_env._settle_internal

    async def settle_patiently(**options: Any) -> None:  # noqa: ANN401
        await settle(**{**options, "timeout": None})

    monkeypatch.setattr(simcord_env, "_settle_internal", settle_patiently)
    yield simcord_env
    check_requests(simcord_env.http_requests)


@pytest.fixture
def member(simcord_env: Env) -> MemberActor:
    """Return a member of a server, an administrator there but not of the archive."""
    guild = simcord_env.create_guild()
    guild.create_text_channel("general")
    moderators = guild.create_role("Moderators", permissions=discord.Permissions.all())
    return guild.add_member(simcord_env.create_user("reader"), roles=[moderators])


@pytest.fixture
def speak() -> Iterator[Callable[[str], None]]:
    """Yield what lets every user speak a language: simcord's speak English."""
    with ExitStack() as spoken:
        yield lambda locale: spoken.enter_context(readers_speak(locale))
