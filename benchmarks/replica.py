"""A replica without calls: learns, publishes and exchanges with the store as a server does, and notes what that took."""

import random
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assay_server.baselines import Baselines, Limits, Series, Store
from assay_server.baselines.store import Flush, News

_INTERVAL = 1.0
_SERIES = Series(event_type="payment.made", check="statistics.three_sigma", field="/amount", by=("customer",))
_BEACON = "beacon of {}"
_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Job:
    """What a replica does.

    Attributes:
        store: The URL of the database.
        replicas: How many replicas there are.
        groups: How many groups there are.
        touched: How many of them it learns each second.
        seconds: For how long.
    """

    store: str
    replicas: int
    groups: int
    touched: int
    seconds: float


@dataclass(slots=True)
class Seen:
    """What it saw: see `store_replicas.Row`."""

    seconds: float = 0.0
    rounds: int = 0
    rows: int = 0
    cpu: float = 0.0
    loading: float = 0.0
    flushes: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)


class _TimedStore(Store):
    """A store that notes how long its calls take."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.flushes: list[float] = []
        self.reads: list[float] = []

    def write(self, flush: Flush) -> None:
        start = time.perf_counter()
        super().write(flush)
        self.flushes.append(time.perf_counter() - start)

    def read(self, writer: str, since: int | None, known: Collection[Series], wanted: Collection[Series]) -> News:
        start = time.perf_counter()
        news = super().read(writer, since, known, wanted)
        self.reads.append(time.perf_counter() - start)
        return news


def prepare(job: Job) -> None:
    """Teach the store one value of each group, and of each replica's own: all rows are there before anything is measured."""
    baselines = Baselines(Store(job.store), limits=Limits(groups=2 * job.groups))
    for first in range(0, job.groups, _AT_ONCE):
        names = [_name(place) for place in range(first, min(first + _AT_ONCE, job.groups))]
        baselines.learn(_SERIES, names, np.ones(len(names)), None)
        baselines.publish()
        _exchange(baselines)
    baselines.learn(_SERIES, [_BEACON.format(number) for number in range(job.replicas)], np.zeros(job.replicas), None)
    baselines.close()


def replica(job: Job, number: int, line: Any) -> None:
    """Be one: say when ready, wait for a word, work, and send what was seen."""
    store = _TimedStore(job.store)
    baselines = Baselines(store, limits=Limits(groups=2 * job.groups))
    baselines.use([_SERIES])
    cpu = time.process_time()
    _exchange(baselines)
    cpu = time.process_time() - cpu
    line.send("ready")
    line.recv()
    seen = _work(job, number, baselines, store)
    seen.loading = cpu / job.groups
    line.send(seen)


def _work(job: Job, number: int, baselines: Baselines, store: _TimedStore) -> Seen:
    seen, generator, known = Seen(), random.Random(number), dict[str, float]()
    store.flushes.clear()
    store.reads.clear()
    # Servers were not all started at the same moment.
    time.sleep(generator.random() * _INTERVAL)
    start = due = time.monotonic()
    while (now := time.monotonic()) < start + job.seconds:
        keys = [_name(place) for place in generator.sample(range(job.groups), job.touched)]
        keys.append(_BEACON.format(number))
        baselines.learn(_SERIES, keys, np.append(np.ones(job.touched), time.monotonic()), None)
        cpu = time.process_time()
        baselines.publish()
        _exchange(baselines)
        seen.cpu += time.process_time() - cpu
        seen.rounds += 1
        seen.rows += len(keys)
        _note_lags(baselines, [_BEACON.format(other) for other in range(job.replicas) if other != number], known, seen)
        due = max(due + _INTERVAL, now)
        time.sleep(max(0.0, due - time.monotonic()))
    seen.seconds = time.monotonic() - start
    seen.flushes, seen.reads = store.flushes, store.reads
    return seen


def _exchange(baselines: Baselines) -> None:
    status = baselines.exchange()
    if status.error is not None:
        raise RuntimeError(status.error)


def _name(place: int) -> str:
    return f"customer-{place:08d}"


def _note_lags(baselines: Baselines, others: list[str], known: dict[str, float], seen: Seen) -> None:
    """Note how old the newest values are that others have taught since the last time: the machine has one clock."""
    if not others:
        return
    now = time.monotonic()
    newest = baselines.snapshot[_SERIES].moments(others, None).maximum
    for key, value in zip(others, newest.tolist(), strict=True):
        if value > known.get(key, 0.0):
            if key in known:
                seen.lags.append(now - value)
            known[key] = value
