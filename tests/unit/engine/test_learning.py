"""Which events teach history, what they teach, and how far they may move it."""

import asyncio
import os
from typing import Any

import numpy as np
import pytest

from assay_server.baselines import Limits
from assay_server.engine import Options, StatisticalEvidence, Verdict
from tests.unit.checks.history import DAY, Taught, event_of, run
from tests.unit.checks.making import NOW, checks, found, skipped

X = "x: Annotated[float, ThreeSigma()]"
EXPLAIN = Options(explain=True)

FULL = "ASSAY_TEST_FULL" in os.environ
MOST_GROUPS = Limits().groups


def warm(taught: Taught, *, size: int = 1000) -> None:
    """Teach history values with mean 0 and deviation 1, and take what verdicts read of it as the reference."""
    values = np.random.default_rng(5).normal(0, 1, size)
    values = (values - values.mean()) / values.std(ddof=1)
    taught.teach({"x": value} for value in values.tolist())


def test_by_default_only_history_teaches() -> None:
    """Events that are judged do not."""
    taught = Taught(X)
    taught.judge({"x": 1.0} for _ in range(50))
    assert taught.samples() == 0
    warm(taught)
    taught.judge({"x": 1.0} for _ in range(50))
    assert taught.samples() == 1000


def test_live_events_teach_once_the_snapshot_is_replaced() -> None:
    """So that events of one batch do not see each other."""
    taught = Taught(X, learn="live")
    first = taught.judge({"x": 5.0} for _ in range(40))
    assert all(verdict.skipped_checks for verdict in first)
    assert taught.samples() == 40
    assert found(taught.one({"x": 6.0})) == [("statistics.three_sigma", "/x")]


def test_a_dry_run_teaches_nothing() -> None:
    """Whatever it finds."""
    taught = Taught(X, learn="live")
    taught.judge(({"x": 5.0} for _ in range(40)), Options(dry_run=True))
    assert taught.samples() == 0


def test_rejected_events_never_teach_and_others_do() -> None:
    """Whichever layer rejects, and whatever the caller makes of findings."""
    taught = Taught(
        "x: Annotated[float, ThreeSigma(), ThreeSigma(1000, name='far', enforcement='reject', required=False)]\n"
        "@rule\ndef odd(self): return self.x != 7\n"
        "@rule(enforcement='warn')\ndef even(self): return self.x != 8",
        learn="live",
    )
    payloads: list[dict[str, Any]] = [{"x": 1.0}, {"x": 7.0}, {"x": "no"}, {}, {"x": 8.0}, {"x": 2.0}] * 10
    taught.judge(payloads)
    assert taught.samples() == 30
    assert taught.mean() == pytest.approx((1 + 8 + 2) / 3)
    verdict = taught.one({"x": 1e9})
    assert checks(verdict) == ["statistics.three_sigma", "statistics.far"]
    assert taught.samples() == 30
    taught.one({"x": 1e9}, Options(reject_from=1, report_from=1))  # type: ignore[arg-type]  # Numbers, as the wire has them.
    taught.one({"x": 3.0}, Options(reject_from=2))  # type: ignore[arg-type]
    assert taught.samples() == 31


def test_missing_and_failed_values_teach_nothing() -> None:
    """Others of the same batch do."""
    taught = Taught(
        "x: float | None = None\nshop: str | None = None\n"
        "@feature\ndef half(self) -> Annotated[float, ThreeSigma(by='shop'), RobustSigma(by='shop')]: return self.x / 2\n",
        learn="live",
    )
    taught.judge([{"x": 2.0, "shop": "a"}, {"shop": "a"}, {"x": 4.0}, {"x": 6.0, "shop": "a"}, {}])
    assert (taught.samples({"shop": "a"}), taught.mean({"shop": "a"})) == (2, 2.0)


def test_novelty_learns_categories_of_live_events() -> None:
    """What is new is new once it was seen."""
    taught = Taught("x: Annotated[str | None, Novelty(min_samples=3)] = None", learn="live")
    taught.judge([{"x": "a"}, {"x": "a"}, {"x": "b"}, {}])
    assert checks(taught.one({"x": "c"})) == ["statistics.novelty"]
    assert checks(taught.one({"x": "c"})) == []
    assert taught.samples() == 5


def test_values_are_clipped_at_twice_the_bounds_once_the_check_is_warm() -> None:
    """Before, they are learned as they are."""
    taught = Taught(X, learn="live")
    taught.judge([{"x": 1000.0}])
    assert taught.mean() == 1000
    taught = Taught(X, learn="live")
    warm(taught)
    taught.judge([{"x": 1000.0}])
    assert taught.mean() == pytest.approx(6 / 1001)
    taught.judge([{"x": -1000.0}])
    assert abs(taught.mean()) < 0.001


