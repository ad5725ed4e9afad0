"""Files that are not as they should be: `assay learn` counts their bad rows with an example, or refuses them with the row."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay_server.baselines import Store
from tests.unit.cli.doing import Assay, Result, runner

READING = '''
from typing import Annotated

from assay_server.contracts import EventContract, Novelty, ThreeSigma


class Reading(EventContract, event_type="reading", version="1.0.0"):
    """A meter was read."""

    site: Annotated[str, Novelty()]
    value: Annotated[float, ThreeSigma(by="site")]
'''
GOOD = [{"site": "a", "value": float(number), "at": "2026-05-01T00:00:00Z"} for number in range(50)]
SUFFIXES = ["ndjson", "csv", "tsv.gz", "parquet"]


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Assay:
    """Run the command line in this process, in a folder that has a contract and something learned."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "readings.py").write_text(READING)
    return runner(monkeypatch, capsysbinary)


def learn(assay: Assay, *arguments: object) -> Result:
    return assay("learn", "reading", *arguments)


def written(suffix: str, rows: list[dict[str, Any]]) -> str:
    """Return the name of a file with these rows; a column for each name that any of them has."""
    name = f"rows.{suffix}"
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if suffix == "parquet":
        texts = {column for row in rows for column, cell in row.items() if isinstance(cell, str)}
        cells = [{column: str(row[column]) if column in texts else row[column] for column in row} for row in rows]
        pq.write_table(pa.Table.from_pylist(cells), name)
        return name
    if suffix.startswith("ndjson"):
        text = "".join(json.dumps(row) + "\n" for row in rows)
    else:
        cut = "," if suffix.startswith("csv") else "\t"
        text = "".join(cut.join(map(str, line)) + "\n" for line in [columns, *([*row.values()] for row in rows)])
    Path(name).write_bytes(gzip.compress(text.encode()) if suffix.endswith("gz") else text.encode())
    return name


def samples() -> int:
    """Return how many values the store holds of the field that is a number; 0 if nothing was learned at all."""
    file = Path("data/baselines.sqlite3")
    if not file.exists():
        return 0
    store = Store(file)
    try:
        store.prepare()
        whole = store.read("test", None, [], store.series("reading")).whole
        return sum(stored.history.samples for series, stored in whole.items() if series.field == "/value")
    finally:
        store.close()


def refused(result: Result, *said: str) -> None:
    """The command was not done, for reasons that it says without a traceback; nothing was learned."""
    assert result.code == 2, result.out
    assert result.err.startswith("error: ")
    assert "Traceback" not in result.err
    for text in said:
        assert text in result.err, result.err
    assert samples() == 0


def counted(result: Result, learned: int, **checks: tuple[int, int]) -> None:
    """So many were learned, and so many left out by each check, the first of them in this row."""
    assert result.err == ""
    assert (result.code, result.json["learned"]) == (0 if learned else 1, learned)
    found = {tally["check"].partition(".")[2]: (tally["events"], tally["row"]) for tally in result.json["checks"]}
    assert found == checks
    assert samples() == learned


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_column_that_the_contract_needs_and_no_row_has(assay: Assay, suffix: str) -> None:
    """Every row is left out, because of it; what no row has where the options name it is refused, with what there is."""
    rows = [{"site": row["site"], "at": row["at"]} for row in GOOD]
    counted(learn(assay, written(suffix, rows), "--json"), 0, missing=(50, 1))
    if suffix != "ndjson":
        refused(learn(assay, written(suffix, rows), "--timestamp", "when"), f"rows.{suffix}", "'when'", "site, at")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_values_of_several_types_in_one_column(assay: Assay, suffix: str) -> None:
    """Those that can be read as the contract has it are; the others are counted, the first with its row."""
    rows = [*GOOD[:20], {**GOOD[0], "value": "high"}, *GOOD[20:30], {**GOOD[0], "value": "low"}, *GOOD[30:]]
    counted(learn(assay, written(suffix, rows), "--json"), 50, float_parsing=(2, 21))


@pytest.mark.parametrize(("suffix", "empty"), [("ndjson", True), ("csv", False), ("ndjson.gz", True), ("tsv.gz", False)])
def test_a_file_without_a_byte(assay: Assay, suffix: str, empty: bool) -> None:
    """One that needs no header has no rows; one that does is refused, as is Parquet."""
    name = f"rows.{suffix}"
    Path(name).write_bytes(gzip.compress(b"") if suffix.endswith("gz") else b"")
    result = learn(assay, name)
    if empty:
        assert (result.code, "nothing is learned" in result.text, samples()) == (1, True, 0)
    else:
        refused(result, name, "it is empty", "name the columns")
    Path("none.parquet").touch()
    refused(learn(assay, "none.parquet"), "none.parquet", "it is no Parquet")


@pytest.mark.parametrize("suffix", ["csv", "tsv.gz", "parquet"])
def test_a_file_with_columns_and_no_rows(assay: Assay, suffix: str) -> None:
    """Nothing is learned, and said so."""
    if suffix == "parquet":
        pq.write_table(pa.table({"site": pa.array([], pa.string()), "value": pa.array([], pa.float64())}), "rows.parquet")
        name = "rows.parquet"
    else:
        name = f"rows.{suffix}"
        header = b"site,value\n" if suffix == "csv" else b"site\tvalue\n"
        Path(name).write_bytes(gzip.compress(header) if suffix.endswith("gz") else header)
    result = learn(assay, name)
    assert (result.code, "nothing is learned" in result.text, samples()) == (1, True, 0)


