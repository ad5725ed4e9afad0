"""How often each bin or category was seen in each group: sparse, sorted, and never changed once made."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ._names import ABSENT
from ._series import Ints, Rows

_SHIFT = 2**31


def _keys(rows: Rows, codes: Ints) -> Ints:
    return (rows.astype(np.int64) << 32) + (codes + _SHIFT)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts by group and code, which is the number of a bin or of a category.

    Attributes:
        keys: Ascending; each a group's row and a code in one number.
        counts: How often each was seen.
    """

    keys: Ints
    counts: Ints

    @classmethod
    def none(cls) -> Self:
        """Return no counts."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing)

    @classmethod
    def of(cls, rows: Rows, codes: Ints, counts: Ints | None = None) -> Self:
        """Return how often each pair of a row and a code stands there, or the sum of `counts` over it."""
        keys = _keys(rows, codes)
        if counts is None:
            return cls(*np.unique(keys, return_counts=True))
        return cls.summed(keys, counts)

    @classmethod
    def summed(cls, keys: Ints, counts: Ints) -> Self:
        """Return the sums of counts over keys, which may come in any order and repeat."""
        if not len(keys):
            return cls.none()
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        return cls(keys[starts], np.add.reduceat(counts[order], starts))

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def rows(self) -> Rows:
        """The row of each count."""
        return (self.keys >> 32).astype(np.int32)

    @property
    def codes(self) -> Ints:
        """The code of each count."""
        return (self.keys & 0xFFFF_FFFF) - _SHIFT

    def at(self, rows: Rows, codes: Ints) -> Ints:
        """Return the counts of pairs of a row and a code; 0 for those not seen."""
        if not len(self.keys):
            return np.zeros(len(rows), np.int64)
        keys = _keys(rows, codes)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, self.counts[place], 0)

    def of_rows(self, rows: Rows) -> "Counts":
        """Return the counts of some rows, each numbered by its place in `rows`; none for rows that are ABSENT."""
        wanted = np.minimum(rows, ABSENT - 1).astype(np.int64) << 32  # One more than ABSENT would not fit.
        starts, ends = np.searchsorted(self.keys, wanted), np.searchsorted(self.keys, wanted + (1 << 32))
        sizes = ends - starts
        places = np.arange(int(sizes.sum())) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
        numbers = np.repeat(np.arange(len(rows)), sizes) << 32
        return Counts(numbers + (self.keys[places] & 0xFFFF_FFFF), self.counts[places])

    def merged(self, other: "Counts") -> "Counts":
        """Return the sum of both."""
        if not len(self.keys) or not len(other.keys):
            return other if not len(self.keys) else self
        place = np.searchsorted(self.keys, other.keys)
        seen = self.keys[np.minimum(place, len(self.keys) - 1)] == other.keys
        keys, counts = self.keys, self.counts
        if not seen.all():
            new = ~seen
            keys = np.insert(keys, place[new], other.keys[new])
            counts = np.insert(counts, place[new], 0)
            place = np.searchsorted(keys, other.keys)
        else:
            counts = counts.copy()
        counts[place] += other.counts
        return Counts(keys, counts)

    def where(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> "Counts":
        """Return those that a mask says."""
        return Counts(self.keys[kept], self.counts[kept])
