"""Reading history as it is after each row of a batch: for going through the past row by row, many rows at a time."""

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._bins import bins_of
from ._counts import Counts
from ._histograms import Histograms
from ._lesson import Known, Lesson, usable
from ._moments import EMPTY, M2, MAXIMUM, MINIMUM, MOST_M2, Moments, merged, micros_of
from ._names import short_names
from ._series import NO_TIME, WINDOW_BUCKETS, Floats, Ints
from ._view import CategoryCounts, Spread, View

_CODES = 0xFFFF_FFFF


class RunningView(View):
    """What one series was taught, as of each row of a batch: before the batch, and by the rows of the batch before it.

    It is read with the batch's own columns. Where there is a window, times must ascend, and the first must lie in the window of
    the last.

    Args:
        before: What was taught before the batch.
        lesson: The batch's columns, what teaches nothing among them.
        present: Which rows have a value and a group; None if all have.
        now: The clock, in nanoseconds.
    """

    def __init__(self, before: View, lesson: Lesson, present: NDArray[np.bool_] | None, now: int) -> None:
        super().__init__(before.history)
        size = len(lesson)
        self._before = before
        self._lesson = lesson
        self._keys: Sequence[str] = [""] * size if lesson.groups is None else lesson.groups
        teaches = np.zeros(size, np.bool_)
        teaches[usable(self.series, lesson.values, lesson.times, now, Counter())] = True
        if present is not None:
            teaches &= present
        if lesson.groups is not None:
            teaches &= ~before.refused(lesson.groups)
        if self._windowed and lesson.times is not None:
            teaches &= lesson.times // self.series.bucket_width >= self.history.oldest_kept(now)
        self._teaches: list[bool] = teaches.tolist()
        # Where there is a window, history means nothing to a row without a time.
        self._blind = np.zeros(size, np.bool_)
        if self._windowed and lesson.times is not None:
            self._blind |= lesson.times == NO_TIME

    def refused(self, groups: Sequence[str]) -> NDArray[np.bool_]:
        """Return which groups are not kept, because there are too many."""
        return self._before.refused(groups)

    def moments(self, groups: Sequence[str] | Known | None, times: Ints | None, size: int = 1) -> Moments:
        """Return the moments of each row's group over the row's window."""
        return Moments(merged(self._before.moments(groups, times, size).table, self._own_moments))

    def quantiles(self, groups: Sequence[str] | None, times: Ints | None, ranks: tuple[float, ...], size: int = 1) -> Floats:
        """Return the quantiles of each row's group over its window: a row each, a column a rank; NaN if there are none."""
        return self._of_rows(groups, times, size).quantiles(ranks)

    def spread(self, groups: Sequence[str] | None, times: Ints | None, size: int = 1) -> Spread:
        """Return the median and the median absolute deviation of each row's group over its window."""
        table = self._of_rows(groups, times, size).spreads()
        return Spread(table[:, 0], table[:, 1])

    def categories(self, groups: Sequence[str] | None, times: Ints | None, values: Sequence[str]) -> CategoryCounts:
        """Return how often each row's category was seen in its group, over its window."""
        before = self._before.categories(groups, times, values)
        seen: Counter[tuple[str, str]] = Counter()
        totals: Counter[str] = Counter()
        own = np.zeros((len(values), 2))
        for row, (key, value, teaches) in enumerate(zip(self._keys, short_names(values), self._teaches, strict=True)):
            own[row] = seen[key, value], totals[key]
            if teaches:
                seen[key, value] += 1
                totals[key] += 1
        own[self._blind] = 0
        return CategoryCounts(before.counts + own[:, 0], before.totals + own[:, 1])

    @cached_property
    def _own_moments(self) -> Floats:
        """Return the moments of the rows of the batch before each, in its group.

        Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", Technometrics 4 (1962).
        """
        values: list[float] = np.asarray(self._lesson.values, np.float64).tolist()
        newest: list[float] = micros_of(self._lesson.times, len(values)).tolist()
        nothing = tuple(EMPTY.tolist())
        held: dict[str, tuple[float, ...]] = {}
        rows = []
        for key, value, time, teaches in zip(self._keys, values, newest, self._teaches, strict=True):
            before = held.get(key, nothing)
            rows.append(before)
            if teaches:
                n, mean, m2, minimum, maximum, latest = before
                off = value - mean
                mean += off / (n + 1)
                m2 += off * (value - mean)
                held[key] = (n + 1, mean, m2, min(minimum, value), max(maximum, value), max(latest, time))
        table = np.array(rows, np.float64).reshape(len(rows), len(EMPTY))
        table[:, M2] = np.minimum(table[:, M2], MOST_M2)
        table[self._blind] = EMPTY
        return table

    def _of_rows(self, groups: Sequence[str] | None, times: Ints | None, size: int) -> Histograms:
        """Return the histogram of each row's group over its window."""
        table = self.moments(groups, times, size).table
        parts = [*self._counted_before(times), self._own_counts()]
        keys, counts = np.concatenate([part.keys for part in parts]), np.concatenate([part.counts for part in parts])
        return Histograms.of(Counts.summed(keys, counts), table[:, MINIMUM], table[:, MAXIMUM])

    def _counted_before(self, times: Ints | None) -> list[Counts]:
        if times is None or not self._windowed:
            return [self._before.counts(0, self._keys)]
        ends = np.clip(times // self.series.bucket_width, self._oldest - 1, self._newest + WINDOW_BUCKETS)
        parts = []
        for end in np.unique(ends).tolist():
            places = np.flatnonzero(ends == end)
            keys: Sequence[Hashable] = [self._keys[place] for place in places.tolist()]
            found = self._before.counts(end, keys)
            parts.append(Counts((places[found.rows] << 32) + (found.keys & _CODES), found.counts))
        return parts

    def _own_counts(self) -> Counts:
        """Return the bins of the rows of the batch before each, in its group."""
        bins: list[int] = bins_of(np.where(self._teaches, np.asarray(self._lesson.values, np.float64), 0.0)).tolist()
        blind: list[bool] = self._blind.tolist()
        held: dict[str, list[int]] = {}
        rows: list[int] = []
        codes: list[int] = []
        for row, (key, code, teaches) in enumerate(zip(self._keys, bins, self._teaches, strict=True)):
            before = held.setdefault(key, [])
            if not blind[row]:
                rows += [row] * len(before)
                codes += before
            if teaches:
                before.append(code)
        return Counts.of(np.array(rows, np.int32), np.array(codes, np.int64))
