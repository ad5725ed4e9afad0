"""Engines and checks with models of their own, trained on the spot, for tests of what asks them."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assay_server.checks import AnomalyCheck, Batch
from assay_server.contracts import Catalog, Classifier, Contract, Estimator, EventContract, IsolationForest
from assay_server.engine import Engine, Event, Options, Verdict
from assay_server.models import ModelKind
from assay_server.models.registry import Artefact, Registry, Served, Shelf, Slot, TrainingData
from assay_server.models.training import ModelSpec, train
from tests.unit.checks.history import contract_of, run
from tests.unit.checks.making import NOW

EVENT_TYPE = "a"


def spec_of(check: AnomalyCheck) -> ModelSpec:
    """Return what a contract says is to be trained."""
    marker, kind = check.declaration.marker, ModelKind(check.declaration.kind)
    match marker:
        case IsolationForest():
            return ModelSpec(kind=kind, contamination=marker.contamination, trees=marker.trees, samples=marker.samples)
        case Estimator():
            return ModelSpec(kind=kind, contamination=marker.contamination, factory=marker.factory)
        case Classifier():
            return ModelSpec(kind=kind, threshold=marker.threshold, factory=marker.factory)
    raise AssertionError(marker)


def artefact_of(engine: Engine, events: Sequence[Event], event_type: str, name: str, *, seed: int = 0) -> Artefact:
    """Train a model of a contract in service on events, and return it."""
    contract = engine.catalog.find(event_type)
    assert contract is not None
    check = engine._service.model(event_type, name, "")
    sample = run(engine, lambda: engine.sample(events, event_type, name)).sample
    spec = spec_of(check)
    trained = train(spec, check.inputs.features, sample.columns, labels=sample.label, seed=seed)
    return Artefact(
        event_type=event_type,
        name=name,
        contract=contract.full_version,
        kind=trained.kind,
        encoding=trained.encoding,
        estimator=trained.estimator,
        compiled=trained.compiled.model,
        threshold=trained.threshold,
        threshold_by="a test",
        percentiles=trained.percentiles,
        typical=trained.typical,
        canaries=trained.canaries.matrix,
        expected=trained.canaries.scores,
        seed=seed,
        data=TrainingData(rows=len(sample)),
    )


def served_of(artefact: Artefact) -> Served:
    """Return a model as a server has it in memory, by way of a registry."""
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(Path(folder))
        version = registry.add(artefact)
        return Served.load(registry.read(artefact.event_type, artefact.name, version))


def shelf_with(name: str, slot: Slot, event_type: str = EVENT_TYPE) -> Shelf:
    """Return a shelf with this on it."""
    shelf = Shelf(None)
    shelf._slots[event_type, name] = slot
    return shelf


class Modelled:
    """An engine for the event type "a", whose contract has one model; what serves it is set by hand.

    Args:
        body: What the contract says.
        before: What stands before it in its module.
    """

    def __init__(self, body: str, *, before: str = "") -> None:
        self.catalog, self.contract = contract_of(body, before=before)
        [declaration] = self.contract.models
        self.name = declaration.name
        self.shelf = shelf_with(self.name, Slot())
        self.engine = Engine(self.catalog, clock=lambda: NOW, models=self.shelf)

    def trained(self, payloads: Iterable[dict[str, Any]], *, seed: int = 0) -> Served:
        """Return the model that events give."""
        with Engine(self.catalog, clock=lambda: NOW) as engine:
            return served_of(artefact_of(engine, list(map(event_of, payloads)), EVENT_TYPE, self.name, seed=seed))

    def serve(self, **slot: Any) -> None:
        """Put models on the shelf."""
        self.shelf._slots[EVENT_TYPE, self.name] = Slot(**slot)

    def judge(self, payloads: Iterable[dict[str, Any]], options: Options | None = None) -> list[Verdict]:
        """Judge events."""
        return self.engine.judge(list(map(event_of, payloads)), options or Options())

    def one(self, payload: Mapping[str, Any], options: Options | None = None) -> Verdict:
        """Judge one event."""
        [verdict] = self.judge([dict(payload)], options)
        return verdict


def event_of(payload: dict[str, Any]) -> Event:
    """Return an event of the type "a"."""
    return Event(EVENT_TYPE, json.dumps(payload).encode(), NOW)


def anomaly_check(contract: Contract, slot: Slot) -> AnomalyCheck:
    """Return the check of a contract's one model."""
    [declaration] = contract.models
    return AnomalyCheck(contract, declaration, shelf_with(declaration.name, slot))


def batch_of(models: Sequence[EventContract]) -> Batch:
    """Return events as a batch."""
    return Batch(range(len(models)), models, [NOW] * len(models))


__all__ = ["Catalog", "Modelled", "anomaly_check", "artefact_of", "batch_of", "event_of", "served_of", "shelf_with", "spec_of"]
