"""The running bot: it ends on a signal, and says in one sentence why it cannot go on."""

import asyncio
import errno
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from aiohttp import WSMsgType, web
from discord.http import Route

from bot.app import run
from bot.errors import DiscordError, SettingsError
from bot.settings import Settings
from corpus.library import Library

pytestmark = pytest.mark.usefixtures("logging_restored")

TOKEN = "a-token.of-some.forty-characters-or-so_0123"  # noqa: S105 (of no bot)


def answer(content: object, status: int = 200) -> web.Response:
    # The type alone, as Discord sends it: the client reads no JSON with a charset beside it.
    body = json.dumps(content).encode()
    return web.Response(body=body, content_type="application/json", status=status)


class LoopbackDiscord:
    """As much of Discord as a login needs: it lets the bot in, then does what it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.close_code: int | None = None
        self.signal: int | None = None
        self.identified = 0
        self.url = ""
        self.app = web.Application()
        self.app.router.add_get("/gateway", self.gateway)
        self.app.router.add_route("*", "/api/v10/{path:.*}", self.rest)

    async def rest(self, request: web.Request) -> web.Response:
        user = {"id": "9", "username": "footnote", "discriminator": "0", "avatar": None}
        match request.match_info["path"]:
            case "users/@me":
                return answer(user, self.status)
            case "oauth2/applications/@me":
                application = {"id": "9", "name": "Footnote", "description": "", "icon": None}
                more = {"owner": user, "verify_key": "", "flags": 0, "bot_public": True}
                more |= {"bot_require_code_grant": False, "summary": ""}
                return answer(application | more)
            case "gateway/bot":
                limit = {"total": 9, "remaining": 9, "reset_after": 0, "max_concurrency": 1}
                url = f"ws://127.0.0.1:{request.url.port}/gateway"
                return answer({"url": url, "shards": 1, "session_start_limit": limit})
            case _:
                return answer([])

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 45_000}})
        async for message in socket:
            if message.type is WSMsgType.TEXT and json.loads(message.data)["op"] == 2:
                self.identified += 1
                if self.close_code is not None:
                    await socket.close(code=self.close_code)
                if self.signal is not None:
                    os.kill(os.getpid(), self.signal)
        return socket


@pytest.fixture(autouse=True)
def _process_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what a run changes for the whole process."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.fixture
async def discord() -> AsyncIterator[LoopbackDiscord]:
    """Yield a loopback Discord that listens."""
    loopback = LoopbackDiscord()
    runner = web.AppRunner(loopback.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    loopback.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    yield loopback
    await runner.cleanup()


@pytest.fixture
def connected(settings: Settings, discord: LoopbackDiscord) -> Settings:
    return replace(settings, token=TOKEN, api_url=discord.url)


async def test_without_a_token_it_says_where_to_get_one(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"https://discord\.com/developers/applications"):
        await run(settings)


async def test_a_start_warns_once_of_variables_that_nothing_reads(
    connected: Settings, discord: LoopbackDiscord, capfd: pytest.CaptureFixture[str]
) -> None:
    discord.signal = signal.SIGTERM
    await run(replace(connected, unknown_variables=(".env line 2 sets A.", ".env line 3 sets B.")))
    (warning,) = [line for line in capfd.readouterr().err.splitlines() if ".env" in line]
    assert " WARNING " in warning
    assert warning.endswith(".env line 2 sets A. .env line 3 sets B.")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_on_a_signal_with_everything_closed(
    number: int, connected: Settings, discord: LoopbackDiscord, capfd: pytest.CaptureFixture[str]
) -> None:
    discord.signal = number
    await run(connected)
    assert discord.identified == 1
    assert [task.get_name() for task in asyncio.all_tasks() if "discord" in task.get_name()] == []
    logged = capfd.readouterr().err
    assert "Stopping." in logged
    assert TOKEN not in logged


async def test_a_wrong_token_is_said_plainly(connected: Settings, discord: LoopbackDiscord) -> None:
    discord.status = 401
    with pytest.raises(DiscordError, match="does not know this DISCORD_TOKEN"):
        await run(connected)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (4004, "no longer takes this DISCORD_TOKEN"),
        (4014, "wants an intent"),
        (4013, "closed the connection for good, with code 4013"),
    ],
)
async def test_a_connection_that_is_refused_for_good_is_said_plainly(
    code: int, sentence: str, connected: Settings, discord: LoopbackDiscord
) -> None:
    discord.close_code = code
    with pytest.raises(DiscordError, match=sentence):
        await run(connected)
    assert discord.identified == 1


async def test_a_discord_that_refuses_is_said_plainly(
    connected: Settings, discord: LoopbackDiscord
) -> None:
    discord.status = 418
    with pytest.raises(DiscordError, match="cannot be reached"):
        await run(connected)


async def test_a_disk_that_is_full_is_no_fault_of_discord(
    connected: Settings, discord: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def open_(_: Library) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/data/index.lock")

    monkeypatch.setattr(Library, "open", open_)
    with pytest.raises(OSError, match="No space left"):
        await run(connected)
    assert discord.identified == 0


READERS = {
    "corpus.archive.markup",
    "corpus.archive.front_matter",
    "selectolax",
    "markdown_it",
    "yaml",
}


def loaded(modules: str) -> set[str]:
    """Return all that a process has loaded after it has imported these modules."""
    code = f"import sys, {modules}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(done.stdout.split())


def test_a_bot_loads_nothing_that_reads_articles_and_no_terminal_or_web_server() -> None:
    found = loaded("bot.cli.main, bot.app")
    assert (READERS | {"rich.console", "aiohttp.web"}).isdisjoint(found)
    assert {"psycopg", "bot.services.leased_shards"}.isdisjoint(found)
    assert "corpus.library" in found


def test_who_writes_the_index_loads_nothing_that_reads_articles_nor_answers_questions() -> None:
    found = loaded("corpus.__main__")
    assert (READERS | {"corpus.library", "corpus.search.searcher"}).isdisjoint(found)
    assert "corpus.indexing.builder" in found
