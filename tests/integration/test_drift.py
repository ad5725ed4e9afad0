"""However traffic is made, and over however many workers, verdicts read what is near the reference."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from assay_server.baselines import Baselines, Store
from assay_server.checks import StatisticalEvidence
from assay_server.engine import Engine, Event, Options
from tests.unit.checks.history import DAY, event_of, run
from tests.unit.checks.making import NOW, engine_of

WINDOW = 30 * DAY
STEPS = 6
HONEST = np.random.default_rng(31)
LOOK = Options(explain=True, dry_run=True)


class Worker:
    """A process of its own as far as the store can tell, with an engine that learns live."""

    def __init__(self, file: Path, marker: str, clock: list[int]) -> None:
        self.baselines = Baselines(Store(file), clock=lambda: clock[0])
        contract = 'class A(EventContract, event_type="a", version="1.0.0", learn="live"):\n'
        contract += f"    x: Annotated[float, {marker}]\n"
        self.engine: Engine = engine_of(contract, clock=lambda: clock[0], baselines=self.baselines)
        [self.series] = self.engine.series("a")

    def judge(self, values: list[float]) -> None:
        """Judge events, and learn from them."""
        self.engine.judge([event_of({"x": value}) for value in values])

    def read(self) -> StatisticalEvidence:
        """Return what a verdict reads."""
        [verdict] = self.engine.judge([event_of({"x": 0.0})], LOOK)
        [explanation] = verdict.explanations
        assert isinstance(explanation.evidence, StatisticalEvidence)
        return explanation.evidence


class Workers:
    """Some workers over one store, under one clock."""

    def __init__(self, folder: Path, marker: str, size: int) -> None:
        self.clock = [NOW]
        self.store = Store(folder / "baselines.sqlite3")
        self.all = [Worker(folder / "baselines.sqlite3", marker, self.clock) for _ in range(size)]
        self.exchange()

    def exchange(self) -> None:
        """Let a second pass: what one has learned is written, and read by the others."""
        for worker in self.all:
            worker.baselines.publish()
        for worker in (*self.all, *self.all):
            assert worker.baselines.exchange().error is None

    def warm_up(self) -> None:
        """Learn honest values from traffic, and a few more, which set the reference."""
        for size in (200, len(self.all)):
            for worker in self.all:
                worker.judge(HONEST.normal(100, 5, size // len(self.all)).tolist())
            self.exchange()

    def teach(self) -> None:
        """Learn honest values as `assay learn` does."""
        scratch = Baselines(clock=lambda: self.clock[0])
        worker = self.all[0]
        events: list[Event] = [event_of({"x": value}, self.clock[0]) for value in HONEST.normal(100, 5, 200).tolist()]
        learner = Engine(worker.engine.catalog, clock=lambda: self.clock[0], baselines=scratch)
        run(learner, lambda: learner.teach(events))
        self.store.teach("a", [scratch.publish()[worker.series].history], refer=worker.engine.referred)
        self.exchange()

    def close(self) -> None:
        """End all."""
        for worker in self.all:
            worker.baselines.close()
        self.store.close()


def just_inside(read: StatisticalEvidence, side: int) -> float:
    """Return a value at 2.99 of 3 sigma, or as near to the bounds that another check has."""
    edge = read.upper if side > 0 else read.lower
    return read.expected + (edge - read.expected) * 2.99 / 3


def attack(workers: Workers, share: float, sides: tuple[int, ...]) -> None:
    """Send for three windows, and see at each step that what every worker reads is near enough to the reference."""
    [reference] = {
        tuple(column[0].item() for column in (found.expected, found.lower, found.upper, found.deviation, found.since))
        for worker in workers.all
        for found in [worker.baselines.snapshot[worker.series].references(None)]
    }
    expected, lower, upper, deviation, since = reference
    assert 2 < deviation < 12, "it is what honest values have"
    turns: Iterator[int] = count()
    hostile = int(40 * share)
    for _ in range(3 * STEPS):
        workers.clock[0] += WINDOW // STEPS
        for worker in workers.all:
            value = just_inside(worker.read(), sides[next(turns) % len(sides)])
            worker.judge([value] * hostile + HONEST.normal(100, 5, 40 - hostile).tolist())
        workers.exchange()
        most = deviation * ((workers.clock[0] - since) // WINDOW + 1) * (1 + 1e-9)
        for worker in workers.all:
            read = worker.read()
            assert abs(read.expected - expected) <= most
            assert abs(read.lower - lower) <= most
            assert abs(read.upper - upper) <= most


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("share", [1.0, 0.1], ids=["alone", "a tenth"])
@pytest.mark.parametrize("sides", [(1,), (1, -1)], ids=["one side", "both sides"])
def test_a_sender_just_inside_the_bounds_moves_little(tmp_path: Path, size: int, share: float, sides: tuple[int, ...]) -> None:
    """Always at 2.99 sigma of what verdicts read: by at most a deviation of the reference a window."""
    workers = Workers(tmp_path, "ThreeSigma(window='30d')", size)
    workers.teach()
    attack(workers, share, sides)
    workers.close()


@pytest.mark.parametrize("marker", ["ThreeSigma()", "RobustSigma(window='30d')", "QuantileRange(0.15, 0.85, window='30d')"])
@pytest.mark.parametrize("taught", [True, False], ids=["taught", "warmed up"])
def test_no_check_of_numbers_is_moved_far(tmp_path: Path, marker: str, taught: bool) -> None:
    """By a sender alone, on one side, over four workers; whether files set the reference, or the end of warming up."""
    workers = Workers(tmp_path, marker, 4)
    if taught:
        workers.teach()
    else:
        workers.warm_up()
    attack(workers, 1.0, (1,))
    workers.close()
