"""The history of one span of time: the moments of its groups, and their bins or categories."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ._counts import Counts
from ._moments import COUNT, merged
from ._names import ABSENT
from ._series import Floats, Ints, Rows
from ._table import Table


@dataclass(frozen=True)
class Bucket:
    """What was learned from one span of time; from all of it where there is no window. Never changed once made.

    Attributes:
        rows: The groups that have values, ascending.
        table: Their moments, a row each.
        counts: Their bins or categories.
    """

    rows: Rows
    table: Table
    counts: Counts

    @classmethod
    def of(cls, rows: Rows, table: Floats, counts: Counts) -> "Bucket":
        """Return the bucket with a table of moments whose rows are those of `rows`, ascending."""
        return cls(rows, Table.of(table), counts)

    @cached_property
    def _whole(self) -> bool:
        return not len(self.rows) or int(self.rows[-1]) == len(self.rows) - 1

    @property
    def moments(self) -> Floats:
        """The moments of its groups, a row each."""
        return self.table.all()

    def take(self, rows: Rows, out: Floats | None = None) -> Floats:
        """Return the moments of groups, row by row; empty ones for those that have no values."""
        if self._whole:  # So a group's place is its number, and one beyond the end is the empty row.
            return self.table.take(rows, out)
        place = np.searchsorted(self.rows, rows)
        place[self.rows.take(place, mode="clip") != rows] = len(self.rows)
        return self.table.take(place, out)

    def row(self, number: int) -> list[float]:
        """Return the moments of one group, as `take` does."""
        place = number if self._whole else int(self.rows.searchsorted(np.int32(number)))
        known = place < len(self.rows) and int(self.rows[place]) == number
        return self.table.row(place if known else -1)

    def merged(self, other: "Bucket") -> "Bucket":
        """Return the bucket that both make together."""
        rows, table = self.rows, self.table
        if not len(rows):
            return other if not len(self.counts) else Bucket(other.rows, other.table, self.counts.merged(other.counts))
        place = np.minimum(other.rows, len(rows)) if self._whole else np.searchsorted(rows, other.rows)
        new = rows.take(place, mode="clip") != other.rows
        if new.any():
            table = table.with_empty(place[new])
            rows = np.insert(rows, place[new], other.rows[new])
            place = np.searchsorted(rows, other.rows)
        changed = table.changed(place, merged(table.take(place), other.moments))
        return Bucket(rows, changed, self.counts.merged(other.counts))

    def moved(self, rows: Rows) -> "Bucket":
        """Return it with the numbers of groups that `rows` says, which ascend."""
        counts = self.counts
        if len(counts):
            counts = Counts.of(rows[counts.rows], counts.codes, counts.counts)
        return Bucket(rows[self.rows], self.table, counts)

    def renamed(self, rows: Rows, codes: Ints | None) -> "Bucket":
        """Return it with the numbers of groups, and of categories, that these say, without those that they say are ABSENT.

        Args:
            rows: The number of each group.
            codes: The number of each category; None if codes stay as they are.
        """
        to = rows[self.rows]
        kept = np.flatnonzero(to != ABSENT)
        order = kept[np.argsort(to[kept], kind="stable")]
        counts = self.counts
        if len(counts):
            counted_rows = rows[counts.rows]
            counted_codes = counts.codes if codes is None else codes[counts.codes]
            stay = (counted_rows != ABSENT) & (counted_codes != ABSENT)
            counts = Counts.of(counted_rows[stay], counted_codes[stay], counts.counts[stay])
        return Bucket.of(to[order], self.moments[order], counts)

    @property
    def samples(self) -> int:
        """How many values it was learned from."""
        return int(self.moments[:, COUNT].sum())
