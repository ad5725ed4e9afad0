"""Models in a real server: taken, replaced and refused while it judges."""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from grpc import aio

from assay.v1 import catalog_service_pb2, verdict_pb2
from assay_server.contracts import load
from assay_server.engine import Engine
from assay_server.models.registry import ModelRefusedError, Registry, Shelf
from assay_server.models.registry._state import read_state, write_state

from .conftest import Local, Spawn, Start
from .models import EVENT_TYPE, NAME, ODD, PARCEL, add_model, parcel, parcels
from .test_admin import metric
from .wire import GET, STREAM, VALIDATE, answer, connected, judged, message, single, validate

ACTIVATIONS = int(os.environ.get("ASSAY_TEST_ACTIVATIONS", "30"))
pytestmark = pytest.mark.timeout(900)  # Each model is tried in a process of its own, wherever it is activated and taken.
PROMPT = {"drain_pause": "0", "drain_timeout": "5s"}


@pytest.fixture
def parcels_folder(folder: Path) -> Path:
    """A folder with a contract that has a model."""
    (folder / "parcels.py").write_text(PARCEL)
    return folder


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """The registry in the data folder of a spawned server."""
    return Registry(tmp_path / "data" / "models")


async def start_with(start: Start, folder: Path, registry: Registry) -> Local:
    """Start a server in this process that has models."""
    return await start(engine=Engine(load(folder), models=Shelf(registry)))


def evidence(verdict: verdict_pb2.Verdict) -> verdict_pb2.AnomalyEvidence:
    """Return what the one model saw of an event."""
    [explanation] = verdict.explanations
    return explanation.evidence.anomaly


async def test_a_model_in_service_finds_and_explains(start: Start, parcels_folder: Path, registry: Registry) -> None:
    """On the wire, as in the engine; the catalog says that the check is ready."""
    local = await start_with(start, parcels_folder, registry)
    skipped = await validate(local, parcel(ODD))
    assert [check.reason for check in skipped.skipped_checks] == [verdict_pb2.SKIP_REASON_NO_MODEL]
    assert await not_ready(local) == verdict_pb2.SKIP_REASON_NO_MODEL

    version = registry.activate(EVENT_TYPE, NAME, add_model(parcels_folder, registry))
    await local.engine.models.refresh()
    verdict = await validate(local, parcel(ODD))
    assert verdict.valid
    [finding] = verdict.findings
    assert (finding.check, finding.layer) == ("anomaly.unusual", verdict_pb2.LAYER_ANOMALY)
    found = finding.evidence.anomaly
    assert found.model_version == version
    assert found.score >= found.threshold
    amounts = [part.amount for part in found.contributions]
    assert sum(amounts) == pytest.approx(found.score - found.typical_score, abs=1e-6)
    assert {part.feature: part.value for part in found.contributions} == {"weight": 90, "length": 0.1, "density": 900}
    assert not (await validate(local, parcel(parcels(1)[0]))).findings
    assert await not_ready(local) == verdict_pb2.SKIP_REASON_UNSPECIFIED


async def not_ready(local: Local) -> int:
    request = catalog_service_pb2.GetEventTypeRequest(event_type=EVENT_TYPE)
    told = catalog_service_pb2.GetEventTypeResponse.FromString(await local.unary(GET)(request.SerializeToString()))
    [check] = [check for check in told.event_type.checks if check.check == "anomaly.unusual"]
    return check.not_ready


async def test_activations_under_load_fail_no_call_and_each_verdict_names_the_model_that_scored_it(
    start: Start, parcels_folder: Path, registry: Registry
) -> None:
    """Its score is that of the version that it names; in streams and single calls, on trial too."""
    local = await start_with(start, parcels_folder, registry)
    versions = [add_model(parcels_folder, registry, seed=seed) for seed in range(3)]
    payloads = [*parcels(20, seed=9), ODD]
    scores: dict[str, list[float]] = {}
    for version in versions:
        registry.activate(EVENT_TYPE, NAME, version)
        await local.engine.models.refresh()
        found = [evidence(await validate(local, parcel(payload), explain=True)) for payload in payloads]
        assert {one.model_version for one in found} == {version}
        scores[version] = [one.score for one in found]
    assert len({scores[version][0] for version in versions}) == len(versions)

    load = Load(local, payloads, scores)
    working = [asyncio.create_task(work()) for work in (load.call, load.call, load.stream, load.stream)]
    for number in range(ACTIVATIONS):
        registry.activate(EVENT_TYPE, NAME, versions[number % 3])
        if number % 5 == 0:
            registry.activate(EVENT_TYPE, NAME, versions[(number + 1) % 3], audit=True)
        await local.engine.models.refresh()
        assert evidence(await validate(local, parcel(ODD), explain=True)).model_version == versions[number % 3]
        assert not any(task.done() for task in working)
    load.done = True
    assert all(await asyncio.gather(*working))
    assert set(load.seen) == set(versions)
    assert local.engine.models.changes[EVENT_TYPE, "anomaly.unusual", "active"] >= ACTIVATIONS


