"""Work is bounded: a few at a time, a queue of limited length, and a word for the others."""

import asyncio
import logging

import pytest

from bot.interactions.work_queue import MAX_OF_USER, QueueFull, WorkQueue


async def test_so_many_work_so_many_wait_in_order_and_the_rest_is_told_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    admission = WorkQueue("search", concurrency=2, max_waiting=3, max_wait=60)
    go, acknowledged, begun = asyncio.Event(), list[int](), list[int]()

    async def work(number: int) -> None:
        async def acknowledge() -> None:
            acknowledged.append(number)

        async with admission.slot(number, acknowledge):
            begun.append(number)
            await go.wait()

    tasks = [asyncio.create_task(work(number)) for number in range(8)]
    refused, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    assert refused == set(tasks[5:])
    assert all(isinstance(task.exception(), QueueFull) for task in refused)
    assert acknowledged == [0, 1, 2, 3, 4]
    assert begun == [0, 1]
    go.set()
    await asyncio.gather(*tasks[:5])
    assert begun == [0, 1, 2, 3, 4]
    assert caplog.messages == ["Too much at once to search: some are told to try again."]
    async with admission.slot(7):
        pass  # there is room again


async def test_what_waits_too_long_is_told_and_gives_its_place_up() -> None:
    admission = WorkQueue("search", concurrency=1, max_waiting=1, max_wait=0)
    async with admission.slot(7):
        for _ in range(3):
            with pytest.raises(QueueFull):
                async with admission.slot(7):
                    pytest.fail("there was no turn")
    async with admission.slot(7):
        pass


async def test_an_acknowledgement_that_fails_takes_no_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    admission = WorkQueue("search", concurrency=1, max_waiting=0, max_wait=60)

    async def fail() -> None:
        raise ConnectionError

    for _ in range(3):
        with pytest.raises(ConnectionError):
            async with admission.slot(7, fail):
                pytest.fail("nobody hears the answer")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_what_one_user_asks_makes_another_wait_for_two_at_most() -> None:
    queue = WorkQueue("search", concurrency=1, max_waiting=256, max_wait=60)
    begun: list[str] = []
    turns = asyncio.Semaphore(0)

    async def work(user_id: int, name: str) -> None:
        async with queue.slot(user_id):
            begun.append(name)
            await turns.acquire()

    flood = [asyncio.create_task(work(1, f"flood {n}")) for n in range(MAX_OF_USER)]
    await asyncio.sleep(0)
    others = [asyncio.create_task(work(user, f"other {user}")) for user in (2, 3)]
    await asyncio.sleep(0)
    for _ in range(MAX_OF_USER + 2):
        turns.release()
    await asyncio.gather(*flood, *others)
    # The one that ran, one that waited already, and then each of the others has its turn.
    assert begun[:5] == ["flood 0", "flood 1", "other 2", "other 3", "flood 2"]


async def test_one_user_fills_no_queue_for_the_others() -> None:
    queue = WorkQueue("search", concurrency=1, max_waiting=256, max_wait=60)
    go = asyncio.Event()

    async def work(user_id: int) -> None:
        async with queue.slot(user_id):
            await go.wait()

    flood = [asyncio.create_task(work(1)) for _ in range(60)]
    other = asyncio.create_task(work(2))
    refused, _ = await asyncio.wait(flood, timeout=0)
    await asyncio.sleep(0)
    refused = [task for task in flood if task.done()]
    assert len(refused) == 60 - MAX_OF_USER
    assert not other.done()
    go.set()
    results = await asyncio.gather(*flood, other, return_exceptions=True)
    assert results.count(None) == MAX_OF_USER + 1
    assert sum(isinstance(result, QueueFull) for result in results) == 60 - MAX_OF_USER


async def test_a_caller_that_is_cancelled_gives_its_turn_up() -> None:
    queue = WorkQueue("search", concurrency=1, max_waiting=256, max_wait=60)
    go = asyncio.Event()

    async def work(user_id: int) -> None:
        async with queue.slot(user_id):
            await go.wait()

    tasks = [asyncio.create_task(work(user)) for user in (1, 2, 2, 3)]
    await asyncio.sleep(0)
    for task in tasks[:3]:
        task.cancel()
    await asyncio.wait(tasks[:3])
    go.set()
    await tasks[3]
    async with queue.slot(1):
        pass
