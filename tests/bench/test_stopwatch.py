import time

from bench.stopwatch import Stopwatch


class Worker:
    def work(self, seconds: float) -> float:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            pass
        return seconds


def test_a_lap_holds_what_the_watched_functions_took_and_no_more() -> None:
    watch, worker = Stopwatch(), Worker()
    with watch.watching((Worker, "work")):
        assert worker.work(0.002) == 0.002
        assert worker.work(0.001) == 0.001
    assert watch.lap() >= 3.0
    worker.work(0.001)
    assert watch.lap() == 0.0
