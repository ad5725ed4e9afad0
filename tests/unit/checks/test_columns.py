"""Checks that work on columns fit behind the protocol: shown with one of three standard deviations."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from assay_server.baselines import Snapshot
from assay_server.checks import (
    Batch,
    Check,
    CheckDescription,
    Layer,
    Past,
    Report,
    SkipReason,
    StatisticalEvidence,
    checks_of,
)
from assay_server.contracts import Contract, Enforcement, EventContract
from assay_server.engine import Engine, Event, Options
from assay_server.models.registry import Shelf
from tests.unit.checks.making import checks, engine_of, one, skipped
from tests.unit.checks.suite import NOW, CheckSuite


class Customer(EventContract):
    """Part of a payment."""

    country: str | None = None


class Payment(EventContract):
    """What is checked."""

    currency: str
    amount: float | None = None
    customer: Customer | None = None


class ThreeSigmaOfAmount:
    """A number more than three standard deviations from the mean of its currency's history."""

    takes_time = False

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Say nothing before it has seen the batch."""
        return False

    _history: dict[str, tuple[int, float, float]] = {"EUR": (100, 50.0, 10.0), "USD": (100, 500.0, 1.0), "CHF": (3, 0.0, 1.0)}  # noqa: RUF012

    def __init__(self, *, enforcement: Enforcement = Enforcement.WARN, required: bool = False) -> None:
        self.closed = False
        self.description = CheckDescription(
            check="statistics.three_sigma",
            layer=Layer.STATISTICS,
            enforcement=enforcement,
            field="/amount",
            description="The amount is within three standard deviations of the mean of its currency.",
            required=required,
        )

    def run(self, batch: Batch, report: Report) -> None:
        """Look at whole columns; put evidence together only for what is flagged, or explained."""
        amounts = batch.numbers("amount")
        history = np.array([self._history.get(currency, (0, 0.0, 1.0)) for currency in batch.values("currency")]).reshape(-1, 3)
        counts, means, deviations = history.T
        scores = (amounts - means) / deviations
        cold, missing = counts < 30, np.isnan(amounts)
        for index in map(int, np.flatnonzero(cold | missing)):
            reason = SkipReason.WARMING_UP if cold[index] else SkipReason.INPUT_MISSING
            report.could_not_run(batch.rows[index], self.description, reason, "there is too little to compare")
        ready = ~(cold | missing)
        flagged = ready & (np.abs(scores) > 3)
        for index in map(int, np.flatnonzero(ready if report.explain else flagged)):
            mean, deviation = float(means[index]), float(deviations[index])
            evidence = StatisticalEvidence(
                observed=float(amounts[index]),
                expected=mean,
                deviation=float(scores[index]),
                lower=mean - 3 * deviation,
                upper=mean + 3 * deviation,
                sample_count=int(counts[index]),
                group={"currency": batch.values("currency")[index]},
            )
            if flagged[index]:
                report.found(batch.rows[index], self.description, "it is far from the mean", evidence)
            if report.explain:
                report.saw(batch.rows[index], self.description, evidence)

    def close(self) -> None:
        """Take note of it."""
        self.closed = True


_MODELS = [
    Payment(currency=currency, amount=amount)
    for currency in ("EUR", "USD", "CHF", "JPY")
    for amount in (50.0, None, 81.0, 19.0, 500.0, 503.5)
]


class TestThreeSigmaOfAmount(CheckSuite):
    """Passes what every check must."""

    def check(self) -> Check:
        """Return it."""
        return ThreeSigmaOfAmount()

    def models(self) -> Sequence[EventContract]:
        """Return amounts near and far, with little and with no history, and none."""
        return _MODELS


class TestThreeSigmaOfAmountThatIsRequired(CheckSuite):
    """Also where a check that cannot run is a finding."""

    def check(self) -> Check:
        """Return it."""
        return ThreeSigmaOfAmount(enforcement=Enforcement.REJECT, required=True)

    def models(self) -> Sequence[EventContract]:
        """Return amounts near and far, with little and with no history, and none."""
        return _MODELS


class Awaited(ThreeSigmaOfAmount):
    """The same in an executor, as estimators are."""

    takes_time = True

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Say nothing before it has waited."""
        return False

    async def run(self, batch: Batch, report: Report) -> None:  # type: ignore[override]  # The protocol allows both.
        """Look at a batch when awaited."""
        super().run(batch, report)


class TestAwaited(CheckSuite):
    """Passes what every check must."""

    def check(self) -> Check:
        """Return it."""
        return Awaited()

    def models(self) -> Sequence[EventContract]:
        """Return amounts near and far, with little and with no history, and none."""
        return _MODELS


