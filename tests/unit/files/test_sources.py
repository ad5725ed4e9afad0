"""Which files are meant, and what they are."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay_server.files import FileError, Format, find_sources, total_size
from tests.unit.files.reading import read


def test_the_name_tells_the_format(tmp_path: Path) -> None:
    """In upper case too."""
    names = ["a.ndjson", "b.jsonl", "c.csv", "d.tsv", "e.parquet", "f.ndjson.gz", "G.CSV.GZ"]
    for name in names:
        (tmp_path / name).write_bytes(b"12345")
    sources = find_sources([str(tmp_path / name) for name in names])
    assert [source.format for source in sources] == [
        *(Format.NDJSON, Format.NDJSON, Format.CSV, Format.TSV, Format.PARQUET, Format.NDJSON, Format.CSV)
    ]
    assert [source.compressed for source in sources] == [*[False] * 5, True, True]
    assert total_size(sources) == 35


def test_a_folder_is_all_files_below_it_that_can_be_read(tmp_path: Path) -> None:
    """In the order of their names; others are passed over."""
    for name in ("b.csv", "a/z.ndjson", "a/y.parquet", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [Path(source.name).relative_to(tmp_path).as_posix() for source in find_sources([str(tmp_path)])]
    assert names == ["a/y.parquet", "a/z.ndjson", "b.csv"]


def test_a_glob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absolute or not, for shells that leave it to the command; a file whose name looks like one is that file."""
    for name in ("a1.csv", "a2.csv", "b.csv", "[x].csv"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert [source.name for source in find_sources(["a?.csv", "[x].csv"])] == ["a1.csv", "a2.csv", "[x].csv"]
    assert len(find_sources([str(tmp_path / "**/*.csv")])) == 4


def test_standard_input_is_ndjson_of_unknown_size() -> None:
    """Its progress has no end that is known."""
    (source,) = find_sources(["-"])
    assert source.format is Format.NDJSON
    assert total_size([source]) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "it cannot be read: No such file or directory"),
        ("x.xlsx", "its name does not tell what is in it. Assay reads .ndjson"),
        ("x.json", "jq -c"),
        ("x.parquet.gz", "its name does not tell"),
        ("*.ndjson", "no file matches"),
        ("empty", "the folder has no file that can be read"),
    ],
)
def test_what_cannot_be_read_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str) -> None:
    """With what can be."""
    for each in ("x.xlsx", "x.json", "x.parquet.gz"):
        (tmp_path / each).touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=message):
        find_sources([name])


def test_a_wrong_name_is_noticed_by_the_content(tmp_path: Path) -> None:
    """Parquet called CSV, compressed and not called so, and CSV called Parquet."""
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.csv")
    with pytest.raises(FileError, match=r"it is Parquet, and not CSV. Let its name end in \.parquet"):
        read(tmp_path / "a.csv")
    (tmp_path / "b.ndjson").write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(FileError, match="it is compressed, and not NDJSON"):
        read(tmp_path / "b.ndjson")
    (tmp_path / "c.parquet").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(FileError, match="it is no Parquet"):
        read(tmp_path / "c.parquet")
