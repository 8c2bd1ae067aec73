"""What is logged can be read, and holds no secret."""

import asyncio
import gc
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from io import StringIO

import pytest

from bot.monitoring import logs

pytestmark = pytest.mark.usefixtures("logging_restored")

# Made up, in the shape of real ones.
BOT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"  # noqa: S105
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiY2RlZg"  # noqa: S105
SECRET = "another-secret"  # noqa: S105


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


CREDENTIAL = "p%40ss-of-the-archive"
ADDRESS = f"https://keeper:{CREDENTIAL}@example.org/posts.git"


class Lazy:
    def __str__(self) -> str:
        return f"made of {SECRET} when it is written"


def chained() -> None:
    try:
        int(f"no connection to {ADDRESS}")
    except ValueError as error:
        raise RuntimeError(f"gave up on {SECRET}") from error


def log_a_chain() -> None:
    try:
        chained()
    except RuntimeError:
        logging.getLogger("seen").exception("It failed.")


def warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"seen: {SECRET} is old", stacklevel=1)


def forget_a_task() -> None:
    """Let a task fail that nobody waits for."""

    async def start() -> None:
        async def fail() -> None:
            raise ValueError(f"seen: {SECRET}")

        task = asyncio.create_task(fail())
        await asyncio.wait([task])

    asyncio.run(start())
    gc.collect()


def end_a_thread() -> None:
    def fail() -> None:
        raise ValueError(f"seen: {SECRET}")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def drop_what_cannot_be_dropped() -> None:
    class Stubborn:
        def __del__(self) -> None:
            raise ValueError(f"seen: {SECRET}")

    Stubborn()
    gc.collect()


def end_the_process() -> None:
    error = ValueError(f"seen: {SECRET}")
    sys.excepthook(ValueError, error, None)


SOURCES: dict[str, Callable[[logging.Logger], object]] = {
    "a chain of exceptions": lambda _: log_a_chain(),
    "a warning": lambda _: warn(),
    "a task nobody waits for": lambda _: forget_a_task(),
    "a thread": lambda _: end_a_thread(),
    "an object that cannot go": lambda _: drop_what_cannot_be_dropped(),
    "the end of the process": lambda _: end_the_process(),
    "lazy arguments": lambda log: log.info("seen: %s %s", Lazy(), [ADDRESS]),
    "extra fields": lambda log: log.info("seen", extra={"token": SECRET, "url": ADDRESS}),
    "a stack": lambda log: log.info("seen: %s", SECRET, stack_info=True),
    "an address": lambda log: log.info("seen: %s", ADDRESS),
    "an address without its beginning": lambda log: log.info("seen: “%s”", ADDRESS[8:]),
    "an address with a token for a name": lambda log: log.info(
        "seen: https://%s@example.org/", CREDENTIAL
    ),
    "a header": lambda log: log.info("seen: %s", {"Authorization": f"Basic {CREDENTIAL}"}),
    "a webhook": lambda log: log.info(
        "seen: Cannot connect to https://discord.com/api/webhooks/12/%s?wait=true", CREDENTIAL
    ),
    "arguments that do not fit": lambda log: log.info("seen: %d", SECRET),
}


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("source", SOURCES)
def test_whatever_writes_to_the_log_writes_no_secret(
    source: str, log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG", log_format, secrets=[SECRET])
    SOURCES[source](logging.getLogger("seen"))
    printed = capsys.readouterr()
    written = printed.out + printed.err
    assert "seen" in written or "could not be written: TypeError." in written
    assert SECRET not in written
    assert CREDENTIAL not in written


def test_a_stack_is_in_json_too() -> None:
    stream = StringIO()
    logs.configure("INFO", "json", stream=stream)
    logging.getLogger("bot").info("here", stack_info=True)
    assert "test_a_stack_is_in_json_too" in json.loads(stream.getvalue())["stack"]


@pytest.mark.parametrize(
    "harmless",
    [
        "12:30 某人@某處",
        "user@example.org wrote to https://example.org/a?b=c@d",
        "At 2021-01-06T01:56:34.000Z the ratio was 3:4, see https://example.org:8080/@name",
        "/ask of user 123456789012345678 in 123456789012345678",
    ],
)
def test_what_only_resembles_a_secret_stays(harmless: str) -> None:
    assert logs.redact(harmless) == harmless


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
