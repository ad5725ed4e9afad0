"""Rows of moments, most of which a version of a history has in common with the version before."""

from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from ._moments import EMPTY
from ._series import Floats, Ints, Rows

_SPARE = 4
"""A table gets room for so many times fewer changed rows than it has rows: a quarter."""

Places = Ints | Rows


@dataclass(slots=True)
class _Memory:
    """Rows that tables share, the empty row first; what is in use is not changed any more."""

    rows: Floats
    used: int
    lock: Lock = field(default_factory=Lock)

    def add(self, rows: Floats) -> int | None:
        """Put rows behind those that are in use, and return where they begin; None if there is no room."""
        with self.lock:
            start, end = self.used, self.used + len(rows)
            if end > len(self.rows):
                return None
            self.used = end
        self.rows[start:end] = rows
        return start


@dataclass(frozen=True, slots=True)
class Table:
    """A row of moments for each group, and one more that is empty. Never changed once made.

    A million groups are 48 MB, of which a second's events change a part. So a table that differs in some rows from another
    shares its memory: its own rows come behind the others, and what is copied is where each row is. When there is no more
    room, those rows that count are copied to memory with room for as many more as `_SPARE` says.
    """

    _memory: _Memory
    _places: Rows

    @classmethod
    def of(cls, rows: Floats) -> "Table":
        """Return the table with these rows, (n, 6)."""
        return cls(_Memory(np.concatenate((EMPTY[None], rows)), len(rows) + 1), _in_order(len(rows)))

    def __len__(self) -> int:
        """How many rows there are, without the empty one."""
        return len(self._places) - 1

    def all(self) -> Floats:
        """Return all rows but the empty one, (n, 6)."""
        return self._memory.rows.take(self._places[:-1], axis=0)

    def take(self, numbers: Places, out: Floats | None = None) -> Floats:
        """Return rows by their numbers; the empty one for whatever is beyond the end."""
        return self._memory.rows.take(self._places.take(numbers, mode="clip"), axis=0, out=out, mode="clip")

    def row(self, number: int) -> list[float]:
        """Return one row; -1 is the empty one."""
        row: list[float] = self._memory.rows[self._places[number]].tolist()
        return row

    def with_empty(self, numbers: Places) -> "Table":
        """Return the table with empty rows put before these."""
        return Table(self._memory, np.insert(self._places, numbers, 0))

    def changed(self, numbers: Places, rows: Floats) -> "Table":
        """Return the table with other rows for these numbers, which all differ."""
        start = self._memory.add(rows)
        if start is not None:
            places = self._places.copy()
            places[numbers] = np.arange(start, start + len(rows), dtype=np.int32)
            return Table(self._memory, places)
        size = len(self) + 1
        memory = _Memory(np.empty((size + len(self) // _SPARE, 6)), size)
        memory.rows[0] = EMPTY
        self._memory.rows.take(self._places[:-1], axis=0, out=memory.rows[1:size], mode="clip")
        places = _in_order(len(self))
        memory.rows[places[numbers]] = rows
        return Table(memory, places)


def _in_order(size: int) -> Rows:
    places = np.arange(1, size + 2, dtype=np.int32)
    places[size] = 0
    return places
