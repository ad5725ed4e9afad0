"""`assay check`, by an engine in the process and by a real server: the same for both."""

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.protobuf import json_format

from assay.v1 import verdict_pb2
from tests.unit.cli.doing import Assay, runner

from .conftest import Spawn

COMMAND = [sys.executable, "-c", "from assay_server.cli import main; main()"]

GOOD = b'{"sku":"A1","quantity":2}'
SCHEMA = b'{"sku":"A","quantity":0}'
RULE = b'{"sku":"A1","quantity":5000}'


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Assay:
    """Run the command line in this process."""
    return runner(monkeypatch, capsysbinary)


@pytest.fixture(params=["here", "there"])
def judge(request: pytest.FixtureRequest, folder: Path) -> Iterator[list[str]]:
    """Return the options for what judges: the folder, or a server that has it."""
    if request.param == "here":
        yield ["--contracts", str(folder)]
    else:
        spawn: Spawn = request.getfixturevalue("spawn")
        yield ["--server", spawn().address]


def event(payload: bytes, **envelope: Any) -> bytes:
    fields = "".join(f'"{name}":{json.dumps(value)},' for name, value in envelope.items())
    return b'{"event_type":"order.placed",%s"payload":%s}' % (fields.encode(), payload)


def test_good_events_exit_0(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """And are summed up in a line."""
    (tmp_path / "a.ndjson").write_bytes(event(GOOD) + b"\n" + event(GOOD) + b"\n")
    result = assay("check", tmp_path / "a.ndjson", *judge)
    assert (result.code, result.err) == (0, "")
    assert result.text.startswith("2 events in ")
    assert "2 100.00% valid" in result.text


def test_what_is_found_is_summed_up_by_check(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """How many events, of which share, and an example with its place."""
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"\n".join([event(GOOD), event(SCHEMA), b"{broken", event(RULE), event(RULE)]))
    result = assay("check", path, *judge)
    assert result.code == 1
    assert "4 80.00% not valid" in result.text
    assert f"2 40.00% reject rules.not_too_many {path}:4: 5000 is too many" in result.text
    assert f"1 20.00% reject schema.string_too_short {path}:2 /sku: String should have at least 2 characters" in result.text
    assert f"1 20.00% reject envelope.event_type_missing {path}:3: the event has no event_type" in result.text
    assert result.err.startswith("hint: 1 of the rows are no events of their own")
    told = assay("check", path, *judge, "--json").json
    assert (told["events"], told["valid"], told["rejected"], told["warned"]) == (5, 1, 4, 0)
    (rule,) = [check for check in told["checks"] if check["check"] == "rules.not_too_many"]
    assert (rule["events"], rule["share"], rule["row"], rule["file"]) == (2, 0.4, 4, str(path))
    assert rule["enforcement"] == "ENFORCEMENT_REJECT"


def test_verdicts_are_written_as_the_wire_contract_has_them(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """A line for each row, in their order: Protobuf reads it as a Verdict."""
    rows = [event(GOOD, event_id="e-1"), event(SCHEMA), b"nonsense", b'{"sku":"B2","at":"soon","id":7}', event(RULE)]
    options = ["--type", "order.placed", "--timestamp", "at", "--id", "id", "--normalized", "--output", "-"]
    result = assay("check", "-", *judge, *options, stdin=b"\n".join(rows))
    assert result.code == 1
    assert "5 events" in result.err
    first, *others = result.records
    assert first.pop("processed_at").endswith("Z")
    assert first == {
        "file": "-",
        "row": 1,
        "event_type": "order.placed",
        "event_id": "e-1",
        "valid": True,
        "contract_version": first["contract_version"],
        "normalized_payload": {"sku": "A1", "quantity": 2, "note": ""},
    }
    assert [record["row"] for record in others] == [2, 3, 4, 5]
    assert [[finding["check"] for finding in record["findings"]] for record in others] == [
        ["schema.string_too_short", "schema.greater_than"],
        ["schema.json_invalid"],
        ["envelope.timestamp_invalid"],
        ["rules.not_too_many"],
    ]
    assert others[0]["findings"][0]["field"] == "/sku"
    assert others[2]["findings"][0]["message"].startswith("at: 'soon' is no time")
    for record in result.records:
        verdict = json_format.ParseDict(record, verdict_pb2.Verdict(), ignore_unknown_fields=True)
        assert verdict.valid == record["valid"]
        assert all(finding.layer for finding in verdict.findings)


def test_ndjson_is_split_byte_for_byte(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """The two parts have all lines, as they are."""
    rows = [event(GOOD), b' { "sku" : "A1", "quantity" : 3.0 } ', event(SCHEMA), b"\xff", event(RULE)]
    (tmp_path / "a.ndjson").write_bytes(b"\n\n".join(rows))
    valid, invalid = tmp_path / "valid.ndjson", tmp_path / "invalid.ndjson"
    options = ["--type", "order.placed", "--valid", valid, "--invalid", invalid]
    assert assay("check", tmp_path / "a.ndjson", *judge, *options).code == 1
    assert valid.read_bytes().splitlines() == rows[:2]
    assert invalid.read_bytes().splitlines() == rows[2:]


def test_csv_is_split_byte_for_byte(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """With its header, and rows that cannot be read among the invalid ones."""
    path = tmp_path / "a.csv"
    path.write_text('sku,quantity,note\nA1,2,"a\nb"\nA1,5000,\nA1\nA1,,NA\n', newline="")
    valid, invalid = tmp_path / "valid.csv", tmp_path / "invalid.csv"
    options = ["-t", "order.placed", "--null", "NA", "--valid", valid, "--invalid", invalid]
    assert assay("check", path, *judge, *options).code == 1
    assert valid.read_text() == 'sku,quantity,note\nA1,2,"a\nb"\nA1,,NA\n'
    assert invalid.read_text() == "sku,quantity,note\nA1,5000,\nA1\n"


def test_parquet_is_split_with_its_types(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """A thousand rows, every third of which is not valid."""
    table = pa.table({"sku": ["A1"] * 1000, "quantity": pa.array([n % 3 and 5 for n in range(1000)], pa.int16())})
    pq.write_table(table, tmp_path / "a.parquet")
    valid, invalid = tmp_path / "valid.parquet", tmp_path / "invalid.parquet"
    told = assay(
        *("check", tmp_path / "a.parquet", *judge, "-t", "order.placed", "--json"),
        *("--valid", valid, "--invalid", invalid),
    ).json
    assert (told["events"], told["rejected"]) == (1000, 334)
    assert pq.read_table(valid).num_rows == 666
    assert pq.read_table(invalid).schema.equals(table.schema)
    assert set(pq.read_table(invalid)["quantity"].to_pylist()) == {0}


def test_formats_agree(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """The same rows as NDJSON, CSV and Parquet, also compressed and from a folder, are judged alike."""
    rows = [{"sku": sku, "quantity": quantity} for sku in ("A", "A1", "é2") for quantity in (None, 0, 1, 1001)]
    folder = tmp_path / "in"
    folder.mkdir()
    lines = b"\n".join(json.dumps({k: v for k, v in row.items() if v is not None}).encode() for row in rows)
    (folder / "a.ndjson").write_bytes(lines)
    (folder / "b.ndjson.gz").write_bytes(gzip.compress(lines))
    with (folder / "c.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["sku", "quantity"])
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), folder / "d.parquet")
    result = assay("check", folder, *judge, "-t", "order.placed", "--output", "-")
    by_file: dict[str, list[Any]] = {}
    for record in result.records:
        findings = [(finding["check"], finding.get("field")) for finding in record.get("findings", ())]
        by_file.setdefault(Path(record["file"]).name, []).append((record["row"], record["valid"], findings))
    assert sorted(by_file) == ["a.ndjson", "b.ndjson.gz", "c.csv", "d.parquet"]
    assert len(by_file["a.ndjson"]) == len(rows)
    assert all(verdicts == by_file["a.ndjson"] for verdicts in by_file.values())


def test_reject_from_makes_warnings_count(assay: Assay, folder: Path, tmp_path: Path) -> None:
    """The options of the wire contract, by their names."""
    (folder / "warns.py").write_text(
        "from assay_server.contracts import EventContract, rule\n"
        'class Warned(EventContract, event_type="warned", version="1.0.0"):\n'
        "    n: int\n"
        '    @rule(enforcement="warn")\n    def even(self) -> bool:\n        return self.n % 2 == 0\n'
        '    @rule(enforcement="audit")\n    def small(self) -> bool:\n        return self.n < 10\n'
    )
    command = ("check", "-", "--contracts", folder, "-t", "warned", "--json")
    rows = b'{"n":2}\n{"n":3}\n{"n":13}\n'
    told = assay(*command, stdin=rows)
    assert (told.code, told.json["warned"], told.json["rejected"]) == (0, 2, 0)
    told = assay(*command, "--reject-from", "warn", stdin=rows)
    assert (told.code, told.json["warned"], told.json["rejected"]) == (1, 0, 2)
    told = assay(*command, "--report-from", "audit", stdin=rows)
    assert {check["check"]: check["events"] for check in told.json["checks"]} == {"rules.even": 2, "rules.small": 1}


def test_the_folder_is_a_setting(assay: Assay, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ASSAY_CONTRACTS, else assay.toml, else `contracts`."""
    monkeypatch.chdir(tmp_path)
    assert assay("check", "-", stdin=event(GOOD)).code == 0
    folder.rename(tmp_path / "others")
    result = assay("check", "-", stdin=event(GOOD))
    assert (result.code, result.out) == (2, b"")
    assert result.err == (
        "error: contracts: there is no such folder\n  Name the contracts with --contracts DIR, or a --server ADDRESS.\n"
    )
    monkeypatch.setenv("ASSAY_CONTRACTS", "others")
    assert assay("check", "-", stdin=event(GOOD)).code == 0
    monkeypatch.delenv("ASSAY_CONTRACTS")
    (tmp_path / "assay.toml").write_text('contracts = "others"\n')
    assert assay("check", "-", stdin=event(GOOD)).code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.ndjson"], "error: none.ndjson: it cannot be read: No such file or directory\n  Name a file, a folder, a glob"),
        (["a.txt"], "error: a.txt: its name does not tell what is in it\n  Assay reads .ndjson"),
        (["cut.parquet"], "error: cut.parquet: it is no Parquet, or not all of it is there"),
        (["a.csv", "--timestamp", "when"], "error: a.csv: it has no column 'when'\n  Name one of its columns: sku, quantity."),
        (["a.csv", "--valid", "x.parquet"], "error: x.parquet: it is to take rows of CSV"),
        (["a.csv", "--valid", "x.csv", "--invalid", "x.csv"], "error: two of --output, --valid and --invalid name the same"),
        (["a.csv", "--output", "-", "--json"], "error: --json writes to standard output"),
        (["a.csv", "--output", "no/x.ndjson"], "error: no/x.ndjson: it cannot be written: No such file or directory"),
        (["a.csv", "--server", "localhost:1", "--contracts", "."], "error: --server and --contracts exclude each other"),
        (["a.csv", "--server", "example.com:1"], "error: example.com:1 is not on this machine\n  Encrypt with --tls"),
        (["a.csv", "--server", "localhost:1", "--tls", "--plaintext"], "error: --plaintext excludes --tls"),
        (["a.csv", "--server", "localhost:1", "--tls-key", "k"], "error: --tls-certificate and --tls-key go together"),
        (["a.csv", "--server", "localhost:1", "--tls-ca", "no.pem"], "error: no.pem: it cannot be read"),
        (["a.csv", "--reject-from", "never"], "Invalid value for '--reject-from'"),
        ([], "Missing argument 'FILE'"),
    ],
)
def test_what_cannot_be_done_exits_2_and_says_why(
    assay: Assay, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """In a line or two, with the remedy; never a traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").touch()
    (tmp_path / "a.csv").write_text("sku,quantity\nA1,2\n")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    result = assay("check", *arguments)
    assert (result.code, result.out) == (2, b"")
    assert message in result.err
    assert "Traceback" not in result.err
    assert not list(tmp_path.glob("*.partial"))


def test_contracts_that_do_not_load_exit_2(assay: Assay, folder: Path) -> None:
    """With what is wrong with them."""
    (folder / "broken.py").write_text("x = (\n")
    result = assay("check", "-", "--contracts", folder, stdin=event(GOOD))
    assert result.code == 2
    assert "the contracts cannot be loaded\n  broken.py:1: this is no Python" in result.err


def test_a_server_that_is_not_there_exits_2_soon(assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream would try for longer than a person does."""
    monkeypatch.setattr("assay_server.cli._where._SECONDS", 0.5)
    result = assay("check", "-", "--server", f"unix:{tmp_path}/none.sock", stdin=event(GOOD))
    assert result.code == 2
    assert "none.sock did not answer in time, or is not there" in result.err


def test_a_file_that_ends_too_soon_leaves_what_was_judged(assay: Assay, judge: list[str], tmp_path: Path) -> None:
    """Under a name that tells that it is not all."""
    path, output = tmp_path / "a.ndjson.gz", tmp_path / "verdicts.ndjson"
    lines = [event(b'{"sku":"A%d"}' % (number * 7919)) for number in range(30_000)]
    path.write_bytes(gzip.compress(b"\n".join(lines))[:-500])
    result = assay("check", path, *judge, "--output", output)
    assert result.code == 2
    assert f"What was judged until then is in {output}.partial." in result.err
    assert "it cannot be read on" in result.err
    assert not output.exists()
    records = [json.loads(line) for line in Path(f"{output}.partial").read_bytes().splitlines()]
    assert len(records) > 10_000
    assert [record["row"] for record in records] == list(range(1, len(records) + 1))


@pytest.mark.parametrize("option", ["--output", "--valid"])
def test_a_full_disk_exits_2(assay: Assay, folder: Path, tmp_path: Path, option: str) -> None:
    """It says which file it is."""
    path = tmp_path / "full.ndjson"
    Path(f"{path}.partial").symlink_to("/dev/full")
    (tmp_path / "a.ndjson").write_bytes((event(GOOD) + b"\n") * 5000)
    result = assay("check", tmp_path / "a.ndjson", "--contracts", folder, option, path)
    assert result.code == 2
    assert f"error: {path}: it cannot be written: No space left on device\n  Make room" in result.err
    assert not path.exists()


def test_no_events_is_no_error(assay: Assay, folder: Path, tmp_path: Path) -> None:
    """An empty file has nothing that could be wrong."""
    (tmp_path / "a.ndjson").touch()
    result = assay("check", tmp_path / "a.ndjson", "--contracts", folder)
    assert (result.code, result.text) == (0, "No events: the files have no rows.")
    assert assay("check", tmp_path / "a.ndjson", "--contracts", folder, "--json").json["events"] == 0


def test_events_of_a_pipe_are_answered_as_they_come(folder: Path) -> None:
    """`tail -f events.ndjson | assay check - --output -` shows each verdict at once."""
    process = subprocess.Popen(
        [*COMMAND, "check", "-", "--contracts", str(folder), "--output", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(3):
        process.stdin.write(event(GOOD, event_id=str(number)) + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["event_id"] == str(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert b"3 events" in err


def test_control_c_exits_130_and_says_what_is_left(folder: Path, tmp_path: Path) -> None:
    """Without a traceback."""
    output = tmp_path / "verdicts.ndjson"
    process = subprocess.Popen(
        [*COMMAND, "check", "-", "--contracts", str(folder), "--output", str(output), "--invalid", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(event(RULE) + b"\n")
    process.stdin.flush()
    assert process.stdout.readline() == event(RULE) + b"\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode() == f"What was judged until then is in {output}.partial.\n"
    assert not output.exists()


def test_a_reader_that_goes_away_ends_it_quietly(folder: Path, tmp_path: Path) -> None:
    """`assay check … --output - | head -1`."""
    path = tmp_path / "a.ndjson"
    path.write_bytes((event(GOOD) + b"\n") * 20_000)
    read_end, write_end = os.pipe()
    with subprocess.Popen(
        [*COMMAND, "check", str(path), "--contracts", str(folder), "--output", "-"],
        stdin=subprocess.DEVNULL,
        stdout=write_end,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(write_end)
        os.close(read_end)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (141, b"")
