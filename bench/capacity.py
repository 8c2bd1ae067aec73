"""``python -m bench capacity``: the machines that a community needs, computed from measured costs.

Each cost stands below with its source; ``python -m bench costs`` measures again those of a question
and of a passage. Without options it prints the table of ``docs/scaling.md``.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, floor, inf, log10


@dataclass(frozen=True, slots=True)
class Cost:
    """A number to compute with."""

    value: float
    unit: str
    source: str
    """The place of its measurement, whoever demands it, or "assumed" with the reason."""


_COSTS = "bench/README.md, Costs"

# A worker with an index of its own.
ANSWERS = Cost(48, "answers a second and worker", "docs/reliability.md: beside a reindex")
GROWTH = Cost(
    2.0, "ms more a question and million passages", "bench/README.md, Engines: 1.59, 3.07"
)
DISK = Cost(1_273, "bytes of disk a passage", _COSTS)
WORKER = Cost(
    98, "MB of memory a worker", "docs/hosting.md: 106 MB at 55,409 passages, less theirs"
)
MEMORY = Cost(145, "bytes of memory a passage", "the same, and 134 MB at 248,342 passages")
REINDEX = Cost(
    153, "MB of memory for a reindex", "docs/reliability.md: 287 MB with it, 134 without"
)
READING = Cost(2_480, "passages read a second and core", "bench/README.md, Index: 50 s by two")
MESSAGE = Cost(0.24, "ms a message of others", "docs/reliability.md: 4.8 % of a core, 200 a second")

# A worker whose index is in a cluster of OpenSearch, and the nodes.
CLUSTER_WAIT = Cost(43, "ms more a question with a cluster", f"{_COSTS}: 9.5 here, 33.4 there")
CLUSTER_QUESTION = Cost(29.3, "ms of a core a question and part", f"{_COSTS}: 87.8 of three")
CLUSTER_GROWTH = Cost(2.6, "ms more, a million passages on it", f"{_COSTS}: 33.4, 33.9 of one")
CLUSTER_DISK = Cost(1_103, "bytes of a node's disk a passage and copy", _COSTS)
CLUSTER_WRITING = Cost(1_495, "passages written a second to a cluster", f"{_COSTS}: 166 s")
ARTICLE = Cost(1_685, "bytes of a worker's memory an article", _COSTS)
OPENING = Cost(0.037, "ms an article to open a new index of a cluster", _COSTS)
OPEN_SECONDS = Cost(60, "seconds to open it", "corpus/engines/opensearch/engine.py: OPEN_SECONDS")
PASSAGES = Cost(38, "passages an article", f"{_COSTS}: 55,646 of 1,461")

# PostgreSQL.
ROWS = Cost(5, "rows a question", "bot/state: the question, its answer, three passages shown")
QUESTION_DISK = Cost(1_667, "bytes of the database a question", f"{_COSTS}: with all indexes")
WRITING = Cost(2.0, "ms of the database a question", f"{_COSTS}: one write at a time, no fsync")
SESSIONS = Cost(7, "connections a worker", "bot/state/postgres: a pool of 4, and 3 of its own")
KEPT = Cost(250_000, "questions and answers kept in a file", "bot/state/sqlite.py")
KEPT_THERE = Cost(10_000_000, "questions and answers kept there", "bot/state/postgres/database.py")
KEPT_DAYS = Cost(30, "days for which they are kept", "bot/state: LIFE")

# What others demand.
SHARD = Cost(2_500, "guilds a shard", "Discord closes a fuller one (4011)")
IDENTIFY = Cost(5, "seconds between two logins", "Discord, where max_concurrency is 1")
LOGINS = Cost(1_000, "logins a day", "Discord resets the token of a bot that takes more")
CONNECTIONS = Cost(97, "connections to PostgreSQL", "its default, less those of its superuser")
PART = Cost(30, "GB a part of an index", "OpenSearch's advice for fast searches")
HEAP = Cost(31, "GB of heap a node", "Java's compressed pointers")
FILLED = Cost(0.85, "of a node's disk in use", "OpenSearch's low watermark")

# What is assumed.
BUSY = Cost(0.6, "of a core in use", "assumed: bursts need the rest")
CORES = Cost(4, "cores to index with", "assumed")
MAX_CORES = Cost(16, "cores a node at most", "assumed")
PEAK = Cost(10, "times as many questions as on average", "assumed of the busiest time")
TALK = Cost(1, "messages of others a minute and guild", "assumed: Discord delivers them, too")
CLUSTERED = Cost(10_000_000, "passages, from which on a cluster is taken", "assumed")
NODES = Cost(3, "nodes at least", "assumed: one may die")

COSTS = [cost for cost in vars().values() if isinstance(cost, Cost)]


@dataclass(frozen=True, slots=True)
class Community:
    """The people to serve, and their archive."""

    passages: int
    guilds: int
    questions: float
    """A second, at the busiest time."""


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines that serve them. Memory and disk are those of each one, in GB."""

    shards: int
    login_seconds: float
    """From the first shard's login to the last one's."""
    workers: int
    worker_memory: float
    """While it reindexes."""
    worker_disk: float
    """Of the index and the next one; 0: they are in the cluster."""
    nodes: int
    """Of OpenSearch; 0: each worker has an index of its own."""
    node_cores: int
    node_memory: float
    """For its part of the index, and as much heap up to a limit."""
    node_disk: float
    rows: float
    """Written to PostgreSQL a second; 0: one worker keeps its state in a file."""
    database_disk: float
    kept_days: float
    """For which questions are logged and the buttons under answers work."""
    index_seconds: float
    """To build all of it anew."""


