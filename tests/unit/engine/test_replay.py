"""Going through the past: each event is judged by all that was before it, and by nothing else."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from assay_server.baselines import Baselines
from assay_server.contracts import Enforcement
from assay_server.engine import Engine, Event, Options, StatisticalEvidence, Verdict
from tests.unit.checks.history import DAY, Taught, event_of, run
from tests.unit.checks.making import NOW, checks, engine_of

ALL = """
x: Annotated[
    float | None,
    ThreeSigma(), ThreeSigma(2, by=('site', 'kind'), min_samples=5, name='both', enforcement='reject', required=False),
    ThreeSigma(by='site', window='8d', name='lately'),
    RobustSigma(by='site', min_samples=10), RobustSigma(window='16h', min_samples=5, name='robust_lately'),
    QuantileRange(0.05, 0.95, by='half'), QuantileRange(0.1, 0.9, window='32d', enforcement='audit', name='trial'),
] = None
site: Annotated[str | None, Novelty(min_samples=20), Novelty(by='kind', window='8d', min_count=2, name='seldom')] = None
kind: str = 'k'

clock = Clock(max_age='1h', enforcement='reject')

@feature
def half(self) -> Annotated[int | None, ThreeSigma(by='site', min_samples=3)]:
    return None if self.x is None else int(self.x) // 2

@rule
def not_seven(self) -> bool:
    return self.x is None or int(self.x) != 7

@rule(blocking=True, enforcement='warn', timeout='30s')
def small(self) -> bool:
    return self.x is None or self.x < 1000
"""

EVERYTHING = Options(explain=True, report_from=Enforcement.AUDIT, dry_run=True)


def one_by_one(taught: Taught, events: Sequence[Event]) -> list[Verdict]:
    """Judge each event by a snapshot of all that those before it have taught, and have it teach."""
    verdicts = []
    for event in events:
        verdicts += taught.engine.judge([event], EVERYTHING)
        run(taught.engine, partial(taught.engine.teach, [event]))
        taught.baselines.publish()
    return verdicts


def replayed(taught: Taught, events: Sequence[Event]) -> list[Verdict]:
    verdicts: list[Verdict] = run(taught.engine, lambda: taught.engine.replay(events))
    return verdicts


def told(verdict: Verdict, *, about: bool = False) -> list[Any]:
    """Return what a verdict says; with `about`, its numbers are equal to others that differ in their last digits."""

    def numbers(evidence: Any) -> Any:
        if not isinstance(evidence, StatisticalEvidence):
            return evidence
        said = (evidence.observed, evidence.expected, evidence.deviation, evidence.lower, evidence.upper)
        return pytest.approx(said, rel=1e-9, abs=1e-9) if about else said, evidence.sample_count, evidence.group

    found = [(one.check, one.field, one.enforcement, numbers(one.evidence)) for one in verdict.findings]
    seen = [(one.check, one.field, numbers(one.evidence)) for one in verdict.explanations]
    skipped = [(one.check, one.field, one.reason, one.message) for one in verdict.skipped_checks]
    return [verdict.valid, found, seen, skipped]


def history_of(size: int, seed: int) -> list[Event]:
    """Return events of forty days in order, some of which lack values or are not valid; hostile ones among them."""
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.integers(0, 40 * 24, size))
    odd = [1e308, -1e308, 1e200, 0.0, 7.5, None]
    events = []
    for hour in hours.tolist():
        payload: dict[str, Any] = {"x": float(rng.normal(20, 8)), "site": "abcdefghij"[int(rng.exponential(1.5)) % 10]}
        payload["kind"] = "kl"[int(rng.random() < 0.2)]
        if rng.random() < 0.1:
            payload["x"] = odd[rng.integers(len(odd))]
        if rng.random() < 0.05:
            payload["site"] = None
        if rng.random() < 0.03:
            payload["x"] = "no number"
        events.append(event_of(payload, NOW - 41 * DAY + hour * 3600 * 10**9))
    return events


@pytest.mark.parametrize("order", ["ascending", "shuffled"])
def test_it_says_what_judging_and_teaching_one_by_one_says(order: str) -> None:
    """For every kind of check, with and without groups and windows, whatever the values and their order."""
    events = history_of(400, 11)
    if order == "shuffled":
        np.random.default_rng(1).shuffle(events)
        events = events[:100]
    body = ALL.replace("clock = Clock(max_age='1h', enforcement='reject')\n", "")
    expected = one_by_one(Taught(body), events)
    verdicts = replayed(Taught(ALL), events)
    assert sum(bool(checks(verdict)) for verdict in verdicts) > len(events) / 10
    assert sum(len(verdict.explanations) for verdict in verdicts) > len(events)
    for mine, theirs in zip(verdicts, expected, strict=True):
        assert told(mine) == told(theirs, about=True)


def test_it_teaches_what_teaching_teaches() -> None:
    """Also events that a comparison rejects; so history is the same in the end."""
    events = history_of(500, 3)
    one, other = Taught(ALL), Taught(ALL)
    replayed(one, events)
    run(other.engine, lambda: other.engine.teach(events))
    other.baselines.publish()
    for series in one.engine.series("a"):
        mine, theirs = one.baselines.snapshot[series], other.baselines.snapshot[series]
        assert dict(mine.groups()) == dict(theirs.groups())
        keys = [key for key, _ in mine.groups()]
        times = np.full(len(keys), NOW - DAY)
        assert mine.moments(keys, times).table == pytest.approx(theirs.moments(keys, times).table, rel=1e-9)
    assert one.samples() > 300


def test_clock_does_not_count() -> None:
    """However old the events are."""
    taught = Taught("x: Annotated[float, ThreeSigma()]\nclock = Clock(max_age='1h', enforcement='reject')")
    assert all(verdict.valid for verdict in replayed(taught, [event_of({"x": 1.0}, NOW - 4000 * DAY), event_of({"x": 1.0})]))
    assert not taught.one({"x": 1.0}, time=NOW - 4000 * DAY).valid


def test_events_without_times_have_no_window() -> None:
    """They are compared with history as a whole, and warming up where it has a window, which they do not teach either."""
    taught = Taught("x: Annotated[float, ThreeSigma(name='all'), ThreeSigma(window='30d', name='lately')]")
    timed = [event_of({"x": float(row)}, NOW - DAY) for row in range(40)]
    verdicts = replayed(taught, [event_of({"x": 1.0}) for _ in range(40)] + timed + [event_of({"x": 1e6})])
    assert [skipped.check for skipped in verdicts[39].skipped_checks] == ["statistics.lately"]
    assert checks(verdicts[41]) == []
    assert [one.evidence.sample_count for one in verdicts[79].explanations] == [79, 39]  # type: ignore[union-attr]
    assert checks(verdicts[80]) == ["statistics.all"]
    assert [skipped.check for skipped in verdicts[80].skipped_checks] == ["statistics.lately"]


def test_versions_of_a_contract_share_their_history_event_by_event() -> None:
    """Also where they alternate."""
    text = "".join(
        f'class A{number}(EventContract, event_type="a", version="{number}.0.0"):\n    x: Annotated[float, ThreeSigma()]\n'
        for number in (1, 2)
    )
    engine: Engine = engine_of(text, baselines=Baselines())
    events = [Event("a", json.dumps({"x": row % 3}).encode(), None, "", "12"[row % 2]) for row in range(60)]
    verdicts = run(engine, lambda: engine.replay(events))
    assert [[one.evidence.sample_count for one in verdict.explanations] for verdict in verdicts] == [
        [row] if row >= 30 else [] for row in range(60)
    ]
