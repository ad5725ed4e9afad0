"""Rows written as they were, to files that are whole or plainly not."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay_server.files import FileError, OutputFile, RowOptions, find_sources, read_rows, row_writer


def split(paths: list[Path], out: Path) -> None:
    """Write every other row of some files."""
    sources = find_sources([str(path) for path in paths])
    writer = row_writer(str(out), sources)
    for source in sources:
        for rows in read_rows(source, RowOptions()):
            for row in rows:
                if row.number % 2:
                    writer.write(row)
    writer.finish()


def test_ndjson_is_written_byte_for_byte(tmp_path: Path) -> None:
    """Good or bad; the last line of a file gets its end."""
    (tmp_path / "a.ndjson").write_bytes(b'{ "a": 1.0 }\r\n2\nno json')
    (tmp_path / "b.ndjson").write_bytes(b"\xff\n")
    split([tmp_path / "a.ndjson", tmp_path / "b.ndjson"], tmp_path / "out.ndjson")
    assert (tmp_path / "out.ndjson").read_bytes() == b'{ "a": 1.0 }\r\nno json\n\xff\n'
    assert not (tmp_path / "out.ndjson.partial").exists()


def test_csv_is_written_byte_for_byte_with_one_header(tmp_path: Path) -> None:
    """Records of several lines too; compressed where the name says so."""
    (tmp_path / "a.csv").write_bytes(b'a,b\r\n1,"x\ny"\r\n2,z\r\n3')
    (tmp_path / "b.csv").write_bytes(b"a,b\n7,8\n")
    split([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "out.csv.gz")
    assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()) == b'a,b\r\n1,"x\ny"\r\n3\n7,8\n'


def test_parquet_is_written_with_its_types(tmp_path: Path) -> None:
    """Across batches, which are smaller than files."""
    table = pa.table({"a": list(range(10_000)), "s": [{"x": n} for n in range(10_000)]})
    pq.write_table(table, tmp_path / "a.parquet")
    split([tmp_path / "a.parquet"], tmp_path / "out.parquet")
    written = pq.read_table(tmp_path / "out.parquet")
    assert written.schema.equals(table.schema)
    assert written.to_pylist() == table.to_pylist()[::2]


@pytest.mark.parametrize(
    ("inputs", "out", "message"),
    [
        (["a.ndjson", "a.csv"], "out.csv", "it cannot take rows of CSV and NDJSON"),
        (["a.csv"], "out.ndjson", r"let its name end in \.csv"),
        (["a.csv"], "out", r"let its name end in \.csv"),
        (["a.csv", "b.csv"], "out.csv", "their columns differ"),
        (["a.csv"], "a.csv", "it is read, too"),
        (["a.parquet"], "-", "Parquet does not go to standard output"),
        (["a.csv"], "no/such/out.csv", "it cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: list[str], out: str, message: str
) -> None:
    """Before anything is judged."""
    monkeypatch.chdir(tmp_path)
    Path("a.ndjson").write_text("{}\n")
    Path("a.csv").write_text("a,b\n1,2\n")
    Path("b.csv").write_text("a,c\n1,2\n")
    pq.write_table(pa.table({"a": [1]}), "a.parquet")
    with pytest.raises(FileError, match=message):
        row_writer(out, find_sources(inputs))
    assert not list(tmp_path.glob("*.partial"))


def test_a_file_that_is_not_whole_does_not_get_its_name(tmp_path: Path) -> None:
    """What was there before stays; an empty beginning is not worth keeping."""
    path = tmp_path / "out.ndjson"
    path.write_text("before")
    file = OutputFile(str(path))
    file.write(b"{}\n")
    assert file.leave() == f"{path}.partial"
    assert path.read_text() == "before"
    assert Path(f"{path}.partial").read_text() == "{}\n"
    assert OutputFile(str(path)).leave() == ""
    assert not Path(f"{path}.partial").exists()
