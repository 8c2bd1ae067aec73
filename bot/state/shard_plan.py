"""Which worker is to have which shard? A pure decision, the same wherever it is made."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

BEAT = 5.0
"""Seconds between two heartbeats of a worker, if nothing changes."""
LEASE = 15.0
"""Seconds without a heartbeat, after which a worker counts as dead."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that shares the shards of the gateway with others."""

    id: str
    host: str
    version: str
    age: float
    """Seconds since its last heartbeat."""
    shards: frozenset[int]
    """Those that it holds."""
    pinned: frozenset[int] | None = None
    """The only ones that it takes, which nobody else does; ``None``: its share of the others."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one worker does now."""

    take: frozenset[int] = frozenset()
    """Free shards that become its own."""
    give: int | None = None
    """A shard that it closes, and then sets free."""


def plan(
    me: str,
    workers: Sequence[Worker],
    count: int,
    *,
    room: int,
    resumable: AbstractSet[int] = frozenset(),
    stay: Callable[[int], bool] = lambda _: False,
) -> Plan:
    """Return what a worker does so that, once all have done so, the shards are shared evenly.

    A free shard goes to the worker that has the fewest. Where none is free, the one that has the
    most gives one up, if another has at least two less.

    Args:
        me: the id of the worker.
        workers: all that live, ``me`` among them.
        count: of all shards.
        room: how many it may take at once, besides those that are ``resumable``.
        resumable: the free shards that need no login.
        stay: whether a shard is not to be given up now.
    """
    counts = {worker.id: len(worker.shards) for worker in workers}
    held = {shard for worker in workers for shard in worker.shards}
    pinned = {shard for worker in workers for shard in worker.pinned or ()}
    take: set[int] = set()
    is_any_free = False
    for shard in sorted(set(range(count)) - held):
        takers = [
            worker.id
            for worker in workers
            if (shard in worker.pinned if worker.pinned is not None else shard not in pinned)
        ]
        if not takers:
            continue
        is_any_free = True
        neediest = min(takers, key=lambda worker: (counts[worker], worker))
        counts[neediest] += 1
        if neediest == me and (shard in resumable or len(take - resumable) < room):
            take.add(shard)
    surplus = frozenset[int]() if is_any_free else _surplus(me, workers, pinned)
    return Plan(frozenset(take), max((i for i in surplus if not stay(i)), default=None))


def _surplus(me: str, workers: Sequence[Worker], pinned: set[int]) -> frozenset[int]:
    """Return the shards that ``me`` has, of which another should have one."""
    sharing = {worker.id: worker.shards for worker in workers if worker.pinned is None}
    if me not in sharing:
        return frozenset()
    if misplaced := sharing[me] & pinned:
        return misplaced
    richest = max(sharing, key=lambda worker: (len(sharing[worker]), worker))
    fewest = min(map(len, sharing.values()))
    return sharing[me] if richest == me and len(sharing[me]) >= fewest + 2 else frozenset()
