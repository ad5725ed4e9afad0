"""`assay learn`: what files teach, what is left out of them, and that it is all or nothing."""

import array
import fcntl
import gzip
import json
import os
import signal
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay_server.baselines import Series, Store, View
from tests.unit.cli.doing import Assay, Result, runner

COMMAND = [sys.executable, "-c", "from assay_server.cli import main; main()"]

METERS = '''
from typing import Annotated

from assay_server.contracts import Clock, EventContract, ThreeSigma, feature, rule


class MeterRead(EventContract, event_type="meter.read", version="1.0.0"):
    """A meter was read."""

    site: str
    value: Annotated[float | None, ThreeSigma(by="site")] = None

    clock = Clock(max_age="1h", max_ahead="1h", enforcement="reject")

    @feature
    def doubled(self) -> Annotated[float | None, ThreeSigma()]:
        """Twice the value."""
        return None if self.value is None else 2 * self.value

    @rule
    def not_negative(self) -> bool | str:
        """A meter counts upwards."""
        return self.value is None or self.value >= 0 or f"{self.value} is negative"

    @rule(enforcement="warn")
    def not_large(self) -> bool:
        """Hardly any meter shows more than a thousand."""
        return self.value is None or self.value <= 1000


class Nothing(EventContract, event_type="nothing.compared", version="1.0.0"):
    """Compares nothing with history."""

    value: float
'''

ROWS = [{"site": "ab"[row % 2], "value": float(row % 7), "at": f"2013-05-0{1 + row % 9}"} for row in range(100)]


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Assay:
    """Run the command line in this process, in a folder that has a contract."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "meters.py").write_text(METERS)
    return runner(monkeypatch, capsysbinary)


def ndjson(path: str, rows: list[dict[str, Any]]) -> str:
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def moments(data: str = "data") -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return count, mean and deviation of each group, by field and group, as the store has them."""
    store = Store(Path(data) / "baselines.sqlite3")
    try:
        store.prepare()
        held: list[Series] = store.series("meter.read")
        read = store.read("test", None, [], held).whole
    finally:
        store.close()
    found = {}
    for series, stored in read.items():
        view = View(stored.history)
        keys = [key for key, _ in view.groups()]
        of = view.moments(keys, None)
        for place, key in enumerate(keys):
            found[series.field, key] = (float(of.n[place]), float(of.mean[place]), float(of.std[place]))
    return found


def expected(rows: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """Return what NumPy says of the same rows."""
    found = {}
    for site in sorted({row["site"] for row in rows}):
        values = np.array([row["value"] for row in rows if row["site"] == site])
        found["/value", site] = pytest.approx((len(values), values.mean(), values.std(ddof=1)), rel=1e-9)
    values = 2 * np.array([row["value"] for row in rows])
    found["@doubled", ""] = pytest.approx((len(values), values.mean(), values.std(ddof=1)), rel=1e-9)
    return found


def learn(assay: Assay, *arguments: object) -> Result:
    return assay("learn", "meter.read", *arguments)


@pytest.mark.parametrize("kind", ["ndjson", "jsonl.gz", "csv", "tsv", "parquet", "folder", "glob", "-"])
def test_history_is_what_the_files_hold(assay: Assay, kind: str) -> None:
    """Whatever they are written in, it equals NumPy's on the same rows; a Clock does not matter."""
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    named, stdin = f"rows.{kind}", b""
    if kind in {"csv", "tsv"}:
        cells = [list(ROWS[0]), *([str(cell) for cell in row.values()] for row in ROWS)]
        Path(named).write_text("".join(("," if kind == "csv" else "\t").join(row) + "\n" for row in cells))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), named)
    elif kind in {"folder", "glob"}:
        Path("parts").mkdir()
        ndjson("parts/a.ndjson", ROWS[:30])
        ndjson("parts/b.ndjson", ROWS[30:])
        named = "parts" if kind == "folder" else "parts/*.ndjson"
    elif kind == "-":
        named, stdin = "-", lines
    else:
        Path(named).write_bytes(gzip.compress(lines) if kind.endswith("gz") else lines)
    result = assay("learn", "meter.read", named, "--timestamp", "at", stdin=stdin)
    assert (result.code, result.err) == (0, "")
    assert result.text.startswith("Learned 100 of 100 events of meter.read")
    assert moments() == expected(ROWS)


def test_what_the_contract_rejects_is_left_out(assay: Assay) -> None:
    """It is counted by check, and written aside as it is; what a rule only warns of is learned."""
    bad = [{"site": "a", "value": -1.0}, {"site": 3, "value": 1.0}]
    odd = [{"site": "a", "value": 5000.0}]
    Path("rows.ndjson").write_text("".join(json.dumps(row) + "\n" for row in [*ROWS, *bad, *odd]) + "{broken\n[1]\n")
    result = learn(assay, "rows.ndjson", "--rejected", "bad.ndjson", "--json")
    assert (result.code, result.err) == (0, "")
    assert (result.json["events"], result.json["learned"], result.json["left_out"]) == (105, 101, 4)
    counts = {found["check"]: found["events"] for found in result.json["checks"]}
    assert counts.pop("rules.not_negative") == 1
    assert sum(counts.values()) == 3
    assert "schema.string_type" in counts
    assert Path("bad.ndjson").read_text() == "".join(json.dumps(row) + "\n" for row in bad) + "{broken\n[1]\n"
    assert moments() == expected([*ROWS, *odd])


