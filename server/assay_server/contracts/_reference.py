"""Reference data: tables beside the contracts, joined by key."""

import hashlib
from collections import namedtuple
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ._markers import NoField
from ._problems import DeclarationError

_NAMES = {str: "text", int: "whole numbers", float: "numbers", bool: "true or false"}

# What may stand for a key of another type; and what may not, though Python counts it as a kind of that type.
_AKIN: dict[type, type] = {float: int}
_ALIEN: dict[type, type] = {date: datetime}


class Reference(NoField, Mapping[Any, Any]):
    """Rows of a CSV or Parquet file in the contracts folder, by key.

    `airports = Reference("airports.csv", key="faa")` on a contract lets a rule ask `self.dest in self.airports` and read
    `self.airports[self.dest].alt`. A row is a named tuple with an attribute for each column.

    A CSV column is of whole numbers, numbers, or true and false if all its cells can be read and written back as such, and
    of text otherwise: "007" stays as it is. An empty cell is None. A Parquet column has the type that the file says.

    A key of another type than the key column's raises TypeError, so that a rule that compares a number with texts fails
    where it is wrong and does not find every event at fault.

    Args:
        path: The file, relative to the contracts folder.
        key: The column to join by; no value may be missing or occur twice.
    """

    __hash__ = object.__hash__

    def __init__(self, path: str, *, key: str) -> None:
        self.path = path
        self.key = key
        self.digest = ""
        """The first 8 hexadecimal digits of the file's SHA-256, once it is loaded."""
        self._rows: dict[Any, Any] = {}
        self._key_type: type | None = None

    def __contains__(self, key: object) -> bool:
        self._check(key)
        return key in self._rows

    def __getitem__(self, key: Any) -> Any:
        self._check(key)
        return self._rows[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Reference({self.path!r}, key={self.key!r})"

    def _check(self, key: object) -> None:
        """Raise TypeError for a key that could not be there, whatever the rows."""
        wanted = self._key_type
        if type(key) is wanted or key is None or wanted is None:
            return
        if not isinstance(key, (wanted, _AKIN.get(wanted, wanted))) or isinstance(key, (bool, _ALIEN.get(wanted, bool))):
            raise TypeError(f"the keys of {self.path} are {_NAMES.get(wanted, wanted.__name__)}, not {type(key).__name__}")

    def load(self, content: bytes) -> None:
        """Read the table from the content of its file.

        Raises:
            DeclarationError: If it cannot be read, lacks the key column, or has a key that is missing or occurs twice.
        """
        from ._tables import read_table  # noqa: PLC0415  # It loads a library, which contracts without such data do without.

        table = read_table(self.path, content)
        if self.key not in table.column_names:
            raise DeclarationError(
                f"{self.path} has no column {self.key!r}", f"It has {', '.join(map(repr, table.column_names))}."
            )
        keys = table.column(self.key).to_pylist()
        for number, key in enumerate(keys, 1):
            if key is None:
                raise DeclarationError(f"row {number} of {self.path} has no {self.key}", "Give it one, or take the row out.")
        try:
            row_type = namedtuple("Row", table.column_names)  # type: ignore[misc]  # noqa: PYI024  # Known at load only.
        except ValueError as error:
            raise DeclarationError(
                f"a column of {self.path} cannot be an attribute: {error}", "Rename it to a Python name."
            ) from None
        columns = [column.to_pylist() for column in table.columns]
        try:
            rows: dict[Any, Any] = dict(zip(keys, map(row_type._make, zip(*columns, strict=True)), strict=True))
        except TypeError:  # A list or a struct.
            raise DeclarationError(
                f"{self.key} of {self.path} is of type {table.schema.field(self.key).type}, which cannot be a key",
                "Join by a column of single values.",
            ) from None
        if len(rows) < len(keys):
            seen: set[Any] = set()
            twice = next(key for key in keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise DeclarationError(f"{self.path} has {self.key} {twice!r} twice", "Take one of the rows out.")
        self._rows = rows
        self._key_type = type(keys[0]) if keys else None
        self.digest = hashlib.sha256(content).hexdigest()[:8]


def load_reference(reference: Reference, folder: Path) -> None:
    """Read a table from its file in the contracts folder, unless that was done: contracts of one base share it.

    Raises:
        DeclarationError: If the file is not there, or is no such table.
    """
    if reference.digest:
        return
    file = (folder / reference.path).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise DeclarationError(f"{reference.path} is outside the contracts folder", "Put the file beside the contracts.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DeclarationError(
            f"{reference.path} cannot be read: {error.strerror}", "Put the file there; the path is relative to the folder."
        ) from None
    reference.load(content)