COMMUNITIES = (
    Community(55_000, 10, 0.1),
    Community(250_000, 500, 5),
    Community(1_000_000, 2_500, 20),
    Community(1_000_000, 10_000, 60),
    Community(10_000_000, 10_000, 60),
    Community(100_000_000, 100_000, 300),
)
"""Those of the printed table."""


def machines(community: Community) -> Machines:
    """Return the machines that ``community`` needs."""
    passages, questions = community.passages, community.questions
    shards = max(1, ceil(community.guilds / SHARD.value))
    parts = _parts(passages)
    nodes, cores = _nodes(community, parts)
    workers = _workers(community, parts)
    # Of a single part each node has a copy, of several there are two.
    copies = nodes if parts == 1 else 2
    held = copies * passages * CLUSTER_DISK.value / nodes / 1e9 if nodes else 0.0
    asked = questions / PEAK.value * KEPT_DAYS.value * 86_400
    kept = min(KEPT.value if workers == 1 else KEPT_THERE.value, asked)
    reading = READING.value * CORES.value
    return Machines(
        shards=shards,
        login_seconds=(shards - 1) * IDENTIFY.value,
        workers=workers,
        worker_memory=_worker_memory(passages, is_clustered=nodes > 0),
        worker_disk=0.0 if nodes else 2 * passages * DISK.value / 1e9,
        nodes=nodes,
        node_cores=cores,
        node_memory=max(2.0, held + min(held, HEAP.value)) if nodes else 0.0,
        node_disk=2 * held / FILLED.value,  # while the next index is built
        rows=questions * ROWS.value if workers > 1 else 0.0,
        database_disk=kept * QUESTION_DISK.value / 1e9 if workers > 1 else 0.0,
        kept_days=KEPT_DAYS.value * kept / asked,
        index_seconds=passages / (min(reading, CLUSTER_WRITING.value) if nodes else reading),
    )


def _parts(passages: int) -> int:
    """Return the number of parts of the cluster's index; 0: no cluster is needed."""
    if passages < CLUSTERED.value:
        return 0
    return ceil(passages * CLUSTER_DISK.value / 1e9 / PART.value)


def _part_ms(passages: int, parts: int) -> float:
    """Return the milliseconds of a core that a question takes of one part."""
    return CLUSTER_QUESTION.value + CLUSTER_GROWTH.value * passages / 1e6 / parts


def _nodes(community: Community, parts: int) -> tuple[int, int]:
    """Return the number of nodes, one of which may die, and the cores of each."""
    if not parts:
        return 0, 0
    asked = community.questions * parts * _part_ms(community.passages, parts)
    cores = asked / 1000 / BUSY.value
    most = inf if parts == 1 else 2 * parts  # further ones would have no copy to work on
    nodes = int(max(NODES.value, parts, min(ceil(cores / MAX_CORES.value), most)))
    return nodes, ceil(cores / nodes)


def _workers(community: Community, parts: int) -> int:
    """Return the number of workers; of several, one may die."""
    if parts:
        # A worker has one search at a time, and all parts are searched at once.
        searched = _part_ms(community.passages, parts) - CLUSTER_QUESTION.value
        more = CLUSTER_WAIT.value + searched
    else:
        more = GROWTH.value * community.passages / 1e6
    for_questions = community.questions * (1000 / ANSWERS.value + more)
    for_messages = community.guilds * TALK.value / 60 * MESSAGE.value
    needed = ceil((for_questions + for_messages) / 1000 / BUSY.value)
    return needed if needed <= 1 else needed + 1


def _worker_memory(passages: int, *, is_clustered: bool) -> float:
    index = passages * MEMORY.value
    if is_clustered:
        index = 2 * passages / PASSAGES.value * ARTICLE.value  # of a new index beside the old one
    return (WORKER.value + REINDEX.value) / 1000 + index / 1e9


@dataclass(frozen=True, slots=True)
class Limit:
    """A point beyond which more machines of the same kind do not help."""

    what: str
    reached_at: float
    unit: str
    arithmetic: str


