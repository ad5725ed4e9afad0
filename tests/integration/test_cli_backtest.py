"""`assay backtest`: what today's contract, and a candidate beside it, would have flagged of the past."""

import gzip
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.cli.doing import Assay, Result, runner

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY_1 = datetime(2013, 1, 1, tzinfo=UTC)

METERS = '''
from typing import Annotated

from assay_server.contracts import Clock, EventContract, ThreeSigma, rule


class MeterRead(EventContract, event_type="meter.read", version="1.0.0"):
    """A meter was read."""

    site: str
    value: Annotated[float, ThreeSigma(by="site")]

    clock = Clock(max_age="1h", max_ahead="1h", enforcement="reject")

    @rule
    def not_negative(self) -> bool | str:
        """A meter counts upwards."""
        return self.value >= 0 or f"{self.value} is negative"
'''

ROWS = [
    {"site": "ab"[row % 2], "value": 10.0 + row % 7, "at": (DAY_1 + timedelta(hours=row)).isoformat()} for row in range(200)
]
LATE = {"site": "a", "value": 19.5, "at": (DAY_1 + timedelta(hours=150, minutes=30)).isoformat()}
"""More than three deviations from what history says at its time, and less than four."""


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Assay:
    """Run the command line in this process, in a folder that has a contract, and a candidate that differs from it."""
    monkeypatch.chdir(tmp_path)
    contract("contracts")
    contract("candidate", ('ThreeSigma(by="site")', 'ThreeSigma(4, by="site")'))
    return runner(monkeypatch, capsysbinary)


def contract(folder: str, *changes: tuple[str, str]) -> str:
    text = METERS
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    Path(folder).mkdir()
    (Path(folder) / "meters.py").write_text(text)
    return folder


def ndjson(path: str, rows: list[dict[str, Any]]) -> str:
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def backtest(assay: Assay, *arguments: object) -> Result:
    return assay("backtest", "meter.read", *arguments)


def check_of(side: dict[str, Any], name: str, field: str | None = None) -> dict[str, Any]:
    """Return what was said of a check."""
    [found] = [check for check in side["checks"] if check["check"] == name and field in {None, check["field"]}]
    return dict(found)


def three_sigma(side: dict[str, Any]) -> tuple[int, int, int]:
    """Return how many events were compared, were too early, and were flagged."""
    check = check_of(side, "statistics.three_sigma")
    return check["compared"], check["warming_up"], check["flagged"]


def test_flights_are_flagged_as_by_numpys_mean_and_deviation_of_the_flights_before(assay: Assay) -> None:
    """Each by those of its own carrier, every single one before it; of the first of a carrier nothing is said."""
    table = pq.read_table(EXAMPLES / "data" / "flights.parquet").slice(0, 12_000)
    pq.write_table(table, "flights.parquet")
    columns = ["carrier", "dep_time", "arr_time", "arr_delay"]
    history: dict[str, list[float]] = {}
    compared = early = 0
    flagged: dict[str, int] = {}
    for carrier, dep_time, arr_time, delay in zip(*(table[name].to_pylist() for name in columns), strict=True):
        if dep_time is None or arr_time is None or delay is None:
            continue
        before = np.array(history.setdefault(carrier, []))
        if len(before) < 30:
            early += 1
        else:
            compared += 1
            if abs(delay - before.mean()) > 3 * before.std(ddof=1):
                flagged[carrier] = flagged.get(carrier, 0) + 1
        history[carrier].append(delay)
    arguments = ["--timestamp", "time_hour", "--contracts", EXAMPLES / "contracts", "--json"]
    result = assay("backtest", "flight.arrived", "flights.parquet", *arguments)
    check = check_of(result.json["today"], "statistics.three_sigma", "/arr_delay")
    assert (check["compared"], check["warming_up"], check["flagged"]) == (compared, early, sum(flagged.values()))
    assert {group["group"]["carrier"]: group["flagged"] for group in check["groups"]} == flagged
    assert sum(flagged.values()) > 100
    assert (result.code, result.err) == (1, "")
    assert result.json["today"]["rejected"] == check_of(result.json["today"], "rules.has_arrived")["flagged"] > 0


