"""From columns of Arrow to columns of events."""

import json
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assay_server.baselines import NO_TIME
from assay_server.engine import Column, EventTable

from ._arrow_json import Column as ArrowColumn
from ._arrow_json import json_values
from ._arrow_times import counts_of_time, is_text, plain_texts
from ._rows import LONGEST_PAYLOAD, RowOptions
from ._times import parse_timestamp

_Ints = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]

_SAMPLE = 1024
_SCALAR = 128  # Bytes: the most that a number or a time takes.
_CHARACTER = 6  # Bytes: the most that a byte of text takes, escaped.
_BESIDE = 4  # Bytes: the quotes of a text, the colon, the comma.
_LARGEST = np.iinfo(np.int64).max
_compute: Any = pc
_is = pa.types


def event_table(options: RowOptions, columns: Mapping[str, ArrowColumn], length: int) -> EventTable:
    """Return columns as events; what their rows alone can tell is doubtful.

    Args:
        options: How rows become events.
        columns: The columns, by name.
        length: How many rows there are.

    Raises:
        NoJsonError: If a column has a type that JSON has no form for.
    """
    doubtful = np.zeros(length, np.bool_)
    sizes = np.zeros(length, np.int64)
    found = {}
    for name, encoded in columns.items():
        if _is.is_null(encoded.type):
            continue
        column = _decoded(encoded)
        json_values(column.slice(0, 1))
        sizes += len(json.dumps(name, ensure_ascii=False).encode()) + _BESIDE + _most_bytes(column)
        doubtful |= _maybe_not_finite(column)
        if column.null_count < length:
            found[name] = cache(partial(_column, column))
    times, unreadable = _times(columns[options.timestamp]) if options.timestamp else (np.full(length, NO_TIME), False)
    return EventTable(
        event_type=options.event_type,
        contract_version=options.contract_version,
        columns=found,
        times=times,
        sizes=sizes,
        depth=1 + max((_depth(column.type) for column in columns.values()), default=0),
        id_sizes=_lengths(plain_texts(columns[options.event_id])) if options.event_id else None,
        doubtful=doubtful | unreadable | (sizes > LONGEST_PAYLOAD),
    )


def _decoded(column: ArrowColumn) -> ArrowColumn:
    """Return a column with its values one by one, but for a dictionary that is no longer than the column."""
    if _is.is_run_end_encoded(column.type):
        return _decoded(_compute.run_end_decode(column))
    if _is.is_dictionary(column.type) and (len(column.dictionary) > len(column) or _is.is_nested(column.type.value_type)):
        return column.dictionary_decode()
    return column


def _most_bytes(column: ArrowColumn) -> _Ints | int:
    """Return how many bytes the values of a column may take as JSON."""
    kind = column.type
    if _is.is_dictionary(kind):
        return int(np.max(_most_bytes(column.dictionary), initial=0))
    if is_text(kind) or _is_binary(kind):
        return _CHARACTER * _lengths(_compute.fill_null(column.cast(pa.large_binary()), b""))
    return _lengths(_compute.fill_null(json_values(column), "")) if _is_deep(kind) else _SCALAR


def _maybe_not_finite(column: ArrowColumn) -> _Mask | bool:
    """Return the values of a column that are infinite, or have any in them that may be."""
    kind = column.type
    if _is.is_dictionary(kind) and _is.is_floating(kind.value_type):
        column = column.dictionary_decode()
        kind = column.type
    if _is.is_floating(kind):
        return _mask(_compute.fill_null(_compute.is_inf(column.cast(pa.float64())), False))
    if _is_deep(kind):
        return _mask(_compute.fill_null(_compute.match_substring_regex(json_values(column), "NaN|Infinity"), False))
    return False


def _column(column: ArrowColumn) -> Column:
    """Return a column as a list of the values that rows have."""
    column, places = _encoded(column)
    present = _mask(column.is_valid())
    if _is.is_floating(column.type):
        present &= ~_mask(_compute.fill_null(_compute.is_nan(column.cast(pa.float64())), False))
    if not present.all():
        renumbered = np.append(np.where(present, np.cumsum(present) - 1, -1), -1)
        places = renumbered[:-1] if places is None else renumbered[places]
        column = column.filter(pa.array(present))
    return Column(
        length=len(column), places=places, text=partial(_text, column), kind=_kind(column), listed=partial(_listed, column)
    )


