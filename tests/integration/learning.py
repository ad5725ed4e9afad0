"""What processes learn in tests of the store, and what they find there."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assay_server.baselines import Baselines, Kind, Limits, Series, Store, View, group_keys
from assay_server.baselines.history import Floats, Ints

NOW = 1_700_000_000_000_000_000
DAY = 86_400 * 10**9

MOMENTS = Series(event_type="flight", check="statistics.sigma", field="/delay", by=("carrier",))
WINDOWED = Series(
    event_type="flight", check="statistics.route", field="/delay", by=("carrier", "day"), window=16 * DAY, kind=Kind.HISTOGRAM
)
CATEGORIES = Series(event_type="flight", check="statistics.novelty", field="/carrier", kind=Kind.CATEGORIES)
ALL = (MOMENTS, WINDOWED, CATEGORIES)

ROWS = 20_000
RANKS = (0.01, 0.5, 0.99)


def columns(rows: Ints) -> tuple[list[str], list[str], Floats, Ints]:
    """Return carriers, days, delays and times of some of the ROWS rows that there are."""
    rng = np.random.default_rng(11)
    carriers = rng.integers(0, 12, ROWS)
    delays = np.where(carriers == 3, 1e6, 1.0) + rng.normal(0, 20, ROWS)
    times = NOW - rng.integers(0, 20 * DAY, ROWS)
    names = [f"é\0\"\\{carrier}'" for carrier in carriers[rows]]
    return names, [str(time // DAY % 7) for time in times[rows]], delays[rows], times[rows]


def open_baselines(where: str | Path, **settings: object) -> Baselines:
    """Return baselines over a store, with all that it holds."""
    settings.setdefault("clock", lambda: NOW)
    baselines = Baselines(Store(where, clock=lambda: NOW), **settings)  # type: ignore[arg-type]  # Settings of Baselines.
    baselines.use(ALL)
    assert baselines.exchange().error is None
    return baselines


def learn(baselines: Baselines, rows: Sequence[int]) -> None:
    """Learn some of the ROWS rows."""
    carriers, days, delays, times = columns(np.array(rows, np.int64))
    baselines.learn(MOMENTS, carriers, delays, times)
    baselines.learn(WINDOWED, group_keys([carriers, days]), delays, times)
    baselines.learn(CATEGORIES, None, carriers, times)


def same(one: Baselines, other: Baselines) -> None:
    """Both read the same: counts exactly, moments within 1e-9."""
    carriers, days, _, _ = columns(np.arange(ROWS, dtype=np.int64))
    for series, groups in ((MOMENTS, sorted(set(carriers))), (WINDOWED, sorted(set(group_keys([carriers, days]) or [])))):
        for end in (NOW, NOW - 10 * DAY):
            same_view(one.snapshot[series], other.snapshot[series], groups, end)
    categories = sorted(set(carriers))
    for name in ("counts", "totals"):
        mine, others = (each.snapshot[CATEGORIES].categories(None, None, categories) for each in (one, other))
        np.testing.assert_array_equal(getattr(mine, name), getattr(others, name))


def same_view(one: View, other: View, groups: Sequence[str], end: int) -> None:
    """Both views hold the same of some groups."""
    ends = np.full(len(groups), end)
    mine, others = one.moments(groups, ends), other.moments(groups, ends)
    for name in ("n", "minimum", "maximum", "newest"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(others, name))
    np.testing.assert_allclose(mine.mean, others.mean, rtol=1e-9)
    np.testing.assert_allclose(mine.std, others.std, rtol=1e-9)
    np.testing.assert_array_equal(one.quantiles(groups, ends, RANKS), other.quantiles(groups, ends, RANKS))


def reference() -> Baselines:
    """Return what one process that learned all rows at once reads, without a store."""
    baselines = Baselines(limits=Limits(), clock=lambda: NOW)
    learn(baselines, range(ROWS))
    baselines.publish()
    return baselines


def run(where: str, part: int, parts: int) -> None:
    """Learn every `parts`-th row, a few at a time, and write each time."""
    target = where if "://" in where else Path(where)
    baselines = open_baselines(target)
    mine = np.random.default_rng(part).permutation(np.arange(part, ROWS, parts))
    for rows in np.array_split(mine, 5):
        learn(baselines, rows.tolist())
        baselines.publish()
        status = baselines.exchange()
        assert status.error is None, status.error
    baselines.close()


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.flush()
    os._exit(0)