@pytest.mark.parametrize("value", [1e155, -1e308, 10**400])
@pytest.mark.parametrize("marker", ["ThreeSigma()", "RobustSigma()", "QuantileRange()"])
def test_numbers_that_are_too_large_are_never_learned(value: float, marker: str) -> None:
    """Neither while warming up nor after: they are not clipped into range either."""
    taught = Taught(f"x: Annotated[int | float, {marker}]", learn="live")
    taught.judge([{"x": value}, {"x": 1.0}])
    assert (taught.samples(), taught.mean()) == (1, 1.0)
    taught.judge({"x": float(number)} for number in range(50))
    before = taught.samples(), taught.mean()
    taught.judge([{"x": value}] * 10)
    assert (taught.samples(), taught.mean()) == before


def test_history_is_taught_as_it_is() -> None:
    """Without clipping, clock or regard to what was learned before; what schema or rules reject is told, and left out."""
    taught = Taught(
        "x: Annotated[float, ThreeSigma(), ThreeSigma(0.001, name='near', enforcement='reject')]\n"
        "clock = Clock(max_age='1d')\n@rule\nasync def small(self): return self.x < 1e6"
    )
    warm(taught)
    verdicts = taught.teach([{"x": 1000.0}, {"x": 1e7}, {"x": "no"}, {}], time=NOW - 1000 * DAY)
    assert [verdict.valid for verdict in verdicts] == [True, False, False, False]
    assert [checks(verdict) for verdict in verdicts] == [[], ["rules.small"], ["schema.float_parsing"], ["schema.missing"]]
    assert taught.samples() == 1001
    assert taught.mean() == pytest.approx(1000 / 1001)


@pytest.mark.parametrize("marker", ["ThreeSigma()", "RobustSigma()", "QuantileRange(0.05, 0.95)"])
@pytest.mark.parametrize("sides", [(2.99, 2.99), (2.99, -2.99), (-1e9, -1e9)])
def test_nobody_moves_what_verdicts_read_by_more_than_a_deviation_a_window(marker: str, sides: tuple[float, float]) -> None:
    """A sender at just below the bounds or far beyond them, on one side or both, alone for three windows."""
    taught = Taught(f"x: Annotated[float, {marker}]", learn="live")
    warm(taught)
    before = statistical(taught.one({"x": 0.0}, EXPLAIN))
    [series] = taught.engine.series("a")
    [unit] = taught.baselines.snapshot[series].references(None).deviation.tolist()
    for window in (1, 2, 3):
        taught.now = NOW + (window - 1) * 30 * DAY
        for _ in range(20):
            taught.judge({"x": sides[number % 2] + number * 1e-9} for number in range(200))
            after = statistical(taught.one({"x": 0.0}, EXPLAIN))
            most = window * unit * (1 + 1e-12)
            assert abs(after.expected - before.expected) <= most
            assert abs(after.lower - before.lower) <= most
            assert abs(after.upper - before.upper) <= most
    if marker == "ThreeSigma()":
        assert taught.engine.bounded["a", "statistics.three_sigma", "/x"] > 0


def statistical(verdict: Verdict) -> StatisticalEvidence:
    """Return what a check of numbers saw."""
    [explanation] = verdict.explanations
    assert isinstance(explanation.evidence, StatisticalEvidence)
    return explanation.evidence


def test_the_reference_is_taken_when_a_group_has_warmed_up() -> None:
    """Each group for itself, and before it is moved."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop')]", learn="live")
    for shop, value in (("a", 10.0), ("b", 50.0)):
        taught.judge({"shop": shop, "x": value + number % 3} for number in range(30))
        taught.judge({"shop": shop, "x": value + 2} for _ in range(5))
    [series] = taught.engine.series("a")
    reference = taught.baselines.snapshot[series].references(["a", "b", "c"])
    assert reference.expected[:2].tolist() == [11.0, 51.0]
    assert reference.known.tolist() == [True, True, False]


def test_what_assay_learn_taught_gets_its_references_from_the_engine() -> None:
    """For the groups that are warm in the window that ends with the newest history."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop', window='16d')]", learn="live")
    taught.teach(({"shop": "a", "x": float(number % 5)} for number in range(50)), time=NOW - 40 * DAY)
    taught.teach(({"shop": "b", "x": float(number % 3)} for number in range(30)), time=NOW - 20 * DAY)
    taught.teach(({"shop": "c", "x": 1.0} for _ in range(3)), time=NOW - 20 * DAY)
    [series] = taught.engine.series("a")
    history = taught.engine.referred(taught.baselines.snapshot[series].history)
    rows = history.groups.find(["a", "b", "c"])
    reference = history.references.at(rows)
    assert reference.known.tolist() == [False, True, False]
    assert reference.expected[1] == 1.0
    assert reference.upper[1] == pytest.approx(1 + 3 * reference.deviation[1])
    assert reference.since[1] == NOW


