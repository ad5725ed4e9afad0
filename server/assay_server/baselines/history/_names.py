"""The names of groups and categories, and the numbers that stand for them in columns."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import repeat
from typing import Any

import numpy as np

from ._series import Rows

ABSENT = int(np.iinfo(np.int32).max)
"""Stands for a name without a number; beyond the end of every column."""

LONGEST_NAME = 256
"""The most characters that are kept of a value; a longer one is cut, and told from others by a digest."""

_SEPARATOR = "\x1f"
_ESCAPES = (("\x1b", "\x1b1"), (_SEPARATOR, "\x1b2"))
_HEAD = LONGEST_NAME + 1 - 33


def short_names(values: Sequence[str]) -> Sequence[str]:
    """Return texts of bounded length that differ where `values` do, so that no sender decides how much memory one takes."""
    if max(map(len, values), default=0) <= LONGEST_NAME:
        return values
    return [_short(value) for value in values]


def _short(value: str) -> str:
    if len(value) <= LONGEST_NAME:
        return value
    # One character longer than any that is kept whole: so it is nobody's own value.
    return f"{value[:_HEAD]}…{blake2b(value.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


def group_keys(columns: Sequence[Sequence[str]]) -> Sequence[str] | None:
    """Return the key of each row's group, from the columns of a batch, one a field of `by`; None if there is no field.

    Args:
        columns: Normalised values: text as it is, anything else as its JSON text.
    """
    if not columns:
        return None
    columns = [short_names(column) for column in columns]
    if len(columns) == 1:
        return columns[0]
    return list(map(_SEPARATOR.join, zip(*map(_escaped, columns), strict=True)))


def _escaped(column: Sequence[str]) -> Sequence[str]:
    together = "".join(column)
    if _SEPARATOR not in together and "\x1b" not in together:
        return column
    for plain, escape in _ESCAPES:
        column = [value.replace(plain, escape) for value in column]
    return column


def group_values(key: str, fields: int) -> tuple[str, ...]:
    """Return the values that a group's key was made of, one a field of `by`."""
    if fields == 0:
        return ()
    if fields == 1:
        return (key,)
    values = key.split(_SEPARATOR)
    for plain, escape in reversed(_ESCAPES):
        values = [value.replace(escape, plain) for value in values]
    return tuple(values)


class Names:
    """Numbers names in the order in which they come.

    Names are only ever added: all versions of a history share one, and a version knows the numbers within its columns.
    """

    __slots__ = ("_numbers",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._numbers: dict[str, int] = {}
        for name in names:
            self._numbers.setdefault(name, len(self._numbers))

    def __len__(self) -> int:
        return len(self._numbers)

    def all(self) -> list[str]:
        """Return all names, by their numbers."""
        return list(self._numbers)

    def find(self, names: Sequence[Hashable]) -> Rows:
        """Return the number of each name; ABSENT for those that have none."""
        numbers: Mapping[Any, int] = self._numbers
        return np.fromiter(map(numbers.get, names, repeat(ABSENT)), np.int32, len(names))

    def number(self, name: str) -> int:
        """Return the number of one name; ABSENT if it has none."""
        return self._numbers.get(name, ABSENT)

    def add(self, names: Sequence[str], limit: int = ABSENT) -> Rows:
        """Return the number of each name, new ones numbered up to `limit` names; ABSENT for those beyond it."""
        numbers = self._numbers
        for name in dict.fromkeys(names):
            if name not in numbers:
                if len(numbers) >= limit:
                    break
                numbers[name] = len(numbers)
        return self.find(names)
