"""Quantiles and median absolute deviation from logarithmic bins."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.baselines import Kind, widened
from assay_server.baselines.history import Histograms, History, View
from assay_server.baselines.history._bins import bins_of, edges_of
from tests.unit.baselines.making import a_series, taught

RANKS = (0.0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 0.999, 1.0)
SERIES = a_series(Kind.HISTOGRAM)

finite = st.floats(-1e154, 1e154)


def histogram(values: list[float]) -> Histograms:
    return View(taught(SERIES, values)).histogram()


@given(st.lists(finite, min_size=1, max_size=30))
def test_each_value_lies_in_its_bin(values: list[float]) -> None:
    """From denormals up, of either sign: a value lies in its bin but for rounding at its edges, and bins ascend with values."""
    column = np.sort(np.array(values))
    bins = bins_of(column)
    lower, upper = edges_of(bins)
    assert (np.diff(bins) >= 0).all()
    slack = np.abs(column) * 1e-9 + 1e-323
    assert (lower - slack <= column).all()
    assert (column <= upper + slack).all()


def test_a_bin_is_one_percent_wide() -> None:
    """The edges of a bin of any sign are one percent apart; that of zero has no width."""
    lower, upper = edges_of(bins_of(np.array([1e-100, 0.5, 123.4, 1e100])))
    assert upper / lower == pytest.approx([1.01] * 4, rel=1e-9)
    lower, upper = edges_of(bins_of(np.array([-2.5])))
    assert lower / upper == pytest.approx([1.01], rel=1e-9)
    lower, upper = edges_of(bins_of(np.array([0.0, -0.0])))
    assert (lower.tolist(), upper.tolist()) == ([0, 0], [0, 0])


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.normal(0, 1, 5000),
        lambda rng: rng.normal(1000, 1, 5000),
        lambda rng: rng.lognormal(0, 1, 5000),
        lambda rng: -rng.lognormal(3, 2, 5000),
        lambda rng: rng.integers(-3, 4, 5000).astype(float),
        lambda rng: np.full(5000, 42.0),
        lambda rng: rng.normal(0, 1, 2),
    ],
    ids=["normal", "far from zero", "lognormal", "negative lognormal", "small integers", "constant", "two values"],
)
def test_quantiles_are_numpys_within_the_bin(draw: Callable[[np.random.Generator], np.ndarray]) -> None:
    """Each quantile is within one percent of NumPy's."""
    values = draw(np.random.default_rng(3))
    expected = np.quantile(values, RANKS, method="lower")
    assert histogram(values.tolist()).quantiles(RANKS)[0] == pytest.approx(expected, rel=0.0101, abs=1e-300)


def test_quantiles_of_many_groups_are_those_of_each() -> None:
    """Groups asked for together get what each gets alone; one without values gets NaN."""
    series = a_series(Kind.HISTOGRAM, by=("shop",))
    rng = np.random.default_rng(4)
    groups = [f"s{number}" for number in rng.integers(0, 40, 3000)]
    history = taught(series, rng.lognormal(0, 2, 3000).tolist(), groups)
    names = [*sorted(set(groups)), "elsewhere"]
    together = View(history).quantiles(names, None, RANKS)
    alone = [View(history).quantiles([name], None, RANKS)[0] for name in names]
    assert together.tolist()[:-1] == [row.tolist() for row in alone[:-1]]
    assert np.isnan(together[-1]).all()
    assert np.isnan(alone[-1]).all()


@pytest.mark.parametrize(("mean", "deviation"), [(0, 1), (100, 20), (-50, 10), (1e6, 2e5)])
def test_median_absolute_deviation_is_that_of_the_values(mean: float, deviation: float) -> None:
    """Where values spread over many bins, the median absolute deviation is that of the values, within a few percent."""
    values = np.random.default_rng(5).normal(mean, deviation, 20_000)
    median, mad = histogram(values.tolist()).spreads()[0]
    assert median == pytest.approx(np.median(values), abs=0.02 * deviation)
    assert mad == pytest.approx(np.median(np.abs(values - np.median(values))), rel=0.03)


def test_values_within_one_bin_still_spread() -> None:
    """N(1000, 1) falls in a bin or two: its median absolute deviation is not zero, nor more than the bins are wide."""
    values = np.random.default_rng(6).normal(1000, 1, 20_000)
    median, mad = histogram(values.tolist()).spreads()[0]
    assert median == pytest.approx(1000, rel=0.005)
    assert 0.5 < mad < 10


@pytest.mark.parametrize(
    ("values", "expected"),
    [([5.0] * 9, (5, 0)), ([0.0] * 6 + [3, 4, 5], (0, 0)), ([-1.0, 0.0, 1.0], (0, 1)), ([7.0], (7, 0))],
    ids=["constant", "mostly zero", "around zero", "one value"],
)
def test_median_absolute_deviation_of_plain_cases(values: list[float], expected: tuple[float, float]) -> None:
    """Constant values do not spread, and zero is a value like others."""
    assert histogram(values).spreads()[0] == pytest.approx(expected, rel=0.02, abs=1e-12)


def test_without_values_there_is_no_quantile() -> None:
    """An empty history has neither quantiles nor a spread: they are NaN, not zero."""
    view = View(History(SERIES))
    assert np.isnan(view.quantiles(None, None, RANKS)).all()
    assert np.isnan(view.spread(None, None).mad).all()


@given(st.lists(finite, max_size=8), st.lists(finite, max_size=8), st.lists(finite, max_size=8))
def test_counts_merge_exactly_in_any_order(a: list[float], b: list[float], c: list[float]) -> None:
    """Bins hold the same counts, in whatever order and pairs parts are merged."""
    one, two, three = (taught(SERIES, part) for part in (a, b, c))
    all_at_once = View(taught(SERIES, a + b + c)).histogram()
    for history in (one.merged(two).merged(three), three.merged(two.merged(one))):
        merged = View(history).histogram()
        assert merged.bins.tolist() == all_at_once.bins.tolist()
        assert merged.counts.tolist() == all_at_once.counts.tolist()


def test_bounds_are_widened_by_the_bins_they_fall_in() -> None:
    """A lower bound goes down to its bin's edge and an upper one up, by at most one percent; infinity stays."""
    lower, upper = widened(np.array([99.5, -3.0, -math.inf, 0.0]), np.array([100.5, -2.0, math.inf, 0.0]))
    assert (lower <= [99.5, -3.0, -math.inf, 0.0]).all()
    assert (upper >= [100.5, -2.0, math.inf, 0.0]).all()
    assert lower[:2] == pytest.approx([99.5, -3.0], rel=0.0101)
    assert upper[:2] == pytest.approx([100.5, -2.0], rel=0.0101)
    assert (lower[2], upper[2]) == (-math.inf, math.inf)
    assert (lower[3], upper[3]) == (0, 0)
