"""Count, mean, sum of squared deviations, minimum and maximum of many groups, and how they merge.

A table has a row for each group and a column for each of COUNT to NEWEST: rows are read at random, so that what belongs to a
group lies together. Merging is that of Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
Sample Variances", COMPSTAT 1982; summing up a batch is the corrected two-pass algorithm of the same authors, "Algorithms
for Computing the Sample Variance", The American Statistician 37 (1983).
"""

import math
import sys
from dataclasses import dataclass

import numpy as np

from ._series import NO_TIME, Floats, Ints, Rows

COUNT, MEAN, M2, MINIMUM, MAXIMUM, NEWEST = range(6)
"""The columns: how many values, their mean, the sum of their squared deviations from it, the least, the greatest, and the
time of the newest in microseconds since 1970 (which a float64 holds exactly), minus infinity if none had one."""

EMPTY = np.array([0.0, 0.0, 0.0, math.inf, -math.inf, -math.inf])
"""The row of a group without values: merging it with another gives the other."""

LARGEST = math.sqrt(sys.float_info.max)
"""The largest number whose square is finite; none that is larger is learned."""

MOST_M2 = 4e307
"""Where the sum of squared deviations ends, so that the sum of three is still finite."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What history says of the groups of a batch's rows, as columns of float64 with an element a row."""

    table: Floats

    @property
    def n(self) -> Floats:
        """How many values were learned from; 0 if none."""
        return self.table[:, COUNT]

    @property
    def mean(self) -> Floats:
        """Their mean; 0 if there are none."""
        return self.table[:, MEAN]

    @property
    def m2(self) -> Floats:
        """The sum of their squared deviations from the mean."""
        return self.table[:, M2]

    @property
    def minimum(self) -> Floats:
        """The least; infinity if there are none."""
        return self.table[:, MINIMUM]

    @property
    def maximum(self) -> Floats:
        """The greatest; minus infinity if there are none."""
        return self.table[:, MAXIMUM]

    @property
    def std(self) -> Floats:
        """Their sample standard deviation; 0 for fewer than two values."""
        return np.asarray(np.sqrt(self.table[:, M2] / np.maximum(self.table[:, COUNT] - 1, 1)))

    @property
    def newest(self) -> Ints:
        """When the newest value happened, in nanoseconds; NO_TIME if none had a time."""
        micros = self.table[:, NEWEST]
        known = np.isfinite(micros)
        return np.where(known, np.where(known, micros, 0).astype(np.int64) * 1000, NO_TIME)


def micros_of(times: Ints | None, size: int) -> Floats:
    """Return times in nanoseconds as the column NEWEST has them."""
    if times is None:
        return np.full(size, -math.inf)
    return np.where(times == NO_TIME, -math.inf, (times // 1000).astype(np.float64))


def summed_up(rows: Rows, values: Floats | None, newest: Floats, size: int) -> Floats:
    """Return the table of `size` groups from a batch of values, each in the group that `rows` says.

    Args:
        rows: The group of each value, 0 to size - 1.
        values: None of them larger than LARGEST, or None to count only.
        newest: The time of each, as in the column NEWEST.
        size: How many groups there are.
    """
    table = np.empty((size, 6))
    table[:] = EMPTY
    counts = np.bincount(rows, minlength=size).astype(np.float64)
    table[:, COUNT] = counts
    np.maximum.at(table[:, NEWEST], rows, newest)
    if values is None:
        table[:, MINIMUM] = table[:, MAXIMUM] = 0.0
        return table
    values = values + 0.0  # Makes one zero of two.
    weights = np.maximum(counts, 1.0)
    np.minimum.at(table[:, MINIMUM], rows, values)
    np.maximum.at(table[:, MAXIMUM], rows, values)
    mean = np.bincount(rows, weights=values, minlength=size) / weights
    off = values - mean[rows]
    rest = np.bincount(rows, weights=off, minlength=size)
    with np.errstate(over="ignore", under="ignore"):
        squares = np.bincount(rows, weights=off * off, minlength=size) - rest * (rest / weights)
    table[:, MEAN] = np.clip(mean + rest / weights, table[:, MINIMUM], table[:, MAXIMUM])
    table[:, M2] = np.clip(squares, 0.0, MOST_M2)
    return table


def combined(parts: Floats) -> Floats:
    """Return the table that any number of tables of the same shape make together, row by row."""
    if len(parts) < 2:  # noqa: PLR2004  # One is its own merge, and none is an empty table.
        return parts[0] if len(parts) else np.broadcast_to(EMPTY, parts.shape[1:])
    counts, means = parts[:, :, COUNT], parts[:, :, MEAN]
    table = np.empty(parts.shape[1:])
    total = counts.sum(axis=0)
    table[:, COUNT] = total
    table[:, MINIMUM] = parts[:, :, MINIMUM].min(axis=0)
    table[:, MAXIMUM] = parts[:, :, MAXIMUM].max(axis=0)
    table[:, NEWEST] = parts[:, :, NEWEST].max(axis=0)
    mean = (counts * means).sum(axis=0) / np.maximum(total, 1.0)
    np.clip(mean, table[:, MINIMUM], table[:, MAXIMUM], out=mean, where=total > 0)
    table[:, MEAN] = mean
    with np.errstate(over="ignore", under="ignore"):
        between = (counts * (means - mean) ** 2).sum(axis=0)
        table[:, M2] = np.minimum(parts[:, :, M2].sum(axis=0) + between, MOST_M2)
    return table


def merged(one: Floats, other: Floats) -> Floats:
    """Return the table that two tables of the same shape make together, row by row."""
    table = np.empty_like(one)
    count, more = one[:, COUNT], other[:, COUNT]
    total = count + more
    share = more / np.maximum(total, 1.0)
    delta = other[:, MEAN] - one[:, MEAN]
    with np.errstate(over="ignore", under="ignore"):
        between = np.minimum(delta * (count * share) * delta, MOST_M2)
        table[:, MEAN] = one[:, MEAN] + delta * share
        table[:, M2] = np.minimum(one[:, M2] + other[:, M2] + between, MOST_M2)
    table[:, COUNT] = total
    table[:, MINIMUM] = np.minimum(one[:, MINIMUM], other[:, MINIMUM])
    table[:, MAXIMUM] = np.maximum(one[:, MAXIMUM], other[:, MAXIMUM])
    table[:, NEWEST] = np.maximum(one[:, NEWEST], other[:, NEWEST])
    some = total > 0
    np.clip(table[:, MEAN], table[:, MINIMUM], table[:, MAXIMUM], out=table[:, MEAN], where=some)
    return table
