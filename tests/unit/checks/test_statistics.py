"""What comparisons with history find, and what they show."""

from math import inf
from typing import Any

import numpy as np
import pytest

from assay_server.baselines import Limits
from assay_server.engine import (
    CategoricalEvidence,
    Enforcement,
    Engine,
    Event,
    Layer,
    Options,
    SkipReason,
    StatisticalEvidence,
    Verdict,
)
from tests.unit.checks.history import DAY, Taught
from tests.unit.checks.making import NOW, checks, engine_of, found, skipped

EXPLAIN = Options(explain=True)


def seen(verdict: Verdict, index: int = 0) -> StatisticalEvidence:
    """Return what a check of numbers saw."""
    evidence = verdict.explanations[index].evidence
    assert isinstance(evidence, StatisticalEvidence)
    return evidence


def test_three_sigma_is_the_mean_and_the_sample_deviation() -> None:
    """As NumPy gives them, of each group by itself."""
    random = np.random.default_rng(1)
    values = {"a": random.normal(100, 10, 500), "b": random.normal(-3, 0.1, 400)}
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop')]")
    taught.teach({"shop": shop, "x": value} for shop in values for value in values[shop].tolist())
    for shop, history in values.items():
        mean, deviation = history.mean(), history.std(ddof=1)
        for far in (-3.01, -2.99, 0.5, 2.99, 3.01):
            verdict = taught.one({"shop": shop, "x": mean + far * deviation}, EXPLAIN)
            evidence = seen(verdict)
            assert checks(verdict) == (["statistics.three_sigma"] if abs(far) > 3 else [])
            assert evidence.expected == pytest.approx(mean, rel=1e-9)
            assert evidence.lower == pytest.approx(mean - 3 * deviation, rel=1e-9)
            assert evidence.upper == pytest.approx(mean + 3 * deviation, rel=1e-9)
            assert evidence.deviation == pytest.approx(far, rel=1e-6)
            assert (evidence.sample_count, evidence.group) == (len(history), {"shop": shop})


def test_robust_sigma_is_the_median_and_the_scaled_deviation() -> None:
    """Within the bins of 1 %; outliers in history do not widen it."""
    history = np.random.default_rng(2).normal(100, 10, 2000)
    history[:400] = 1e6
    taught = Taught("x: Annotated[float, RobustSigma()]")
    taught.teach({"x": value} for value in history.tolist())
    median = np.median(history)
    deviation = 1.4826 * np.median(np.abs(history - median))
    evidence = seen(taught.one({"x": 100.0}, EXPLAIN))
    assert evidence.expected == pytest.approx(median, rel=0.01)
    assert evidence.upper == pytest.approx(median + 3.5 * deviation, rel=0.03)
    assert evidence.lower == pytest.approx(median - 3.5 * deviation, rel=0.03)
    assert checks(taught.one({"x": 200.0})) == ["statistics.robust_sigma"]


def test_quantile_range_is_the_quantiles_widened_by_the_margin() -> None:
    """Within the bins of 1 %; expected is the median, and the unit the distance of the two."""
    history = np.exp(np.random.default_rng(3).normal(3, 1, 5000))
    taught = Taught("x: Annotated[float, QuantileRange(0.05, 0.95, 0.5)]")
    taught.teach({"x": value} for value in history.tolist())
    low, median, high = np.quantile(history, (0.05, 0.5, 0.95))
    evidence = seen(taught.one({"x": float(high + 0.25 * (high - low))}, EXPLAIN))
    assert evidence.expected == pytest.approx(median, rel=0.02)
    assert evidence.upper == pytest.approx(high + 0.5 * (high - low), rel=0.03)
    assert evidence.lower == pytest.approx(low - 0.5 * (high - low), rel=0.03)
    assert evidence.deviation == pytest.approx((high + 0.25 * (high - low) - median) / (high - low), rel=0.05)
    assert checks(taught.one({"x": float(high + 0.6 * (high - low))})) == ["statistics.quantile_range"]


def test_bounds_of_a_histogram_are_not_narrower_than_its_bins() -> None:
    """Data such as N(1000, 1) lie in one or two bins: most of them are not found all the same."""
    history = np.random.default_rng(4).normal(1000, 1, 1000)
    taught = Taught("x: Annotated[float, RobustSigma(), QuantileRange(0.25, 0.75)]")
    taught.teach({"x": value} for value in history.tolist())
    assert not any(checks(verdict) for verdict in taught.judge({"x": value} for value in (999.0, 1000.0, 1001.0)))
    assert checks(taught.one({"x": 1100.0})) == ["statistics.robust_sigma", "statistics.quantile_range"]


