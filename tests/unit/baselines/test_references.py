"""What keeps live learning from moving history far."""

import numpy as np
import pytest

from assay_server.baselines import Baselines, bounded, clipped
from assay_server.baselines.history import History, View
from tests.unit.baselines.making import DAY, NOW, a_series

SERIES = a_series(by=("shop",), window=16 * DAY)


def refer(baselines: Baselines, group: str, expected: float) -> None:
    values = np.array([expected])
    baselines.refer(SERIES, [group], values, np.array([2.0]), values - 6, values + 6)


def test_expected_and_bounds_stay_near_the_reference() -> None:
    """They move by at most one reference deviation a window begun; where that acts is told; rows without one move freely."""
    clock = [NOW]
    baselines = Baselines(clock=lambda: clock[0])
    refer(baselines, "a", 10.0)
    reference = baselines.publish()[SERIES].references(["a", "a", "b"])
    assert reference.known.tolist() == [True, True, False]
    expected = np.array([10.5, 99.0, 99.0])
    for windows in (1, 2, 3):
        read = bounded(SERIES, expected, expected - 50, expected + 1, reference, NOW + (windows - 1) * 16 * DAY + 1)
        assert read.expected.tolist() == [10.5, 10 + 2 * windows, 99]
        assert read.lower.tolist() == [4 - 2 * windows, 4 + 2 * windows, 49]
        assert read.upper.tolist() == [max(11.5, 16 - 2 * windows), 16 + 2 * windows, 100]
        assert read.acted.tolist() == [True, True, False]


def test_thirty_days_count_where_there_is_no_window() -> None:
    """A series without a window lets history move by a deviation in 30 days."""
    series = a_series()
    begun = series.windows_begun(np.array([NOW]), NOW)
    assert begun.tolist() == [1]
    assert series.windows_begun(np.array([NOW]), NOW + 30 * DAY - 1).tolist() == [1]
    assert series.windows_begun(np.array([NOW]), NOW + 30 * DAY).tolist() == [2]
    assert series.windows_begun(np.array([NOW]), NOW - 5 * DAY).tolist() == [1], "another server's clock may be ahead"


def test_the_first_reference_stays() -> None:
    """A reference is taken once: one that comes later changes nothing, in whatever order two arrive."""
    clock = [NOW]
    early, late = (Baselines(clock=lambda: clock[0]) for _ in range(2))
    refer(early, "a", 1.0)
    clock[0] += 1
    refer(early, "a", 2.0)
    refer(late, "a", 3.0)
    one, other = early.publish()[SERIES].history, late.publish()[SERIES].history
    for merged in (one.merged(other), other.merged(one)):
        assert View(merged).references(["a"]).expected.tolist() == [1]


def test_references_merge_as_histories_do() -> None:
    """They keep to their groups, whatever numbers those have on either side."""
    baselines = [Baselines(clock=lambda: NOW) for _ in range(2)]
    for group, expected in (("a", 1.0), ("b", 2.0)):
        refer(baselines[0], group, expected)
    for group, expected in (("c", 3.0), ("b", 2.0)):
        refer(baselines[1], group, expected)
    one, other = (each.publish()[SERIES].history for each in baselines)
    view = View(History(SERIES).merged(other).merged(one))
    assert view.references(["a", "b", "c"]).expected.tolist() == [1, 2, 3]


def test_values_are_clipped_at_twice_the_bounds() -> None:
    """A value teaches at most twice as far from the expected value as the bounds are, on each side of its own."""
    values = np.array([-100.0, -5.0, 0.0, 7.0, 100.0])
    taught = clipped(values, np.zeros(5), np.full(5, -3.0), np.full(5, 10.0))
    assert taught.tolist() == [-6, -5, 0, 7, 20]


def test_a_group_that_is_gone_takes_its_reference_with_it() -> None:
    """When no bucket of a group is kept, it warms up anew."""
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(SERIES, ["old"], np.array([1.0]), np.array([NOW - 100 * DAY]))
    refer(baselines, "old", 1.0)
    baselines.publish()
    baselines.learn(SERIES, ["new"], np.array([1.0]), np.array([NOW]))
    view = baselines.publish()[SERIES]
    assert view.references(["old", "new"]).known.tolist() == [False, False]
    assert view.references(["old"]).expected.tolist() == [pytest.approx(np.nan, nan_ok=True)]
