"""What a model is trained on: the features of events of the past that the contract accepts."""

import json
from typing import Any

import numpy as np
import pytest

from assay_server.engine import Engine, Event, Sampled
from tests.unit.checks.history import run
from tests.unit.checks.making import engine_of, skipped

DAY = 86_400 * 10**9

CONTRACTS = """
from sklearn.linear_model import LogisticRegression

class A(EventContract, event_type="a", version="1.1.0"):
    x: float | None = None
    shop: str = "s"
    was_bad: bool | None = None
    clock = Clock(max_age="1d")

    unusual = IsolationForest(("x", "double", OneHot("shop"), Hour()), enforcement="reject")
    bad = Classifier(LogisticRegression, ("x",), "was_bad")

    @feature
    def double(self) -> float | None:
        return 1 / 0 if self.x == 13 else self.x and 2 * self.x

    @rule
    def small(self): return self.x is None or self.x < 1000

    @rule
    async def not_seven(self): return self.x != 7

class Old(EventContract, event_type="a", version="1.0.0"):
    x: float | None = None
    unusual = IsolationForest(("x",))

class Same(EventContract, event_type="a", version="0.9.0"):
    x: float | None = None
    bad = Classifier(LogisticRegression, ("x",), "was_bad")
    was_bad: bool | None = None
"""


@pytest.fixture
def engine() -> Any:
    with engine_of(CONTRACTS) as made:
        yield made


def sample(engine: Engine, payloads: list[Any], name: str = "unusual", version: str = "", time: int | None = DAY) -> Sampled:
    """Return what a model sees of events of long ago."""
    events = [Event("a", json.dumps(payload).encode(), time, contract_version=version) for payload in payloads]
    found: Sampled = run(engine, lambda: engine.sample(events, "a", name, version))
    return found


def test_a_sample_has_a_column_for_each_feature_and_the_times(engine: Engine) -> None:
    """Of all events that the contract accepts, in their order; a Clock does not count."""
    verdicts, found = sample(engine, [{"x": 1.0}, {"x": 2.0, "shop": "t"}])
    assert all(verdict.valid for verdict in verdicts)
    assert len(found) == 2
    assert list(found.columns) == ["x", "double", "shop", "hour of the event"]
    assert np.asarray(found.columns["double"]).tolist() == [2, 4]
    assert list(found.columns["shop"]) == ["s", "t"]
    assert np.asarray(found.columns["hour of the event"]).tolist() == found.times.tolist() == [DAY, DAY]
    assert (found.label, found.rows.tolist()) == (None, [0, 1])


def test_what_schema_or_rules_reject_is_left_out(engine: Engine) -> None:
    """And its verdict says so; what is only warned of, and what the model itself would reject for want of one, is not."""
    verdicts, found = sample(engine, [{"x": "no"}, {"x": 1.0}, {"x": 5000}, {"x": 7}, {"x": 2.0}])
    assert [verdict.valid for verdict in verdicts] == [False, True, False, False, True]
    assert found.rows.tolist() == [1, 4]
    assert np.asarray(found.columns["x"]).tolist() == [1, 2]


def test_an_event_that_lacks_a_feature_is_left_out_and_told_of(engine: Engine) -> None:
    """Among the checks that could not run; it is no less valid."""
    verdicts, found = sample(engine, [{}, {"x": 13}, {"x": 1.0}])
    assert found.rows.tolist() == [2]
    assert [verdict.valid for verdict in verdicts] == [True, True, True]
    assert [skipped(verdict) for verdict in verdicts] == [
        [("anomaly.unusual", "INPUT_MISSING")],
        [("anomaly.unusual", "UNAVAILABLE")],
        [],
    ]


def test_an_event_without_a_time_has_no_hour(engine: Engine) -> None:
    """It is never given the time at which it is read."""
    verdicts, found = sample(engine, [{"x": 1.0}], time=None)
    assert len(found) == 0
    assert verdicts[0].skipped_checks[0].message == "the event has no timestamp"


def test_a_label_is_true_or_false_and_without_one_an_event_teaches_nothing(engine: Engine) -> None:
    """The sample of a classifier."""
    verdicts, found = sample(engine, [{"x": 1, "was_bad": True}, {"x": 2}, {"x": 3, "was_bad": False}], "bad")
    assert found.label is not None
    assert found.label.dtype.kind == "b"
    assert found.label.tolist() == [True, False]
    assert np.asarray(found.columns["x"]).tolist() == [1, 3]
    assert found.rows.tolist() == [0, 2]
    assert skipped(verdicts[1]) == [("anomaly.bad", "INPUT_MISSING")]


def test_many_events_are_one_sample(engine: Engine) -> None:
    """However they are cut up in between."""
    payloads: list[Any] = [{"x": number} if number % 3 else {} for number in range(700)]
    verdicts, found = sample(engine, payloads)
    assert len(verdicts) == 700
    kept = [number for number in range(700) if number % 3 and number not in {7, 13}]
    assert found.rows.tolist() == kept
    assert np.asarray(found.columns["x"]).tolist() == kept


def test_versions_whose_model_sees_the_same_are_sampled_together(engine: Engine) -> None:
    """Others of that name are left out."""
    events = [Event("a", b'{"x": 1, "was_bad": true}', DAY, contract_version=version) for version in ("1.1", "1.0", "0.9")]
    found: Sampled = run(engine, lambda: engine.sample(events, "a", "bad"))
    assert found.sample.rows.tolist() == [0, 2]
    older: Sampled = run(engine, lambda: engine.sample(events, "a", "unusual", "1.0"))
    assert older.sample.rows.tolist() == [1]


@pytest.mark.parametrize(("event_type", "name", "version"), [("b", "unusual", ""), ("a", "usual", ""), ("a", "bad", "1.0")])
def test_a_model_that_no_contract_declares_is_not_sampled(engine: Engine, event_type: str, name: str, version: str) -> None:
    """That is an error of who asks."""
    with pytest.raises(KeyError):
        run(engine, lambda: engine.sample([], event_type, name, version))


def test_no_events_are_an_empty_sample(engine: Engine) -> None:
    """With all columns."""
    verdicts, found = sample(engine, [])
    assert (verdicts, len(found), list(found.columns)) == ([], 0, ["x", "double", "shop", "hour of the event"])
