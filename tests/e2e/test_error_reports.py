"""What reaches a server of Sentry's protocol: the place of an error, and nothing of anyone."""

import asyncio
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import load
from tests.e2e.loopback.client import Loopback
from tests.e2e.process import BotProcess
from tests.e2e.test_bot_process import QUESTION, READER, ready

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"  # noqa: S105
KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "of%20the-cluster"  # noqa: S105
USER = 223456789012345678
SECRETS = (TOKEN, KEY, PASSWORD, "of the-cluster", str(USER), QUESTION)


class Sink:
    """A server that takes reports and keeps them, as bytes and as read."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_packed = self.headers.get("Content-Encoding") == "gzip"
                sink.bodies.append(gzip.decompress(body) if is_packed else body)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Write nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://{KEY}@127.0.0.1:{self.server.server_port}/1"

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The events among what came."""
        lines = [json.loads(line) for body in self.bodies for line in body.splitlines() if line]
        return [line for line in lines if "exception" in line]


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


FAILING = f"""
import asyncio, gc, logging, sys
from pathlib import Path
from bot.monitoring import logs
from bot.monitoring.error_reports import sending_errors
from bot.settings import load

def search(question, user):
    raise ValueError(f"{{question}} of {{user}} by {TOKEN}")

async def forgotten(question):
    raise LookupError(question)

async def run():
    settings = load({{"SENTRY_DSN": sys.argv[1], "DISCORD_TOKEN": "{TOKEN}",
                     "SEARCH_URL": "https://keeper:{PASSWORD}@example.org"}}, Path.cwd())
    logs.configure("DEBUG", "text", secrets=settings.secrets)
    async with sending_errors(settings.sentry_dsn, settings.secrets):
        log = logging.getLogger("bot.services.answers")
        log.info("asked {QUESTION}")
        log.warning("asked {QUESTION}")
        try:
            try:
                search("{QUESTION}", {USER})
            except ValueError as error:
                raise RuntimeError("{QUESTION} {USER}") from error
        except RuntimeError as error:
            print(logs.log_unexpected(error, "/ask by {USER}"))
        log.error("%s could not be saved: %s.", "{QUESTION}", {USER})
        log.error("a carelessly written {TOKEN} {KEY} of the-cluster")
        logging.getLogger("another").error("{QUESTION} by {USER}")
        task = asyncio.ensure_future(forgotten("{QUESTION}"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

asyncio.run(run())
"""


def test_a_report_says_where_in_the_code_and_nothing_of_who_asked_what(
    sink: Sink, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING, sink.dsn],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    reports = sink.reports
    assert len(reports) == 5, done.stderr
    unexpected, told, careless, library, forgotten = reports
    assert [error["type"] for error in unexpected["exception"]["values"]] == [
        "ValueError",
        "RuntimeError",
    ]
    frames = unexpected["exception"]["values"][0]["stacktrace"]["frames"]
    assert [frame["function"] for frame in frames] == ["run", "search"]
    assert unexpected["logentry"] == {"message": "Error %s in %s."}
    assert unexpected["tags"] == {"number_in_the_log": done.stdout.strip()}
    assert unexpected["release"].startswith("footnote@")
    assert told["logentry"] == {"message": "%s could not be saved: %s."}
    assert careless["logentry"]["message"].startswith("a carelessly written [redacted]")
    assert "logentry" not in library
    assert forgotten["exception"]["values"][0]["type"] == "LookupError"
    own_paths = (str(tmp_path), str(Path.home()), sys.prefix)
    everything = b"\n".join(sink.bodies).decode()
    escaped = [json.dumps(secret)[1:-1] for secret in SECRETS]
    # The envelope's own headers name the project by its key, as the protocol has it.
    events = "\n".join(json.dumps(report, ensure_ascii=False) for report in reports)
    assert [secret for secret in SECRETS if secret in events] == []
    private = [secret for secret in (*SECRETS, *escaped) if secret != KEY]
    assert [text for text in (*private, *own_paths) if text in everything] == []


@pytest.mark.usefixtures("indexed_sample")
async def test_a_bot_that_fails_reports_it_and_ends_in_time(
    sink: Sink, loopback: Loopback, tmp_path: Path
) -> None:
    async with BotProcess.on(loopback, tmp_path, SENTRY_DSN=sink.dsn) as bot:
        await ready(bot, loopback)
        for path in (tmp_path / "data").glob("state.sqlite*"):
            path.write_bytes(b"broken")
        asked = await loopback.slash("ask", {"question": QUESTION}, caller=READER)
        await bot.meanwhile(asked.final_message())
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert sink.reports
    everything = b"\n".join(sink.bodies).decode()
    private = (loopback.rules.token, asked.token, QUESTION, json.dumps(QUESTION)[1:-1])
    assert [text for text in (*private, str(READER.user.id)) if text in everything] == []


async def test_without_the_setting_nothing_is_sent_and_the_package_is_not_loaded(
    tmp_path: Path,
) -> None:
    assert load({}, tmp_path).sentry_dsn is None
    code = (
        "import asyncio, sys; import bot.app; from bot.monitoring.error_reports import *\n"
        "async def run():\n"
        "    async with sending_errors(None, ()): pass\n"
        "asyncio.run(run()); sys.exit('sentry_sdk' in sys.modules)"
    )
    done = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await done.wait() == 0


@pytest.mark.parametrize(
    "dsn",
    ["elsewhere", "https://example.org/1", "https://k@example.org/", "http://k@example.org/1"],
)
def test_what_is_no_dsn_is_a_sentence_without_it(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load({"SENTRY_DSN": dsn}, tmp_path)
    [problem] = refused.value.problems
    assert problem.startswith("SENTRY_DSN must be the DSN of a project")
    assert dsn not in problem


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.settings.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="pip install sentry-sdk"):
        load({"SENTRY_DSN": f"https://{KEY}@example.org/1"}, tmp_path)


def test_the_keys_of_both_services_are_secrets(tmp_path: Path) -> None:
    search_url = f"https://keeper:{PASSWORD}@example.org"
    settings = load(
        {"SENTRY_DSN": f"https://{KEY}@example.org/1", "SEARCH_URL": search_url}, tmp_path
    )
    assert settings.secrets == {KEY, PASSWORD, "of the-cluster"}
    assert KEY not in repr(settings)
