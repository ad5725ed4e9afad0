"""Models come and go with the contracts that want them."""

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from assay_server.engine import AnomalyEvidence, Engine, Event, Options, Verdict
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
EVENT, EXPLAIN = Event("a", b'{"x": 1}', NOW), Options(explain=True)
EVENTS = [event_of({"x": number % 7, "y": number % 5}) for number in range(100)]


def version_in(engine: Engine) -> str:
    """Return which model scores an event, or why none does."""
    return _version(engine.judge([EVENT], EXPLAIN))


async def versions_during(engine: Engine, work: Coroutine[Any, Any, None]) -> list[str]:
    """Return which models score an event over and over until some work is done."""
    task = asyncio.create_task(work)
    found = []
    while not task.done():
        found.append(_version(await engine.judge_async([EVENT], EXPLAIN)))
        await asyncio.sleep(0)
    await task
    return found


def _version(verdicts: list[Verdict]) -> str:
    [verdict] = verdicts
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
        assert set(run(engine, lambda: versions_during(engine, engine.replace(catalog_of(TWO))))) <= {first, second}
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
