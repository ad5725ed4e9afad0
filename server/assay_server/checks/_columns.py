"""The schema layer for columns: a table of events, read as one contract's schema says."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from operator import or_
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema

from assay_server.contracts import Contract, EventContract

from ._lone_fields import NO_DEFAULT, LoneField, extra_behavior, is_shared, lone_fields
from ._table import Column, EventTable, Ints, Mask

_UNREADABLE: Any = object()

# Values of these types cannot be changed, and most are of them.
_LEAVES = frozenset({str, int, float, bool, type(None)})

# Where an instance of a model keeps what Pydantic gives it, in the order in which that does.
_VALUES, _EXTRA, _NAMES, _PRIVATE = (
    vars(BaseModel)[name].__set__
    for name in ("__dict__", "__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")
)


class Read(NamedTuple):
    """A field of the rows of a table.

    Attributes:
        values: What the rows have; at the end, what those have whose payload lacks it.
        places: Where in `values` that of each row is; -1 for those.
    """

    values: npt.NDArray[np.object_]
    places: Ints

    def of(self, rows: Ints) -> list[Any]:
        """Return the value of each of some rows."""
        found: list[Any] = self.values[self.places[rows]].tolist()
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """A table as a contract's schema reads it.

    Attributes:
        fields: The fields, by name.
        accepted: The rows that the schema accepts for certain.
    """

    fields: Mapping[str, Read]
    accepted: Mask


class SchemaColumns:
    """Reads columns as one contract's schema says: each field by its own part of the schema, in one call of compiled code.

    Of a row that it accepts it makes what `SchemaCheck` makes: the values are the same JSON text, and what reads them is the
    same. A row that it does not accept may still be good, and is to be read alone. A value that several rows have is read
    once for all of them, so what an author's validator makes of a value is taken to depend on that alone, as it must for
    verdicts that do not depend on the order of events.

    That is so for contracts whose fields can be read alone, as `lone_fields` says; all others are read row by row. Row by
    row are read, too, what lacks a key that has no fixed default, has one that `extra="forbid"` refuses, or has a value in
    common with others that is nothing to be shared, because it can be changed.
    """

    def __init__(self, contract: Contract) -> None:
        self._model = contract.model
        self._fields = [_Reader(field) for field in lone_fields(contract)]
        self._keys = {reader.field.key for reader in self._fields}
        self._forbids = extra_behavior(contract) == "forbid"

    def reads(self, table: EventTable) -> bool:
        """Return whether a table can be read by columns."""
        return bool(self._fields) and not (self._forbids and table.columns.keys() - self._keys)

    def read(self, table: EventTable) -> Reading:
        """Return a table as the schema reads it; of one that cannot be read by columns, no row is accepted."""
        size = len(table)
        fields: dict[str, Read] = {}
        accepted = np.full(size, self.reads(table))
        for reader in self._fields if accepted.any() else ():
            made = table.columns.get(reader.field.key)
            read, bad = reader.read(made() if made is not None else None, size)
            fields[reader.field.name] = read
            accepted &= ~bad[read.places]
        return Reading(fields, accepted)

    def models(self, reading: Reading, rows: Ints) -> list[EventContract]:
        """Return the models of some of the rows that are accepted."""
        count = len(rows)
        columns = [read.of(rows) for read in reading.fields.values()]
        names = list(reading.fields)
        models = list(map(self._model.__new__, repeat(self._model, count)))
        _each(_VALUES, models, [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)])
        _each(_EXTRA, models, repeat(None, count))
        _each(_NAMES, models, _names_given(reading, rows))
        _each(_PRIVATE, models, repeat(None, count))
        return models


class _Reader:
    """Reads the values of one field."""

    def __init__(self, field: LoneField) -> None:
        self.field = field

    def read(self, column: Column | None, size: int) -> tuple[Read, Mask]:
        """Return a column as the field reads it, and which of the values are not accepted."""
        values: list[Any] = []
        places: Ints = np.full(size, -1)
        bad: Iterable[bool] = ()
        if column is not None:
            places = np.arange(size) if column.places is None else column.places
            values, bad = self._values(column)
        default = self.field.default
        not_accepted = np.fromiter((*bad, default is NO_DEFAULT), np.bool_, len(values) + 1)
        found = np.fromiter((*values, default), np.object_, len(values) + 1)
        found[not_accepted] = None
        return Read(found, places), not_accepted

    def _values(self, column: Column) -> tuple[list[Any], Iterable[bool]]:
        values = self._attempt(self._all, column)
        bad: Iterable[bool] = repeat(False, column.length)
        if values is None:
            values = self._attempt(self._most, column) or [_UNREADABLE] * column.length
            bad = [value is _UNREADABLE for value in values]
        if column.places is not None and not _LEAVES.issuperset(map(type, values)):
            common = np.bincount(column.places + 1, minlength=column.length + 1)[1:] > 1
            ours = (several and not is_shared(value) for value, several in zip(values, common.tolist(), strict=True))
            bad = list(map(or_, bad, ours))
        return values, bad

    @cached_property
    def _all(self) -> SchemaValidator:
        """Accepts a list if it accepts all of its items."""
        return self._validator(self.field.schema)

    @cached_property
    def _most(self) -> SchemaValidator:
        """Has _UNREADABLE for items that it does not accept."""
        return self._validator(core_schema.with_default_schema(self.field.schema, default=_UNREADABLE, on_error="default"))

    def _validator(self, schema: Any) -> SchemaValidator:
        whole: Any = core_schema.list_schema(schema, fail_fast=True)
        if self.field.definitions:
            whole = core_schema.definitions_schema(whole, self.field.definitions)
        # Without prebuilt parts, as the contract's own.
        return SchemaValidator(whole, self.field.config, _use_prebuilt=False)

    def _attempt(self, validator: SchemaValidator, column: Column) -> list[Any] | None:
        try:
            values: list[Any]
            if column.kind is not None and column.kind is self.field.kind:
                values = validator.validate_python(column.listed())
            else:
                values = validator.validate_json(column.text())
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # An author's own code may raise anything; whoever reads row by row says what.
            return None
        return values if len(values) == column.length else None  # A validator may leave an item out.


def _names_given(reading: Reading, rows: Ints) -> list[set[str]]:
    """Return, for each row, a set of its own with the names of the fields that its payload has."""
    lacking = {name: absent for name, read in reading.fields.items() if (absent := read.places[rows] < 0).any()}
    always = reading.fields.keys() - lacking.keys()
    if not lacking:
        return [always.copy() for _ in range(len(rows))]
    sets: dict[tuple[bool, ...], set[str]] = {}
    for kind in (kinds := list(zip(*(absent.tolist() for absent in lacking.values()), strict=True))):
        if kind not in sets:
            sets[kind] = always.union(name for name, absent in zip(lacking, kind, strict=True) if not absent)
    return [sets[kind].copy() for kind in kinds]


def _each(put: Any, models: list[EventContract], values: Iterable[Any]) -> None:
    """Put a value into each model."""
    deque(map(put, models, values), maxlen=0)
