"""The names of groups and categories, and the numbers that stand for them in columns."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import count, repeat
from typing import Any

import numpy as np

from ._series import Ints, Rows

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


def group_key(values: Sequence[str]) -> str:
    """Return the key of one row's group, as `group_keys` does; "" if there is no field."""
    if len(values) == 1 and len(values[0]) <= LONGEST_NAME:
        return values[0]
    keys = group_keys([[value] for value in values])
    return "" if keys is None else keys[0]


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

    __slots__ = ("_all", "_index")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._index: defaultdict[str, int] | None = _index(names)
        self._all: list[str] = []

    @classmethod
    def of(cls, names: list[str]) -> "Names":
        """Return names that all differ, for one thread: they are put into an index when one of them is looked for."""
        made = cls()
        made._index, made._all = None, names
        return made

    @property
    def _numbers(self) -> defaultdict[str, int]:
        if self._index is None:
            self._index = _index(self._all)
        return self._index

    def __len__(self) -> int:
        return len(self._all if self._index is None else self._index)

    def all(self) -> list[str]:
        """Return all names, by their numbers; not to be changed."""
        if self._index is not None and len(self._all) < len(self._index):
            self._all = list(self._index)
        return self._all

    def find(self, names: Sequence[Hashable]) -> Rows:
        """Return the number of each name; ABSENT for those that have none."""
        numbers: Mapping[Any, int] = self._numbers
        return np.fromiter(map(numbers.get, names, repeat(ABSENT)), np.int32, len(names))

    def number(self, name: str) -> int:
        """Return the number of one name; ABSENT if it has none."""
        return self._numbers.get(name, ABSENT)

    def part(self, numbers: Ints | Rows) -> tuple["Names", Rows]:
        """Return the names that have these numbers, which ascend, with numbers of their own, and those by the numbers here.

        They are these names themselves, if those are all.
        """
        if len(numbers) == len(self):
            return self, np.arange(len(numbers), dtype=np.int32)
        to = np.full(int(numbers[-1]) + 1 if len(numbers) else 0, ABSENT, np.int32)
        to[numbers] = np.arange(len(numbers), dtype=np.int32)
        return Names.of(list(map(self.all().__getitem__, numbers.tolist()))), to

    def add(self, names: Sequence[str]) -> Rows:
        """Return the number of each name; new ones are numbered."""
        return np.fromiter(map(self._numbers.__getitem__, names), np.int32, len(names))


def _index(names: Iterable[str]) -> defaultdict[str, int]:
    # A name that is not there gets the next number: adding many is one loop, and that is not Python's.
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    deque(map(numbers.__getitem__, names), maxlen=0)
    return numbers
