"""A server that learns from live events: what it finds, tells and keeps."""

import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from assay.v1 import catalog_service_pb2, event_pb2, verdict_pb2
from assay_server.baselines import Baselines
from assay_server.contracts import load
from assay_server.engine import Engine

from .conftest import Local, Spawn, Start, eventually
from .wire import BASELINE, GET, VALIDATE, connected, failure, fields_of, judged, reason_of, single, validate

LANDED = '''
from typing import Annotated

from assay_server.contracts import EventContract, Novelty, QuantileRange, Sensitive, ThreeSigma, feature


class Landed(EventContract, event_type="landed", version="1.0.0", learn="live"):
    """A flight has landed."""

    carrier: Annotated[str, Novelty()]
    delay: Annotated[float, ThreeSigma(by="carrier"), QuantileRange(0.1, 0.9, window="90d")]
    weight: Annotated[float, Sensitive(), QuantileRange()] = 1.0

    @feature
    def hours(self) -> Annotated[float, ThreeSigma()]:
        """The delay in hours."""
        return self.delay / 60
'''

PROMPT = {"drain_pause": "0", "drain_timeout": "5s"}


def landed(delay: float, carrier: str = "UA", **payload: Any) -> event_pb2.Event:
    event = event_pb2.Event(event_type="landed")
    event.payload_json = json.dumps({"carrier": carrier, "delay": delay, **payload}).encode()
    return event


async def flagged(channel: Any) -> bool:
    """Return whether an odd flight is found odd."""
    request = single(landed(500), dry_run=True)
    return bool(judged(await channel.unary_unary(f"/{VALIDATE}")(request)).findings)


@pytest.fixture
async def learning(start: Start, folder: Path) -> tuple[Local, Baselines]:
    """A server that has learned from sixty flights, and its baselines."""
    (folder / "landed.py").write_text(LANDED)
    baselines = Baselines()
    local = await start(engine=Engine(load(folder), baselines=baselines))
    for number in range(60):
        assert (await validate(local, landed(10 + number % 5, weight=number + 0.5))).valid
    baselines.publish()
    return local, baselines


async def baseline(local: Local, **fields: Any) -> catalog_service_pb2.GetBaselineResponse:
    request = catalog_service_pb2.GetBaselineRequest(event_type="landed", **fields)
    answer = await local.unary(BASELINE)(request.SerializeToString())
    return catalog_service_pb2.GetBaselineResponse.FromString(answer)


async def test_what_was_learned_is_found_with_evidence(learning: tuple[Local, Baselines]) -> None:
    """A number by its group's history, a feature by its own, and a category that is new."""
    local, _ = learning
    verdict = await validate(local, landed(500))
    assert verdict.valid
    assert [(finding.check, finding.field) for finding in verdict.findings] == [
        ("statistics.three_sigma", "/delay"),
        ("statistics.quantile_range", "/delay"),
        ("statistics.three_sigma", "@hours"),
    ]
    evidence = verdict.findings[0].evidence.statistical
    assert (evidence.observed, evidence.expected, evidence.sample_count) == (500, 12, 60)
    assert dict(evidence.group) == {"carrier": "UA"}
    new = await validate(local, landed(12, "XX"))
    assert [finding.evidence.categorical.observed for finding in new.findings] == ["XX"]
    assert [skip.reason for skip in new.skipped_checks] == [verdict_pb2.SKIP_REASON_WARMING_UP]


async def test_a_baseline_is_told_with_its_group(learning: tuple[Local, Baselines]) -> None:
    """Moments, and quantiles where the check needs them; a group without history has no samples."""
    local, _ = learning
    found = await baseline(local, check="statistics.three_sigma", field="/delay", group={"carrier": "UA"})
    assert (found.sample_count, found.mean, found.minimum, found.maximum) == (60, 12, 10, 14)
    assert found.standard_deviation == pytest.approx(1.4262, rel=1e-3)
    assert not found.quantiles
    assert found.HasField("updated_at")

    ranged = await baseline(local, check="statistics.quantile_range", field="/delay")
    ranks = [quantile.rank for quantile in ranged.quantiles]
    assert (ranged.sample_count, ranks) == (60, sorted(ranks))
    assert {quantile.rank: quantile.value for quantile in ranged.quantiles}[0.5] == pytest.approx(12, rel=0.02)

    empty = await baseline(local, check="statistics.three_sigma", field="/delay", group={"carrier": "XX"})
    assert catalog_service_pb2.GetBaselineResponse() == empty


async def test_a_baseline_of_categories_is_told_with_the_most_frequent(learning: tuple[Local, Baselines]) -> None:
    """Most frequent first."""
    local, baselines = learning
    for carrier in ("AA", "AA", "ZZ"):
        await validate(local, landed(12, carrier))
    baselines.publish()
    found = await baseline(local, check="statistics.novelty", field="/carrier")
    assert [(category.value, category.count) for category in found.categories] == [("UA", 60), ("AA", 2), ("ZZ", 1)]
    assert found.sample_count == 63


async def test_a_baseline_withholds_what_is_sensitive(learning: tuple[Local, Baselines]) -> None:
    """No single value of it is told."""
    local, _ = learning
    found = await baseline(local, check="statistics.quantile_range", field="/weight")
    assert (found.sample_count, found.mean) == (60, 30)
    assert (found.minimum, found.maximum, list(found.quantiles)) == (0, 0, [])


