"""Reference data: tables beside the contracts, joined by key."""

import hashlib
import io
from collections import namedtuple
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from ._problems import DeclarationError

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class Reference(Mapping[Any, Any]):
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
        self._key_type: type = str

    def __contains__(self, key: object) -> bool:
        return key in self._rows or self._missing(key)

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._rows[key]
        except KeyError:
            self._missing(key)
            raise

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Reference({self.path!r}, key={self.key!r})"

    def _missing(self, key: object) -> bool:
        """Return False for a key that could have been there."""
        if key is None or isinstance(key, self._key_type):
            return False
        raise TypeError(
            f"the keys of {self.path} are {_NAMES.get(self._key_type, self._key_type.__name__)}, not {type(key).__name__}"
        )

    def load(self, content: bytes) -> None:
        """Read the table from the content of its file.

        Raises:
            DeclarationError: If it cannot be read, lacks the key column, or has a key that is missing or occurs twice.
        """
        table = self._read(content)
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
        rows: dict[Any, Any] = dict(zip(keys, map(row_type._make, zip(*columns, strict=True)), strict=True))
        if len(rows) < len(keys):
            seen: set[Any] = set()
            twice = next(key for key in keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise DeclarationError(f"{self.path} has {self.key} {twice!r} twice", "Take one of the rows out.")
        self._rows = rows
        self._key_type = type(keys[0]) if keys else str
        self.digest = hashlib.sha256(content).hexdigest()[:8]

    def _read(self, content: bytes) -> pa.Table:
        suffix = PurePosixPath(self.path).suffix.lower()
        try:
            if suffix == ".csv":
                return _read_csv(content)
            if suffix == ".parquet":
                return pyarrow.parquet.read_table(io.BytesIO(content))
        except pa.ArrowException as error:
            raise DeclarationError(f"{self.path} cannot be read: {error}", "Mend the file, or export it again.") from None
        raise DeclarationError(f"{self.path} is neither CSV nor Parquet", "Name a file that ends with .csv or .parquet.")


def _read_csv(content: bytes) -> pa.Table:
    header = pyarrow.csv.open_csv(io.BytesIO(content)).schema.names
    texts = pyarrow.csv.read_csv(
        io.BytesIO(content),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
    return pa.table({name: _typed(texts.column(name)) for name in header})


def _typed(texts: "pa.ChunkedArray[Any]") -> "pa.ChunkedArray[Any]":
    """Return a column of texts as the narrowest type that all its cells can be read as."""
    if texts.null_count == len(texts):
        return texts
    try:
        numbers = pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        pass
    else:
        # A leading zero or plus sign means something to whoever wrote it: such a column stays text.
        return numbers if pc.cast(numbers, pa.string()).equals(texts) else texts
    for kind in (pa.float64(), pa.bool_()):
        try:
            return pc.cast(texts, kind)
        except pa.ArrowInvalid:
            continue
    return texts
