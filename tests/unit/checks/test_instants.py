"""Times as columns, for features that are parts of them."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from assay_server.checks import Batch
from assay_server.checks._batch import NO_INSTANT
from assay_server.contracts import Contract
from tests.unit.checks.history import contract_of, models_of

DAY = 86_400 * 10**9
WEEK = 7 * DAY


@pytest.fixture(scope="module")
def contract() -> Any:
    """A contract with a time, which is kept for as long as it is used."""
    catalog, contract = contract_of(
        "at: datetime | None = None\n@feature\ndef when(self) -> datetime: return self.at if self.at else 'never'"
    )
    yield contract
    catalog.close()


def batch_of(contract: Contract, *times: str | None) -> Batch:
    """Return events at these times, received long before."""
    models = models_of(contract, [{"at": time} for time in times])
    return Batch(range(len(models)), models, [0] * len(models))


def nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9


def test_times_are_nanoseconds_in_utc(contract: Contract) -> None:
    """Whatever their zone; one without a zone is taken for UTC."""
    noon = nanoseconds(datetime(2024, 2, 29, 12, tzinfo=UTC))
    column = batch_of(
        contract,
        "2024-02-29T12:00:00Z",
        "2024-02-29T13:00:00+01:00",
        "2024-02-29T12:00:00",
        "2024-02-29T12:00:00.000001Z",
        None,
    ).instants("at")
    assert column.dtype == np.int64
    assert column.tolist() == [noon, noon, noon, noon + 1000, NO_INSTANT]


@pytest.mark.parametrize(
    "time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2262-04-12T00:00:00Z", "1677-09-21T00:00:00Z"]
)
def test_a_time_beyond_all_columns_keeps_its_hour_and_weekday(contract: Contract, time: str) -> None:
    """It is moved by whole weeks."""
    [instant] = batch_of(contract, time).instants("at").tolist()
    exact = datetime.fromisoformat(time)
    whole = (exact - datetime(1970, 1, 1, tzinfo=UTC)).days * DAY + exact.hour * 3_600 * 10**9
    assert instant % WEEK // (3_600 * 10**9) == whole % WEEK // (3_600 * 10**9)


def test_what_a_feature_gives_in_place_of_a_time_fails_for_its_event_alone(contract: Contract) -> None:
    """And the batch says why."""
    batch = batch_of(contract, "2024-02-29T12:00:00Z", None)
    assert batch.instants("when")[1] == NO_INSTANT
    assert batch.instants("when")[0] != NO_INSTANT
    assert list(batch.failures("when")) == [1]
    assert isinstance(batch.failures("when")[1], TypeError)


def test_the_times_of_events_keep_hour_and_weekday_too(contract: Contract) -> None:
    """A timestamp may be of any year from 1 to 9999; one that there is not stays none."""
    models = models_of(contract, [{}] * 3)
    times = [5 * DAY, 5 * DAY + 20_000 * 52 * WEEK, NO_INSTANT]
    column = Batch(range(3), models, times).event_instants()
    assert column[0] % WEEK == column[1] % WEEK == 5 * DAY
    assert column[2] == NO_INSTANT
    assert Batch(range(1), models[:1], times[:1]).event_instants().tolist() == [5 * DAY]
