"""Models come and go with the contracts that want them."""

import logging
from pathlib import Path

import pytest

from assay_server.engine import AnomalyEvidence, Engine, Event, Options
from assay_server.models.registry import Change, Registry, Shelf
from tests.unit.checks.history import run
from tests.unit.checks.making import NOW, catalog_of, engine_of, skipped
from tests.unit.checks.modelled import artefact_of, event_of

CONTRACT = """
class A(EventContract, event_type="a", version="1.0.0"):
    x: float
    y: float = 0
    unusual = IsolationForest({features})
"""
ONE, TWO = CONTRACT.format(features='("x",)'), CONTRACT.format(features='("x", "y")')
EVENTS = [event_of({"x": number % 7, "y": number % 5}) for number in range(100)]


def version_in(engine: Engine) -> str:
    """Return which model scores an event, or why none does."""
    [verdict] = engine.judge([Event("a", b'{"x": 1}', NOW)], Options(explain=True))
    if verdict.skipped_checks:
        return skipped(verdict)[0][1]
    [explanation] = verdict.explanations
    assert isinstance(explanation.evidence, AnomalyEvidence)
    return explanation.evidence.model_version


def add(registry: Registry, contract: str) -> str:
    """Train the model of a contract, activate it, and return its version."""
    with engine_of(contract) as engine:
        return registry.activate("a", "unusual", registry.add(artefact_of(engine, EVENTS, "a", "unusual")))


def test_an_engine_has_its_models_before_it_judges(tmp_path: Path) -> None:
    """And a contract put in service has its own from its first event on, if it was trained; until then the old one serves."""
    registry = Registry(tmp_path)
    first = add(registry, ONE)
    with Engine(catalog_of(ONE), models=Shelf(registry)) as engine:
        assert version_in(engine) == first
        second = add(registry, TWO)
        run(engine, engine.models.refresh)
        assert version_in(engine) == first, "it was trained for other features, and one that fits was active before"
        run(engine, lambda: engine.replace(catalog_of(TWO)))
        assert version_in(engine) == second
        run(engine, lambda: engine.replace(catalog_of(CONTRACT.format(features='("y",)'))))
        assert version_in(engine) == "MODEL_MISMATCH"
        assert engine.models.changes["a", "anomaly.unusual", "mismatch"] >= 1
        assert engine.models.served(engine.catalog) == []
        run(engine, lambda: engine.replace(catalog_of(ONE)))
        assert version_in(engine) == first


class Unreadable(Shelf):
    """A shelf that cannot be looked at, until it can."""

    problem: OSError | None = OSError("the disk is gone")

    def refresh(self) -> list[Change]:
        """Look at what is kept."""
        if self.problem is not None:
            raise self.problem
        return super().refresh()


def test_models_that_cannot_be_looked_at_keep_nothing_from_going_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said in the log, once; contracts are put in service all the same, and models taken once that is possible."""
    registry = Registry(tmp_path)
    version = add(registry, ONE)
    shelf = Unreadable(registry)
    with caplog.at_level(logging.ERROR), Engine(catalog_of(ONE), models=shelf) as engine:
        assert version_in(engine) == "NO_MODEL"
        run(engine, engine.models.refresh)
        run(engine, lambda: engine.replace(catalog_of(ONE)))
        assert version_in(engine) == "NO_MODEL"
        [record] = caplog.records
        assert "the disk is gone" in str(vars(record))
        shelf.problem = None
        run(engine, engine.models.refresh)
        assert version_in(engine) == version
        shelf.problem = OSError("the disk is gone")
        run(engine, engine.models.refresh)
        assert version_in(engine) == version
        assert len(caplog.records) == 2
