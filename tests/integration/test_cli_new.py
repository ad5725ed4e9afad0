"""`assay new`: from samples in files to a module that the other commands take."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.cli.doing import Assay, runner

ROWS = [
    {"id": number, "kind": ["card", "cash"][number % 2], "amount": number / 4, "paid_at": "2026-01-31T12:00:00Z"}
    | ({"note": f"No. {number}"} if number % 3 else {})
    for number in range(24)
]


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Assay:
    """Run the command line in this process."""
    return runner(monkeypatch, capsysbinary)


def write_samples(folder: Path) -> dict[str, Path]:
    """Write the same samples in all formats."""
    ndjson, events, table, parquet = (folder / name for name in ("a.ndjson", "events.ndjson", "a.csv", "a.parquet"))
    ndjson.write_text("\n".join(map(json.dumps, ROWS)))
    events.write_text("\n".join(json.dumps({"event_type": "payment.made", "payload": row}) for row in ROWS))
    names = ["id", "kind", "amount", "paid_at", "note"]
    table.write_text("\n".join([",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in ROWS)]))
    pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in names} for row in ROWS]), parquet)
    return {"ndjson": ndjson, "events": events, "csv": table, "parquet": parquet}


@pytest.mark.parametrize("kind", ["ndjson", "events", "csv", "parquet"])
def test_a_draft_is_good_and_accepts_its_samples(assay: Assay, tmp_path: Path, kind: str) -> None:
    """Whatever format they are in; the types are those of the values, not of the format."""
    samples = write_samples(tmp_path)[kind]
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    out = contracts / "payments.py"
    result = assay("new", "payment.made", "--from", samples, "--out", out)
    assert (result.code, result.out) == (0, b"")
    assert result.err.startswith("drafted payment.made from 24 samples\n")
    lines = [line.strip() for line in out.read_text().splitlines()]
    assert "id: int  # in the samples: 0 to 23" in lines
    assert 'kind: Literal["card", "cash"]  # are these all?' in lines
    assert "amount: float  # in the samples: 0 to 5.75" in lines
    assert "paid_at: AwareDatetime" in lines
    assert "note: str | None = None  # in the samples: 5 to 6 characters" in lines
    assert assay("contracts", "lint", contracts).out == b"1 contract is good\n"
    told = assay("check", samples, "--type", "payment.made", "--contracts", contracts, "--json")
    assert (told.code, told.json["events"], told.json["rejected"]) == (0, 24, 0)


def test_it_prints_where_no_file_is_named(assay: Assay) -> None:
    """From standard input too."""
    result = assay("new", "a.b", "--from", "-", stdin=b'{"x":1}\n')
    assert result.code == 0
    assert b'class AB(EventContract, event_type="a.b", version="1.0.0"):' in result.out


def test_a_file_is_replaced_only_by_force(assay: Assay, tmp_path: Path) -> None:
    """Somebody may have written it."""
    out = tmp_path / "x.py"
    out.write_text("mine")
    result = assay("new", "a.b", "--from", "-", "--out", out, stdin=b"{}\n")
    assert (result.code, out.read_text()) == (2, "mine")
    assert result.err == f"error: {out} is there already\n  Name another file, or replace it with --force.\n"
    assert assay("new", "a.b", "--from", "-", "--out", out, "--force", stdin=b"{}\n").code == 0
    assert "EventContract" in out.read_text()


def test_what_is_no_sample_is_left_out_and_told(assay: Assay) -> None:
    """Events of other types, and what no contract accepts."""
    rows = [
        *(b'{"event_type":"a.b","payload":{"x":1}}', b'{"event_type":"other","payload":{"y":1}}', b"nonsense", b"[1]"),
        *(b'{"x":1e400}', b'{"x":NaN}', b'{"x":"\\ud800"}', b'{"x":' + b"[" * 70 + b"]" * 70 + b"}", b'{"x":2}'),
    ]
    result = assay("new", "a.b", "--from", "-", stdin=b"\n".join(rows))
    assert result.code == 0
    assert b"x: int  # in the samples: 1 to 2" in result.out
    assert b"y" not in result.out.split(b"class")[1].split(b"x: int")[1]
    assert result.err == (
        "drafted a.b from 2 samples; rows of other event types, left out: 1; rows that no contract accepts, left out: 6\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.b", "--from", "-"], "error: there is no sample of a.b in -"),
        (["a b", "--from", "-"], "error: 'a b' is no event type"),
        (["a.b", "--from", "none.csv"], "error: none.csv: it cannot be read"),
        (["a.b", "--from", "-", "--out", "no/such/x.py"], "there is no folder no/such"),
        (["a.b"], "Missing option '--from'"),
    ],
)
def test_what_cannot_be_done_exits_2_and_says_why(assay: Assay, arguments: list[str], message: str) -> None:
    """With the remedy."""
    result = assay("new", *arguments, stdin=b'{"event_type":"other","payload":{}}')
    assert (result.code, result.out) == (2, b"")
    assert message in result.err