def limits() -> list[Limit]:
    """Return what breaks as the questions, the archive or the servers grow."""
    day = 86_400
    kept = KEPT.value / KEPT_DAYS.value / day
    started = LOGINS.value / 10 * SHARD.value
    parted = int(PART.value * 1e9 / CLUSTER_DISK.value)  # passages that make one part
    part_ms = _part_ms(parted, 1)
    opened = OPEN_SECONDS.value / (OPENING.value / 1000) * PASSAGES.value
    return [
        Limit(
            f"a file keeps questions and buttons for less than {KEPT_DAYS.value} days",
            kept,
            "questions a second, day and night",
            f"{KEPT.value:,} ÷ {KEPT_DAYS.value} days",
        ),
        Limit(
            "PostgreSQL has no connection for another worker, unless it is given more",
            CONNECTIONS.value // SESSIONS.value,
            "workers",
            f"{CONNECTIONS.value} ÷ {SESSIONS.value}",
        ),
        Limit(
            "the database writes all the time",
            1000 / WRITING.value,
            "questions a second",
            f"1,000 ms ÷ {WRITING.value} ms",
        ),
        Limit(
            f"above {_rounded(parted)} passages two nodes have each part, and more do not answer"
            " more",
            2 * MAX_CORES.value * BUSY.value * 1000 / part_ms,
            "questions a second",
            f"2 × {MAX_CORES.value} cores × {BUSY.value} ÷ {part_ms:.0f} ms",
        ),
        Limit(
            "a worker cannot open a new index of the cluster in time",
            opened,
            "passages",
            f"{OPEN_SECONDS.value} s ÷ {OPENING.value} ms an article × {PASSAGES.value} passages",
        ),
        Limit(
            "the cluster's index takes more than a day to build anew",
            CLUSTER_WRITING.value * day,
            "passages",
            f"{CLUSTER_WRITING.value:,} a second × {day:,} s",
        ),
        Limit(
            "ten starts of all workers use up the logins of a day",
            started,
            "guilds",
            f"{LOGINS.value:,} ÷ 10 × {SHARD.value:,}",
        ),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the machines of one community, or of some typical ones."""
    parser = argparse.ArgumentParser(prog="python -m bench capacity", description=__doc__)
    parser.add_argument("--passages", type=positive_int, help="of the archive")
    parser.add_argument("--guilds", type=positive_int)
    parser.add_argument("--questions", type=_rate, help="a second, at the busiest time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    communities: Sequence[Community] = COMMUNITIES
    if options.passages is not None:
        communities = [Community(options.passages, options.guilds or 1, options.questions or 1.0)]
    elif options.guilds is not None or options.questions is not None:
        parser.error("--guilds and --questions need --passages beside them")
    rows = [(community, machines(community)) for community in communities]
    if options.json:
        costs = [asdict(cost) for cost in COSTS]
        found = [asdict(community) | asdict(needed) for community, needed in rows]
        told = [asdict(limit) for limit in limits()]
        print(json.dumps({"communities": found, "limits": told, "costs": costs}, indent=1))
    else:
        print(_table(rows), _limit_table(), _cost_table(), sep="\n\n")
    return 0


def positive_int(text: str) -> int:
    """Return the number that an option gives.

    Raises:
        argparse.ArgumentTypeError: it is below 1.
    """
    number = int(text.replace(",", "").replace("_", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _rate(text: str) -> float:
    number = float(text)
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError("must be above 0")
    return number


def _table(rows: Sequence[tuple[Community, Machines]]) -> str:
    head = (
        *("passages", "guilds", "questions a second", "shards, logged in", "workers"),
        *("OpenSearch", "PostgreSQL", "buttons work for", "indexed anew in"),
    )
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for community, needed in rows:
        cells = [
            f"{community.passages:,}",
            f"{community.guilds:,}",
            f"{community.questions:g}",
            f"{needed.shards} in {_span(needed.login_seconds)}",
            _each(needed.workers, needed.worker_memory, needed.worker_disk),
            _each(needed.nodes, needed.node_memory, needed.node_disk, needed.node_cores),
            f"{needed.rows:,.0f} rows/s, {needed.database_disk:.1f} GB" if needed.rows else "–",
            _span(needed.kept_days * 86_400),
            _span(needed.index_seconds),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _each(count: int, memory: float, disk: float, cores: int = 1) -> str:
    if not count:
        return "–"
    what = [f"{cores} cores"] if cores > 1 else []
    what += [f"{memory:.1f} GB"] + ([f"disk {disk:.1f} GB"] if disk else [])
    return f"{count} × {', '.join(what)}"


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _limit_table() -> str:
    lines = ["| breaks | at | by |", "|---|---|---|"]
    lines += [
        f"| {limit.what} | {_rounded(limit.reached_at)} {limit.unit} | {limit.arithmetic} |"
        for limit in limits()
    ]
    return "\n".join(lines)


def _cost_table() -> str:
    lines = ["| computed from | source |", "|---|---|"]
    lines += [f"| {cost.value:,} {cost.unit} | {cost.source} |" for cost in COSTS]
    return "\n".join(lines)


def _rounded(number: float) -> str:
    """Return a number with two significant digits, or whole below a hundred."""
    digits = 1 - floor(log10(number)) if not 1 <= number < 100 else 0  # noqa: PLR2004
    rounded = round(number, digits)
    return f"{rounded:,.0f}" if rounded >= 1 else f"{rounded:g}"
