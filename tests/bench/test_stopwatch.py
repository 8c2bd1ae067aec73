import time

from bench.stopwatch import Stopwatch


class Worker:
    def work(self, seconds: float) -> float:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
        return seconds


def test_a_lap_is_the_time_of_the_watched_functions_alone() -> None:
    watch, worker = Stopwatch(), Worker()
    with watch.watching((Worker, "work")):
        assert worker.work(0.002) == 0.002
        assert worker.work(0.001) == 0.001
    assert watch.lap() >= 3.0
    worker.work(0.001)
    assert watch.lap() == 0.0