async def test_the_window_of_a_baseline_counts_back_from_the_time_that_is_asked_for(
    learning: tuple[Local, Baselines],
) -> None:
    """Now, if none is."""
    local, _ = learning
    check = {"check": "statistics.quantile_range", "field": "/delay"}
    assert (await baseline(local, **check)).sample_count == 60
    assert (await baseline(local, **check, at={"seconds": 1_000_000_000})).sample_count == 0
    assert (await baseline(local, **check, at={"seconds": 253_402_300_799})).sample_count == 0


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"check": "statistics.robust_sigma", "field": "/delay"}, "BASELINE_NOT_FOUND", None),
        ({"check": "statistics.three_sigma", "field": "/carrier"}, "BASELINE_NOT_FOUND", None),
        ({"check": "rules.x", "field": ""}, "BASELINE_NOT_FOUND", None),
        ({"check": "statistics.three_sigma", "field": "/delay"}, "MALFORMED_REQUEST", "group"),
        ({"check": "statistics.three_sigma", "field": "@hours", "group": {"carrier": "UA"}}, "MALFORMED_REQUEST", "group"),
        ({"check": "statistics.quantile_range", "field": "/delay", "at": {"nanos": -1}}, "MALFORMED_REQUEST", "at"),
        ({"check": "statistics.quantile_range", "field": "/delay", "at": {"seconds": 10**13}}, "MALFORMED_REQUEST", "at"),
    ],
)
async def test_a_baseline_that_is_none_is_refused(
    learning: tuple[Local, Baselines], fields: dict[str, Any], reason: str, field: str | None
) -> None:
    """An unknown check is not found; a group that names other fields, or a time that is none, is malformed."""
    local, _ = learning
    error = await failure(baseline(local, **fields))
    code = grpc.StatusCode.NOT_FOUND if field is None else grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(error) == (code, reason)
    if field is not None:
        assert fields_of(error) == [field]


async def test_an_event_type_tells_which_checks_are_not_ready(start: Start, folder: Path) -> None:
    """Until a group has enough history."""
    (folder / "landed.py").write_text(LANDED)
    baselines = Baselines()
    local = await start(engine=Engine(load(folder), baselines=baselines))

    async def not_ready() -> set[int]:
        request = catalog_service_pb2.GetEventTypeRequest(event_type="landed")
        answer = catalog_service_pb2.GetEventTypeResponse.FromString(await local.unary(GET)(request.SerializeToString()))
        assert len(answer.event_type.checks) == 5
        return {check.not_ready for check in answer.event_type.checks}

    assert await not_ready() == {verdict_pb2.SKIP_REASON_WARMING_UP}
    for _ in range(30):
        await validate(local, landed(1))
    baselines.publish()
    assert await not_ready() == {verdict_pb2.SKIP_REASON_UNSPECIFIED}


async def test_what_a_server_has_learned_outlives_it(spawn: Spawn, folder: Path, tmp_path: Path) -> None:
    """It is kept in the data folder, which is made when a contract needs it, and there when the next one starts."""
    first = spawn(**PROMPT)
    assert first.stop() == 0
    assert not (tmp_path / "data").exists()

    (folder / "landed.py").write_text(LANDED)
    second = spawn(**PROMPT)
    async with connected(second.address) as channel:
        for number in range(40):
            await channel.unary_unary(f"/{VALIDATE}")(single(landed(10 + number % 5)))
    assert second.stop() == 0, second.output
    assert (tmp_path / "data" / "baselines.sqlite3").exists()

    third = spawn(**PROMPT)
    async with connected(third.address) as channel:
        verdict = judged(await channel.unary_unary(f"/{VALIDATE}")(single(landed(500))))
    assert verdict.findings[0].evidence.statistical.sample_count == 40


async def test_what_is_learned_is_read_a_second_later(spawn: Spawn, folder: Path) -> None:
    """Without anybody's doing."""
    (folder / "landed.py").write_text(LANDED)
    remote = spawn(**PROMPT)
    async with connected(remote.address) as channel:
        for number in range(40):
            await channel.unary_unary(f"/{VALIDATE}")(single(landed(10 + number % 5)))
        async with asyncio.timeout(20):
            while not await flagged(channel):  # noqa: ASYNC110  # There is no event to wait for outside of this process.
                await asyncio.sleep(0.05)


async def test_a_store_that_cannot_be_reached_holds_up_nothing(spawn: Spawn, folder: Path, tmp_path: Path) -> None:
    """The log says so, checks go on from memory, and what was learned is written when it is back."""
    (folder / "landed.py").write_text(LANDED)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    remote = spawn("--store", f"sqlite:///{blocked}/baselines.sqlite3", **PROMPT)
    remote.read_until("the store of baselines cannot be reached")
    async with connected(remote.address) as channel:
        for number in range(40):
            await channel.unary_unary(f"/{VALIDATE}")(single(landed(10 + number % 5)))
        blocked.unlink()
        remote.read_until("can be reached again")
        await eventually((blocked / "baselines.sqlite3").exists, "it is written")
    assert remote.stop() == 0


@pytest.mark.parametrize("store", ["nonsense", "oracle://host/db"])
def test_a_store_that_is_none_keeps_the_server_from_starting(spawn: Spawn, store: str) -> None:
    """With what to write instead."""
    remote = spawn("--store", store, listening=False)
    assert remote.wait() == 2
    assert "Traceback" not in remote.output