def test_columns_are_mapped_to_fields(assay: Assay) -> None:
    """A column that has the field's name already makes room; one that no row has is an error, and nothing is learned."""
    rows = [{"place": row["site"], "kwh": row["value"], "value": "no number"} for row in ROWS]
    ndjson("rows.ndjson", rows)
    assert learn(assay, "rows.ndjson", "--map", "place=site", "--map", "kwh=value").code == 0
    assert moments() == expected(ROWS)
    result = learn(assay, "rows.ndjson", "--replace", "--map", "place=site", "--map", "kwhs=value")
    assert result.code == 2
    assert "no row has a column called 'kwhs'" in result.err
    assert moments() == expected(ROWS)


@pytest.mark.parametrize("pair", ["site", "=site", "site="])
def test_a_map_names_a_column_and_a_field(assay: Assay, pair: str) -> None:
    """Else nothing is read."""
    result = learn(assay, "rows.ndjson", "--map", pair)
    assert result.code == 2
    assert "Write --map COLUMN=FIELD" in result.err


def test_a_file_is_learned_once(assay: Assay) -> None:
    """It is recognised by its content, under another name too; --again counts it twice, --replace starts over."""
    ndjson("rows.ndjson", ROWS)
    assert learn(assay, "rows.ndjson").code == 0
    Path("copy.ndjson").write_bytes(Path("rows.ndjson").read_bytes())
    result = learn(assay, "copy.ndjson")
    assert result.code == 2
    assert "already learned: copy.ndjson" in result.err
    assert "--again" in result.err
    assert moments() == expected(ROWS)
    assert learn(assay, "copy.ndjson", "--again").code == 0
    assert moments() == expected(ROWS * 2)
    assert learn(assay, "rows.ndjson", "--replace").code == 0
    assert moments() == expected(ROWS)


def test_one_file_named_twice_is_refused(assay: Assay) -> None:
    """It would be counted twice."""
    ndjson("rows.ndjson", ROWS)
    result = learn(assay, "rows.ndjson", "./rows.ndjson")
    assert result.code == 2
    assert "./rows.ndjson holds the same as rows.ndjson" in result.err


def test_a_truncated_file_teaches_nothing(assay: Assay) -> None:
    """Nor do the files before it; and what is there already stays."""
    ndjson("old.ndjson", ROWS[:50])
    assert learn(assay, "old.ndjson").code == 0
    ndjson("rows.ndjson", ROWS)
    Path("cut.ndjson.gz").write_bytes(gzip.compress(os.urandom(5000).hex().encode() + b"\n" * 9)[:2000])
    pq.write_table(pa.Table.from_pylist(ROWS), "cut.parquet")
    Path("cut.parquet").write_bytes(Path("cut.parquet").read_bytes()[:-20])
    for cut in ("cut.ndjson.gz", "cut.parquet"):
        result = learn(assay, "rows.ndjson", cut)
        assert result.code == 2
        assert cut in result.err
        assert moments() == expected(ROWS[:50])


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_an_interrupted_run_teaches_nothing(assay: Assay, tmp_path: Path, number: int, code: int) -> None:
    """However it ends, and though it waits for rows that do not come; the files can be learned afterwards."""
    ndjson("rows.ndjson", ROWS)
    reader, writer = os.pipe()
    process = subprocess.Popen([*COMMAND, "learn", "meter.read", "-"], stdin=reader, cwd=tmp_path, stderr=subprocess.PIPE)
    try:
        os.write(writer, Path("rows.ndjson").read_bytes())
        wait_until_read(reader)
        process.send_signal(number)
        process.communicate(timeout=60)
        assert process.returncode == code
    finally:
        process.kill()
        process.communicate()
        os.close(reader)
        os.close(writer)
    assert moments() == {}
    assert learn(assay, "rows.ndjson").code == 0
    assert moments() == expected(ROWS)


def wait_until_read(pipe: int) -> None:
    """Wait until nothing is left in a pipe."""
    until = time.monotonic() + 60
    left = array.array("i", [1])
    while left[0]:
        assert time.monotonic() < until
        fcntl.ioctl(pipe, termios.FIONREAD, left)
        time.sleep(0.01)


def test_events_of_other_types_are_passed_over(assay: Assay) -> None:
    """A file of all kinds of events teaches those of one type."""
    others = [{"event_type": "nothing.compared", "payload": {"value": 1}}] * 3
    ndjson("rows.ndjson", [*({"event_type": "meter.read", "payload": row} for row in ROWS), *others])
    result = learn(assay, "rows.ndjson", "--json")
    assert (result.json["learned"], result.json["other_event_types"]) == (100, 3)
    assert moments() == expected(ROWS)


