"""What is logged can be read, and holds no secret."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from bot import logs

# Made up, in the shape of real ones.
BOT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"  # noqa: S105
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiY2RlZg"  # noqa: S105
SECRET = "another-secret"  # noqa: S105


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_no_interaction_is_logged_whole() -> None:
    stream = StringIO()
    logs.configure("DEBUG", "text", stream=stream)
    for name in ("discord.gateway", "discord.http", "discord.webhook.async_"):
        logging.getLogger(name).debug("INTERACTION_CREATE 花唄有多少用戶")
    assert "花唄" not in stream.getvalue()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_token_is_ever_logged(log_format: str) -> None:
    stream = StringIO()
    logs.configure("DEBUG", log_format, secrets=[SECRET, ""], stream=stream)
    log = logging.getLogger("another.library")
    event = {"t": "INTERACTION_CREATE", "d": {"token": "t0p", "id": "1", "data": {"token": 'x"y'}}}
    log.debug("For Shard ID %s: WebSocket Event: %s", 0, event)
    log.debug("For Shard ID %s: WebSocket Event: %s", 0, json.dumps(event))
    log.debug("POST https://discord.com/api/v10/interactions/123/t0ken-_x/callback has returned")
    log.debug("PATCH https://discord.com/api/v10/webhooks/123/t0ken-_x/messages/@original")
    log.debug("%s %s %s", SECRET, BOT_TOKEN, INTERACTION_TOKEN)
    try:
        int(f"{SECRET} in an exception, {BOT_TOKEN} too")
    except ValueError:
        log.exception("It failed.")
    written = stream.getvalue()
    assert "INTERACTION_CREATE" in written
    assert "/messages/@original" in written
    assert "Traceback" in written
    for secret in (SECRET, BOT_TOKEN, INTERACTION_TOKEN, "t0p", "t0ken", 'x"y', 'x\\"y'):
        assert secret not in written


def test_json_is_one_object_a_line() -> None:
    stream = StringIO()
    logs.configure("INFO", "json", stream=stream)
    logging.getLogger("bot").info("第一行\n第二行")
    logging.getLogger("bot").debug("not this")
    record = json.loads(stream.getvalue())
    assert record["message"] == "第一行\n第二行"
    assert (record["level"], record["logger"]) == ("INFO", "bot")
    assert record["time"].endswith("+00:00")


def test_statements_with_what_people_asked_are_not_logged() -> None:
    stream = StringIO()
    logs.configure("DEBUG", "text", stream=stream)
    logging.getLogger("aiosqlite").debug("executing INSERT … a question")
    assert stream.getvalue() == ""
