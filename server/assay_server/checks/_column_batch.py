"""Events that are in columns already."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ._batch import Batch
from ._columns import Reading
from ._table import Ints


class ColumnBatch(Batch):
    """Rows of a table that the schema accepts: a batch without models, for checks that learn from fields alone.

    What several rows have in common is looked at once. `failures` says nothing.

    Args:
        reading: The table, as the schema reads it.
        rows: Which of its rows, in order.
        times: When each of them happened.
    """

    __slots__ = ("_reading", "_taken")

    def __init__(self, reading: Reading, rows: Ints, times: Ints) -> None:
        super().__init__(rows.tolist(), (), cast("Sequence[int]", times))
        self._reading = reading
        self._taken = rows

    def _values(self, field: str) -> list[Any]:
        values, places = self._read(field)
        found: list[Any] = _objects(values)[places].tolist()
        return found

    def _numbers(self, field: str) -> npt.NDArray[np.float64]:
        values, places = self._read(field)
        return self._as_numbers("", values)[places]

    def _texts(self, field: str) -> list[str | None]:
        values, places = self._read(field)
        texts: list[str | None] = _objects(self._as_texts("", values))[places].tolist()
        return texts

    def _read(self, field: str) -> tuple[list[Any], Ints]:
        """Return the values of a field or of a nested one, and which of them each row has."""
        first, *rest = field.split(".")
        read = self._reading.fields[first]
        values = read.values.tolist()
        for name in rest:
            values = [getattr(value, name, None) for value in values]
        return values, read.places[self._taken]


def _objects(values: list[Any]) -> npt.NDArray[np.object_]:
    return np.fromiter(values, np.object_, len(values))
