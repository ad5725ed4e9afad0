"""Events that are checked together, and their columns."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from numbers import Real
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from pydantic_core import to_json, to_jsonable_python

from assay_server.baselines import NO_TIME, Snapshot, group_keys
from assay_server.contracts import Contract, EventContract

_PLAIN_NUMBERS = frozenset({float, int, bool, type(None), np.float64})
_TEXT = {str}
_INT64 = np.iinfo(np.int64)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK = 7 * 86_400 * 10**9

NO_INSTANT = int(_INT64.min)
"""Stands in a column of instants where an event has none."""

S = TypeVar("S")
T = TypeVar("T")


class Groups(NamedTuple):
    """The group of each event.

    Attributes:
        keys: As baselines name groups; None if there is one group only. Means nothing for events without a group.
        missing: Which events have none, because a value that makes it is missing; None if all have one.
        failed: Those of them for which a feature could not be computed.
    """

    keys: Sequence[str] | None
    missing: npt.NDArray[np.bool_] | None
    failed: frozenset[int]


class Batch:
    """Events of one contract that the schema and every layer so far have accepted.

    Columns are made once, however many checks read them. A feature that cannot be computed for an event is like a value that
    is missing there, and `failures` says why.

    Attributes:
        rows: Where each event stands in the report.
        models: The events as the contract reads them, as long as `rows`.
        times: When each happened, nanoseconds since 1970, UTC; the time of receipt where the event has none.
        snapshot: The history to compare with; None for the newest.
        in_order: Whether each event is compared with history as it is once those before it in the batch have taught it.
        notes: What a check that has run keeps for learning from the batch, by check.
    """

    __slots__ = ("_columns", "_failures", "in_order", "models", "notes", "rows", "snapshot", "times")

    def __init__(
        self,
        rows: Sequence[int],
        models: Sequence[EventContract],
        times: Sequence[int],
        *,
        snapshot: Snapshot | None = None,
        in_order: bool = False,
    ) -> None:
        self.rows = rows
        self.models = models
        self.times = times
        self.snapshot = snapshot
        self.in_order = in_order
        self.notes: dict[object, Any] = {}
        self._columns: dict[object, Any] = {}
        self._failures: dict[str, dict[int, BaseException]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def values(self, field: str) -> list[Any]:
        """Return a column: the value of a field or feature, or of a nested one ("customer.country"), for each event.

        A value is None where the event has none, or where a part of the path is None.
        """
        return self._column(("values", field), self._values, field)

    def records(self) -> list[dict[str, Any]]:
        """Return the fields of each event by name: reading many of them takes a third of what asking the models does."""
        return self._column("records", _records, self.models)

    def numbers(self, field: str) -> npt.NDArray[np.float64]:
        """Return a column as float64: NaN where a value is None, infinite where it is too large for a double."""
        return self._column(("numbers", field), self._numbers, field)

    def texts(self, field: str) -> list[str | None]:
        """Return a column as categories: text as it is, anything else as its JSON text, None where a value is None."""
        return self._column(("texts", field), self._texts, field)

    def groups(self, by: tuple[str, ...]) -> Groups:
        """Return the group that these fields make for each event."""
        return self._column(("groups", by), self._groups, by)

    def nanoseconds(self) -> npt.NDArray[np.int64]:
        """Return `times` as a column; those that an int64 cannot hold are as far away as it can say."""
        return self._column("nanoseconds", _nanoseconds, self.times)

    def instants(self, field: str) -> npt.NDArray[np.int64]:
        """Return a column of datetimes as nanoseconds since 1970, UTC; NO_INSTANT where a value is None.

        One without a zone is taken for UTC. One beyond what an int64 holds is moved by whole weeks.
        """
        return self._column(("instants", field), self._instants, field)

    def event_instants(self) -> npt.NDArray[np.int64]:
        """Return `times` as a column; those that an int64 cannot hold are moved by whole weeks."""
        return self._column("instants", _wrapped, self.times)

    def failures(self, field: str) -> dict[int, BaseException]:
        """Return why a column could not be computed, by the place of the event in the batch; after the column was asked for."""
        return self._failures.get(field, {})

    def without(self, rejected: set[int]) -> "Batch":
        """Return the batch without the events at these rows."""
        if rejected.isdisjoint(self.rows):
            return self
        kept = [index for index, row in enumerate(self.rows) if row not in rejected]
        return Batch(
            [self.rows[index] for index in kept],
            [self.models[index] for index in kept],
            [self.times[index] for index in kept],
            snapshot=self.snapshot,
            in_order=self.in_order,
        )

    def _column(self, key: object, make: Callable[[S], T], source: S) -> T:
        column: T | None = self._columns.get(key)
        if column is None:
            column = self._columns[key] = make(source)
        return column

    def _values(self, field: str) -> list[Any]:
        first, *rest = field.split(".")
        read = attrgetter(first)
        try:
            if first in type(self.models[0]).__pydantic_fields__:
                values = list(map(itemgetter(first), self.records()))
            else:
                values = list(map(read, self.models))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # An author's own code may raise anything.
            values = [self._try(field, index, read, model) for index, model in enumerate(self.models)]
        for name in rest:
            values = [getattr(value, name, None) for value in values]  # A branch of a union may have no such part.
        return values

    def _try(self, field: str, index: int, attempt: Callable[[Any], T], value: Any) -> T | None:
        try:
            return attempt(value)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001
            self._failures.setdefault(field, {})[index] = error
            return None

    def _numbers(self, field: str) -> npt.NDArray[np.float64]:
        return self._as_numbers(field, self.values(field))

    def _as_numbers(self, field: str, values: list[Any]) -> npt.NDArray[np.float64]:
        if not _PLAIN_NUMBERS.issuperset(map(type, values)):
            values = [self._try(field, index, _double, value) for index, value in enumerate(values)]
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:
            return np.array([_double(value) for value in values], dtype=np.float64)

    def _texts(self, field: str) -> list[str | None]:
        return self._as_texts(field, self.values(field))

    def _as_texts(self, field: str, values: list[Any]) -> list[str | None]:
        if set(map(type, values)) <= _TEXT:
            return values
        return [self._try(field, index, text_of, value) for index, value in enumerate(values)]

    def _instants(self, field: str) -> npt.NDArray[np.int64]:
        found = [self._try(field, index, instant_of, value) for index, value in enumerate(self.values(field))]
        return np.array([NO_INSTANT if one is None else one for one in found], dtype=np.int64)

    def _groups(self, by: tuple[str, ...]) -> Groups:
        missing: npt.NDArray[np.bool_] | None = None
        failed: set[int] = set()
        columns: list[list[str]] = []
        for field in by:
            texts = self.texts(field)
            failed.update(self.failures(field))
            if texts is not self.values(field) and None in texts:  # The same list is one of texts alone.
                absent = np.array([text is None for text in texts])
                missing = absent if missing is None else missing | absent
                texts = [text or "" for text in texts]
            columns.append(cast("list[str]", texts))
        return Groups(group_keys(columns), missing, frozenset(failed))


def _records(models: Sequence[EventContract]) -> list[dict[str, Any]]:
    return [model.__dict__ for model in models]


def _nanoseconds(times: Sequence[int]) -> npt.NDArray[np.int64]:
    try:
        return np.array(times, dtype=np.int64)
    except OverflowError:
        # The least is NO_TIME, and stays so.
        near = (time if time == NO_TIME else min(max(time, _INT64.min + 1), _INT64.max) for time in times)
        return np.array(list(near), dtype=np.int64)


def _wrapped(times: Sequence[int]) -> npt.NDArray[np.int64]:
    try:
        return np.array(times, dtype=np.int64)
    except OverflowError:
        return np.array([_within(time) for time in times], dtype=np.int64)


def _within(time: int) -> int:
    return time if NO_INSTANT <= time <= _INT64.max else time % _WEEK


def instant_of(value: datetime | None) -> int | None:
    """Return a datetime as nanoseconds since 1970, UTC, moved by whole weeks where an int64 cannot hold it.

    Raises:
        TypeError: If it is no datetime.
    """
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} is no datetime")
    span = (value if value.tzinfo is not None else value.replace(tzinfo=UTC)) - _EPOCH
    return _within(((span.days * 86_400 + span.seconds) * 10**6 + span.microseconds) * 1000)


def _double(value: Any) -> float:
    if value is None:
        return np.nan
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str | bytes | bytearray | complex):  # Python would read a number from text.
        raise TypeError(f"{type(value).__name__} is no number")
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def reader_of(contract: Contract, path: str) -> Callable[[Any], Any]:
    """Return what takes the value of a field or feature, or of a nested one, out of one event.

    It raises AttributeError where a part of the path is None, and whatever an author's own code raises.
    """
    if path not in contract.model.__pydantic_fields__:
        return attrgetter(path)
    return lambda event: event.__dict__[path]


def text_of(value: Any) -> str | None:
    """Return a value as a category: text as it is, anything else as its JSON text, None if it is None.

    Raises:
        TypeError: If it is none.
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, Real):  # An IntEnum too, and what of NumPy's a feature may return.
        value = value.item() if isinstance(value, np.generic) else value
    plain = to_jsonable_python(value)
    if isinstance(plain, str):
        return plain
    if isinstance(plain, list | dict):
        raise TypeError(f"{type(value).__name__} is no category")
    return None if plain is None else to_json(plain).decode()