@pytest.mark.parametrize("marker", ["ThreeSigma()", "RobustSigma()", "QuantileRange()"])
@pytest.mark.parametrize("value", [5.0, 0.1, 0.0, -1e150])
def test_a_constant_history_finds_any_other_value(marker: str, value: float) -> None:
    """With an infinite deviation; the value itself is as expected."""
    taught = Taught(f"x: Annotated[float, {marker}]")
    taught.teach({"x": value} for _ in range(31))
    same = taught.one({"x": value}, EXPLAIN)
    assert (checks(same), seen(same).deviation) == ([], 0.0)
    for other, deviation in ((np.nextafter(value, inf), inf), (np.nextafter(value, -inf), -inf), (1e308, inf)):
        verdict = taught.one({"x": float(other)}, EXPLAIN)
        assert len(verdict.findings) == 1
        assert seen(verdict).deviation == deviation
        assert seen(verdict).lower == seen(verdict).upper == seen(verdict).expected == value


def test_novelty_is_a_category_that_was_seen_too_seldom() -> None:
    """By count, by share, or both."""
    taught = Taught("x: Annotated[str, Novelty(), Novelty(3, name='rare'), Novelty(0, 0.1, name='share')]")
    taught.teach({"x": x} for x in ["often"] * 95 + ["thrice"] * 3 + ["twice"] * 2)
    assert checks(taught.one({"x": "often"})) == []
    assert checks(taught.one({"x": "thrice"})) == ["statistics.share"]
    assert checks(taught.one({"x": "twice"})) == ["statistics.rare", "statistics.share"]
    verdict = taught.one({"x": "never"})
    assert checks(verdict) == ["statistics.novelty", "statistics.rare", "statistics.share"]
    assert verdict.findings[0].evidence == CategoricalEvidence(observed="never", count=0, sample_count=100)


@pytest.mark.parametrize(
    ("kind", "value", "name"),
    [
        ("bool", True, "true"),
        ("int", 7, "7"),
        ("Literal['p', 'q']", "p", "p"),
        ("Kind", "k", "k"),
        ("date", "2024-02-29", "2024-02-29"),
        ("UUID4", "9f3a12c4-0000-4000-8000-000000000000", "9f3a12c4-0000-4000-8000-000000000000"),
        ("Literal[1, 2]", 2, "2"),
    ],
)
def test_a_category_is_text_or_its_json_text(kind: str, value: Any, name: str) -> None:
    """As a value, and as a group."""
    with engine_of("class Kind(Enum):\n    K = 'k'\n" + _counted(kind)) as engine:
        verdict = engine.judge([Event("a", {"x": value})], EXPLAIN)[0]
        assert skipped(verdict) == [("statistics.novelty", "WARMING_UP"), ("statistics.three_sigma", "WARMING_UP")]
    taught = Taught("x: Annotated[bool | int | str, Novelty()]\ny: Annotated[float, ThreeSigma(by='x')] = 1.0")
    taught.teach({"x": value} for _ in range(30))
    first, second = taught.one({"x": value}, EXPLAIN).explanations
    assert isinstance(first.evidence, CategoricalEvidence)
    assert isinstance(second.evidence, StatisticalEvidence)
    assert (first.evidence.observed, second.evidence.group) == (name, {"x": name})


def _counted(kind: str) -> str:
    return (
        f"class A(EventContract, event_type='a', version='1.0.0'):\n    x: Annotated[{kind}, Novelty()]\n"
        "    y: Annotated[float, ThreeSigma(by='x')] = 1.0\n"
    )


