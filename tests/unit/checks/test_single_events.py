"""A single event is judged by the very bounds that a batch is judged by, to the last bit."""

from collections.abc import Iterator
from math import inf, nextafter
from typing import Any

import numpy as np
import pytest

from assay_server.checks import SkipReason, StatisticalEvidence
from assay_server.engine import Options
from tests.unit.checks.history import DAY, Taught, event_of

_SHOPS = 40
_QUIET = Options(dry_run=True)
_EXPLAIN = Options(dry_run=True, explain=True)


def histories() -> Iterator[dict[str, Any]]:
    """Yield what was sold in shops: of all sizes, some always the same, some with next to no values."""
    random = np.random.default_rng(20240229)
    for shop in range(_SHOPS):
        size = 10.0 ** random.integers(-9, 9)
        values = np.full(50, size / 3) if shop % 5 == 0 else random.normal(size, size / 7, random.integers(31, 90))
        for value in values[: 20 if shop % 7 == 0 else None].tolist():
            yield {"shop": f"shop {shop}", "x": value}


@pytest.mark.parametrize("marker", ["ThreeSigma(by='shop')", "ThreeSigma(2.5, by='shop', window='30d')", "ThreeSigma()"])
def test_values_at_the_bounds_are_judged_alike_alone_and_together(marker: str) -> None:
    """The lowest and the highest value that are usual, and those next to them; as history is learned, and once it has moved."""
    taught = Taught(f"shop: str\nx: Annotated[float, {marker}]", learn="live")
    taught.teach(histories())
    for _ in range(3):
        explained = taught.judge(({"shop": f"shop {shop}", "x": 1.0} for shop in range(_SHOPS)), _EXPLAIN)
        payloads: list[dict[str, Any]] = [
            {"shop": f"shop {shop}", "x": value}
            for shop, verdict in enumerate(explained)
            for value in (edges(verdict.explanations[0].evidence) if verdict.explanations else [1.0])
        ]
        together = taught.judge(payloads, _QUIET)
        assert {len(verdict.findings) for verdict in together} >= {0, 1}
        alone = [taught.one(payload, _QUIET) for payload in payloads]
        assert [(one.findings, one.skipped_checks) for one in alone] == [(one.findings, one.skipped_checks) for one in together]
        taught.judge({**payload, "x": payload["x"] * 1.01} for payload in payloads)
        taught.now += DAY


@pytest.mark.parametrize("marker", ["ThreeSigma(by='shop')", "ThreeSigma(by='shop', window='30d')", "RobustSigma(by='shop')"])
def test_where_the_bound_on_drift_acts_too(marker: str) -> None:
    """Alone and together they are judged by the same bounds, counted, and teach the same; a group at rest is not counted."""
    body = f"shop: str\nx: Annotated[float, {marker}]"
    alone, together = Taught(body, learn="live"), Taught(body, learn="live")
    spread = [{"shop": shop, "x": float(value)} for shop in ("a", "b") for value in range(-30, 31)]
    key = ("a", alone.engine.series("a")[0].check, "/x")
    for taught in (alone, together):
        taught.teach(spread, time=taught.now)
        taught.judge([{"shop": "a", "x": 0.0}, {"shop": "b", "x": 0.0}] * 4)  # From here on they are not to move far.
        taught.judge([{"shop": "a", "x": 0.25}] * 2000)
    explained = together.judge([{"shop": shop, "x": 1.0} for shop in ("a", "b")], _EXPLAIN)
    payloads = [
        {"shop": verdict.explanations[0].evidence.group["shop"], "x": value}  # type: ignore[union-attr]
        for verdict in explained
        for value in edges(verdict.explanations[0].evidence)
    ]
    before = [taught.engine.bounded[key] for taught in (alone, together)]
    judged = [alone.engine.judge([event_of(payload)], _QUIET)[0] for payload in payloads]
    assert [one.findings for one in judged] == [one.findings for one in together.judge(payloads, _QUIET)]
    assert [taught.engine.bounded[key] - was for taught, was in zip((alone, together), before, strict=True)] == [6, 6]
    for payload in payloads:
        alone.engine.judge([event_of(payload)])
    alone.baselines.publish()
    together.judge(payloads)
    for shop in ("a", "b"):
        assert alone.samples({"shop": shop}) == together.samples({"shop": shop})
        assert alone.mean({"shop": shop}) == pytest.approx(together.mean({"shop": shop}), rel=1e-12)


