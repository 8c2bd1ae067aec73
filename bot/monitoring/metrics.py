"""The bot's metrics, in Prometheus's terms."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from bot.host import resident_memory
from corpus import EngineError, IndexReport, IndexUnusableError, SearchResult

if TYPE_CHECKING:
    from bot.client import Footnote

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5)  # seconds
_LAG_INTERVAL = 0.05  # seconds between two measurements of the event loop's lag


class Metrics:
    """Counters, gauges and histograms of one running bot."""

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
        self._engine = Gauge(
            "footnote_search_engine_up",
            "Whether the search engine answers; 0 only for a cluster that does not.",
            registry=registry,
        )
        self._state = Gauge(
            "footnote_state_up",
            "Whether the state can be read; 0 where its database is away.",
            registry=registry,
        )
        self._leads = Gauge(
            "footnote_leader",
            "Whether this process leads those that share its database; one alone does.",
            registry=registry,
        )
        self._damaged = Gauge(
            "footnote_state_damaged_files",
            "Damaged state files that were moved away and are still kept.",
            registry=registry,
        )
        self._memory = Gauge(
            "footnote_resident_memory_bytes", "Memory of the bot's process.", registry=registry
        )
        self._heartbeat = Gauge(
            "footnote_heartbeat_seconds", "Latency of the gateway's heartbeat.", registry=registry
        )
        self._shards = Gauge(
            "footnote_shards", "Shards of the gateway that this process has.", registry=registry
        )
        self._lease_lag = Gauge(
            "footnote_shard_lease_age_seconds",
            "Since the leases of the shards were renewed; always 0 without DATABASE_URL.",
            registry=registry,
        )
        self._lag = Histogram(
            "footnote_event_loop_lag_seconds",
            "How much later than due the event loop comes to its work.",
            buckets=_BUCKETS,
            registry=registry,
        )

    async def watch_event_loop(self) -> None:
        """Measure the event loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_INTERVAL
            await asyncio.sleep(_LAG_INTERVAL)
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
        except (IndexUnusableError, EngineError) as error:
            self._engine.set(not isinstance(error, EngineError))
        else:
            self._engine.set(1)
            self._passages.set(stats.passages)
            self._bytes.set(stats.bytes)
            self._built.set(datetime.fromisoformat(stats.built_at).timestamp())
        self._leads.set(footnote.state.leadership.is_leader)
        damages = await footnote.state.readable_damages()
        self._state.set(damages is not None)
        if damages is not None:
            self._damaged.set(len(damages))
        self._memory.set(resident_memory())
        self._heartbeat.set(footnote.latency)
        self._shards.set(len(footnote.held_shards))
        if footnote.leased_shards is not None:
            self._lease_lag.set(footnote.leased_shards.lag)
        return generate_latest(self._registry)
