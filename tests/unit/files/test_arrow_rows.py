"""Parquet: columns become what JSON has for them."""

import datetime as dt
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.files import FileError, Format, RowOptions, Source, rows_of_batches
from tests.unit.files.reading import payloads, read

NOON = dt.datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=dt.UTC)


def write(path: Path, table: pa.Table, **options: Any) -> Path:
    pq.write_table(table, path, **options)
    return path


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, -(2**63), None], pa.int64()), ["1", "-9223372036854775808", None]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([1.5, -0.0, 1e300, 0.1, float("nan"), None]), ["1.5", "-0.0", "1e+300", "0.1", None, None]),
        (pa.array([float("inf"), float("-inf"), 1.0]), ["Infinity", "-Infinity", "1.0"]),
        (pa.array([0.1, None], pa.float32()), ["0.1", None]),
        (pa.array([0.5], pa.float16()), ["0.5"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array(["é", 'a"b\\c', "a\nb\x00", "", None]), ['"é"', '"a\\"b\\\\c"', '"a\\nb\\u0000"', '""', None]),
        (pa.array(["x"], pa.large_string()), ['"x"']),
        (pa.array(["x"], pa.string_view()), ['"x"']),
        (pa.array(["a", None, "a"]).dictionary_encode(), ['"a"', None, '"a"']),
        (pa.array([NOON], pa.timestamp("ms", "UTC")), ['"2026-01-31T12:00:00.250Z"']),
        (pa.array([NOON], pa.timestamp("us", "Europe/Paris")), ['"2026-01-31T12:00:00.250000Z"']),
        (pa.array([NOON.replace(tzinfo=None)], pa.timestamp("ms")), ['"2026-01-31T12:00:00.250"']),
        (pa.array([1], pa.timestamp("ns", "UTC")), ['"1970-01-01T00:00:00.000000001Z"']),
        (pa.array([dt.date(2026, 1, 31)]), ['"2026-01-31"']),
        (pa.array([dt.time(1, 2, 3)]), ['"01:02:03.000000"']),
        (pa.array([1500, -1, 2000], pa.duration("ms")), ["1.500", "-0.001", "2"]),
        (pa.array([Decimal("12.50"), None], pa.decimal128(10, 2)), ['"12.50"', None]),
        (pa.array([b"abc", b"\xff", None]), ['"abc"', '"/w=="', None]),
        (pa.array([{"a": 1, "b": None}, None, {"a": None, "b": "x"}]), ['{"a":1}', None, '{"b":"x"}']),
        (pa.array([[1, None], [], None, [2]]), ["[1,null]", "[]", None, "[2]"]),
        (pa.array([[[NOON]]], pa.list_(pa.list_(pa.timestamp("s", "UTC")))), ['[["2026-01-31T12:00:00Z"]]']),
        (pa.array([[1, 2]], pa.list_(pa.int8(), 2)), ["[1,2]"]),
        (pa.array([[("k", 1), ("l", None)]], pa.map_(pa.string(), pa.int64())), ['{"k":1,"l":null}']),
        (pa.array([uuid.UUID(int=1).bytes, None], pa.uuid()), ['"00000000-0000-0000-0000-000000000001"', None]),
        (pa.array([None, None]), [None, None]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_each_type_has_its_json(array: Any, expected: list[str | None]) -> None:
    """Null and NaN are keys that are not there; nothing is rounded."""
    whole = pa.record_batch([array], names=["x"])
    padded = pa.record_batch([pa.concat_arrays([array, array])], names=["x"]).slice(len(array), len(array))
    for batch in (whole, padded):
        (rows,) = rows_of_batches(Source("a.parquet", Format.PARQUET), [batch], RowOptions())
        texts = ["{}" if text is None else f'{{"x":{text}}}' for text in expected]
        same = [text.replace("-0.0", "-0").replace("1.0", "1") for text in texts]
        assert [row.event.payload.decode() for row in rows if isinstance(row.event.payload, bytes)] in (texts, same)


def test_all_columns_together(tmp_path: Path) -> None:
    """In their order, under their names, whatever those are."""
    table = pa.table({"a": [1, None], 'b"': ["x", "y"], "": [True, None], "n": pa.nulls(2)})
    rows = read(write(tmp_path / "a.parquet", table), event_type="t")
    assert payloads(rows) == [b'{"a":1,"b\\"":"x","":true}', b'{"b\\"":"y"}']
    assert [row.number for row in rows] == [1, 2]


def test_timestamps_of_every_type_are_exact(tmp_path: Path) -> None:
    """Times, dates, numbers and text; a time without a zone is in UTC."""
    nanoseconds = 1_769_860_800_250_000_000
    for array, expected in [
        (pa.array([NOON, None], pa.timestamp("ms", "America/Lima")), [nanoseconds, None]),
        (pa.array([NOON.replace(tzinfo=None)], pa.timestamp("us")), [nanoseconds]),
        (pa.array([nanoseconds + 1], pa.timestamp("ns", "UTC")), [nanoseconds + 1]),
        (pa.array([dt.date(2026, 1, 31)]), [1_769_817_600_000_000_000]),
        (pa.array([nanoseconds // 10**6]), [nanoseconds]),
        (pa.array([1769860800.25]), [nanoseconds]),
        (pa.array(["2026-01-31T12:00:00.25Z", None]).dictionary_encode(), [nanoseconds, None]),
    ]:
        rows = read(write(tmp_path / "a.parquet", pa.table({"at": array})), timestamp="at")
        assert [row.event.timestamp for row in rows] == expected
        assert not any(row.problem for row in rows)


def test_identifiers_of_every_type(tmp_path: Path) -> None:
    """As text: a number's digits, a UUID's own form."""
    for array, expected in [
        (pa.array([12345678901234567, None]), ["12345678901234567", ""]),
        (pa.array(["a", None]), ["a", ""]),
        (pa.array([dt.date(2026, 1, 31)]), ["2026-01-31"]),
        (pa.array([uuid.UUID(int=1).bytes], pa.uuid()), ["00000000-0000-0000-0000-000000000001"]),
    ]:
        rows = read(write(tmp_path / "a.parquet", pa.table({"id": array})), event_id="id")
        assert [row.event.event_id for row in rows] == expected


@pytest.mark.parametrize("as_text", [False, True])
def test_rows_with_event_type_and_an_object_are_events(tmp_path: Path, as_text: bool) -> None:
    """As a struct, or as text that holds one."""
    objects: list[Any] = [{"n": 1}, None, {"n": 2}]
    table = pa.table(
        {
            "event_type": ["a.b", "a.b", None],
            "payload": [each and json.dumps(each) for each in objects] if as_text else objects,
            "event_id": ["e-1", "e-2", "e-3"],
            "timestamp": pa.array([NOON, None, None], pa.timestamp("ms", "UTC")),
        }
    )
    first, *others = read(write(tmp_path / "a.parquet", table), event_type="t")
    assert (first.event.event_type, json.loads(payloads([first])[0] or b""), first.event.event_id) == ("a.b", {"n": 1}, "e-1")
    assert first.event.timestamp == 1_769_860_800_250_000_000
    assert [row.event.event_type for row in others] == ["t", "t"]
    assert [row.event.event_id for row in others] == ["", ""]


def test_a_truncated_file_is_refused_as_a_whole(tmp_path: Path) -> None:
    """Its end tells where everything is."""
    path = write(tmp_path / "a.parquet", pa.table({"a": list(range(1000))}))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FileError, match="it is no Parquet, or not all of it is there"):
        read(path)


def test_a_damaged_page_is_told_with_the_row(tmp_path: Path) -> None:
    """What comes before has been read."""
    path = write(tmp_path / "a.parquet", pa.table({"a": [f"text {n}" for n in range(20_000)]}), row_group_size=5000)
    content = bytearray(path.read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 400] = bytes(400)
    path.write_bytes(content)
    with pytest.raises(FileError, match="it cannot be read on") as caught:
        read(path)
    assert caught.value.row is not None
    assert caught.value.row > 5000


def test_columns_that_are_not_there_or_have_no_json(tmp_path: Path) -> None:
    """Are told by name, with the columns that are."""
    path = write(tmp_path / "a.parquet", pa.table({"a": [1], "b": [2]}))
    with pytest.raises(FileError, match=r"it has no column 'at'\. Name one of its columns: a, b"):
        read(path, timestamp="at")
    months = pa.array([(1, 2, 3)], pa.month_day_nano_interval())
    batch = pa.record_batch([months], names=["x"])
    with pytest.raises(FileError, match="JSON has no form for month_day_nano_interval"):
        list(rows_of_batches(Source("q", Format.PARQUET), [batch], RowOptions()))


def test_wide_rows_come_in_smaller_lists(tmp_path: Path) -> None:
    """Memory follows bytes, not rows."""
    batch = pa.record_batch([pa.array(["x" * 100_000] * 1000)], names=["a"])
    lists = list(rows_of_batches(Source("q", Format.PARQUET), [batch], RowOptions()))
    assert max(map(len, lists)) < 200
    assert [row.number for rows in lists for row in rows] == list(range(1, 1001))


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "a": st.integers(-(2**63), 2**63 - 1),
                "b": st.text(st.characters(exclude_categories=["Cs"])),
                "c": st.floats(allow_nan=False, allow_infinity=False),
                "d": st.booleans(),
                "e": st.lists(st.integers(0, 9)),
            },
        )
    )
)
def test_rows_read_as_python_reads_them(rows: list[dict[str, Any]]) -> None:
    """The text is JSON, and says what the columns hold."""
    types: list[pa.DataType] = [pa.int64(), pa.string(), pa.float64(), pa.bool_(), pa.list_(pa.int64())]
    schema = pa.schema(list(zip("abcde", types, strict=True)))
    batch = pa.RecordBatch.from_pylist(rows, schema)
    found = [row for some in rows_of_batches(Source("q", Format.PARQUET), [batch], RowOptions()) for row in some]
    assert [json.loads(payload or b"") for payload in payloads(found)] == rows
