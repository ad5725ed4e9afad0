"""Rows whose columns are called other than the contract calls its fields."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic_core import from_json, to_json

from ._problems import FileError
from ._rows import Row


def renamed_rows(batches: Iterable[list[Row]], names: Mapping[str, str]) -> Iterator[list[Row]]:
    """Yield rows with columns of their payloads renamed; a row as it stands in the file stays as it was.

    Args:
        batches: The rows, as lists of some.
        names: The field that each column is to be. It takes the place of a column that was called so.

    Raises:
        FileError: If no row of all has one of the columns, once all have been yielded.
    """
    wanted = set(names)
    missing = set(names)
    replaced = set(names.values())
    source = None
    for rows in batches:
        for row in rows:
            source = row.source
            payload = _object_of(row)
            if payload is None:
                continue
            missing -= payload.keys()
            found = {names[column]: payload[column] for column in names if column in payload}
            others = {name: value for name, value in payload.items() if name not in wanted and name not in replaced}
            row.event.payload = to_json({**others, **found}, inf_nan_mode="constants")
        yield rows
    if missing and source is not None:
        raise FileError(source.name, f"no row has {_listed(missing)}", "Mend --map, which says COLUMN=FIELD.")


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