def test_findings_are_of_their_layer_and_say_what_was_expected() -> None:
    """With the marker's enforcement, which is to warn unless it says otherwise."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop'), ThreeSigma(k=1, name='near', enforcement='reject')]")
    taught.teach({"shop": "a", "x": value} for value in [9.0, 11.0] * 50)
    verdict = taught.one({"shop": "a", "x": 30.0})
    usual, near = verdict.findings
    assert (usual.check, usual.layer, usual.field) == ("statistics.three_sigma", Layer.STATISTICS, "/x")
    assert (usual.enforcement, near.enforcement, verdict.valid) == (Enforcement.WARN, Enforcement.REJECT, False)
    assert usual.message == (
        "30 is above 13.0151, the highest to be expected for shop a: 19.9 standard deviations from the mean 10 of 100 values"
    )


def test_below_min_samples_a_check_is_warming_up() -> None:
    """It says how many values there are; with as many it begins."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop', min_samples=5)]")
    taught.teach({"shop": "a", "x": value} for value in (1.0, 2.0, 3.0, 4.0))
    verdict = taught.one({"shop": "a", "x": 1000.0})
    assert (verdict.valid, verdict.findings) == (True, [])
    [skip] = verdict.skipped_checks
    assert (skip.reason, skip.message) == (SkipReason.WARMING_UP, "there are 4 values in history; it takes 5")
    taught.teach([{"shop": "a", "x": 5.0}])
    assert checks(taught.one({"shop": "a", "x": 1000.0})) == ["statistics.three_sigma"]
    assert skipped(taught.one({"shop": "b", "x": 1000.0})) == [("statistics.three_sigma", "WARMING_UP")]


def test_a_required_check_that_is_warming_up_is_a_finding() -> None:
    """As one that rejects is by default; not if it says that it is not required."""
    taught = Taught(
        "x: Annotated[float, ThreeSigma(enforcement='reject'), ThreeSigma(name='b', enforcement='reject', required=False)]"
    )
    verdict = taught.one({"x": 1.0})
    assert (verdict.valid, checks(verdict)) == (False, ["statistics.three_sigma"])
    assert verdict.findings[0].skip_reason is SkipReason.WARMING_UP
    assert len(verdict.skipped_checks) == 2


def test_without_baselines_every_check_is_warming_up() -> None:
    """As in a notebook that has no history; nothing is kept of what is judged."""
    contract = """
    class A(EventContract, event_type="a", version="1.0.0", learn="live"):
        x: Annotated[float, ThreeSigma(), RobustSigma(), QuantileRange()]
        y: Annotated[str, Novelty(by="x")] = ""
    """
    with engine_of(contract) as engine:
        for _ in range(2):
            verdict = engine.judge([Event("a", {"x": 1.0})] * 100)[0]
            assert {reason for _, reason in skipped(verdict)} == {"WARMING_UP"}
            assert (len(verdict.skipped_checks), verdict.valid) == (4, True)


def test_a_missing_value_or_group_skips_the_check() -> None:
    """Also where a part of the path is missing."""
    body = """
x: Annotated[float | None, ThreeSigma(by=("shop.country", "kind"))] = None
kind: str | None = None
shop: Shop | None = None
"""
    contract = "class Shop(BaseModel):\n    country: str | None = None\n" + _with_body(body)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"kind": "k", "shop": {"country": "CH"}}, "the event has no such value"),
        ({"x": 1, "kind": "k"}, "the event has no shop.country"),
        ({"x": 1, "kind": "k", "shop": {}}, "the event has no shop.country"),
        ({"x": 1, "shop": {"country": "CH"}}, "the event has no kind"),
        ({}, "the event has no shop.country, kind"),
    ]
    with engine_of(contract) as engine:
        for payload, message in cases:
            [skip] = engine.judge([Event("a", payload)])[0].skipped_checks
            assert (skip.reason, skip.message) == (SkipReason.INPUT_MISSING, message)


def _with_body(body: str) -> str:
    return "class A(EventContract, event_type='a', version='1.0.0'):\n" + "".join(f"    {line}\n" for line in body.splitlines())


def test_groups_of_several_values_are_told_apart() -> None:
    """Whatever the values hold."""
    taught = Taught("p: str\nq: str\nx: Annotated[float, ThreeSigma(by=('p', 'q'), min_samples=1)]")
    pairs = [("a", "b"), ("ab", ""), ("", "ab"), ("a\x1f", "b"), ("a", "\x1fb"), ("\x1b1", "\x1b"), ("\x1b", "1\x1b")]
    taught.teach({"p": p, "q": q, "x": float(number)} for number, (p, q) in enumerate(pairs))
    for number, (p, q) in enumerate(pairs):
        evidence = seen(taught.one({"p": p, "q": q, "x": 0.0}, EXPLAIN))
        assert (evidence.sample_count, evidence.expected, evidence.group) == (1, number, {"p": p, "q": q})


