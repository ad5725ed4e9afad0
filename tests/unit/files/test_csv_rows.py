"""CSV and TSV: cells are text, and every record keeps its place."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.files import FileError
from tests.unit.files.reading import payloads, read


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_cells_are_text_and_empty_ones_are_not_there(tmp_path: Path) -> None:
    """What looks like a number may be a code: contracts read text as numbers where numbers are due."""
    path = write(tmp_path / "a.csv", 'zip,age,name,note\n007,36,"Ada ""L""\nLovelace",\n , ,é,NA\n')
    rows = read(path, event_type="t")
    assert payloads(rows) == [
        b'{"zip":"007","age":"36","name":"Ada \\"L\\"\\nLovelace"}',
        '{"zip":" ","age":" ","name":"é","note":"NA"}'.encode(),
    ]
    assert [row.event.event_type for row in rows] == ["t", "t"]
    assert rows[0].original == b'007,36,"Ada ""L""\nLovelace",\n'


def test_texts_for_missing_values_can_be_named(tmp_path: Path) -> None:
    """Statisticians write NA."""
    path = write(tmp_path / "a.csv", "a,b\nNA,1\n-,NA\n")
    assert payloads(read(path, nulls=frozenset({"NA", "-"}))) == [b'{"b":"1"}', b"{}"]


def test_tabs(tmp_path: Path) -> None:
    """A name that ends in .tsv says so."""
    assert payloads(read(write(tmp_path / "a.tsv", "a\tb\n1,5\t2\n"))) == [b'{"a":"1,5","b":"2"}']


def test_rows_with_event_type_and_an_object_are_events(tmp_path: Path) -> None:
    """CSV has no objects, so text that holds one is one."""
    path = write(
        tmp_path / "a.csv",
        "event_type,payload,event_id,timestamp,contract_version\n"
        'a.b,"{""n"":1}",e-1,2026-01-01,1\n'
        'a.b,,e-2,,\n,"{""n"":1}",e-3,,\na.b,"[1]",e-4,,\n',
    )
    first, *others = read(path, event_type="t", event_id="event_id")
    assert (first.event.event_type, first.event.payload, first.event.event_id) == ("a.b", b'{"n":1}', "e-1")
    assert (first.event.timestamp, first.event.contract_version) == (1_767_225_600_000_000_000, "1")
    assert [row.event.event_type for row in others] == ["t", "t", "t"]
    assert [row.event.event_id for row in others] == ["e-2", "e-3", "e-4"]


def test_a_record_with_other_cells_than_the_header_is_a_problem_of_its_own(tmp_path: Path) -> None:
    """Those after it are read as if it were not there, and have their numbers."""
    rows = read(write(tmp_path / "a.csv", "a,b\n1,2\n1\n\n1,2,3\n3,4\n"), event_type="t")
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert [row.problem and row.problem.check for row in rows] == [None, *["envelope.payload_not_object"] * 2, None]
    assert rows[2].problem is not None
    assert rows[2].problem.message == "the row has 3 cells, and the header 2"
    assert rows[2].original == b"1,2,3\n"
    assert payloads(rows)[3] == b'{"a":"3","b":"4"}'


def test_bytes_that_are_no_text_stay_as_they_are(tmp_path: Path) -> None:
    """The row is judged, and can be written back."""
    (row, other) = read(write(tmp_path / "a.csv", b"a,id\n\xff\xfe,\xff\nx,y\n"), event_id="id")
    assert row.original == b"\xff\xfe,\xff\n"
    assert row.event.event_id == "\ufffd"
    assert json.loads(payloads([row])[0] or b"") == {"a": "\udcff\udcfe", "id": "\udcff"}
    assert other.event.payload == b'{"a":"x","id":"y"}'


def test_a_timestamp_that_cannot_be_read_is_the_rows_problem(tmp_path: Path) -> None:
    """An empty one is not given."""
    rows = read(write(tmp_path / "a.csv", "at,n\nsoon,1\n2026-01-01,2\n,3\n"), timestamp="at")
    assert [row.problem and row.problem.check for row in rows] == ["envelope.timestamp_invalid", None, None]
    assert [row.event.timestamp for row in rows] == [None, 1_767_225_600_000_000_000, None]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    """Spreadsheets write one."""
    assert payloads(read(write(tmp_path / "a.csv", b"\xef\xbb\xbfa\r\n1\r\n"))) == [b'{"a":"1"}']


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "it is empty"),
        ("a,b,a\n", {}, "two columns are called 'a'"),
        ("a,b\n1,2\n", {"timestamp": "at"}, "it has no column 'at'. Name one of its columns: a, b"),
        ("a,b\n1,2\n", {"event_id": "id"}, "it has no column 'id'"),
    ],
)
def test_a_file_without_its_columns_is_refused(tmp_path: Path, text: str, options: dict[str, str], message: str) -> None:
    """Before anything of it is judged."""
    with pytest.raises(FileError, match=message):
        read(write(tmp_path / "a.csv", text), **options)


def test_only_a_header_is_no_rows(tmp_path: Path) -> None:
    """An export of nothing."""
    assert read(write(tmp_path / "a.csv", "a,b\n")) == []


def test_an_open_quote_ends_where_it_must(tmp_path: Path) -> None:
    """It takes what follows with it, up to the longest row, and no more."""
    lines = "".join(f"{number},{'x' * 1000}\n" for number in range(20_000))
    rows = read(write(tmp_path / "a.csv", f'a,b\n1,2\n3,"4\n{lines}'))
    assert rows[0].event.payload == b'{"a":"1","b":"2"}'
    assert rows[1].problem is not None
    assert json.loads(payloads(rows)[-1] or b"")["a"] == "19999"


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=2), max_size=8))
def test_what_a_writer_of_csv_writes_comes_back(tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]) -> None:
    """Cells with commas, quotes, line ends and anything else; and the bytes of all rows are the file's."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b"], *table])
    path = write(tmp_path_factory.mktemp("csv") / "a.csv", text.getvalue())
    rows = read(path)
    assert [json.loads(payload or b"") for payload in payloads(rows)] == [{"a": a, "b": b} for a, b in table]
    assert b"a,b\r\n" + b"".join(row.original for row in rows) == path.read_bytes()
