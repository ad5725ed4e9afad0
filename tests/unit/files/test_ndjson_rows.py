"""NDJSON: one row a line, passed on as it stands."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.files import FileError
from assay_server.files._ndjson_rows import _members
from tests.unit.files.reading import payloads, read

NANOSECONDS = 1_767_225_600_000_000_000


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines))
    return path


def test_an_event_keeps_its_envelope_and_its_payload_byte_for_byte(tmp_path: Path) -> None:
    """Spaces, digits beyond a double's and repeated keys are there for whoever judges it."""
    payload = b'{ "n":9007199254740993,"x":0.10000000000000000000001, "x" : 1E400,"\\u0061":"\\/" }'
    line = (
        b' {"note":{"payload":{}},"event_id":"e-1" ,"payload": %s,"contract_version":"1.2",'
        b'"timestamp":"2026-01-01T00:00:00Z","event_type":"a.b"} ' % payload
    )
    (row,) = read(write(tmp_path / "a.ndjson", line), event_type="other", contract_version="9")
    event = row.event
    assert (event.event_type, event.payload, event.event_id, event.contract_version) == ("a.b", payload, "e-1", "1.2")
    assert event.timestamp == NANOSECONDS
    assert (row.number, row.original, row.problem) == (1, line, None)


@pytest.mark.parametrize(
    "line",
    [
        b'{"event_type":"a.b"}',
        b'{"payload":{}}',
        b'{"event_type":"a.b","payload":[]}',
        b'{"event_type":"a.b","payload":"{}"}',
        b'{"event_type":7,"payload":{}}',
        b'{"event_type":null,"payload":{}}',
        b'{"x":{"event_type":"a.b","payload":{}}}',
        b"{}",
    ],
)
def test_any_other_row_is_a_payload(tmp_path: Path, line: bytes) -> None:
    """Of the event type that the caller names."""
    (row,) = read(write(tmp_path / "a.ndjson", line), event_type="t", contract_version="2")
    assert (row.event.event_type, row.event.payload, row.event.contract_version) == ("t", line, "2")


@pytest.mark.parametrize(
    "line",
    [
        *(
            b"{",
            b"nonsense",
            b"[1]",
            b"7",
            b'"{}"',
            b"null",
            b"\xff\xfe",
            b'{"event_type":"a","payload":{}',
            b'{"a":1}{"b":2}',
            b'{"a"}',
        ),
        *(
            b'{"event_type":"a","payload":{},}',
            b'{"event_type":"a","payload":{}} x',
            b"{'event_type':'a','payload':{}}",
            b'{"a"}',
        ),
    ],
)
def test_a_line_that_is_no_object_is_passed_on_for_a_verdict(tmp_path: Path, line: bytes) -> None:
    """It never stops the run, and is not taken for anything that it is not."""
    rows = read(write(tmp_path / "a.ndjson", b'{"a":1}', line, b'{"a":2}'), event_type="t", timestamp="a", event_id="a")
    assert payloads(rows) == [b'{"a":1}', line, b'{"a":2}']
    assert [row.number for row in rows] == [1, 2, 3]
    assert [row.event.event_id for row in rows] == ["1", "", "2"]


def test_timestamp_and_id_come_from_columns_that_stay_in_the_payload(tmp_path: Path) -> None:
    """Exact, whatever their type; what is null or not there is not given."""
    lines = [b'{"at":1767225600,"id":12345678901234567890}', b'{"at":null,"id":null}', b"{}", b'{"at":"2026-01-01","id":"x"}']
    rows = read(write(tmp_path / "a.ndjson", *lines), timestamp="at", event_id="id")
    assert payloads(rows) == lines
    assert [row.event.timestamp for row in rows] == [NANOSECONDS, None, None, NANOSECONDS]
    assert [row.event.event_id for row in rows] == ["12345678901234567890", "", "", "x"]


