"""Reading what one series was taught, over the window of each row."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ._bucket import Bucket
from ._counts import Counts
from ._histograms import Histograms
from ._history import MOST_GROUPS, History
from ._lesson import Known
from ._memo import Memo
from ._moments import COUNT, EMPTY, MAXIMUM, MINIMUM, Moments, combined
from ._names import ABSENT, short_names
from ._references import Reference
from ._series import NO_TIME, WINDOW_BUCKETS, Floats, Ints, Rows, Series

_UNGROUPED = [""]


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """How often categories were seen in the groups of a batch's rows; an element a row.

    Attributes:
        counts: How often the row's own category was seen.
        totals: How often any was.
    """

    counts: Floats
    totals: Floats


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and median absolute deviation (not scaled) of the groups of a batch's rows; NaN for those without values."""

    median: Floats
    mad: Floats


class View:
    """What one series was taught, as of one moment. Not changed by what is learned later.

    Rows are given as columns of a batch: `groups`, from `group_keys`, or None where there is one group; and `times` in
    nanoseconds, from which each row's window counts back, or None where the series has no window. What windows of one group
    and one bucket give is worked out once. A view belongs to one thread.
    """

    def __init__(self, history: History, most_groups: int = MOST_GROUPS) -> None:
        self._history = history
        self._full = len(history.groups) >= most_groups
        self._memos: dict[Hashable, Memo] = {}
        self._oldest = min(history.buckets, default=0)
        self._newest = max(history.buckets, default=-1)
        self._windowed = history.series.window is not None

    @property
    def series(self) -> Series:
        """Whose view it is."""
        return self._history.series

    @property
    def history(self) -> History:
        """All that was taught."""
        return self._history

    def find(self, groups: Sequence[str]) -> Known:
        """Return groups as this history knows them."""
        names = self._history.groups
        return Known(names, names.find(groups))

    def moments(self, groups: Sequence[str] | Known | None, times: Ints | None, size: int = 1) -> Moments:
        """Return the moments of each row's group over the row's window.

        Args:
            groups: The rows' groups, by their keys, or as `find` has found them if the series has no window.
            times: The rows' times.
            size: How many rows there are; used where neither groups nor times say.
        """
        history = self._history
        if self._windowed and not isinstance(groups, Known):
            return Moments(self._over_windows("moments", 6, self._moments_of, groups, times, size))
        bucket = history.buckets.get(0)
        if bucket is None:
            return Moments(np.broadcast_to(EMPTY, (_size(groups, times, size), 6)))
        if groups is None:
            return Moments(np.broadcast_to(bucket.row(0), (_size(groups, times, size), 6)))
        return Moments(bucket.take(self._numbers(groups)))

    def row(self, group: str) -> tuple[list[float], tuple[list[float], int] | None]:
        """Return the moments of one group over all of history, and the values of its reference, and since when they hold.

        They are those of `moments`, where the series has no window, and of `references`, in the order of their columns.
        """
        history = self._history
        number = history.groups.number(group)
        bucket = history.buckets.get(0)
        return EMPTY.tolist() if bucket is None else bucket.row(number), history.references.row(number)

    def quantiles(self, groups: Sequence[str] | None, times: Ints | None, ranks: tuple[float, ...], size: int = 1) -> Floats:
        """Return the quantiles of each row's group over its window: a row each, a column a rank; NaN if there are none."""
        work_out = partial(self._quantiles_of, ranks)
        return self._over_windows(("quantiles", ranks), len(ranks), work_out, groups, times, size)

    def spread(self, groups: Sequence[str] | None, times: Ints | None, size: int = 1) -> Spread:
        """Return the median and the median absolute deviation of each row's group over its window."""
        table = self._over_windows("spread", 2, self._spreads_of, groups, times, size)
        return Spread(table[:, 0], table[:, 1])

    def categories(self, groups: Sequence[str] | None, times: Ints | None, values: Sequence[str]) -> CategoryCounts:
        """Return how often each row's category was seen in its group, over its window."""
        keys = list(zip(_UNGROUPED * len(values) if groups is None else groups, short_names(values), strict=True))
        table = self._over_windows("categories", 2, self._categories_of, keys, times, len(values))
        return CategoryCounts(table[:, 0], table[:, 1])

    def refused(self, groups: Sequence[str]) -> NDArray[np.bool_]:
        """Return which groups are not kept, because there are too many."""
        return self._history.groups.find(groups) == ABSENT if self._full else np.zeros(len(groups), np.bool_)

    def references(self, groups: Sequence[str] | Known | None, size: int = 1) -> Reference:
        """Return what live learning may not move far from, for each row's group."""
        return self._history.references.at(self._numbers(groups if groups is not None else _UNGROUPED * size))

    def histogram(self, group: str = "", time: int = 0) -> Histograms:
        """Return the histogram of one group's values over the window that ends at `time`."""
        return self._histograms(self._end(time), [group])

    def top_categories(self, group: str = "", time: int = 0, most: int = 1000) -> list[tuple[str, int]]:
        """Return the most frequent categories of a group over the window that ends at `time`, most frequent first."""
        seen = self.counts(self._end(time), [group])
        codes, counts = seen.codes, seen.counts
        order = np.lexsort((codes, -counts))[:most]
        names = self._history.categories.all()
        return [(names[code], count) for code, count in zip(codes[order].tolist(), counts[order].tolist(), strict=True)]

    def groups(self) -> list[tuple[str, int]]:
        """Return the groups that hold values, with how many, over all that is kept."""
        samples = self._history.samples_of_groups()
        names = self._history.groups.all()
        return [(name, int(count)) for name, count in zip(names, samples.tolist(), strict=False) if count]

    @property
    def newest(self) -> int:
        """When the newest value happened, in nanoseconds; NO_TIME if there is none, or none had a time."""
        times = [int(Moments(bucket.moments).newest.max()) for bucket in self._history.buckets.values() if len(bucket.rows)]
        return max(times, default=NO_TIME)

    def _numbers(self, groups: Sequence[str] | Known) -> Rows:
        return groups.numbers if isinstance(groups, Known) else self._history.groups.find(groups)

    def _over_windows(
        self,
        what: Hashable,
        width: int,
        work_out: Callable[[int, Sequence[Hashable]], Floats],
        keys: Sequence[Hashable] | None,
        times: Ints | None,
        size: int,
    ) -> Floats:
        """Return a row for each key, over the window that ends in the bucket of its time."""
        size = _size(keys, times, size)
        keys = _UNGROUPED * size if keys is None else keys
        if times is None or not self._windowed:
            return self._memo(what, self._end(NO_TIME), width, work_out).take(keys)
        if size == 1:
            return self._memo(what, self._end(int(times[0])), width, work_out).take(keys)
        ends = np.clip(times // self.series.bucket_width, self._oldest - 1, self._newest + WINDOW_BUCKETS)
        different = np.unique(ends).tolist()
        if len(different) == 1:
            return self._memo(what, different[0], width, work_out).take(keys)
        table = np.empty((size, width))
        for end in different:
            places = np.flatnonzero(ends == end)
            table[places] = self._memo(what, end, width, work_out).take([keys[place] for place in places.tolist()])
        return table

    def _memo(self, what: Hashable, end: int, width: int, work_out: Callable[[int, Sequence[Hashable]], Floats]) -> Memo:
        memo = self._memos.get((what, end))
        if memo is None:
            memo = self._memos[what, end] = Memo(width, partial(work_out, end))
        return memo

    def _end(self, time: int) -> int:
        """Return the bucket in which the window that counts back from a time ends; 0 where there is no window."""
        # Windows that lie wholly before or after all history are one: nobody makes many memos by sending odd times.
        return min(max(self.series.bucket(time), self._oldest - 1), self._newest + WINDOW_BUCKETS) if self._windowed else 0

    def _window(self, end: int) -> list[Bucket]:
        buckets = self._history.buckets
        if not self._windowed:
            return list(buckets.values())
        return [buckets[number] for number in range(end - WINDOW_BUCKETS + 1, end + 1) if number in buckets]

    def _moments_of(self, end: int, groups: Sequence[Hashable]) -> Floats:
        window = self._window(end)
        rows = self._history.groups.find(groups)
        tables = np.empty((len(window), len(groups), len(EMPTY)))
        for bucket, table in zip(window, tables, strict=True):
            bucket.take(rows, table)
        return combined(tables)

    def _categories_of(self, end: int, keys: Sequence[Hashable]) -> Floats:
        groups, values = zip(*keys, strict=True)
        rows = self._history.groups.find(groups)
        codes = self._history.categories.find(values).astype(np.int64)
        counts = np.zeros(len(keys))
        for bucket in self._window(end):
            counts += bucket.counts.at(rows, codes)
        return np.stack((counts, self._moments_of(end, groups)[:, COUNT]), axis=1)

    def _quantiles_of(self, ranks: tuple[float, ...], end: int, groups: Sequence[Hashable]) -> Floats:
        return self._histograms(end, groups).quantiles(ranks)

    def _spreads_of(self, end: int, groups: Sequence[Hashable]) -> Floats:
        return self._histograms(end, groups).spreads()

    def _histograms(self, end: int, groups: Sequence[Hashable]) -> Histograms:
        moments = self._moments_of(end, groups)
        return Histograms.of(self.counts(end, groups), moments[:, MINIMUM], moments[:, MAXIMUM])

    def counts(self, end: int, groups: Sequence[Hashable]) -> Counts:
        """Return what was counted in groups over the window that ends in a bucket, by their places in `groups`."""
        rows = self._history.groups.find(groups)
        parts = [bucket.counts.of_rows(rows) for bucket in self._window(end) if len(bucket.counts)]
        if len(parts) < 2:  # noqa: PLR2004  # There is nothing to add up.
            return parts[0] if parts else Counts.none()
        keys, counts = np.concatenate([part.keys for part in parts]), np.concatenate([part.counts for part in parts])
        return Counts.summed(keys, counts)


def _size(keys: Sequence[Hashable] | Known | None, times: Ints | None, size: int) -> int:
    if keys is not None:
        return len(keys)
    return size if times is None else len(times)
