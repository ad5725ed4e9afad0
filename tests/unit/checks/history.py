"""Engines and checks with a history of their own, for tests of what compares with it."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from assay_server.baselines import Baselines, Limits
from assay_server.checks import Past, StatisticalCheck, checks_of
from assay_server.contracts import Catalog, Contract, EventContract
from assay_server.engine import Engine, Event, Options, Verdict
from tests.unit.checks.making import NOW, catalog_of, engine_of

DAY = 86_400 * 10**9


class Taught:
    """An engine for the event type "a", whose clock is set by hand and whose history is taught row by row.

    Args:
        body: What the contract says.
        learn: What teaches it once it serves.
        limits: How much history may be kept.
    """

    def __init__(self, body: str, *, learn: str = "history", limits: Limits | None = None) -> None:
        self.now = NOW
        self.baselines = Baselines(limits=limits, clock=self.clock)
        text = f'class A(EventContract, event_type="a", version="1.0.0", learn="{learn}"):\n'
        text += "".join(f"    {line}\n" for line in body.strip().splitlines())
        self.engine: Engine = engine_of(text, clock=self.clock, baselines=self.baselines)

    def clock(self) -> int:
        """Return what the clock says."""
        return self.now

    def teach(self, payloads: Iterable[dict[str, Any]], *, time: int | None = NOW) -> list[Verdict]:
        """Teach history events of the past, and publish it."""
        events = [event_of(payload, time) for payload in payloads]
        verdicts: list[Verdict] = run(self.engine, lambda: self.engine.teach(events))
        self.baselines.publish()
        return verdicts

    def judge(
        self, payloads: Iterable[dict[str, Any]], options: Options | None = None, *, time: int | None = None
    ) -> list[Verdict]:
        """Judge events, and publish what they taught."""
        verdicts = self.engine.judge([event_of(payload, time) for payload in payloads], options or Options())
        self.baselines.publish()
        return verdicts

    def one(self, payload: dict[str, Any], options: Options | None = None, *, time: int | None = None) -> Verdict:
        """Judge one event."""
        [verdict] = self.judge([payload], options, time=time)
        return verdict

    def samples(self, group: dict[str, str] | None = None) -> int:
        """Return how many values the first check's baseline of a group rests on."""
        [series, *_] = self.engine.series("a")
        return self.engine.baseline(series, group or {}).sample_count

    def mean(self, group: dict[str, str] | None = None) -> float:
        """Return the mean of the first check's baseline of a group."""
        [series, *_] = self.engine.series("a")
        return self.engine.baseline(series, group or {}).mean


def event_of(payload: dict[str, Any], time: int | None = None) -> Event:
    """Return an event of the type "a"."""
    return Event("a", json.dumps(payload).encode(), time)


def run(engine: Engine, work: Callable[[], Any]) -> Any:
    """Run something of an engine's in the loop in which it judges."""
    return engine._portal.run(work())


def contract_of(body: str, *, before: str = "") -> tuple[Catalog, Contract]:
    """Return a catalog, which must be kept for as long as the contract is used, and its one contract."""
    text = before + 'class A(EventContract, event_type="a", version="1.0.0"):\n'
    catalog = catalog_of(text + "".join(f"    {line}\n" for line in body.strip().splitlines()))
    [contract] = catalog
    return catalog, contract


def models_of(contract: Contract, payloads: Sequence[dict[str, Any]]) -> list[EventContract]:
    """Return payloads as a contract reads them."""
    return [contract.validator.validate_json(json.dumps(payload)) for payload in payloads]


def check_of(contract: Contract, baselines: Baselines | None, clock: Callable[[], int] = lambda: NOW) -> StatisticalCheck:
    """Return the one statistical check of a contract."""
    [check] = [check for check in checks_of(contract, Past(baselines, clock)) if isinstance(check, StatisticalCheck)]
    return check
