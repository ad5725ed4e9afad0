"""Counts, means and deviations: what NumPy says of the same values, whatever they were merged from."""

import math
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assay_server.baselines import Baselines
from assay_server.baselines.history import MOST_M2, History
from tests.unit.baselines.making import DAY, NOW, a_series, moments, taught

LARGEST = math.sqrt(sys.float_info.max)

usual = st.lists(st.floats(-1e6, 1e6), max_size=20)
any_number = st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-LARGEST, max_value=LARGEST), max_size=12)

SERIES = a_series()


def same(one: History, other: History) -> None:
    """Both hold the same: counts and extremes exactly, mean and deviation but for rounding."""
    a, b = moments(one), moments(other)
    assert (a[0], a[3], a[4]) == (b[0], b[3], b[4])
    size = max(abs(a[3]), abs(a[4])) if a[0] else 0.0
    assert a[1] == pytest.approx(b[1], rel=1e-9, abs=1e-12 * size)
    # Where the least and the greatest differ in the last digits only, so does what is left of a deviation.
    assert a[2] == pytest.approx(b[2], rel=1e-9, abs=a[0] * (1e-12 * min(size, 1e150)) ** 2)


@given(usual, usual, usual)
def test_merging_is_associative(a: list[float], b: list[float], c: list[float]) -> None:
    """In whatever pairs three parts are merged, the same comes out."""
    left = taught(SERIES, a).merged(taught(SERIES, b)).merged(taught(SERIES, c))
    right = taught(SERIES, a).merged(taught(SERIES, b).merged(taught(SERIES, c)))
    same(left, right)


@given(usual, usual)
def test_merging_is_commutative(a: list[float], b: list[float]) -> None:
    """In whatever order two parts are merged, the same comes out."""
    same(taught(SERIES, a).merged(taught(SERIES, b)), taught(SERIES, b).merged(taught(SERIES, a)))


@given(any_number)
def test_merging_with_nothing_changes_nothing(values: list[float]) -> None:
    """A history without values is the identity of merging, on both sides, to the last bit."""
    history = taught(SERIES, values)
    assert moments(history.merged(History(SERIES))) == moments(history)
    assert moments(History(SERIES).merged(history)) == moments(history)


@given(usual, usual)
def test_merged_parts_are_what_numpy_says_of_the_whole(a: list[float], b: list[float]) -> None:
    """Count, mean, deviation, least and greatest of two merged parts are those of all values."""
    values = np.array(a + b)
    n, mean, m2, least, most = moments(taught(SERIES, a).merged(taught(SERIES, b)))
    assert n == len(values)
    if n:
        size = float(np.abs(values).max())
        assert mean == pytest.approx(float(values.mean()), rel=1e-9, abs=1e-12 * size)
        assert m2 == pytest.approx(float(((values - values.mean()) ** 2).sum()), rel=1e-9, abs=n * (1e-12 * size) ** 2)
        assert (least, most) == (values.min(), values.max())


@given(st.lists(any_number, min_size=1, max_size=4))
@example([[9.9e153], [0.0, -9.2e153]])
def test_whatever_is_learned_stays_finite(parts: list[list[float]]) -> None:
    """From denormals to the largest number whose square is finite: nothing overflows, and no deviation is negative."""
    history = History(SERIES)
    for part in parts:
        history = history.merged(taught(SERIES, part))
    n, mean, m2, least, most = moments(history)
    assert n == sum(map(len, parts))
    assert math.isfinite(mean)
    assert 0 <= m2 <= MOST_M2
    if n:
        assert least <= mean <= most


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1e308, 1.35e154])
def test_numbers_without_a_finite_square_teach_nothing(value: float) -> None:
    """What is not finite, or whose square is not, is refused and counted; what comes with it is learned."""
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(SERIES, None, np.array([1.0, value, 3.0]), None)
    assert moments(baselines.publish()[SERIES].history) == [2, 2.0, 2.0, 1.0, 3.0]
    assert baselines.refused == {(SERIES, "not_finite"): 1}


def test_a_refused_value_makes_no_group() -> None:
    """A group that only refused values name is not kept."""
    series = a_series(by=("shop",))
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(series, ["a", "b"], np.array([1.0, math.nan]), None)
    assert baselines.publish()[series].groups() == [("a", 1)]


def test_a_constant_history_stays_constant() -> None:
    """However often the same value is merged, its mean is that value, its deviation zero, and zero has no sign."""
    history = taught(SERIES, [0.1])
    for _ in range(1000):
        history = history.merged(taught(SERIES, [0.1] * 3))
    assert moments(history) == [3001, 0.1, 0.0, 0.1, 0.1]
    assert math.copysign(1, moments(taught(SERIES, [-0.0]))[3]) == 1


def test_deviation_is_the_samples() -> None:
    """The standard deviation divides by n - 1, and is 0 for one value."""
    series = a_series(by=("shop",))
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(series, ["a", "a", "a", "b"], np.array([1.0, 2.0, 4.0, 7.0]), None)
    std = baselines.publish()[series].moments(["a", "b", "c"], None).std
    assert std.tolist() == [pytest.approx(float(np.std([1, 2, 4], ddof=1)), rel=1e-15), 0.0, 0.0]


def test_a_mean_far_from_zero_loses_no_deviation() -> None:
    """The deviation of values near 1e9 is as exact as that of values near 0."""
    values = np.random.default_rng(7).normal(1e9, 1.0, 50_000)
    history = History(SERIES)
    for part in np.array_split(values, 50):
        history = history.merged(taught(SERIES, part.tolist()))
    assert moments(history)[2] == pytest.approx(float(((values - values.mean()) ** 2).sum()), rel=1e-9)


def test_squares_that_add_up_beyond_a_double_end_at_the_most_there_may_be() -> None:
    """Where two histories merge, and where the buckets of a window are read together; and nothing warns of it."""
    assert moments(taught(SERIES, [3.5e153, 1.25e154]).merged(taught(SERIES, [-7.5e153])))[2] == MOST_M2
    series = a_series(window=16 * DAY)
    baselines = Baselines(clock=lambda: NOW)
    for back in range(10):
        baselines.learn(series, None, np.array([1.3e154, -1.3e154]), np.full(2, NOW - back * DAY))
    assert baselines.publish()[series].moments(None, np.array([NOW])).m2.tolist() == [MOST_M2]
