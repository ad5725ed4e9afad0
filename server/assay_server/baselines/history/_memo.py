"""Rows worked out once for each key, and read in columns."""

from collections.abc import Callable, Hashable, Sequence
from itertools import repeat

import numpy as np

from ._series import Floats

_MOST = 65_536


class Memo:
    """Gives the row of each key of a batch, working out only those that it has not seen.

    Args:
        width: How many columns a row has.
        work_out: Takes distinct keys; returns a row each.
    """

    __slots__ = ("_rows", "_table", "_work_out")

    def __init__(self, width: int, work_out: Callable[[Sequence[Hashable]], Floats]) -> None:
        self._rows: dict[Hashable, int] = {}
        self._table = np.empty((8, width))
        self._work_out = work_out

    def take(self, keys: Sequence[Hashable]) -> Floats:
        """Return a row for each key."""
        rows = list(map(self._rows.get, keys, repeat(-1)))
        if -1 in rows:
            missing = list(dict.fromkeys(key for key, row in zip(keys, rows, strict=True) if row == -1))
            if len(missing) + len(self._rows) > _MOST:
                self._rows.clear()
                missing = list(dict.fromkeys(keys))
            self._add(missing)
            rows = list(map(self._rows.__getitem__, keys))
        return self._table.take(rows, axis=0)

    def _add(self, keys: Sequence[Hashable]) -> None:
        start = len(self._rows)
        end = start + len(keys)
        if end > len(self._table):
            table = np.empty((max(end, 2 * len(self._table)), self._table.shape[1]))
            table[:start] = self._table[:start]
            self._table = table
        self._table[start:end] = self._work_out(keys)
        self._rows.update(zip(keys, range(start, end), strict=True))