def test_a_timestamp_that_cannot_be_read_is_the_rows_problem(tmp_path: Path) -> None:
    """The row keeps its place, and says which column it is."""
    rows = read(write(tmp_path / "a.ndjson", b'{"at":"soon"}', b'{"at":{}}', b'{"at":0}'), timestamp="at")
    assert [row.problem and row.problem.check for row in rows] == ["envelope.timestamp_invalid"] * 2 + [None]
    assert rows[0].problem is not None
    assert rows[0].problem.message.startswith("at: 'soon' is no time")


def test_blank_lines_are_no_rows_but_are_counted(tmp_path: Path) -> None:
    """A line's number is the one that an editor shows."""
    rows = read(write(tmp_path / "a.ndjson", b"", b"{}", b" \t", b"\r", b'{"a":1}\r', b""))
    assert [(row.number, row.original) for row in rows] == [(2, b"{}"), (5, b'{"a":1}\r')]


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path) -> None:
    """Editors on some systems write one."""
    (row,) = read(write(tmp_path / "a.ndjson", b'\xef\xbb\xbf{"a":1}'))
    assert row.event.payload == b'{"a":1}'


def test_lines_across_blocks_are_whole(tmp_path: Path) -> None:
    """A file is read in blocks that end anywhere."""
    lines = [json.dumps({"n": number, "text": "x" * (number % 977)}).encode() for number in range(3000)]
    assert payloads(read(write(tmp_path / "a.ndjson", *lines))) == lines


def test_gzip(tmp_path: Path) -> None:
    """A name that ends in .gz says so; a file that is cut off is told from one that is whole."""
    path = tmp_path / "a.ndjson.gz"
    lines = [json.dumps({"n": number, "x": hash(str(number))}).encode() for number in range(20_000)]
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    assert payloads(read(path)) == lines
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(FileError, match=r"a\.ndjson\.gz:\d+: it cannot be read on"):
        read(path)
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(FileError, match="it cannot be read on"):
        read(path)


def test_a_line_beyond_all_measure_stops_the_run(tmp_path: Path) -> None:
    """Memory does not grow with the file; the error says what NDJSON is."""
    path = write(tmp_path / "a.ndjson", b"{}", b'{"a":"' + b"x" * (17 << 20))
    with pytest.raises(FileError, match=r"a\.ndjson:2: the line is longer than 16 MiB") as caught:
        read(path)
    assert caught.value.row == 2


def test_a_payload_that_no_message_holds_is_the_rows_problem(tmp_path: Path) -> None:
    """It is not sent, and does not stop the others."""
    rows = read(write(tmp_path / "a.ndjson", b'{"a":"' + b"x" * (4 << 20) + b'"}', b"{}"))
    assert [row.problem and row.problem.check for row in rows] == ["envelope.payload_too_large", None]


def test_an_event_that_nests_too_deep_to_be_read_is_the_rows_problem(tmp_path: Path) -> None:
    """A thousand lists are no reason to stop."""
    deep = b'{"event_type":"a","payload":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    rows = read(write(tmp_path / "a.ndjson", deep, b"{}"))
    assert [row.problem and row.problem.check for row in rows] == ["envelope.too_deep", None]


def test_identifiers_that_cannot_travel_are_escaped(tmp_path: Path) -> None:
    """Half of a surrogate pair has no UTF-8: it would end a stream."""
    (row,) = read(write(tmp_path / "a.ndjson", b'{"event_type":"a","event_id":"\\ud800","payload":{}}'))
    assert row.event.event_id == "\\ud800"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON), st.sampled_from([None, 2]), st.booleans())
def test_members_are_those_that_json_has(value: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    """Each value's own text reads as the value."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    members = _members(text)
    assert members is not None
    assert list(members) == list(value)
    for name, member in members.items():
        assert json.dumps(json.loads(member.raw)) == json.dumps(value[name])
        assert member.text == (value[name] if isinstance(value[name], str) else None)


@given(st.text(alphabet='{}[]",:\\ \n\t0a-e.ntu') | st.text())
def test_members_of_no_object_are_none(text: str) -> None:
    """What Python's own reader refuses is never taken for an object."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    members = _members(text)
    assert (members is not None) == isinstance(value, dict)