def _encoded(column: ArrowColumn) -> tuple[ArrowColumn, _Ints | None]:
    """Return the values of a column and which of them each row has; as it is, and None, if hardly any comes up again."""
    if not _is.is_dictionary(column.type):
        if not _comes_up_again(column):
            return column, None
        column = _compute.dictionary_encode(column)
    return column.dictionary, _compute.fill_null(column.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)


def _comes_up_again(column: ArrowColumn) -> bool:
    sample = column.slice(0, _SAMPLE)
    try:
        return 2 * len(_compute.unique(sample)) <= len(sample)
    except pa.ArrowNotImplementedError:
        return False


def _kind(column: ArrowColumn) -> type | None:
    if is_text(column.type):
        return str
    if _is.is_integer(column.type):
        return int
    # JSON has no number for a zero below zero: it is read as the integer.
    if _is.is_float64(column.type) and not (np.signbit(values := column.to_numpy()) & (values == 0)).any():
        return float
    return None


def _listed(column: ArrowColumn) -> list[Any]:
    listed: list[Any] = column.to_pylist() if is_text(column.type) else column.to_numpy(zero_copy_only=False).tolist()
    return listed


def _text(column: ArrowColumn) -> bytes:
    """Return the text of a list in JSON."""
    texts = json_values(column).cast(pa.string())
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return b"[%b]" % _compute.binary_join(whole, ",")[0].as_buffer().to_pybytes()


def _lengths(texts: ArrowColumn) -> _Ints:
    lengths: _Ints = _compute.binary_length(texts).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return lengths


def _times(column: ArrowColumn) -> tuple[_Ints, _Mask]:
    """Return times in nanoseconds since 1970, or NO_TIME, and which of them their row alone can tell."""
    counted = counts_of_time(column)
    if counted is not None:
        counts, factor = counted
        numbers = _compute.fill_null(counts.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        far = (numbers > _LARGEST // factor) | (numbers < -(_LARGEST // factor))
        times = np.where(_mask(counts.is_null()), NO_TIME, np.where(far, 0, numbers) * factor)
        return times, far
    encoded = _compute.dictionary_encode(plain_texts(column))
    read = [_parsed(text) for text in encoded.dictionary.to_pylist()]
    distinct = np.array([NO_TIME if time is None else time for time in read], np.int64)
    unreadable = np.array([time is None for time in read], np.bool_)
    places = encoded.indices.to_numpy(zero_copy_only=False)
    return distinct[places], unreadable[places]


def _parsed(text: str) -> int | None:
    """Return a time; NO_TIME for no text, None if it cannot be read, or not be held in 64 bits."""
    if not text:
        return NO_TIME
    try:
        time = parse_timestamp(text)
    except ValueError:
        return None
    return time if abs(time) <= _LARGEST else None


def _mask(column: ArrowColumn) -> _Mask:
    mask: _Mask = np.array(column.to_numpy(zero_copy_only=False), np.bool_)
    return mask


def _is_binary(kind: pa.DataType) -> bool:
    tests = (_is.is_binary, _is.is_large_binary, _is.is_fixed_size_binary, _is.is_binary_view)
    return any(test(kind) for test in tests)


def _is_deep(kind: pa.DataType) -> bool:
    """Return whether values of a type may hold others."""
    return _is.is_nested(kind) or isinstance(kind, pa.BaseExtensionType)


def _depth(kind: pa.DataType) -> int:
    """Return how deep objects and lists nest in a value of a type."""
    if isinstance(kind, pa.BaseExtensionType):
        return _depth(kind.storage_type)
    if _is.is_dictionary(kind) or _is.is_run_end_encoded(kind):
        return _depth(kind.value_type)
    if not _is.is_nested(kind):
        return 0
    return 1 + max((_depth(kind.field(place).type) for place in range(kind.num_fields)), default=0)