def test_a_single_event_takes_no_batch_where_the_bound_on_drift_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    """All events of a group that has moved come to that: they cost what others do."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop')]", learn="live")
    taught.teach([{"shop": "a", "x": float(value)} for value in range(-30, 31)], time=taught.now)
    taught.judge([{"shop": "a", "x": 0.0}])  # From here on it is not to move far.
    for _ in range(2):
        taught.judge([{"shop": "a", "x": 0.25}] * 2000)
    key = ("a", "statistics.three_sigma", "/x")
    before = taught.engine.bounded[key]
    assert before > 0
    monkeypatch.setattr("assay_server.engine._engine.Batch", None)
    assert taught.engine.judge([event_of({"shop": "a", "x": 0.25})])[0].valid
    assert taught.engine.bounded[key] == before + 1


def test_single_and_few_events_teach_what_a_batch_teaches() -> None:
    """Those that are usual, those that are clipped, and those that are not compared at all."""
    body = "shop: str\nx: Annotated[float | None, ThreeSigma(by='shop')] = None"
    payloads = [{"shop": "a", "x": value} for value in (4.0, 5.0, 6.0, 500.0, -500.0, 5, None, True)] + [
        {"shop": "b", "x": 1.0}
    ]
    known = [{"shop": "a", "x": float(value)} for value in range(11)] * 5
    one_by_one, by_twos, at_once = (Taught(body, learn="live") for _ in range(3))
    for taught in (one_by_one, by_twos, at_once):
        taught.teach(known)
        taught.one({"shop": "a", "x": 5.0})
    for payload in payloads:
        one_by_one.engine.judge([event_of(payload)])
    for start in range(0, len(payloads), 2):
        by_twos.engine.judge([event_of(payload) for payload in payloads[start : start + 2]])
    for taught in (one_by_one, by_twos):
        taught.baselines.publish()
    at_once.judge(payloads)
    for group in ({"shop": "a"}, {"shop": "b"}):
        assert one_by_one.samples(group) == by_twos.samples(group) == at_once.samples(group)
        assert one_by_one.mean(group) == by_twos.mean(group) == at_once.mean(group)


@pytest.mark.parametrize("marker", ["Novelty()", "Novelty(3, by='shop')", "Novelty(min_share=0.05, by='shop', window='30d')"])
def test_categories_are_judged_and_learned_alike_alone_and_together(marker: str) -> None:
    """Those that were seen often, seldom and never, and one that is missing; as history is learned, and once it has moved."""
    body = f"shop: str\nx: Annotated[str | None, {marker}] = None"
    drinks = ("tea", "rum", "gin", "ale", None)
    payloads: list[dict[str, Any]] = [{"shop": shop, "x": drink} for shop in "abc" for drink in drinks]
    often = ["tea"] * 60 + ["rum"] * 2 + ["gin"]
    known = [{"shop": shop, "x": drink} for shop in "ab" for drink in often]
    found = 0
    one_by_one, at_once = Taught(body, learn="live"), Taught(body, learn="live")
    for taught in (one_by_one, at_once):
        taught.teach(known)
    for _ in range(3):
        together = at_once.judge(payloads, _QUIET)
        alone = [one_by_one.one(payload, _QUIET) for payload in payloads]
        assert [(one.findings, one.skipped_checks) for one in alone] == [(one.findings, one.skipped_checks) for one in together]
        found += sum(bool(one.findings) for one in together)
        at_once.judge(payloads)
        for payload in payloads:
            one_by_one.engine.judge([event_of(payload)])
        one_by_one.baselines.publish()
    assert 0 < found < 3 * len(payloads)


def test_bounds_of_all_groups_are_those_of_each() -> None:
    """Once many single events were looked at, the bounds of all groups are worked out together: to the same last bit."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop')]", learn="live")
    taught.teach(histories())
    values = [10.0**exponent for exponent in range(-9, 9)]
    payloads = [{"shop": f"shop {shop}", "x": value} for shop in range(_SHOPS) for value in values]
    first = [taught.one(payload, _QUIET) for payload in payloads[:: len(values)]]  # Few of each shop: each for itself.
    alone = [taught.one(payload, _QUIET) for payload in payloads]
    together = taught.judge(payloads, _QUIET)
    assert [one.findings for one in alone] == [one.findings for one in together]
    assert [one.findings for one in first] == [one.findings for one in together[:: len(values)]]
    assert {
        one.skipped_checks[0].reason for one in (taught.one({"shop": "unheard of", "x": 1.0}, _QUIET) for _ in range(9))
    } == {SkipReason.WARMING_UP}


@pytest.mark.parametrize("time", [253_402_300_799 * 10**9, -62_135_596_800 * 10**9, 2**63 - 1, 2**63, -(2**63) - 1])
def test_single_events_of_any_time_teach_what_they_do_in_a_batch(time: int) -> None:
    """The first and the last that a message can name, which are beyond what an int64 holds, too."""
    alone, together = (Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop')]", learn="live") for _ in range(2))
    for taught in (alone, together):
        taught.teach([{"shop": "a", "x": float(value)} for value in range(60)])
        taught.one({"shop": "a", "x": 30.0})
    alone.one({"shop": "a", "x": 31.0}, time=time)
    together.judge([{"shop": "a", "x": 31.0}, {"shop": "b", "x": 1.0}], time=time)
    [series] = alone.engine.series("a")
    one, other = (taught.engine.baseline(series, {"shop": "a"}) for taught in (alone, together))
    assert one == other
    assert one.sample_count == 62


def edges(evidence: object) -> list[float]:
    """Return the values at the bounds of some evidence, and those next to them."""
    assert isinstance(evidence, StatisticalEvidence)
    lower, upper = evidence.lower, evidence.upper
    return [lower, upper, nextafter(lower, -inf), nextafter(upper, inf), nextafter(lower, inf), nextafter(upper, -inf)]
