"""What live learning may not move far from, and what keeps it from that."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from ._names import ABSENT
from ._series import Floats, Ints, Rows, Series

NEVER = int(np.iinfo(np.int64).max)
"""Since when a reference holds that there is none of."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a check read from history as of the last `assay learn`, or as of the end of warming up; an element a row.

    Attributes:
        expected: The expected values.
        deviation: What one unit of deviation was.
        lower: The lower bounds.
        upper: The upper bounds.
        since: When the reference was taken, in nanoseconds; NEVER for a row without one, whose other values are NaN.
    """

    expected: Floats
    deviation: Floats
    lower: Floats
    upper: Floats
    since: Ints

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a reference."""
        return np.asarray(self.since != NEVER)


@dataclass(frozen=True)
class References:
    """The references of a series' groups. Of two for one group the older is kept, so that all workers arrive at the same.

    Attributes:
        rows: The groups that have one, ascending.
        values: A row a group, with the expected value, the deviation and both bounds.
        since: When each was taken, in nanoseconds.
    """

    rows: Rows
    values: Floats
    since: Ints

    @classmethod
    def none(cls) -> "References":
        """Return no references."""
        return cls(np.empty(0, np.int32), np.empty((0, 4)), np.empty(0, np.int64))

    @classmethod
    def of(cls, rows: Rows, values: Floats, since: Ints) -> "References":
        """Return references in whatever order they come; of several for one row, the oldest is kept."""
        kept = rows != ABSENT
        rows, values, since = rows[kept], values[kept], since[kept]
        order = np.lexsort((*values.T[::-1], since, rows))
        rows, values, since = rows[order], values[order], since[order]
        first = np.concatenate(([True], rows[1:] != rows[:-1])) if len(rows) else np.empty(0, np.bool_)
        return cls(rows[first], values[first], since[first])

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def _places(self) -> Rows:
        """Where to look for each group. Searching for it would miss the processor's cache once a step."""
        places = np.zeros(int(self.rows[-1]) + 1 if len(self.rows) else 0, np.int32)
        places[self.rows] = np.arange(len(self.rows), dtype=np.int32)
        return places

    def at(self, rows: Rows) -> Reference:
        """Return the references of groups, row by row."""
        if not len(self.rows):
            nothing = np.full(len(rows), np.nan)
            return Reference(nothing, nothing, nothing, nothing, np.full(len(rows), NEVER))
        place = self._places.take(rows, mode="clip")
        values, since = self.values.take(place, axis=0, mode="clip"), self.since.take(place, mode="clip")
        unknown = self.rows.take(place, mode="clip") != rows
        if unknown.any():
            values[unknown], since[unknown] = np.nan, NEVER
        expected, deviation, lower, upper = values.T
        return Reference(expected, deviation, lower, upper, since)

    def row(self, number: int) -> tuple[list[float], int] | None:
        """Return the values of one group, and since when they hold; None if it has no reference."""
        places = self._places
        if not 0 <= number < len(places) or int(self.rows[place := places[number]]) != number:
            return None
        return self.values[place].tolist(), int(self.since[place])

    def merged(self, other: "References") -> "References":
        """Return the references of both."""
        if not len(self) or not len(other):
            return other if not len(self) else self
        place = np.searchsorted(self.rows, other.rows)
        both = self.rows.take(place, mode="clip") == other.rows
        values, since = self.values, self.since
        if both.any():
            rows, mine = other.rows[both], place[both]
            older = References.of(
                np.concatenate((rows, rows)),
                np.concatenate((values[mine], other.values[both])),
                np.concatenate((since[mine], other.since[both])),
            )
            values, since = values.copy(), since.copy()
            values[mine], since[mine] = older.values, older.since
        new = ~both
        if not new.any():
            return References(self.rows, values, since)
        return References(
            np.insert(self.rows, place[new], other.rows[new]),
            np.insert(values, place[new], other.values[new], axis=0),
            np.insert(since, place[new], other.since[new]),
        )

    def renamed(self, rows: Rows) -> "References":
        """Return them with the rows that `rows` says, without those that it says are ABSENT."""
        return References.of(rows[self.rows], self.values, self.since)


@dataclass(frozen=True, slots=True)
class Bounded:
    """What verdicts read: expected values and bounds, and where the bound on drift acted; an element a row."""

    expected: Floats
    lower: Floats
    upper: Floats
    acted: NDArray[np.bool_]


def bounded(series: Series, expected: Floats, lower: Floats, upper: Floats, reference: Reference, now: int) -> Bounded:
    """Keep the expected value and both bounds within w deviations of the reference's, w the windows begun since.

    It is applied where history is read: so any number of workers that learn hold it together.

    Args:
        series: Whose windows count; 30 days, where it has none.
        expected: What history says now.
        lower: The lower bounds that follow.
        upper: The upper bounds that follow.
        reference: What to stay near. Rows without a reference stay as they are.
        now: The server's clock, in nanoseconds.
    """
    known = reference.known
    if not known.any():
        return Bounded(expected, lower, upper, known)
    far = series.windows_begun(np.where(known, reference.since, now), now) * reference.deviation
    values = np.array((expected, lower, upper))
    base = np.array((reference.expected, reference.lower, reference.upper))
    near = np.where(known, np.minimum(np.maximum(values, base - far), base + far), values)
    return Bounded(near[0], near[1], near[2], (near != values).any(axis=0))


def bounded_one(
    series: Series, found: tuple[float, float, float], reference: Sequence[float], since: int, now: int
) -> tuple[float, float, bool]:
    """Do what `bounded` does for one group, to the last bit; return both bounds, and whether it acted.

    Args:
        series: Whose windows count.
        found: The expected value and both bounds.
        reference: The expected value, the deviation and both bounds of the reference.
        since: When it was taken, in nanoseconds.
        now: The server's clock, in nanoseconds.
    """
    base, deviation, lowest, highest = reference
    expected, lower, upper = found
    far = (max(now - since, 0) // series.drift_window + 1) * deviation
    if (
        base - far <= expected <= base + far
        and lowest - far <= lower <= lowest + far
        and highest - far <= upper <= highest + far
    ):
        return lower, upper, False
    if any(map(isnan, (expected, lower, upper, base, far, lowest, highest))):
        return nan, nan, True
    return min(max(lower, lowest - far), lowest + far), min(max(upper, highest - far), highest + far), True


def clipped(values: Floats, expected: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return what values teach once a check is warm: clipped at twice the bounds' distance from the expected value.

    Clipping at the bounds themselves would narrow skewed history until twice as much is flagged.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return np.minimum(np.maximum(values, expected - 2 * (expected - lower)), expected + 2 * (upper - expected))
