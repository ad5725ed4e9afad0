"""Tables from the files that authors name: CSV and Parquet."""

import io
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from ._problems import DeclarationError

# As programs write numbers. A leading zero or a plus sign means something to whoever wrote it, as does "1E5" or a number of
# more digits than a float can hold.
_NUMBER = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?(e[-+]([0-9]{2}|[12][0-9]{2}|30[0-7]))?$"
_BOOL = r"(?i)^(true|false)$"


def read_table(path: str, content: bytes) -> pa.Table:
    """Return the table that a file holds; cells of CSV are of the narrowest type that all of a column are written as.

    Args:
        path: What the file is called; its suffix says what it is.
        content: What is in it.

    Raises:
        DeclarationError: If it cannot be read, or has two columns of one name.
    """
    suffix = PurePosixPath(path).suffix.lower()
    try:
        if suffix == ".csv":
            return _read_csv(path, content)
        if suffix == ".parquet":
            table = _in_microseconds(pyarrow.parquet.ParquetFile(io.BytesIO(content)).read())
            _check_names(path, table.column_names)
            return table
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise DeclarationError(f"{path} cannot be read: {error}", "Mend the file, or export it again.") from None
    raise DeclarationError(f"{path} is neither CSV nor Parquet", "Name a file that ends with .csv or .parquet.")


def _read_csv(path: str, content: bytes) -> pa.Table:
    # A quoted cell may go over several lines.
    parse_options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    names = pyarrow.csv.open_csv(io.BytesIO(content), parse_options=parse_options).schema.names
    _check_names(path, names)
    texts = pyarrow.csv.read_csv(
        io.BytesIO(content),
        parse_options=parse_options,
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
    return pa.table({name: _typed(texts.column(name)) for name in names})


def _check_names(path: str, names: list[str]) -> None:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DeclarationError(f"{path} has two columns {twice!r}", "Rename or take out one of them.")


def _typed(texts: "pa.ChunkedArray[Any]") -> "pa.ChunkedArray[Any]":
    """Return a column of texts as the narrowest type that all its cells are written as."""
    if texts.null_count == len(texts):
        return texts
    try:
        numbers = pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        for pattern, kind in ((_NUMBER, pa.float64()), (_BOOL, pa.bool_())):
            if pc.all(pc.match_substring_regex(texts, pattern)).as_py():
                return pc.cast(texts, kind)
        return texts
    return numbers if pc.cast(numbers, pa.string()).equals(texts) else texts


def _in_microseconds(table: pa.Table) -> pa.Table:
    """Return a table without nanoseconds, which Python's own types cannot hold."""
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            kind: Any = pa.timestamp("us", field.type.tz)
        elif pa.types.is_duration(field.type):
            kind = pa.duration("us")
        elif pa.types.is_time64(field.type):
            kind = pa.time64("us")
        else:
            continue
        table = table.set_column(index, field.name, pc.cast(table.column(index), kind, safe=False))
    return table