def test_a_group_beyond_the_cap_is_skipped_and_others_are_not_affected() -> None:
    """GROUP_LIMIT is told from a group that is short of history."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop')]", limits=Limits(groups=2))
    taught.teach({"shop": shop, "x": float(value)} for value in range(40) for shop in ("a", "b", "c"))
    assert skipped(taught.one({"shop": "c", "x": 1.0})) == [("statistics.three_sigma", "GROUP_LIMIT")]
    assert checks(taught.one({"shop": "a", "x": 1000.0})) == ["statistics.three_sigma"]
    [series] = taught.engine.series("a")
    assert taught.baselines.refused[series, "group_limit"] == 40


def test_a_window_counts_back_from_the_events_time() -> None:
    """Or from the time at which it was received; history without times does not count there."""
    taught = Taught("x: Annotated[float, ThreeSigma(window='16d', min_samples=1)]")
    taught.teach([{"x": 1.0}], time=NOW - 30 * DAY)
    taught.teach([{"x": 2.0}], time=NOW)
    taught.teach([{"x": 3.0}], time=None)
    for time, expected in [(None, 2.0), (NOW, 2.0), (NOW - 20 * DAY, 1.0), (NOW + 10 * DAY, 2.0)]:
        assert seen(taught.one({"x": 1.0}, EXPLAIN, time=time)).expected == expected
    for far in (NOW - 31 * DAY, NOW + 17 * DAY, -62_135_596_800 * 10**9, 253_402_300_799 * 10**9):
        assert skipped(taught.one({"x": 1.0}, time=far)) == [("statistics.three_sigma", "WARMING_UP")]
    events = [Event("a", {"x": 1.0}, time) for time in (NOW, NOW - 20 * DAY, 0, 10**20)]
    together = taught.engine.judge(events, EXPLAIN)
    assert [len(verdict.explanations) for verdict in together] == [1, 1, 0, 0]
    assert [seen(verdict).expected for verdict in together[:2]] == [2.0, 1.0]


def test_sensitive_values_are_not_shown() -> None:
    """Nor how far they are: only which bound was crossed. Where history is one value that is infinitely far."""
    taught = Taught("x: Annotated[float, Sensitive(), ThreeSigma(), QuantileRange(0.1, 0.9)]")
    taught.teach({"x": float(value)} for value in range(100))
    for value, deviations in ((98765.0, (3.0, None)), (-98765.0, (-3.0, None)), (49.5, (0.0, 0.0))):
        verdict = taught.one({"x": value}, EXPLAIN)
        assert "98765" not in repr(verdict)
        for index, deviation in enumerate(deviations):
            evidence = seen(verdict, index)
            assert evidence.observed is None
            if deviation is not None:
                assert evidence.deviation == pytest.approx(deviation)
    constant = Taught("x: Annotated[float, Sensitive(), ThreeSigma()]")
    constant.teach({"x": 5.0} for _ in range(30))
    assert seen(constant.one({"x": 6.0}, EXPLAIN)).deviation == inf
    assert seen(constant.one({"x": 5.0}, EXPLAIN)).deviation == 0


@pytest.mark.parametrize("value", [10**400, -(10**400), 2**70, 1e308, -1e308, 5e-324])
def test_numbers_of_any_size_are_compared(value: float) -> None:
    """Integers too, that no double can hold."""
    taught = Taught("x: Annotated[int | float, ThreeSigma(), RobustSigma(), QuantileRange()]")
    taught.teach({"x": float(number)} for number in range(1, 50))
    verdict = taught.one({"x": value}, EXPLAIN)
    assert len(verdict.explanations) == 3
    if abs(value) > 1:
        assert len(verdict.findings) == 3
        assert all((seen(verdict, index).deviation > 0) == (value > 0) for index in range(3))


def test_decimals_and_integer_enums_are_numbers() -> None:
    """As they are written."""
    taught = Taught("x: Annotated[Decimal, ThreeSigma()]\ny: Annotated[Literal[1, 2, 3], ThreeSigma()] = 1")
    taught.teach({"x": "1.5", "y": 2} for _ in range(30))
    assert [finding.field for finding in taught.one({"x": "1.6", "y": 3}).findings] == ["/x", "/y"]
    assert found(taught.one({"x": "1.50", "y": 2})) == []


def test_places_are_pointers_with_aliases() -> None:
    """Of fields in models within, too; a feature has an @."""
    contract = """
    class Shop(BaseModel):
        size: Annotated[int, ThreeSigma()] | None = Field(None, alias="the/size")

    class A(EventContract, event_type="a", version="1.0.0"):
        shop: Shop | None = None
        other: Annotated[float, ThreeSigma()] = Field(1.0, validation_alias=AliasPath("deep", "x"))

        @feature
        def derived(self) -> Annotated[float, ThreeSigma()]:
            return self.other
    """
    with engine_of(contract) as engine:
        [contract_] = engine.catalog
        assert [check.field for check in engine.describe(contract_)] == ["/shop/the~1size", "/deep/x", "@derived"]


def test_a_check_is_described_as_not_ready_until_a_group_has_enough_history() -> None:
    """Whatever its window: what it would say of an event as old as the newest history."""
    taught = Taught("shop: str\nx: Annotated[float, ThreeSigma(by='shop', window='30d', min_samples=3)]")
    [contract] = taught.engine.catalog

    def not_ready() -> SkipReason | None:
        return taught.engine.describe(contract)[0].not_ready

    assert not_ready() is SkipReason.WARMING_UP
    taught.teach(({"shop": shop, "x": 1.0} for shop in ("a", "b", "c")), time=NOW - 100 * DAY)
    assert not_ready() is SkipReason.WARMING_UP
    taught.teach(({"shop": "a", "x": 1.0} for _ in range(2)), time=NOW - 100 * DAY)
    assert not_ready() is None


def test_features_that_fail_fail_alone(caplog: pytest.LogCaptureFixture) -> None:
    """For that event, and the checks that need them."""
    body = """
