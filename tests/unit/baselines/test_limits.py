"""What is kept stays bounded, whatever is sent."""

import gc
import os
import tracemalloc

import numpy as np
import pytest

from assay_server.baselines import Baselines, Kind, Limits
from tests.unit.baselines.making import DAY, NOW, a_series

GROUPED = a_series(by=("shop",))


def flooded(limits: Limits, total: int = 1000) -> Baselines:
    """Return baselines that knew two groups when random ones came."""
    baselines = Baselines(limits=limits, clock=lambda: NOW)
    baselines.learn(GROUPED, ["a", "b"], np.array([1.0, 2.0]), None)
    baselines.publish()
    for start in range(0, total, 100):
        baselines.learn(GROUPED, [f"random {number}" for number in range(start, start + 100)], np.zeros(100), None)
        baselines.learn(GROUPED, ["a", "b"], np.array([1.0, 2.0]), None)
        baselines.publish()
    return baselines


def test_new_groups_beyond_the_cap_are_refused_and_others_go_on() -> None:
    """The cap holds, what it refuses is counted and can be told, and known groups learn as before."""
    baselines = flooded(Limits(groups=50))
    view = baselines.snapshot[GROUPED]
    assert len(view.groups()) == 50
    assert view.moments(["a", "b"], None).n.tolist() == [11, 11]
    assert baselines.refused == {(GROUPED, "group_limit"): 952}
    assert view.refused(["a", "random 0", "random 999", "never sent"]).tolist() == [False, False, True, True]


def test_below_the_cap_no_group_is_refused() -> None:
    """A group that is not known is refused only where there is no room for it."""
    view = flooded(Limits(groups=5000)).snapshot[GROUPED]
    assert view.refused(["a", "never sent"]).tolist() == [False, False]


def test_a_million_random_groups_stay_under_the_cap() -> None:
    """With the cap as it is by default, memory ends where the cap does."""
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(GROUPED, ["known"], np.array([1.0]), None)
    baselines.publish()
    for start in range(0, 1_000_000, 50_000):
        baselines.learn(GROUPED, [f"{number:x}" for number in range(start, start + 50_000)], np.zeros(50_000), None)
        baselines.learn(GROUPED, ["known"], np.array([2.0]), None)
        baselines.publish()
    view = baselines.snapshot[GROUPED]
    assert len(view.groups()) == 100_000
    assert view.moments(["known"], None).n.tolist() == [21]
    assert baselines.refused == {(GROUPED, "group_limit"): 900_001}


def test_windows_are_bounded_too() -> None:
    """Groups of all buckets together stay under the cap."""
    series = a_series(by=("shop",), window=16 * DAY)
    baselines = Baselines(limits=Limits(groups=10), clock=lambda: NOW)
    for day in range(20):
        groups = [f"{day} {number}" for number in range(5)]
        baselines.learn(series, groups, np.zeros(5), np.full(5, NOW - (20 - day) * DAY))
        baselines.publish()
    assert len(baselines.snapshot[series].groups()) == 10


def test_categories_beyond_the_cap_count_in_their_group_only() -> None:
    """The total stays right, and those that are known are counted on."""
    series = a_series(Kind.CATEGORIES)
    baselines = Baselines(limits=Limits(categories=3), clock=lambda: NOW)
    for _ in range(2):
        baselines.learn(series, None, ["a", "b", "c", "d", "e"], None)
        baselines.publish()
    view = baselines.snapshot[series]
    assert view.top_categories() == [("a", 2), ("b", 2), ("c", 2)]
    assert view.categories(None, None, ["a", "e"]).totals.tolist() == [10, 10]
    assert baselines.refused == {(series, "category_limit"): 4}


def test_bins_beyond_the_cap_are_refused() -> None:
    """A sender of numbers of all sizes does not fill the memory; bins that are known go on."""
    series = a_series(Kind.HISTOGRAM)
    baselines = Baselines(limits=Limits(counts=100), clock=lambda: NOW)
    for part in np.array_split(np.logspace(-300, 150, 10_000), 100):
        baselines.learn(series, None, part, None)
        baselines.publish()
    baselines.learn(series, None, np.array([1e-300]), None)
    view = baselines.publish()[series]
    assert view.history.entries == 100
    assert view.histogram().counts.sum() == 101
    assert baselines.refused[series, "count_limit"] == 9900


@pytest.mark.parametrize("groups", [100_000, *([1_000_000] if "ASSAY_TEST_FULL" in os.environ else [])])
def test_a_group_takes_at_most_200_bytes(groups: int) -> None:
    """A group's moments without a window, its key included."""
    gc.collect()
    tracemalloc.start()
    baselines = Baselines(limits=Limits(groups=groups), clock=lambda: NOW)
    for start in range(0, groups, 100_000):
        baselines.learn(
            GROUPED, [f"customer-{number:08d}" for number in range(start, start + 100_000)], np.zeros(100_000), None
        )
        baselines.publish()
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(baselines.snapshot[GROUPED].history.groups) == groups
    assert taken / groups <= 200