CONTRACT = """
class Payment(EventContract, event_type="payment", version="1.0.0"):
    currency: str
    amount: float | None = None

    @rule
    def positive(self): return self.amount is None or self.amount > 0

    @rule(enforcement="warn")
    def whole(self): return self.amount is None or self.amount % 1 == 0
"""


@pytest.fixture(params=[ThreeSigmaOfAmount, Awaited])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Engine, Any]]:
    """An engine whose contract has a check of history, put where a contract's declarations become checks."""
    made = request.param()

    def with_history(contract: Contract, past: Past, shelf: Shelf | None) -> list[Check]:
        return [*checks_of(contract, past, shelf), made]

    monkeypatch.setattr("assay_server.engine._plan.checks_of", with_history)
    with engine_of(CONTRACT) as engine:
        yield engine, made
    assert made.closed


def test_engine_runs_it_after_the_rules_on_what_they_accepted(engine: tuple[Engine, Any]) -> None:
    """Its findings follow theirs, with evidence; events that a rule rejected it does not see."""
    judging, _ = engine
    payloads: list[dict[str, Any]] = [
        {"currency": "EUR", "amount": 50.0},
        {"currency": "EUR", "amount": -50.0},
        {"currency": "EUR", "amount": 99.5},
        {"currency": "CHF", "amount": 1.0},
        {"currency": "EUR"},
        {"amount": 1},
    ]
    verdicts = judging.judge([Event("payment", payload) for payload in payloads])
    assert [checks(verdict) for verdict in verdicts] == [
        [],
        ["rules.positive"],
        ["rules.whole", "statistics.three_sigma"],
        [],
        [],
        ["schema.missing"],
    ]
    assert [skipped(verdict) for verdict in verdicts] == [
        [],
        [],
        [],
        [("statistics.three_sigma", "WARMING_UP")],
        [("statistics.three_sigma", "INPUT_MISSING")],
        [],
    ]
    assert [verdict.valid for verdict in verdicts] == [True, False, True, True, True, False]
    evidence = verdicts[2].findings[1].evidence
    assert isinstance(evidence, StatisticalEvidence)
    assert (evidence.observed, evidence.deviation, evidence.group) == (99.5, 4.95, {"currency": "EUR"})


def test_engine_explains_if_asked(engine: tuple[Engine, Any]) -> None:
    """What was found and what was not; nothing unless asked."""
    judging, _ = engine
    payload = {"currency": "EUR", "amount": 60.0}
    assert not one(judging, payload, event_type="payment").explanations
    [explanation] = one(judging, payload, Options(explain=True), event_type="payment").explanations
    assert (explanation.check, explanation.field) == ("statistics.three_sigma", "/amount")
    assert isinstance(explanation.evidence, StatisticalEvidence)
    assert explanation.evidence.deviation == 1.0


def test_catalog_describes_it_among_the_others(engine: tuple[Engine, Any]) -> None:
    """In the order in which they run."""
    judging, made = engine
    described = judging.describe(next(iter(judging.catalog)))
    assert [description.check for description in described] == ["rules.positive", "rules.whole", "statistics.three_sigma"]
    assert described[-1] == made.description


def test_columns_have_a_value_for_each_event() -> None:
    """None where the event has none, or where a part of the path is None; of features as of fields."""

    class Cat(EventContract):
        lives: int = 9

    class Owner(EventContract):
        pet: Cat | Customer | None = None

        @property
        def pets(self) -> int:
            return int(self.pet is not None)

    owners = [Owner(pet=Cat()), Owner(), Owner(pet=Customer(country="DE"))]
    batch = Batch([5, 6, 7], owners, [NOW] * 3)
    assert batch.values("pet.lives") == [9, None, None]
    assert batch.values("pet.country") == [None, None, "DE"]
    assert batch.values("pets") == [1, 0, 1]
    assert batch.values("pets") is batch.values("pets")


def test_numbers_are_doubles() -> None:
    """Whatever kind of number the field holds; NaN where there is none, and infinite where it does not fit."""

    class Amount(EventContract):
        value: Any = None

    values = [1, 2.5, True, Decimal("1.5"), None, 2**53 + 1, 10**400, -(10**400)]
    numbers = Batch(range(len(values)), [Amount(value=value) for value in values], [NOW] * len(values)).numbers("value")
    assert numbers.dtype == np.float64
    expected = [1.0, 2.5, 1.0, 1.5, np.nan, 2.0**53, np.inf, -np.inf]
    np.testing.assert_array_equal(numbers, expected)


def test_batch_without_rejected_rows_keeps_the_others_in_order() -> None:
    """And is itself if there are none."""
    batch = Batch([3, 4, 6], [Customer(country=country) for country in "abc"], [1, 2, 3])
    assert batch.without({1, 2, 5}) is batch
    left = batch.without({4})
    assert (left.rows, left.values("country"), left.times) == ([3, 6], ["a", "c"], [1, 3])
    assert not batch.without({3, 4, 6})
