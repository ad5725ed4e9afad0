"""Models that are none for the event loop: gathered, bounded, and in nobody's way."""

import asyncio
import dataclasses
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from assay_server.engine import Engine, Options, Verdict
from assay_server.models import EstimatorScorer, Explainer, Floats, Scorer, Typical
from assay_server.models.registry import Served, Slot
from tests.unit.checks.making import checks, skipped, until
from tests.unit.checks.modelled import Modelled, event_of

BODY = """
x: float
y: float
unusual = Estimator(lambda: LocalOutlierFactor(novelty=True), ("x", "y"), contamination=0.01)
"""
BEFORE = "from sklearn.neighbors import LocalOutlierFactor\n"
EVENTS: list[dict[str, Any]] = [{"x": x, "y": y} for x, y in np.random.default_rng(3).normal(0, 1, (300, 2)).round(3).tolist()]
USUAL, ODD = {"x": 0.1, "y": 0.1}, {"x": 50.0, "y": -50.0}


class Watched:
    """Scores as another does, and can be made to fail or to hang on rows that begin with some number."""

    compiled: ClassVar[bool] = False

    def __init__(self, scorer: Scorer) -> None:
        self.asked: list[int] = []
        self.let_go = threading.Event()
        self._scorer = scorer

    def score(self, matrix: Floats) -> Floats:
        """Return the scores of rows."""
        self.asked.append(len(matrix))
        if (matrix[:, 0] == -1).any():
            raise ValueError("a row that cannot be scored")
        if (matrix[:, 0] == -2).any():
            self.let_go.wait(10)
        return self._scorer.score(matrix)


@pytest.fixture(scope="module")
def factor() -> tuple[Modelled, Served]:
    """An engine with an estimator that does not compile, and the model."""
    modelled = Modelled(BODY, before=BEFORE)
    return modelled, modelled.trained(EVENTS)


@pytest.fixture
def watched(factor: tuple[Modelled, Served]) -> Iterator[tuple[Engine, Watched]]:
    """An engine of its own whose model is watched."""
    modelled, served = factor
    scorer = Watched(served.scorer)
    modelled.serve(active=dataclasses.replace(served, scorer=scorer))
    yield Engine(modelled.catalog, models=modelled.shelf), scorer
    scorer.let_go.set()


async def judge_apart(engine: Engine, payloads: list[dict[str, Any]], options: Options | None = None) -> list[Verdict]:
    """Judge each event in a call of its own, all at the same time."""
    found = await asyncio.gather(*(engine.judge_async([event_of(one)], options or Options()) for one in payloads))
    return [verdict for [verdict] in found]


def test_an_estimator_that_does_not_compile_serves_itself(factor: tuple[Modelled, Served]) -> None:
    """And finds what is odd, with what each feature added."""
    modelled, served = factor
    assert isinstance(served.scorer, EstimatorScorer)
    modelled.serve(active=served)
    verdicts = modelled.judge([USUAL, ODD, USUAL])
    assert [checks(verdict) for verdict in verdicts] == [[], ["anomaly.unusual"], []]
    evidence: Any = verdicts[1].findings[0].evidence
    assert {one.feature for one in evidence.contributions} == {"x", "y"}
    amounts = [one.amount for one in evidence.contributions]
    assert sum(amounts) == pytest.approx(evidence.score - evidence.typical_score, abs=1e-6)


async def test_calls_at_the_same_time_are_scored_together(watched: tuple[Engine, Watched]) -> None:
    """And get what they would get alone."""
    engine, scorer = watched
    verdicts = await judge_apart(engine, [ODD if place % 7 == 0 else USUAL for place in range(100)])
    assert [bool(verdict.findings) for verdict in verdicts] == [place % 7 == 0 for place in range(100)]
    assert scorer.asked[0] == 100


async def test_an_event_that_the_model_fails_on_is_told_so_alone(watched: tuple[Engine, Watched]) -> None:
    """Those that were scored beside it have their scores."""
    engine, _ = watched
    verdicts = await judge_apart(engine, [USUAL, {"x": -1, "y": 0}, ODD])
    assert [skipped(verdict) for verdict in verdicts] == [[], [("anomaly.unusual", "UNAVAILABLE")], []]
    assert verdicts[1].skipped_checks[0].message == "the model failed on the event"
    assert checks(verdicts[2]) == ["anomaly.unusual"]


async def test_a_model_that_hangs_holds_up_nobody_for_long(
    watched: tuple[Engine, Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those it was asked for are told that it is unavailable; others are answered meanwhile."""
    monkeypatch.setattr("assay_server.checks._asked.TIMEOUT", 0.2)
    engine, scorer = watched
    stuck = asyncio.create_task(judge_apart(engine, [{"x": -2, "y": 0}]))
    await until(lambda: scorer.asked)
    assert [checks(verdict) for verdict in await judge_apart(engine, [ODD])] == [["anomaly.unusual"]]
    assert not stuck.done()
    [verdict] = await stuck
    assert skipped(verdict) == [("anomaly.unusual", "UNAVAILABLE")]


async def test_a_finding_is_made_though_it_cannot_be_explained(
    factor: tuple[Modelled, Served], caplog: pytest.LogCaptureFixture
) -> None:
    """Without what each feature added; the log says why."""
    modelled, served = factor
    wider = Explainer(served.scorer, Typical.of(np.zeros((1, 2))), np.arange(3))
    modelled.serve(active=dataclasses.replace(served, explainer=wider))
    engine = Engine(modelled.catalog, models=modelled.shelf)
    [verdict] = await judge_apart(engine, [ODD])
    evidence: Any = verdict.findings[0].evidence
    assert evidence.score >= evidence.threshold
    assert evidence.contributions == ()
    assert "check failed" in caplog.text


async def test_another_model_takes_over_while_calls_wait_for_the_old(watched: tuple[Engine, Watched]) -> None:
    """Each verdict names the version that scored it."""
    engine, scorer = watched
    shelf = engine.models.shelf
    assert shelf is not None
    served = shelf.of("a", "unusual").active
    assert served is not None
    old = asyncio.create_task(judge_apart(engine, [{"x": -2, "y": 90.0}], Options(explain=True)))
    await until(lambda: scorer.asked)
    newer = dataclasses.replace(served, version="2+00000000", scorer=scorer._scorer)
    shelf._slots["a", "unusual"] = Slot(active=newer)
    new = await judge_apart(engine, [ODD] * 3, Options(explain=True))
    scorer.let_go.set()
    evidence: list[Any] = [verdict.explanations[0].evidence for verdict in [*await old, *new]]
    assert [one.model_version for one in evidence] == [served.version, *[newer.version] * 3]
