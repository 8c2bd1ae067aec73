"""Work is bounded: a few at a time, a queue of limited length, and a word for the others."""

import asyncio
import logging

import pytest

from bot.interactions.work_queue import QueueFull, WorkQueue


async def test_so_many_work_so_many_wait_in_order_and_the_rest_is_told_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    admission = WorkQueue("search", concurrency=2, max_waiting=3, max_wait=60)
    go, acknowledged, begun = asyncio.Event(), list[int](), list[int]()

    async def work(number: int) -> None:
        async def acknowledge() -> None:
            acknowledged.append(number)

        async with admission.slot(acknowledge):
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
    async with admission.slot():
        pass  # there is room again


async def test_what_waits_too_long_is_told_and_gives_its_place_up() -> None:
    admission = WorkQueue("search", concurrency=1, max_waiting=1, max_wait=0)
    async with admission.slot():
        for _ in range(3):
            with pytest.raises(QueueFull):
                async with admission.slot():
                    pytest.fail("there was no turn")
    async with admission.slot():
        pass


async def test_an_acknowledgement_that_fails_takes_no_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    admission = WorkQueue("search", concurrency=1, max_waiting=0, max_wait=60)

    async def fail() -> None:
        raise ConnectionError

    for _ in range(3):
        with pytest.raises(ConnectionError):
            async with admission.slot(fail):
                pytest.fail("nobody hears the answer")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
