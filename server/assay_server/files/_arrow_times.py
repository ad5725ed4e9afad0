"""Columns that say something around the payload: identifiers and times."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ._arrow_json import Column, json_values

_NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "ns": 1}
_DAY = 86_400 * 1_000_000_000
_compute: Any = pc


def is_text(kind: pa.DataType) -> bool:
    """Return whether values of a type are text."""
    types = pa.types
    return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)


def plain_texts(column: Column) -> Column:
    """Return a column as text: nothing for null, and JSON for what is no text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not is_text(column.type):
        column = _compute.utf8_trim(json_values(column), '"')
    return _compute.fill_null(column.cast(pa.string()), "")


def counts_of_time(column: Column) -> tuple[Column, int] | None:
    """Return a column of times as counts since 1970, UTC, and how many nanoseconds each counts; None if it is none."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64()), _NANOSECONDS[column.type.unit]
    if pa.types.is_date(column.type):
        return column.cast(pa.date32()).cast(pa.int32()), _DAY
    return None
