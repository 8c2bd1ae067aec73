"""Tells a host whether the bot is well, over HTTP: ``/healthz``, ``/readyz`` and ``/metrics``."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from bot.process import resident_memory
from corpus.errors import IndexUnusableError
from corpus.model import IndexReport, SearchResult

if TYPE_CHECKING:
    from bot.client import Footnote

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5)  # seconds
_LOOK_EVERY = 0.05  # seconds between two looks at how late the event loop is

_log = logging.getLogger(__name__)


class Metrics:
    """What is counted while the bot runs."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._latency = Histogram(
            "footnote_question_seconds",
            "Time to find the answer to a question.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._zero_hits = Counter(
            "footnote_questions_without_hits", "Questions that found nothing.", registry=registry
        )
        self._reindexes = Counter(
            "footnote_reindexes", "Reindexes that ended.", ["outcome"], registry=registry
        )
        self._reconnects = Counter(
            "footnote_reconnects", "Connections to the gateway that were lost.", registry=registry
        )
        self._passages = Gauge("footnote_index_passages", "Indexed passages.", registry=registry)
        self._bytes = Gauge("footnote_index_bytes", "Size of the index.", registry=registry)
        self._built = Gauge(
            "footnote_index_built_timestamp_seconds", "When the index was built.", registry=registry
        )
        self._memory = Gauge(
            "footnote_resident_memory_bytes", "Memory of the bot's process.", registry=registry
        )
        self._heartbeat = Gauge(
            "footnote_heartbeat_seconds", "Latency of the gateway's heartbeat.", registry=registry
        )
        self._lag = Histogram(
            "footnote_event_loop_lag_seconds",
            "How much later than due the event loop comes to its work.",
            buckets=_BUCKETS,
            registry=registry,
        )

    async def watch_event_loop(self) -> None:
        """Look at how late the event loop is, time and again; to be cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LOOK_EVERY
            await asyncio.sleep(_LOOK_EVERY)
            self._lag.observe(max(0.0, loop.time() - due))

    def answered(self, result: SearchResult) -> None:
        """Count a question."""
        self._latency.observe(result.elapsed_ms / 1000)
        if not result.total:
            self._zero_hits.inc()

    def reindexed(self, report: IndexReport | None) -> None:
        """Count a reindex; ``None``: it failed."""
        self._reindexes.labels("failed" if report is None else "done").inc()

    def disconnected(self) -> None:
        """Count a lost connection."""
        self._reconnects.inc()

    async def exposition(self, footnote: "Footnote") -> bytes:
        """Return everything in Prometheus's text format."""
        try:
            stats = await footnote.library.stats()
        except IndexUnusableError:
            pass
        else:
            self._passages.set(stats.passages)
            self._bytes.set(stats.bytes)
            self._built.set(datetime.fromisoformat(stats.built_at).timestamp())
        self._memory.set(resident_memory() or math.nan)
        self._heartbeat.set(footnote.latency)
        return generate_latest(self._registry)


@asynccontextmanager
async def serving(footnote: "Footnote", host: str, port: int | None) -> AsyncGenerator[None]:
    """Answer on ``host`` and ``port`` meanwhile; without a port, or where it is taken, do not."""
    if port is None:
        yield
        return
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
        latency = footnote.latency
        ready = connected and footnote.library.is_open
        state = {
            "gateway_connected": connected,
            "index_open": footnote.library.is_open,
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