x: Annotated[float, ThreeSigma()]
y: Annotated[float, ThreeSigma(by="kind")] = 1.0

@feature
def inverse(self) -> Annotated[float, ThreeSigma()]: return 1 / self.x

@feature
def odd(self) -> Annotated[float, ThreeSigma()]: return "12" if self.x > 50 else [1] if self.x > 40 else float("nan")

@feature
def kind(self) -> str: return {"not": "a category"} if self.x == 0 else "k"
"""
    taught = Taught(body)
    taught.teach({"x": float(value)} for value in range(1, 40))
    verdicts = taught.judge({"x": value} for value in (5.0, 0.0, 45.0, 60.0))
    assert [skipped(verdict) for verdict in verdicts] == [
        [("statistics.three_sigma", "INPUT_MISSING")],
        [
            ("statistics.three_sigma", "UNAVAILABLE"),
            ("statistics.three_sigma", "UNAVAILABLE"),
            ("statistics.three_sigma", "INPUT_MISSING"),
        ],
        [("statistics.three_sigma", "UNAVAILABLE")],
        [("statistics.three_sigma", "UNAVAILABLE")],
    ]
    assert len([record for record in caplog.records if record.message == "check failed"]) == 3


def test_a_long_batch_gives_what_single_calls_give(engine_events: tuple[Engine, list[Event]]) -> None:
    """In any order, explanations too."""
    engine, events = engine_events
    alone = [engine.judge([event], EXPLAIN)[0] for event in events]
    assert engine.judge(events, EXPLAIN) == alone
    assert list(reversed(engine.judge(list(reversed(events)), EXPLAIN))) == alone


@pytest.fixture
def engine_events() -> tuple[Engine, list[Event]]:
    """An engine with history of three kinds of checks, and events of several times and groups."""
    random = np.random.default_rng(11)
    taught = Taught(
        "shop: str\nx: Annotated[float, ThreeSigma(by='shop', window='16d'), RobustSigma(by='shop')]\n"
        "kind: Annotated[str, Novelty(by='shop', min_count=2)]"
    )
    for day in range(0, 40, 4):
        taught.teach(
            (
                {"shop": random.choice(["a", "b"]), "x": random.normal(day, 3), "kind": random.choice(["p", "q"])}
                for _ in range(40)
            ),
            time=NOW - day * DAY,
        )
    payloads = [
        {"shop": str(random.choice(["a", "b", "c"])), "x": float(random.normal(20, 20)), "kind": str(random.choice(["p", "z"]))}
        for _ in range(300)
    ]
    return taught.engine, [Event("a", payload, NOW - int(random.integers(0, 60)) * DAY) for payload in payloads]