def test_a_query_makes_rows_of_files(assay: Assay) -> None:
    """Joined, filtered and aggregated, from files of several formats."""
    ndjson("meters.ndjson", [{"meter": number, "site": "ab"[number]} for number in range(2)])
    readings = [{"meter": row % 2, "kwh": row % 7} for row in range(120)]
    pq.write_table(pa.Table.from_pylist(readings), "readings.parquet")
    Path("factors.csv").write_text("meter,factor\n0,1.0\n1,1.0\n")
    query = (
        "SELECT m.site, r.kwh * f.factor AS value FROM readings r JOIN meters m USING (meter) JOIN factors f USING (meter) "
        "WHERE r.kwh < 6"
    )
    result = learn(assay, "meters.ndjson", "readings.parquet", "factors.csv", "--query", query)
    assert (result.code, result.err) == (0, "")
    rows = [{"site": "ab"[row["meter"]], "value": float(row["kwh"])} for row in readings if row["kwh"] < 6]
    assert moments() == expected(rows)
    again = learn(assay, "meters.ndjson", "readings.parquet", "factors.csv", "--query", query.replace(" ", "  "))
    assert (again.code, "already learned" in again.err) == (2, True)


@pytest.mark.parametrize("query", ["SELEC 1", "SELECT nothing FROM rows", "SELECT * FROM elsewhere", "CREATE TABLE t (a INT)"])
def test_a_bad_query_is_an_error(assay: Assay, query: str) -> None:
    """That says what is wrong."""
    ndjson("rows.ndjson", ROWS)
    result = learn(assay, "rows.ndjson", "--query", query)
    assert result.code == 2
    assert result.err.startswith("error: the query: ")
    assert moments() == {}


def test_folders_and_globs_are_tables(assay: Assay) -> None:
    """A folder is one, of all its files; each file of a glob is one."""
    for folder in ("parts", "more"):
        Path(folder).mkdir()
    ndjson("parts/a.ndjson", ROWS[:50])
    ndjson("parts/b.ndjson", ROWS[50:])
    Path("more/c.csv").write_text("site,value\na,1\n")
    Path("more/d.csv").write_text("site,value\nb,2\n")
    query = "SELECT site, value FROM parts UNION ALL SELECT * FROM c UNION ALL SELECT * FROM d"
    assert learn(assay, "parts", "more/*.csv", "--query", query).code == 0
    assert moments() == expected([*ROWS, {"site": "a", "value": 1.0}, {"site": "b", "value": 2.0}])


def test_what_cannot_be_learned(assay: Assay) -> None:
    """An unknown type, a contract without comparisons, a missing file or column: errors that say what to do."""
    ndjson("rows.ndjson", ROWS)
    for arguments, said in (
        (("learn", "no.such", "rows.ndjson"), "no contract describes no.such"),
        (("learn", "nothing.compared", "rows.ndjson"), "compares nothing with history"),
        (("learn", "meter.read", "missing.ndjson"), "missing.ndjson"),
        (("learn", "meter.read", "rows.ndjson", "--store", "mysql://x/y"), "mysql"),
    ):
        result = assay(*arguments)
        assert (result.code, said in result.err) == (2, True), result.err
    Path("empty.ndjson").touch()
    result = learn(assay, "empty.ndjson")
    assert (result.code, "nothing is learned" in result.text) == (1, True)
    assert moments() == {}


def test_what_was_learned_is_what_check_compares_with(assay: Assay) -> None:
    """Without a server too; before anything is learned, the checks are warming up."""
    now = datetime.now(UTC).isoformat()
    event = {"event_type": "meter.read", "timestamp": now, "payload": {"site": "a", "value": 900}}
    Path("now.ndjson").write_text(json.dumps(event) + "\n")

    assert "WARMING_UP" in assay("check", "now.ndjson").text
    assay("learn", "meter.read", ndjson("past.ndjson", ROWS))
    text = assay("check", "now.ndjson").text

    assert "warn statistics.three_sigma" in text
    assert "WARMING_UP" not in text
    refused = assay("check", "now.ndjson", "--server", "localhost:1", "--data", "data")
    assert (refused.code, "exclude each other" in refused.err) == (2, True)


def test_how_many_groups_are_kept_can_be_set(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    """The most frequent are kept, and events of others are not compared."""
    monkeypatch.setenv("ASSAY_MAX_GROUPS", "1")
    learn(assay, ndjson("rows.ndjson", [*ROWS, ROWS[0]]))
    events = [{"event_type": "meter.read", "timestamp": datetime.now(UTC).isoformat(), "payload": {"site": "b", "value": 9.0}}]

    assert {group for field, group in moments() if field == "/value"} == {"a"}
    assert "GROUP_LIMIT" in assay("check", ndjson("events.ndjson", events)).text
    monkeypatch.setenv("ASSAY_MAX_GROUPS", "2")
    assert "WARMING_UP" in assay("check", "events.ndjson").text
