"""Rows whose columns are called other than the contract calls its fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic_core import from_json, to_json

from assay_server.engine import EventTable

from ._problems import FileError
from ._rows import Row
from ._sources import Source

T = TypeVar("T")


class Renaming:
    """Renames columns of payloads; a row as it stands in the file stays as it was.

    Args:
        names: The field that each column is to be. It takes the place of a column that was called so.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._missing = set(names)
        self._source: Source | None = None

    def rows(self, rows: list[Row]) -> list[Row]:
        """Return rows, which are changed."""
        for row in rows if self._names else ():
            self._source = row.source
            payload = _object_of(row)
            if payload is None:
                continue
            self._missing -= payload.keys()
            row.event.payload = to_json(self._renamed(payload), inf_nan_mode="constants")
        return rows

    def table(self, table: EventTable, source: Source) -> EventTable:
        """Return a table of events, which come from a source."""
        self._source = source
        fine = ~table.doubtful
        for name in self._missing & table.columns.keys():
            places = table.columns[name]().places
            if (fine if places is None else fine & (places >= 0)).any():
                self._missing.discard(name)
        longer = sum(len(to_json(field)) for field in self._names.values())
        return replace(table, columns=self._renamed(table.columns), sizes=table.sizes + longer)

    def finish(self) -> None:
        """See that each column was there.

        Raises:
            FileError: If no row of all had it.
        """
        if self._missing and self._source is not None:
            message = f"no row has {_listed(self._missing)}"
            raise FileError(self._source.name, message, "Mend --map, which says COLUMN=FIELD.")

    def _renamed(self, columns: Mapping[str, T]) -> dict[str, T]:
        names = self._names
        replaced = set(names.values())
        found = {names[column]: columns[column] for column in names if column in columns}
        return {name: value for name, value in columns.items() if name not in names and name not in replaced} | found


def renamed_rows(batches: Iterable[list[Row]], names: Mapping[str, str]) -> Iterator[list[Row]]:
    """Yield rows with columns of their payloads renamed; a row as it stands in the file stays as it was.

    Args:
        batches: The rows, as lists of some.
        names: The field that each column is to be. It takes the place of a column that was called so.

    Raises:
        FileError: If no row of all has one of the columns, once all have been yielded.
    """
    renaming = Renaming(names)
    for rows in batches:
        yield renaming.rows(rows)
    renaming.finish()


def _object_of(row: Row) -> dict[str, object] | None:
    """Return the payload of a row; None if it is none that a contract would read."""
    payload = row.event.payload
    if row.problem is not None or not isinstance(payload, bytes):
        return None
    try:
        value = from_json(payload)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _listed(columns: set[str]) -> str:
    names = ", ".join(repr(column) for column in sorted(columns))
    return f"a column called {names}" if len(columns) == 1 else f"columns called {names}"
