"""Events of many contracts in one message: each is judged, and teaches, as it would alone."""

import asyncio
import json
import random
from typing import Any

import pytest

from assay.v1 import validation_service_pb2
from assay_server.baselines import Baselines
from assay_server.engine import Engine, Event, Limits, Options, PackedEvents
from assay_server.rpc.convert import RequestReader
from tests.unit.checks.history import run
from tests.unit.checks.making import NOW, engine_of

_KINDS = {
    "plain": "x: float",
    "ruled": "x: float\n@rule\ndef low(self): return self.x < 50\n@rule(enforcement='warn')\ndef tiny(self): return self.x < 9",
    "slow": "x: float\n@rule\nasync def small(self): return self.x < 50",
    "clocked": "x: float\nclock = Clock(max_age='1h')",
    "compared": "x: Annotated[float, ThreeSigma(min_samples=10)]",
    "learned": "x: Annotated[float, ThreeSigma(min_samples=10)]",
}
_LEARNS = {"learned"}
_X: list[Any] = [1.0, 10.0, 60.0, 1e6, "no", None]


def engine() -> tuple[Engine, Baselines]:
    baselines = Baselines(clock=lambda: NOW)
    text = ""
    for name, body in _KINDS.items():
        learn = ', learn="live"' if name in _LEARNS else ""
        text += f'class {name.title()}(EventContract, event_type="{name}", version="1.0.0"{learn}):\n'
        text += "".join(f"    {line}\n" for line in body.splitlines())
    made: Engine = engine_of(text, clock=lambda: NOW, baselines=baselines)
    past = [Event(kind, b'{"x": %d}' % (x % 20), NOW) for kind in ("compared", "learned") for x in range(60)]
    run(made, lambda: made.teach(past))
    baselines.publish()
    return made, baselines


def packed(events: list[Event]) -> PackedEvents:
    """Return events as a message brings them."""
    request = validation_service_pb2.ValidateStreamRequest()
    for event in events:
        added = request.events.add(event_id=event.event_id, event_type=event.event_type, payload_json=event.payload)
        if event.timestamp is not None:
            added.timestamp.seconds, added.timestamp.nanos = divmod(event.timestamp, 10**9)
    reader = RequestReader(validation_service_pb2.ValidateStreamRequest, Limits(), 1000)
    found = asyncio.run(reader.read(request.SerializeToString(), Options()))
    assert isinstance(found.events, PackedEvents)
    return found.events


def some(seed: int, count: int) -> list[Event]:
    chance = random.Random(seed)
    kinds = [*_KINDS, "unheard_of", *(f"unheard_of_{number}" for number in range(6))]
    return [
        Event(
            chance.choice(kinds),
            json.dumps({"x": chance.choice(_X), "y": "z" * chance.randrange(60)}).encode(),
            chance.choice([None, NOW, NOW - 10**9, NOW - 10**13]),
            f"e-{number}",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("options", [Options(), Options(dry_run=True), Options(explain=True), Options(return_normalized=True)])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [40, 200], ids=["few of each", "many of each"])
def test_each_is_judged_and_teaches_as_alone(seed: int, options: Options, count: int) -> None:
    """Good and bad ones, of contracts that are there or not, with rules that take time, clocks, and history that is taught."""
    events = some(seed, count)
    (together, taught), (alone, taught_too) = engine(), engine()

    verdicts = together.judge(packed(events), options)

    assert verdicts == [alone.judge([event], options)[0] for event in events]
    assert together.counts == alone.counts
    assert together.skipped == alone.skipped
    for each in (taught, taught_too):
        each.publish()
    [series] = together.series("learned")
    assert together.baseline(series, {}) == alone.baseline(series, {})


def test_most_of_them_take_no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of one costs several times what looking at one event does."""
    payload = json.dumps({"x": 8, "y": "z" * 60}).encode()
    kinds = ("plain", "ruled", "clocked", "learned")
    events = [Event(kind, payload, NOW, f"e-{number}") for number in range(5) for kind in kinds]
    judging, baselines = engine()
    judging.judge([Event("learned", payload, NOW)])  # What keeps history from moving far is taken.
    before = baselines.publish()
    monkeypatch.setattr("assay_server.engine._engine.Batch", None)

    assert all(verdict.valid for verdict in judging.judge(packed(events)))

    [series] = judging.series("learned")
    assert baselines.publish()[series].history.samples == before[series].history.samples + 5
