"""Whatever is sent, live learning moves what verdicts read slowly, and does not narrow it."""

import math
from pathlib import Path

import numpy as np
import pytest

from assay_server.baselines import Baselines, Bounded, Store, bounded, clipped
from tests.unit.baselines.making import DAY, NOW, a_series

WINDOW = 16 * DAY
WARM = 30


class ThreeSigma:
    """Three sigma over some workers, that learns live: the least that a check has to do."""

    def __init__(self, *workers: Baselines, window: int | None = WINDOW) -> None:
        self.workers = workers
        self.series = a_series(window=window)
        for worker in workers:
            worker.use([self.series])
        self.share()

    def read(self, worker: Baselines, now: int) -> tuple[bool, Bounded]:
        """Return whether a worker is warm, and what it reads; a reference is taken before the first value is learned."""
        view = worker.snapshot[self.series]
        moments = view.moments(None, np.array([now]))
        far = 3 * moments.std
        reference = view.references(None)
        warm = bool(moments.n[0] >= WARM)
        if warm and not reference.known[0]:
            worker.refer(self.series, None, moments.mean, moments.std, moments.mean - far, moments.mean + far)
        return warm, bounded(self.series, moments.mean, moments.mean - far, moments.mean + far, reference, now)

    def learn(self, worker: Baselines, values: np.ndarray[tuple[int], np.dtype[np.float64]], now: int) -> None:
        """Learn values of one moment, clipped where the worker is warm."""
        warm, read = self.read(worker, now)
        if warm:
            values = clipped(values, read.expected, read.lower, read.upper)
        worker.learn(self.series, None, values, np.full(len(values), now))

    def share(self) -> None:
        """Let all workers know what each has learned."""
        for worker in self.workers:
            worker.publish()
        for worker in (*self.workers, *self.workers):
            assert worker.exchange().error is None


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("share", [1.0, 0.1], ids=["alone", "a tenth"])
@pytest.mark.parametrize("sides", [(1,), (1, -1)], ids=["one side", "both sides"])
def test_a_sender_just_inside_the_bounds_moves_little(
    tmp_path: Path, workers: int, share: float, sides: tuple[int, ...]
) -> None:
    """At 2.99 of 3 sigma all the time: expected value and bounds move by at most one reference deviation a window."""
    clock = [NOW // WINDOW * WINDOW]
    rng = np.random.default_rng(21)
    file = tmp_path / "baselines.sqlite3"
    check = ThreeSigma(*(Baselines(Store(file), clock=lambda: clock[0]) for _ in range(workers)))
    check.learn(check.workers[0], rng.normal(100, 5, 100), clock[0])
    check.share()
    start = clock[0]
    _, first = check.read(check.workers[0], start)
    deviation = float(first.upper[0] - first.expected[0]) / 3
    step = 0
    while clock[0] < start + 3 * WINDOW:
        clock[0] += WINDOW // 40
        for worker in check.workers:
            step += 1
            _, read = check.read(worker, clock[0])
            side = sides[step % len(sides)]
            edge = float(read.upper[0] if side > 0 else read.lower[0])
            hostile = float(read.expected[0]) + (edge - float(read.expected[0])) * 2.99 / 3
            values = np.full(200, hostile)
            values[: int(200 * (1 - share))] = rng.normal(100, 5, int(200 * (1 - share)))
            check.learn(worker, values, clock[0])
        check.share()
        begun = (clock[0] - start) // WINDOW + 1
        for worker in check.workers:
            _, read = check.read(worker, clock[0])
            for now, then in ((read.expected, first.expected), (read.lower, first.lower), (read.upper, first.upper)):
                assert abs(float(now[0] - then[0])) <= begun * deviation * (1 + 1e-9)
    for worker in check.workers:
        worker.close()


def test_skewed_history_is_not_narrowed() -> None:
    """A year of clean lognormal data, learned live: as much is flagged in the last window as in the first, within 1.5 times."""
    clock = [NOW]
    rng = np.random.default_rng(22)
    check = ThreeSigma(Baselines(clock=lambda: clock[0]), window=30 * DAY)
    worker = check.workers[0]
    worker.learn(check.series, None, rng.lognormal(0, 1, 20_000), np.full(20_000, NOW))
    worker.publish()
    flagged = []
    for _ in range(12):
        outside = 0
        for _ in range(30):
            clock[0] += DAY
            values = rng.lognormal(0, 1, 1000)
            _, read = check.read(worker, clock[0])
            outside += int(((values < read.lower) | (values > read.upper)).sum())
            check.learn(worker, values, clock[0])
            worker.publish()
        flagged.append(outside / 30_000)
    assert 0.01 < flagged[0] < 0.03
    assert flagged[-1] <= 1.5 * flagged[0]


@pytest.mark.parametrize("warm", [False, True], ids=["before warming up", "after warming up"])
def test_hostile_values_change_nothing(warm: bool) -> None:  # A parameter of the test.
    """NaN, infinities and 1e308 leave what is read as it was; so do they where they come with clipping."""
    check = ThreeSigma(Baselines(clock=lambda: NOW))
    worker = check.workers[0]
    worker.learn(check.series, None, np.arange(50.0 if warm else 10.0), np.full(50 if warm else 10, NOW))
    worker.publish()
    hostile = np.array([math.nan, math.inf, -math.inf, 1e308, -1e308])

    def read() -> list[float]:
        row: list[float] = worker.snapshot[check.series].moments(None, np.array([NOW])).table[0].tolist()
        return row

    before = read()
    worker.learn(check.series, None, hostile, np.full(5, NOW))
    worker.publish()
    assert read() == before