def test_a_candidate_is_put_beside_todays_contract(assay: Assay) -> None:
    """By check, with the events on which they differ in a file, and some of them on the terminal. Clock does not matter."""
    ndjson("rows.ndjson", [*ROWS, LATE])
    arguments = ["rows.ndjson", "--timestamp", "at", "--candidate", "candidate", "--differing", "differing.ndjson"]
    result = backtest(assay, *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    told = result.json
    assert (told["events"], told["differing"], told["today"]["warned"], told["candidate"]["warned"]) == (201, 1, 1, 0)
    assert three_sigma(told["today"]) == (141, 60, 1)
    assert three_sigma(told["candidate"]) == (141, 60, 0)
    assert check_of(told["today"], "statistics.three_sigma")["flagged_alone"] == 1
    [line] = [json.loads(line) for line in Path("differing.ndjson").read_text().splitlines()]
    assert (line["file"], line["row"], line["payload"]) == ("rows.ndjson", 201, LATE)
    assert [finding["check"] for finding in line["today"]["findings"]] == ["statistics.three_sigma"]
    assert line["candidate"].get("findings") is None
    text = backtest(assay, *arguments).text
    assert "201 events of meter.read judged" in text
    assert "statistics.three_sigma today warn 141 60 1 0.71% 1 /value candidate warn 141 60 0 0.00%" in text
    assert "site a 71 1 1.41% 0 0.00%" in text
    assert "The two differ on 1 event (0.50%), such as rows.ndjson:201 today: valid, statistics.three_sigma /value:" in text


def test_rows_are_judged_in_the_order_of_their_times(assay: Assay) -> None:
    """However they lie in how many files; what happened later is no history of what happened before."""
    ndjson("in_order.ndjson", sorted([*ROWS, LATE], key=lambda row: str(row["at"])))
    Path("parts").mkdir()
    rows = [*ROWS, LATE]
    np.random.default_rng(3).shuffle(rows)
    ndjson("parts/a.ndjson", rows[:120])
    pq.write_table(pa.Table.from_pylist(rows[120:]), "parts/b.parquet")
    expected = backtest(assay, "in_order.ndjson", "--timestamp", "at", "--json").json
    told = backtest(assay, "parts", "--timestamp", "at", "--json").json
    assert told["today"] == expected["today"]
    assert three_sigma(told["today"]) == (141, 60, 1)
    # In the order of the files, the odd one is the first.
    ndjson("odd_first.ndjson", [LATE, *ROWS])
    assert three_sigma(backtest(assay, "odd_first.ndjson", "--json").json["today"]) == (141, 60, 0)


def test_events_before_a_time_only_teach(assay: Assay) -> None:
    """So that warming up is not counted; and those from another time on are left out."""
    ndjson("rows.ndjson", [*ROWS, LATE])
    since, until = (DAY_1 + timedelta(hours=100)).isoformat(), (DAY_1 + timedelta(hours=160)).isoformat()
    told = backtest(assay, "rows.ndjson", "--timestamp", "at", "--since", since, "--until", until, "--json").json
    assert (told["events"], told["earlier_events"]) == (61, 100)
    assert three_sigma(told["today"]) == (61, 0, 1)
    none = backtest(assay, "rows.ndjson", "--timestamp", "at", "--since", "2020-01-01")
    assert (none.code, none.text) == (0, "No events of meter.read in that time: nothing is judged.")


def test_what_one_rejects_and_the_other_accepts_is_a_difference(assay: Assay) -> None:
    """And it teaches the one that accepts it, and not the other."""
    contract("lenient", ("self.value >= 0 or", "True or"), ("value: Annotated[", "value: Annotated[int | "))
    odd: list[dict[str, Any]] = [{"site": "a", "value": -5.0}] * 3 + [{"site": 7, "value": 1.0}]
    Path("rows.ndjson").write_text("".join(json.dumps(row) + "\n" for row in [*ROWS, *odd]) + "{broken\n")
    result = backtest(assay, "rows.ndjson", "--candidate", "lenient", "--json")
    told = result.json
    assert (result.code, told["events"], told["differing"]) == (1, 205, 3)
    assert (told["today"]["rejected"], told["candidate"]["rejected"]) == (5, 2)
    assert check_of(told["today"], "rules.not_negative")["flagged_alone"] == 3
    assert three_sigma(told["candidate"])[0] == three_sigma(told["today"])[0] + 3


def test_warming_up_is_counted_apart_also_where_a_check_is_required(assay: Assay) -> None:
    """It rejects then, and flags nothing."""
    strict = contract("strict", ('ThreeSigma(by="site")', 'ThreeSigma(by="site", enforcement="reject")'))
    told = backtest(assay, ndjson("rows.ndjson", ROWS), "--contracts", strict, "--json").json
    assert three_sigma(told["today"]) == (140, 60, 0)
    assert told["today"]["rejected"] == 60


@pytest.mark.parametrize("query", [False, True])
def test_rows_are_taken_as_assay_learn_takes_them(assay: Assay, query: bool) -> None:
    """With columns called otherwise, texts for nothing, and queries; events of other types are passed over."""
    Path("rows.csv").write_text("place,value,at\n" + "".join(f"{row['site']},{row['value']},{row['at']}\n" for row in ROWS))
    others = [{"event_type": "other", "payload": {"site": "a", "value": 1}}]
    arguments: list[object] = ["rows.csv", ndjson("others.ndjson", others), "--map", "place=site", "--null", "NA"]
    if query:
        arguments = ["rows.csv", "--query", 'SELECT place AS site, value, "at" FROM rows']
    told = backtest(assay, *arguments, "--timestamp", "at", "--json").json
    assert three_sigma(told["today"]) == (140, 60, 0)
    assert told["other_event_types"] == (0 if query else 1)


def test_it_reads_and_writes_no_store(assay: Assay) -> None:
    """Its history begins empty, and is gone with it."""
    ndjson("rows.ndjson", ROWS)
    assert assay("learn", "meter.read", "rows.ndjson").code == 0
    before = Path("data/baselines.sqlite3").read_bytes()
    assert three_sigma(backtest(assay, "rows.ndjson", "--json").json["today"]) == (140, 60, 0)
    assert Path("data/baselines.sqlite3").read_bytes() == before
    shutil.rmtree("data")
    assert backtest(assay, "rows.ndjson").code == 0
    assert not Path("data").exists()


def test_the_differing_events_go_to_standard_output_if_asked(assay: Assay) -> None:
    """The tables go elsewhere then."""
    ndjson("rows.ndjson", [*ROWS, LATE])
    result = backtest(assay, "rows.ndjson", "--timestamp", "at", "--candidate", "candidate", "--differing", "-")
    assert [record["row"] for record in result.records] == [201]
    assert "The two differ on 1 event" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rows.ndjson", "--differing", "x.ndjson"], "--differing needs something to differ from Name other contracts"),
        (["rows.ndjson", "--candidate", "candidate", "--differing", "-", "--json"], "--json writes to standard output"),
        (["rows.ndjson", "--candidate", "nowhere"], "nowhere: there is no such folder"),
        (["rows.ndjson", "--candidate", "other"], "no contract in other describes meter.read There are contracts of other."),
        (["rows.ndjson", "--candidate", "broken"], "the contracts cannot be loaded"),
        (["rows.ndjson", "--since", "2013-01-01"], "no row has a time, and --since and --until need one Say which column"),
        (["rows.ndjson", "--since", "soon"], "--since soon:"),
        (["missing.ndjson"], "missing.ndjson: it cannot be read"),
        (["cut.parquet"], "cut.parquet: "),
        (["cut.ndjson.gz", "--candidate", "candidate", "--differing", "x.ndjson"], "cut.ndjson.gz"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_else(assay: Assay, arguments: list[str], message: str) -> None:
    """With the exit code 2, and what to do about it."""
    ndjson("rows.ndjson", [{"site": row["site"], "value": row["value"]} for row in ROWS])
    contract("other", ("meter.read", "other"))
    contract("broken", ("ThreeSigma(by=", "ThreeSigma(bye="))
    pq.write_table(pa.Table.from_pylist(ROWS), "whole.parquet")
    Path("cut.parquet").write_bytes(Path("whole.parquet").read_bytes()[:-100])
    Path("cut.ndjson.gz").write_bytes(gzip.compress(Path("rows.ndjson").read_bytes())[:-20])
    result = backtest(assay, *arguments)
    assert (result.code, result.out) == (2, b"")
    assert message in " ".join(result.err.split())
    assert not list(Path().glob("x.ndjson*"))
