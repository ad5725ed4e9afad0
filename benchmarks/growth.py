"""What an event costs as there are more event types, and more groups; and what a group takes in memory."""

import asyncio
import gc
import tracemalloc
from collections.abc import Sequence
from statistics import median

import numpy as np

from assay_server.baselines import Baselines, Limits, Series

from . import load, shapes, statistics
from .servers import Server, assay, started
from .workload import Sample

_EVENTS_OF_TYPES = 20_000
_EVENTS_OF_GROUPS = 200_000
_AT_ONCE = 100_000


def by_event_types(types: int, seconds: float, rounds: int, core: int, size: int = 100) -> dict[str, float]:
    """Return what events of so many types cost, in times what those of one cost: in messages of one type each, and mixed."""
    with (
        shapes.contracts(1) as one,
        shapes.contracts(types) as many,
        started(*assay(one), core=core) as base,
        started(*assay(many), core=core) as server,
    ):
        mixed = shapes.samples(_EVENTS_OF_TYPES, types)
        apart = shapes.samples(size * types, types, run=size)
        events = shapes.samples(_EVENTS_OF_TYPES)
        return {
            "a type a message": _times((base, events), (server, apart), seconds, rounds, size),
            "types mixed in a message": _times((base, events), (server, mixed), seconds, rounds, size),
        }


def by_groups(groups: int, seconds: float, rounds: int, core: int, sizes: Sequence[int]) -> dict[str, float]:
    """Return what events of so many groups cost, in times what those of one cost, by the events in a message."""
    cap = ("--set", f"max_groups={max(groups, 2)}")
    with (
        statistics.taught(1, 1) as one,
        statistics.taught(groups, 1) as many,
        started(*assay(one.contracts, one.data), core=core) as base,
        started(*assay(many.contracts, many.data), *cap, core=core) as server,
    ):
        few, all_of_them = statistics.samples(_EVENTS_OF_TYPES, 1, 1), statistics.samples(_EVENTS_OF_GROUPS, groups, 1)
        return {f"{size:,} a message": _times((base, few), (server, all_of_them), seconds, rounds, size) for size in sizes}


def bytes_of_a_group(groups: int) -> float:
    """Return how many bytes a group's moments take, its key included."""
    series = Series(event_type="payment.made", check="statistics.three_sigma", field="/amount", by=("customer",))
    gc.collect()
    tracemalloc.start()
    baselines = Baselines(limits=Limits(groups=groups))
    for first in range(0, groups, _AT_ONCE):
        names = [f"customer-{number:08d}" for number in range(first, min(first + _AT_ONCE, groups))]
        baselines.learn(series, names, np.ones(len(names)), None)
        baselines.publish()
    del names
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken / len(baselines.snapshot[series].history.groups)


def _times(
    base: tuple[Server, Sequence[Sample]], other: tuple[Server, Sequence[Sample]], seconds: float, rounds: int, size: int
) -> float:
    """Return the CPU time of an event of the other against the base's: the median over rounds, measured in turn."""
    ratios = []
    for _ in range(rounds):
        costs = [asyncio.run(load.stream(*each, seconds, per_message=size)).cpu_per_event for each in (base, other)]
        ratios.append(costs[1] / costs[0])
    return median(ratios)