def test_versions_of_a_contract_share_what_they_learn() -> None:
    """Baselines belong to event type, check, field, by and window."""
    taught = Taught(X, learn="live")
    other = Taught(X + "\ny: int = 0", learn="live")
    assert taught.engine.series("a") == other.engine.series("a")


@pytest.mark.parametrize("marker", ["ThreeSigma()", "ThreeSigma(window='30d')"])
@pytest.mark.parametrize("files", [True, False], ids=["taught", "cold"])
def test_clean_skewed_data_do_not_narrow_history(marker: str, files: bool) -> None:
    """Over a year of windows of 30 days, learned live: as much is flagged in the last as in the first, within 1.5 times."""
    random = np.random.default_rng(6)
    taught = Taught(f"x: Annotated[float, {marker}]", learn="live")
    if files:
        taught.teach({"x": value} for value in random.lognormal(0, 1, 3200).tolist())
    shares = []
    for window in range(13):
        flagged = compared = 0
        for step in range(16):
            taught.now = NOW + (window * 16 + step) * 30 * DAY // 16
            verdicts = taught.judge({"x": value} for value in random.lognormal(0, 1, 300).tolist())
            flagged += sum(bool(verdict.findings) for verdict in verdicts)
            compared += sum(not verdict.skipped_checks for verdict in verdicts)
        shares.append(flagged / compared)
    assert 0.01 < shares[0] < 0.03, shares
    assert shares[0] / 1.5 <= shares[-1] <= 1.5 * shares[0], shares


@pytest.mark.timeout(900)
def test_random_groups_stay_under_the_cap_and_others_as_they_are() -> None:
    """However many come: what is said of a known group is what would be said without them."""
    total, most = (1_000_000, MOST_GROUPS) if FULL else (30_000, 3000)
    body = "shop: str\nx: Annotated[float, ThreeSigma(by='shop'), QuantileRange(by='shop', window='90d')]"
    flooded, alone = (Taught(body, learn="live", limits=Limits(groups=most)) for _ in range(2))
    known = [{"shop": "known", "x": float(number % 7)} for number in range(40)]
    for start in range(0, total, total // 20):
        for taught in (flooded, alone):
            taught.judge(known)
        random = [{"shop": f"{number:x}", "x": 1.0} for number in range(start, start + total // 20)]
        verdicts = flooded.judge(random)
        assert not any(verdict.findings for verdict in verdicts)
        odd = {"shop": "known", "x": 1000.0}
        assert explained(flooded.one(odd, EXPLAIN)) == explained(alone.one(odd, EXPLAIN))
    assert skipped(verdicts[-1]) == [("statistics.three_sigma", "GROUP_LIMIT"), ("statistics.quantile_range", "GROUP_LIMIT")]
    for series in flooded.engine.series("a"):
        assert len(flooded.baselines.snapshot[series].groups()) == most
        assert flooded.baselines.refused[series, "group_limit"] == total - most + 1


def explained(verdict: Verdict) -> list[Any]:
    """Return what a verdict says and saw."""
    return [verdict.findings, verdict.explanations]


def test_a_message_is_judged_by_one_snapshot_of_history() -> None:
    """Also where it is so long that others have their turns meanwhile, and history is replaced under it."""
    body = "x: Annotated[float, ThreeSigma(), RobustSigma()]\nkind: Annotated[str, Novelty()] = 'k'"
    for rule in ("", "\n@rule\nasync def slow(self): await asyncio.sleep(0)"):
        taught = Taught(body + rule)
        taught.teach({"x": float(number % 5)} for number in range(100))
        before = taught.engine.judge([event_of({"x": 2.0})], EXPLAIN)
        published = 0

        async def judged(taught: Taught = taught) -> list[Verdict]:
            nonlocal published
            message = asyncio.create_task(taught.engine.judge_async([event_of({"x": 2.0})] * 1000, EXPLAIN))
            while not message.done():
                await taught.engine.teach([event_of({"x": 2.0})])
                taught.baselines.publish()
                published += not message.done()
                await asyncio.sleep(0)
            return await message

        verdicts = run(taught.engine, judged)
        assert published > 1
        assert all(verdict.explanations == before[0].explanations for verdict in verdicts)


def test_an_event_without_a_time_has_none_beside_one_that_is_far_away() -> None:
    """What one event of a batch says does not change what another teaches."""
    taught = Taught("x: Annotated[float, ThreeSigma(window='16d')]")
    events = [event_of({"x": 1.0}), event_of({"x": 2.0}, 250_000_000_000_000_000_000), event_of({"x": 3.0}, NOW)]
    run(taught.engine, lambda: taught.engine.teach(events))
    taught.baselines.publish()
    assert sorted((reason, count) for (_, reason), count in taught.baselines.refused.items()) == [
        ("no_time", 1),
        ("too_far_ahead", 1),
    ]
    assert taught.samples() == 1
