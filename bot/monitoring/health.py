"""The health endpoint for hosts: ``/healthz``, ``/readyz`` and ``/metrics`` over HTTP."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from corpus import CorpusError

if TYPE_CHECKING:
    from bot.client import Footnote

_log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(footnote: "Footnote", host: str, port: int) -> AsyncGenerator[None]:
    """Serve on ``host`` and ``port`` inside the block; a port in use is only a warning."""
    runner = web.AppRunner(_app(footnote), access_log=None, handle_signals=False)
    await runner.setup()
    watching = asyncio.create_task(footnote.metrics.watch_event_loop(), name="event loop lag")
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            _log.warning("No health endpoint: %s port %d cannot be used (%s).", host, port, error)
        else:
            _log.info("Health endpoint at http://%s:%d/healthz", host, port)
        yield
    finally:
        watching.cancel()
        await runner.cleanup()


def _app(footnote: "Footnote") -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"uptime_seconds": int(time.time()) - footnote.started_at})

    async def readyz(_: web.Request) -> web.Response:
        connected = footnote.is_connected and not footnote.is_closed()
        if connected and not footnote.library.is_open:
            # A cluster that was away may be back, with no question since.
            with suppress(CorpusError):
                await footnote.library.open()
        latency = footnote.latency
        has_state = await footnote.state.is_reachable()
        ready = connected and footnote.library.is_open and has_state
        state = {
            "gateway_connected": connected,
            "index_open": footnote.library.is_open,
            "state_reachable": has_state,
            "heartbeat_seconds": round(latency, 3) if math.isfinite(latency) else None,
        }
        return web.json_response(state, status=200 if ready else 503)

    async def metrics(_: web.Request) -> web.Response:
        body = await footnote.metrics.exposition(footnote)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app
