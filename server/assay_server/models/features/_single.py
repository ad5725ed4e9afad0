"""One event's features as a matrix, at a small part of what a batch of one costs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._encoding import Encoding, Floats
from ._spec import FeatureKind, FeatureSpec

_PLAIN_NUMBERS = frozenset({float, int, bool})
_LARGEST = float(np.finfo(np.float64).max)
_NUMBER, _SHARE, _COLUMN, _TIME = range(4)
_WAYS = {
    FeatureKind.NUMBER: _NUMBER,
    FeatureKind.BOOLEAN: _NUMBER,
    FeatureKind.FREQUENCY: _SHARE,
    FeatureKind.ONE_HOT: _COLUMN,
    FeatureKind.HOUR: _TIME,
    FeatureKind.WEEKDAY: _TIME,
}
_HOUR = 3_600_000_000_000
_WEEK = 7 * 24


class SingleEncoder:
    """Encodes one event at a time, as an `Encoding` does.

    Args:
        encoding: What training saw.
    """

    __slots__ = ("_empty", "_numeric", "_ways")

    def __init__(self, encoding: Encoding) -> None:
        self._empty = [0.0] * encoding.width
        starts = np.searchsorted(encoding.owners, np.arange(len(encoding.features))).tolist()
        self._ways = [
            (_WAYS[feature.kind], start, _table(feature, start, shares))
            for feature, start, shares in zip(encoding.features, starts, encoding.categories, strict=True)
        ]
        self._numeric = all(way == _NUMBER for way, _, _ in self._ways)

    def encode(self, values: Sequence[Any]) -> Floats | None:
        """Return the matrix of one event, float64 (1, width).

        Args:
            values: The value of each feature, in their order; nanoseconds since 1970 for times.

        Returns:
            None if a value is not plainly what it should be: missing, of another type, or a number that is not finite.
        """
        if self._numeric:
            for value in values:
                if type(value) not in _PLAIN_NUMBERS or not -_LARGEST <= value <= _LARGEST:
                    return None
            return np.array((values,), np.float64)
        row = self._empty.copy()
        for (way, start, table), value in zip(self._ways, values, strict=True):
            if way == _NUMBER:
                if type(value) not in _PLAIN_NUMBERS or not -_LARGEST <= value <= _LARGEST:
                    return None
                row[start] = value
            elif way == _TIME:
                if type(value) is not int:
                    return None
                row[start], row[start + 1] = table[value // _HOUR % _WEEK]
            elif type(value) is not str:
                return None
            elif way == _SHARE:
                row[start] = table.get(value, 0.0)
            elif (place := table.get(value)) is not None:
                row[place] = 1.0
        return np.array((row,), np.float64)


def _table(feature: FeatureSpec, start: int, shares: Any) -> Any:
    """Return what one value of a feature is looked up in."""
    if _WAYS[feature.kind] == _TIME:  # What the encoding makes of each hour of the week that 1970 began in.
        hours = {feature.name: np.arange(_WEEK, dtype=np.int64) * _HOUR}
        return Encoding.fit([feature], hours).encode(hours).tolist()
    if _WAYS[feature.kind] == _COLUMN:
        return {text: start + place for place, text in enumerate(shares)}
    return shares
