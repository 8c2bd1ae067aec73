"""Canaries: the token, interactions' tokens and the archive's password, and where they may turn up."""

from __future__ import annotations

import base64
import json
import socket
from typing import TYPE_CHECKING

import pytest

from tests.e2e.process import BotProcess
from tests.e2e.test_bot_process import KEEPER, QUESTION, READER, ready, reindexed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.soak import Soak

pytestmark = pytest.mark.usefixtures("indexed_sample")

PASSWORD = "canary%2Fof the-archive".replace(" ", "%20")
MEANT = "canary/of the-archive"


def spoken(secrets: Iterable[str]) -> set[bytes]:
    """Return every form in which a secret may be written down."""
    plain = {secret.encode() for secret in secrets}
    basic = {base64.b64encode(b"keeper:" + secret) for secret in plain}
    return plain | {base64.b64encode(secret) for secret in plain} | basic


def files(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.read_bytes()


class Canaries:
    """Looks for secrets in all that is seen, and counts."""

    def __init__(self, *secrets: str) -> None:
        self.secrets = set(secrets)
        self.sources = self.bytes = 0

    def look(self, *seen: str | bytes) -> None:
        """Look in each of some texts.

        Raises:
            AssertionError: One of them holds a secret.
        """
        forms = spoken(self.secrets)
        for message in seen:
            text = message.encode() if isinstance(message, str) else message
            self.sources += 1
            self.bytes += len(text)
            assert not [form for form in forms if form in text]

    def look_at(self, bot: BotProcess, loopback: Loopback, folder: Path) -> None:
        """Look in what a bot wrote: its streams, its files, and what people on Discord saw."""
        shown = [
            json.dumps(entry.get("message") or entry.get("data"), ensure_ascii=False)
            for entry in loopback.journal.entries
            if entry["kind"] in {"message", "callback", "commands"}
        ]
        self.look(bot.stderr, bot.stdout, *shown, *files(folder))

    def note(self, soak: Soak, what: str) -> None:
        """Put the counts into the table."""
        soak.note(
            f"secrets: {what}",
            f"0 of {len(self.secrets)} in {self.sources} sources, {self.bytes // 1024} KB",
        )


@pytest.fixture
def unreachable() -> str:
    """Return the address of a repository where nothing listens, with a password in it."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    return f"http://keeper:{PASSWORD}@127.0.0.1:{port}/posts.git"


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_a_running_bot_shows_no_secret_whatever_fails(
    log_format: str, loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    canaries = Canaries(loopback.rules.token)
    options = {"LOG_LEVEL": "DEBUG", "LOG_FORMAT": log_format, "ADMIN_IDS": str(KEEPER.user.id)}
    async with BotProcess.on(loopback, tmp_path, **options) as bot:
        await ready(bot, loopback)
        await reindexed(bot, loopback)
        for turn in range(soak.times(1, 2)):
            asked = await loopback.slash("ask", {"question": QUESTION}, caller=READER)
            answer = await bot.meanwhile(asked.final_message())
            pressed = [
                await loopback.press(answer, custom_id, caller=READER)
                for custom_id in answer.buttons
                if not answer.component(custom_id).get("disabled")
            ]
            for press in pressed:
                await bot.meanwhile(press.first_response())
            status = await loopback.slash("archive status", caller=KEEPER)
            await bot.meanwhile(status.final_message())
            refused = await loopback.slash("archive status", caller=READER)
            await bot.meanwhile(refused.final_message())
            # Too late for Discord, which the log says, and a lost connection.
            late = await loopback.slash(
                "ask", {"question": QUESTION}, caller=READER, ack_seconds=0.0
            )
            text = loopback.journal.wait_for("request", code=10062, times=turn + 1)
            await bot.meanwhile(text)
            async with loopback.interrupted():
                pass
            await loopback.ask_to_reconnect()
            used = (asked, *pressed, status, refused, late)
            canaries.secrets.update(interaction.token for interaction in used)
        # What the bot stands on goes away beneath it.
        for path in (tmp_path / "data").iterdir():
            if path.name.startswith("state.sqlite"):
                path.write_bytes(b"broken")
        failed = await loopback.slash("ask", {"question": "茶"}, caller=READER)
        await bot.meanwhile(failed.final_message())
        canaries.secrets.add(failed.token)
        bot.stop()
        await bot.wait_for_exit()
    assert "was not answered" in bot.stderr
    canaries.look_at(bot, loopback, tmp_path)
    canaries.note(soak, f"running at DEBUG, log as {log_format}")


@pytest.mark.parametrize("arguments", [(), ("check",), ("reindex",), ("reindex", "--json")])
async def test_no_command_shows_the_archives_password_or_the_token(
    arguments: tuple[str, ...], loopback: Loopback, tmp_path: Path, unreachable: str, soak: Soak
) -> None:
    wrong = loopback.rules.token[::-1]
    canaries = Canaries(loopback.rules.token, wrong, PASSWORD, MEANT)
    settings = {
        "DISCORD_TOKEN": loopback.rules.token if arguments else wrong,
        "DISCORD_API_URL": loopback.api_url,
        "ARCHIVE": unreachable,
        "LOG_LEVEL": "DEBUG",
    }
    async with BotProcess(tmp_path, *arguments, settings=settings) as bot:
        assert await bot.wait_for_exit() in {1, 2}
    assert bot.stderr + bot.stdout
    assert "Traceback" not in bot.stderr
    canaries.look_at(bot, loopback, tmp_path)
    canaries.note(soak, f"`{' '.join(('python -m bot', *arguments))}` that fails")


async def test_a_bot_whose_archive_cannot_be_reached_says_so_without_its_password(
    loopback: Loopback, tmp_path: Path, unreachable: str, soak: Soak
) -> None:
    canaries = Canaries(loopback.rules.token, PASSWORD, MEANT)
    options = {"ARCHIVE": unreachable, "LOG_LEVEL": "DEBUG", "ADMIN_IDS": str(KEEPER.user.id)}
    async with BotProcess.on(loopback, tmp_path, **options) as bot:
        await ready(bot, loopback)
        interaction = await loopback.slash("archive reindex", caller=KEEPER)
        await bot.meanwhile(
            interaction.final_message(lambda text: "cannot be reached" in text.text)
        )
        status = await loopback.slash("archive status", caller=KEEPER)
        await bot.meanwhile(status.final_message())
        canaries.secrets |= {interaction.token, status.token}
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert "cannot be reached" in bot.stderr
    canaries.look_at(bot, loopback, tmp_path)
    canaries.note(soak, "an archive that cannot be reached")


@pytest.mark.parametrize(
    "written",
    [
        f"keeper:{PASSWORD}@example.org/posts.git",
        f"https:/keeper:{PASSWORD}@example.org/posts.git",
        f"ssh://keeper:{PASSWORD}@example.org/posts.git",
        f"https://keeper:{PASSWORD}@example.org/posts.git?x=1",
        f"https://keeper:{PASSWORD}@example.org:port/posts.git",
    ],
)
async def test_a_mistyped_archive_is_refused_without_its_password(
    written: str, tmp_path: Path
) -> None:
    async with BotProcess(tmp_path, "check", settings={"ARCHIVE": written}) as bot:
        assert await bot.wait_for_exit() == 2
    assert "ARCHIVE" in bot.stderr
    Canaries(PASSWORD, MEANT).look(bot.stderr, bot.stdout)


async def test_a_token_in_the_wrong_setting_is_refused_without_it(
    loopback: Loopback, tmp_path: Path
) -> None:
    settings = {"ADMIN_GUILD": loopback.rules.token, "LOG_LEVEL": loopback.rules.token}
    async with BotProcess(tmp_path, "check", settings=settings) as bot:
        assert await bot.wait_for_exit() == 2
    assert "ADMIN_GUILD" in bot.stderr
    Canaries(loopback.rules.token).look(bot.stderr, bot.stdout)