@dataclass
class Load:
    """Has the same parcels judged over and over, and holds each score against that of the version that the verdict names."""

    local: Local
    payloads: list[dict[str, Any]]
    scores: dict[str, list[float]]
    seen: Counter[str] = field(default_factory=Counter)
    done: bool = False

    async def call(self) -> int:
        """Judge one parcel after the other; return how many."""
        calls = 0
        while not self.done:
            place = calls % len(self.payloads)
            self._check(await validate(self.local, parcel(self.payloads[place]), explain=True), place)
            calls += 1
        return calls

    async def stream(self) -> int:
        """Judge all parcels in one message after the other; return how many."""
        messages = 0
        talk = self.local.stream(STREAM)()
        while not self.done:
            request = message(messages, *map(parcel, self.payloads), explain=True, report_from=verdict_pb2.ENFORCEMENT_AUDIT)
            await talk.write(request)
            for place, verdict in enumerate(answer(await talk.read()).verdicts):
                self._check(verdict, place)
            messages += 1
        await talk.done_writing()
        assert await talk.read() is aio.EOF
        return messages

    def _check(self, verdict: verdict_pb2.Verdict, place: int) -> None:
        assert verdict.valid
        assert not verdict.skipped_checks
        assert verdict.explanations
        for explanation in verdict.explanations:
            found = explanation.evidence.anomaly
            assert found.score == self.scores[found.model_version][place]
            self.seen[found.model_version] += 1


async def test_a_running_server_takes_what_is_activated(spawn: Spawn, parcels_folder: Path, registry: Registry) -> None:
    """Within a second or two, and says so in its log and metrics; when it starts, it has it before it answers."""
    first = add_model(parcels_folder, registry)
    remote = spawn("--set", "admin=127.0.0.1:0", **PROMPT)
    async with connected(remote.address) as channel:
        assert (await judge(channel, ODD)).skipped_checks
        registry.activate(EVENT_TYPE, NAME, first)
        await until_scored_by(channel, first)
        second = add_model(parcels_folder, registry, seed=1)
        registry.activate(EVENT_TYPE, NAME, second)
        await until_scored_by(channel, second)
        registry.rollback(EVENT_TYPE, NAME)
        await until_scored_by(channel, first)
    remote.read_until(f"model in service.*{second.split('+')[0]}")
    assert metric(remote, "assay_model_info", version=first, role="active") == 1
    assert metric(remote, "assay_model_info") == 1
    assert metric(remote, "assay_model_changes_total", outcome="active") == 3
    assert remote.stop() == 0

    again = spawn(**PROMPT)
    async with connected(again.address) as channel:
        assert evidence(await judge(channel, ODD, explain=True)).model_version == first


async def test_a_model_that_is_none_is_refused_and_the_old_one_serves_on(
    spawn: Spawn, parcels_folder: Path, registry: Registry
) -> None:
    """The log says why, once; calls go on."""
    good = registry.activate(EVENT_TYPE, NAME, add_model(parcels_folder, registry))
    damaged = add_model(parcels_folder, registry, seed=1)
    folder = registry.folder(EVENT_TYPE, NAME)
    remote = spawn("--set", "admin=127.0.0.1:0", **PROMPT)
    async with connected(remote.address) as channel:
        model = folder / damaged / "model.onnx"
        model.write_bytes(model.read_bytes()[:-100])
        with pytest.raises(ModelRefusedError):
            registry.activate(EVENT_TYPE, NAME, damaged)
        write_state(folder, read_state(folder).activated(damaged))  # As who damages files may do, too.
        told = asyncio.create_task(asyncio.to_thread(remote.read_until, "model refused.*"))
        while not told.done():
            assert evidence(await judge(channel, ODD, explain=True)).model_version == good
        line = (await told).group()
        assert damaged in line
        assert "model.onnx" in line
        assert metric(remote, "assay_model_changes_total", outcome="refused") == 1
        repaired = registry.activate(EVENT_TYPE, NAME, add_model(parcels_folder, registry, seed=2))
        await until_scored_by(channel, repaired)
    assert remote.stop() == 0


async def test_a_contract_with_other_features_has_no_model_until_it_is_trained_again(
    spawn: Spawn, parcels_folder: Path, registry: Registry
) -> None:
    """MODEL_MISMATCH, in the verdict, the log and the metrics; no call fails."""
    first = registry.activate(EVENT_TYPE, NAME, add_model(parcels_folder, registry))
    remote = spawn("--set", "admin=127.0.0.1:0", **PROMPT)
    async with connected(remote.address) as channel:
        assert evidence(await judge(channel, ODD, explain=True)).model_version == first
        (parcels_folder / "parcels.py").write_text(PARCEL.replace('("weight", "length", "density")', '("length", "density")'))
        async with asyncio.timeout(60):
            while not (verdict := await judge(channel, ODD)).skipped_checks:
                assert [finding.evidence.anomaly.model_version for finding in verdict.findings] == [first]
        [skipped] = verdict.skipped_checks
        assert (skipped.check, skipped.reason) == ("anomaly.unusual", verdict_pb2.SKIP_REASON_MODEL_MISMATCH)
        assert first in skipped.message
        assert not verdict.findings
        assert first in remote.read_until("model was trained for other features.*").group()
        assert metric(remote, "assay_skipped_checks_total", check="anomaly.unusual", reason="model_mismatch") >= 1
        assert metric(remote, "assay_model_changes_total", outcome="mismatch") == 1

        second = registry.activate(EVENT_TYPE, NAME, add_model(parcels_folder, registry))
        await until_scored_by(channel, second)
    assert remote.stop() == 0


async def judge(channel: Any, payload: dict[str, Any], **options: Any) -> verdict_pb2.Verdict:
    """Return the verdict on one parcel."""
    return judged(await channel.unary_unary(f"/{VALIDATE}")(single(parcel(payload), **options)))


async def until_scored_by(channel: Any, version: str) -> None:
    """Judge until a model scores; none is skipped once there is one."""
    async with asyncio.timeout(60):
        while True:
            explanations = (await judge(channel, ODD, explain=True)).explanations
            if explanations and explanations[0].evidence.anomaly.model_version == version:
                return
            await asyncio.sleep(0.05)