@pytest.mark.parametrize("suffix", ["ndjson.gz", "tsv.gz", "parquet"])
def test_a_file_of_which_the_end_is_missing(assay: Assay, suffix: str) -> None:
    """It is refused, where rows were read with the row; and what was read until then is not learned, nor the files before."""
    rows = [{**row, "value": number / 7} for number, row in enumerate(GOOD * 200)]
    whole = written("ndjson", GOOD)
    name = written(suffix, rows)
    Path(name).write_bytes(Path(name).read_bytes()[:-500])
    result = learn(assay, whole, name)
    refused(result, name, "Get the whole file again")
    if suffix != "parquet":
        row = int(result.err.partition(f"{name}:")[2].partition(":")[0])
        assert 1 <= row <= len(rows)


def test_lines_of_which_the_end_is_missing(assay: Assay) -> None:
    """A line that was cut is a row like any other that cannot be read."""
    name = written("ndjson", GOOD)
    Path(name).write_bytes(Path(name).read_bytes()[:-10])
    counted(learn(assay, name, "--json"), 49, json_invalid=(1, 50))
    Path("cut.csv").write_text("site,value,at\na,1.5,2026-05-01\nb,2.5")
    result = learn(assay, "cut.csv", "--replace", "--json")
    counted(result, 1, payload_not_object=(1, 2))
    assert "the row has 2 cells, and the header 3" in result.out.decode()


@pytest.mark.parametrize(
    ("suffix", "name", "said"),
    [
        ("parquet", "rows.csv", ("it is Parquet, and not CSV", "Let its name end in .parquet.")),
        ("parquet", "rows.ndjson", ("it is Parquet, and not NDJSON", "Let its name end in .parquet.")),
        ("tsv.gz", "rows.tsv", ("it is compressed, and not TSV", "Let its name end in .gz.")),
        ("csv", "rows.parquet", ("it is no Parquet",)),
        ("ndjson", "rows.ndjson.gz", ("it cannot be read on",)),
        ("csv", "rows.txt", ("its name does not tell what is in it", "Assay reads .ndjson")),
        ("ndjson", "rows.json", ("its name does not tell what is in it", "jq -c")),
        ("parquet", "rows.parquet.gz", ("its name does not tell what is in it",)),
    ],
)
def test_a_name_that_tells_another_format(assay: Assay, suffix: str, name: str, said: tuple[str, ...]) -> None:
    """It is refused, with what to do."""
    Path(written(suffix, GOOD)).rename(name)
    refused(learn(assay, name), name, *said)


@pytest.mark.parametrize("name", ["rows.ndjson", "rows.csv", "rows.tsv"])
def test_a_name_of_another_format_of_text(assay: Assay, name: str) -> None:
    """Rows that can be nothing are left out, each counted."""
    Path(written("ndjson" if name != "rows.ndjson" else "csv", GOOD)).rename(name)
    result = learn(assay, name, "--json")
    assert (result.code, result.err, samples()) == (1, "", 0)
    assert result.json["left_out"] == result.json["events"] >= len(GOOD) - 1


def test_a_row_that_is_no_object(assay: Assay) -> None:
    """It is counted, and told where it is; with the rest of the file, what can be learned is."""
    bad = ["[1]", "7", '"text"', "null", "{broken", '{"site":"a","value":1}{"site":"a","value":1}']
    lines = [*map(json.dumps, GOOD[:10]), *bad, *map(json.dumps, GOOD[10:])]
    Path("rows.ndjson").write_text("\n".join(lines) + "\n")
    result = learn(assay, "rows.ndjson", "--json", "--rejected", "bad.ndjson")
    assert (result.code, result.json["learned"], result.json["left_out"]) == (0, 50, len(bad))
    assert sum(tally["events"] for tally in result.json["checks"]) == len(bad)
    assert {tally["check"] for tally in result.json["checks"]} == {"envelope.payload_not_object", "schema.json_invalid"}
    assert min(tally["row"] for tally in result.json["checks"]) == 11
    assert Path("bad.ndjson").read_text().splitlines() == bad
    assert samples() == 50


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_timestamp_that_cannot_be_read(assay: Assay, suffix: str) -> None:
    """The row is counted, and told where it is."""
    rows = [*GOOD[:7], {**GOOD[7], "at": "yesterday"}, *GOOD[8:20], {**GOOD[20], "at": "2026-13-01"}, *GOOD[21:]]
    result = learn(assay, written(suffix, rows), "--timestamp", "at", "--json")
    counted(result, 48, timestamp_invalid=(2, 8))
    assert "'yesterday' is no time" in result.json["checks"][0]["message"]


@pytest.mark.parametrize("time", [[5], True, 1e30])
def test_a_column_of_no_times_at_all(assay: Assay, time: object) -> None:
    """Of a type that is none, or of numbers that are none: each row is counted."""
    table = pa.Table.from_pylist(GOOD).set_column(2, "at", pa.array([time] * len(GOOD)))
    pq.write_table(table, "rows.parquet")
    counted(learn(assay, "rows.parquet", "--timestamp", "at", "--json"), 0, timestamp_invalid=(50, 1))
