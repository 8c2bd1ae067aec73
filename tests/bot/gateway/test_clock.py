"""A clock that is far off is told; one that is right is not."""

import logging
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp import web

from bot.errors import ClockError
from bot.gateway import clock


def test_a_clock_that_was_never_set_is_refused() -> None:
    with pytest.raises(ClockError, match="1970-01-01"):
        clock.check(datetime(1970, 1, 1, tzinfo=UTC))
    clock.check(clock.EARLIEST)


@pytest.mark.parametrize(("code", "is_blamed"), [(9, True), (10, True), (18, False)])
def test_a_certificate_refused_for_its_days_blames_the_clock(code: int, *, is_blamed: bool) -> None:
    refused = ssl.SSLCertVerificationError()
    refused.verify_code = code
    outer = ConnectionError("cannot connect")
    outer.__cause__ = refused
    assert clock.is_blamed_by(outer) is is_blamed


def test_errors_that_lead_to_each_other_are_followed_once() -> None:
    hidden, hiding = ConnectionError("refused"), LookupError("no address")
    hiding.__cause__ = hidden
    hidden.__context__ = hiding
    assert not clock.is_blamed_by(hidden)


@pytest.mark.parametrize(
    ("off", "told"),
    [
        (timedelta(hours=-1), ["ahead"]),
        (timedelta(hours=1), ["behind"]),
        (timedelta(seconds=3), []),
        (None, []),
    ],
)
async def test_a_server_s_time_is_compared_once(
    off: timedelta | None, told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(_: web.Request) -> web.Response:
        date = format_datetime(datetime.now(UTC) + off, usegmt=True) if off else "soon"
        return web.Response(headers={"Date": date})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    caplog.set_level(logging.WARNING, "bot.gateway.clock")
    try:
        async with aiohttp.ClientSession(trace_configs=[clock.compared()]) as session:
            for _ in range(2):
                async with session.get(f"http://127.0.0.1:{runner.addresses[0][1]}/") as response:
                    assert response.status == 200
    finally:
        await runner.cleanup()
    assert [word for word in ("ahead", "behind") if word in caplog.text] == told
    assert len(caplog.records) == len(told)
