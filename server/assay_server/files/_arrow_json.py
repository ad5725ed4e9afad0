"""From columns to JSON text, a whole column at a time.

Making each row an object of Python's, to write it as JSON, takes two to three times as long.
"""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic_core import to_json

_ESCAPED = r'["\\\x00-\x1f]'
_CONTROLS = r"[\x00-\x1f]"
_compute: Any = pc
_DECIMALS = {"s": 0, "ms": 3, "us": 6, "ns": 9}

Column = Any
"""An array of pyarrow's, whose kinds and functions its type hints know only in part."""


class NoJsonError(Exception):
    """A column has a type that JSON has no form for."""


def json_objects(names: list[str], columns: list[Column], length: int) -> list[bytes]:
    """Return rows as JSON objects; what is null is left out of them.

    Raises:
        NoJsonError: If a column has a type that JSON has no form for.
    """
    return texts(_objects(names, columns, length))


def json_values(column: Column) -> Column:
    """Return a column's values as JSON text; null stays null.

    Raises:
        NoJsonError: If it has a type that JSON has no form for.
    """
    kind = column.type
    for matches, write in _WRITERS:
        if matches(kind):
            return write(column)
    raise NoJsonError(f"JSON has no form for {kind}")


def texts(column: Column) -> list[bytes]:
    """Return a column of text without nulls as bytes."""
    column = column.cast(pa.large_string()) if not pa.types.is_large_string(column.type) else column
    _, offsets, data = column.buffers()
    if offsets is None or data is None:
        return []
    ends = np.frombuffer(memoryview(offsets), dtype=np.int64)[column.offset : column.offset + len(column) + 1].tolist()
    content = memoryview(data)
    return [bytes(content[start:end]) for start, end in pairwise(ends)]


def _objects(names: list[str], columns: list[Column], length: int) -> Column:
    members = [
        _join(json.dumps(name, ensure_ascii=False) + ":", json_values(column))
        for name, column in zip(names, columns, strict=True)
        if not pa.types.is_null(column.type)
    ]
    if not members:
        return pa.array(["{}"] * length, pa.string())
    # The empty text in front is never null: a row in which all else is would be dropped. Its comma becomes the brace.
    joined = _compute.binary_join_element_wise("", *members, ",", null_handling="skip")
    return _join(_compute.binary_replace_slice(joined, 0, 1, "{"), "}")


def _join(*parts: str | Column) -> Column:
    return _compute.binary_join_element_wise(*parts, "")


def _plain(column: Column) -> Column:
    return column.cast(pa.string())


def _floats(column: Column) -> Column:
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    column = _compute.if_else(_compute.is_nan(column), None, column)
    text = column.cast(pa.string())
    infinite = _compute.is_inf(column)
    if not _compute.any(infinite).as_py():
        return text
    return _compute.if_else(
        infinite, _compute.if_else(_compute.greater(column, pa.scalar(0.0, column.type)), "Infinity", "-Infinity"), text
    )


def _quoted(column: Column) -> Column:
    return _join('"', column.cast(pa.string()), '"')


def _strings(column: Column) -> Column:
    column = column.cast(pa.string())
    if _compute.any(_compute.match_substring_regex(column, _ESCAPED)).as_py():
        if _compute.any(_compute.match_substring_regex(column, _CONTROLS)).as_py():
            return _each(column, lambda value: json.dumps(value, ensure_ascii=False))
        column = _compute.replace_substring(_compute.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    return _join('"', column, '"')


def _times(column: Column) -> Column:
    zone = '"' if column.type.tz is None else 'Z"'
    # What has a zone is kept in UTC. Looking the zone up for each value costs thirty times what writing it does.
    text = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
    return _join('"', _compute.replace_substring(text, " ", "T", max_replacements=1), zone)


def _durations(column: Column) -> Column:
    places = _DECIMALS[column.type.unit]

    def seconds(count: int) -> str:
        whole, part = divmod(abs(count), 10**places)
        return f"{'-' if count < 0 else ''}{whole}" + (f".{part:0{places}}" if part else "")

    return _each(column.cast(pa.int64()), seconds)


def _binary(column: Column) -> Column:
    def text(value: bytes) -> str:
        try:
            return json.dumps(value.decode(), ensure_ascii=False)
        except UnicodeDecodeError:
            return f'"{base64.b64encode(value).decode()}"'

    return _each(column, text)


def _structs(column: Column) -> Column:
    names = [field.name for field in column.type]
    objects = _objects(names, column.flatten(), len(column))
    return _compute.if_else(column.is_valid(), objects, None)


def _lists(column: Column) -> Column:
    lengths = _compute.list_value_length(column).to_pylist()
    items = iter(json_values(column.flatten()).to_pylist())
    return pa.array([None if length is None else _list(items, length) for length in lengths], pa.string())


def _list(items: Iterator[str | None], length: int) -> str:
    return "[" + ",".join(next(items) or "null" for _ in range(length)) + "]"


def _maps(column: Column) -> Column:
    return _each(column, lambda pairs: to_json(dict(pairs), inf_nan_mode="constants").decode())


def _extensions(column: Any) -> Column:
    if column.type.extension_name == "arrow.uuid":
        return _each(column.storage, lambda value: f'"{uuid.UUID(bytes=value)}"')
    return json_values(column.storage)


def _each(column: Column, write: Callable[[Any], str]) -> Column:
    return pa.array([None if value is None else write(value) for value in column.to_pylist()], pa.string())


_is = pa.types

_WRITERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Column]], ...] = (
    (_is.is_integer, _plain),
    (_is.is_floating, _floats),
    (_is.is_boolean, _plain),
    (_is.is_null, _plain),
    (lambda kind: _is.is_string(kind) or _is.is_large_string(kind) or _is.is_string_view(kind), _strings),
    (_is.is_timestamp, _times),
    (lambda kind: _is.is_date(kind) or _is.is_time(kind) or _is.is_decimal(kind), _quoted),
    (_is.is_duration, _durations),
    (
        lambda kind: any(
            test(kind) for test in (_is.is_binary, _is.is_large_binary, _is.is_fixed_size_binary, _is.is_binary_view)
        ),
        _binary,
    ),
    (_is.is_dictionary, lambda column: json_values(column.dictionary_decode())),
    (_is.is_run_end_encoded, lambda column: json_values(_compute.run_end_decode(column))),
    (_is.is_struct, _structs),
    (lambda kind: any(test(kind) for test in (_is.is_list, _is.is_large_list, _is.is_fixed_size_list)), _lists),
    (_is.is_map, _maps),
    (lambda kind: isinstance(kind, pa.BaseExtensionType), _extensions),
)
