"""Series and histories for tests."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from assay_server.baselines import Kind, Series
from assay_server.baselines.history import History, Lesson, View, learned

NOW = 1_700_000_000_000_000_000
"""What clocks say in these tests: 2023-11-14T22:13:20Z, in nanoseconds since 1970."""

DAY = 86_400 * 10**9
"""A day in nanoseconds."""


def a_series(kind: Kind = Kind.MOMENTS, *, by: Sequence[str] = (), window: int | None = None, field: str = "/amount") -> Series:
    """Return a series."""
    return Series(event_type="order.placed", check="statistics.usual", field=field, by=tuple(by), window=window, kind=kind)


def taught(series: Series, values: Sequence[float] | Sequence[str], groups: Sequence[str] | None = None) -> History:
    """Return what values without times teach a series."""
    column = list(values) if series.kind is Kind.CATEGORIES else np.array(values, np.float64)
    return learned(series, [Lesson(groups, column, None)], NOW, Counter())  # type: ignore[arg-type]  # Is what the kind says.


def moments(history: History, group: str = "") -> list[float]:
    """Return count, mean, sum of squared deviations, minimum and maximum of a group."""
    table: list[float] = View(history).moments([group], None).table[0, :5].tolist()
    return table
