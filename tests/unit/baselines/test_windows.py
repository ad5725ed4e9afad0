"""Windows of time: how far back history reaches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.baselines import NO_TIME, Baselines, Kind
from tests.unit.baselines.making import DAY, NOW, a_series

SERIES = a_series(window=16 * DAY)
TODAY = NOW // DAY * DAY


def learned_at(times: list[int], *, clock: int = NOW) -> Baselines:
    """Return baselines that learned the numbers 0, 1, 2 … at these times."""
    baselines = Baselines(clock=lambda: clock)
    baselines.learn(SERIES, None, np.arange(len(times), dtype=np.float64), np.array(times))
    baselines.publish()
    return baselines


def seen(baselines: Baselines, *times: int) -> list[float]:
    """Return how many values the windows that end at these times hold."""
    counts: list[float] = baselines.snapshot[SERIES].moments(None, np.array(times)).n.tolist()
    return counts


def test_a_window_counts_back_from_the_rows_own_time() -> None:
    """A value is seen from its own day on, and until the window has passed, exact to a sixteenth."""
    baselines = learned_at([TODAY - 100 * DAY])
    at = TODAY - 100 * DAY
    assert seen(baselines, at, at + DAY - 1, at + 15 * DAY, at + 16 * DAY - 1) == [1, 1, 1, 1]
    assert seen(baselines, at - 1, at + 16 * DAY, NOW) == [0, 0, 0]


def test_a_window_merges_its_buckets() -> None:
    """Moments over a window are NumPy's over the values in it."""
    rng = np.random.default_rng(1)
    times = TODAY - rng.integers(0, 32 * DAY, 5000)
    values = rng.normal(5, 2, 5000)
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(SERIES, None, values, times)
    ends = TODAY - np.arange(0, 30) * DAY
    found = baselines.publish()[SERIES].moments(None, ends)
    for row, end in enumerate(ends.tolist()):
        inside = values[(times // DAY <= end // DAY) & (times // DAY > end // DAY - 16)]
        assert found.n[row] == len(inside)
        assert found.mean[row] == pytest.approx(inside.mean(), rel=1e-12)
        assert found.std[row] == pytest.approx(inside.std(ddof=1), rel=1e-12)
        assert (found.minimum[row], found.maximum[row]) == (inside.min(), inside.max())


def test_days_are_utcs() -> None:
    """Where a bucket is a day, it begins at midnight UTC."""
    baselines = learned_at([TODAY - 1, TODAY])
    assert seen(baselines, TODAY - 1, TODAY) == [1, 2]


def test_two_windows_are_kept_ending_with_the_newest_value() -> None:
    """32 buckets are kept; what is older goes, and what comes for it later teaches nothing."""
    baselines = learned_at([TODAY - (31 + back) * DAY for back in range(3)])
    baselines.learn(SERIES, None, np.array([9.0]), np.array([TODAY]))
    baselines.publish()
    assert sorted(baselines.snapshot[SERIES].history.buckets) == [TODAY // DAY - 31, TODAY // DAY]
    baselines.learn(SERIES, None, np.array([9.0]), np.array([TODAY - 32 * DAY]))
    baselines.publish()
    assert baselines.refused == {(SERIES, "too_old"): 1}


def test_old_history_stays_until_newer_comes() -> None:
    """What makes history old is newer history, not the clock: a year of 2013 serves events of 2013."""
    baselines = learned_at([NOW - 4000 * DAY], clock=NOW)
    assert seen(baselines, NOW - 4000 * DAY) == [1]


def test_the_future_teaches_nothing_and_moves_no_window() -> None:
    """Values more than one bucket ahead of the clock are refused; one bucket ahead they are learned, and age nothing."""
    baselines = learned_at([TODAY - 31 * DAY, TODAY + DAY, TODAY + 2 * DAY, TODAY + 9000 * DAY])
    assert baselines.refused == {(SERIES, "too_far_ahead"): 2}
    assert seen(baselines, TODAY - 31 * DAY, TODAY + DAY) == [1, 1]
    baselines.learn(SERIES, None, np.array([1.0]), np.array([TODAY]))
    baselines.publish()
    assert seen(baselines, TODAY - 31 * DAY) == [1]


def test_values_without_a_time_count_only_where_there_is_no_window() -> None:
    """They teach a series without a window, and are counted as refused by one with a window."""
    whole = a_series()
    baselines = Baselines(clock=lambda: NOW)
    for series in (SERIES, whole):
        baselines.learn(series, None, np.array([1.0, 2.0]), np.array([NO_TIME, NOW]))
        baselines.learn(series, None, np.array([3.0]), None)
    snapshot = baselines.publish()
    assert snapshot[SERIES].moments(None, np.array([NOW])).n.tolist() == [1]
    assert snapshot[whole].moments(None, None).n.tolist() == [3]
    assert baselines.refused == {(SERIES, "no_time"): 2}


def test_groups_that_were_only_long_ago_make_room() -> None:
    """A group whose buckets are gone counts no more towards the cap."""
    series = a_series(by=("shop",), window=16 * DAY)
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(series, ["old", "both"], np.array([1.0, 2.0]), np.full(2, TODAY - 40 * DAY))
    baselines.publish()
    baselines.learn(series, ["new", "both"], np.array([3.0, 4.0]), np.full(2, TODAY))
    view = baselines.publish()[series]
    assert view.groups() == [("both", 1), ("new", 1)]
    assert len(view.history.groups) == 2
    assert view.moments(["both", "new", "old"], np.full(3, TODAY)).mean.tolist() == [4, 3, 0]


def test_the_newest_value_is_known() -> None:
    """For a group over its window, and for a series over all that is kept; to the microsecond."""
    baselines = learned_at([NOW - 5 * DAY, NOW - 3 * DAY])
    view = baselines.snapshot[SERIES]
    assert view.newest == (NOW - 3 * DAY) // 1000 * 1000
    newest = view.moments(None, np.array([NOW, NOW - 4 * DAY, NOW - 30 * DAY])).newest
    assert newest.tolist() == [NOW - 3 * DAY, NOW - 5 * DAY, NO_TIME]
    assert Baselines().snapshot[SERIES].newest == NO_TIME


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-40, 40)), min_size=1, max_size=30))
def test_a_batch_reads_what_single_rows_read(rows: list[tuple[str, int]]) -> None:
    """Whatever times and groups stand in a batch, each row gets what it gets alone, for every kind of reading."""
    groups = [group for group, _ in rows]
    times = np.array([NOW + day * DAY for _, day in rows])
    for kind in (Kind.HISTOGRAM, Kind.CATEGORIES):
        series = a_series(kind, by=("shop",), window=16 * DAY)
        baselines = Baselines(clock=lambda: NOW)
        baselines.learn(series, groups, groups if kind is Kind.CATEGORIES else np.arange(len(rows), dtype=np.float64), times)
        baselines.publish()
        view, alone = baselines.snapshot[series], baselines.snapshot.replaced({})[series]
        single = [alone.moments([group], times[row : row + 1]).table[0].tolist() for row, group in enumerate(groups)]
        assert view.moments(groups, times).table.tolist() == single
        if kind is Kind.CATEGORIES:
            counts = view.categories(groups, times, groups)
            one_by_one = [alone.categories([group], times[row : row + 1], [group]) for row, group in enumerate(groups)]
            assert counts.counts.tolist() == [float(one.counts[0]) for one in one_by_one]
            assert counts.totals.tolist() == [float(one.totals[0]) for one in one_by_one]
        else:
            quantiles = [alone.quantiles([group], times[row : row + 1], (0.1, 0.9))[0] for row, group in enumerate(groups)]
            np.testing.assert_array_equal(view.quantiles(groups, times, (0.1, 0.9)), quantiles)
            spreads = [alone.spread([group], times[row : row + 1]).mad[0] for row, group in enumerate(groups)]
            np.testing.assert_array_equal(view.spread(groups, times).mad, spreads)


def test_a_window_has_its_buckets() -> None:
    """A window shorter than 16 ns is refused, with the reason."""
    with pytest.raises(ValueError, match="a window of 15 ns"):
        a_series(window=15)
