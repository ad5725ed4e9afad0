"""What models find, what they show of it, and what is said where they cannot be asked."""

import logging
from typing import Any

import numpy as np
import pytest

from assay_server.checks import AnomalyEvidence, SkipReason
from assay_server.contracts import Enforcement
from assay_server.engine import Options, Verdict
from assay_server.models.registry import Served
from tests.unit.checks.making import checks, skipped
from tests.unit.checks.modelled import Modelled, shelf_with

BODY = """
x: float | None = None
y: float | None = None
shop: str | None = None
at: datetime | None = None
open: bool = False
secret: Annotated[float, Sensitive()] = 0

@feature
def ratio(self) -> float:
    return self.x / self.y
"""
NUMBERS = BODY + 'unusual = IsolationForest(("x", "y", "ratio"), contamination=0.01)'
ALL = BODY + (
    'unusual = IsolationForest(("x", "open", OneHot("shop"), Frequency("shop"), Hour("at"), Weekday("at"), "secret"), '
    "contamination=0.01)"
)
AUDIT = Options(report_from=Enforcement.AUDIT)
EXPLAIN = Options(explain=True)

_RANDOM = np.random.default_rng(3)
EVENTS: list[dict[str, Any]] = [
    {
        "x": x,
        "y": 10 + y,
        "shop": "abc"[number % 3],
        "at": f"2024-03-{1 + number % 28:02}T09:00:00+01:00",
        "open": number % 2 == 0,
    }
    for number, (x, y) in enumerate(_RANDOM.normal(0, 1, (300, 2)).round(3).tolist())
]
USUAL: dict[str, Any] = {**EVENTS[0], "x": 0.1, "y": 10.1}
ODD = {**USUAL, "x": 60.0, "y": -70.0, "secret": 1000}


@pytest.fixture(scope="module")
def numbers() -> tuple[Modelled, Served]:
    """An engine with a forest of numbers, and the forest."""
    modelled = Modelled(NUMBERS)
    return modelled, modelled.trained(EVENTS)


@pytest.fixture(scope="module")
def everything() -> tuple[Modelled, Served]:
    """An engine with a forest of all kinds of features, and the forest."""
    modelled = Modelled(ALL)
    return modelled, modelled.trained(EVENTS)


def evidence_of(verdict: Verdict) -> AnomalyEvidence:
    """Return the evidence of the one thing that was explained."""
    [explanation] = verdict.explanations
    assert isinstance(explanation.evidence, AnomalyEvidence)
    return explanation.evidence


def test_an_odd_event_is_found_with_what_each_feature_added(numbers: tuple[Modelled, Served]) -> None:
    """The amounts add up, the largest comes first, and the message names it."""
    modelled, served = numbers
    modelled.serve(active=served)
    verdict = modelled.one(ODD)
    assert verdict.valid
    [finding] = verdict.findings
    assert (finding.check, finding.field, finding.enforcement) == ("anomaly.unusual", "", Enforcement.WARN)
    evidence = finding.evidence
    assert isinstance(evidence, AnomalyEvidence)
    assert evidence.model_version == served.version
    assert evidence.score >= evidence.threshold > evidence.typical_score
    assert evidence.percentile >= 0.99
    amounts = [one.amount for one in evidence.contributions]
    assert sum(amounts) == pytest.approx(evidence.score - evidence.typical_score, abs=1e-6)
    assert {one.feature: one.value for one in evidence.contributions} == {"x": 60, "y": -70, "ratio": pytest.approx(60 / -70)}
    assert f"by {evidence.contributions[0].feature}" in finding.message


def test_an_event_as_those_of_the_past_has_nothing_said_of_it(numbers: tuple[Modelled, Served]) -> None:
    """Unless the caller wants to know what the model saw."""
    modelled, served = numbers
    modelled.serve(active=served)
    usual = modelled.one(USUAL)
    assert (usual.findings, usual.skipped_checks, usual.explanations) == ((), (), ())
    evidence = evidence_of(modelled.one(USUAL, EXPLAIN))
    assert evidence.score < evidence.threshold
    assert 0 < evidence.percentile < 1


def test_values_are_shown_as_numbers_and_those_of_sensitive_fields_not_at_all(everything: tuple[Modelled, Served]) -> None:
    """A category as its share of training events, or as whether training saw it; times as hour and weekday in UTC."""
    modelled, served = everything
    modelled.serve(active=served)
    known = evidence_of(modelled.one({**USUAL, "secret": 5}, EXPLAIN))
    assert {one.feature: one.value for one in known.contributions} == {
        "x": USUAL["x"],
        "open": 1,
        "shop": 1,
        "frequency of shop": pytest.approx(1 / 3),
        "hour of at": 8,
        "weekday of at": 4,
        "secret": None,
    }
    new = evidence_of(modelled.one({**USUAL, "shop": "new", "at": "2024-03-03T23:59:59Z"}, EXPLAIN))
    values = {one.feature: one.value for one in new.contributions}
    assert (values["shop"], values["frequency of shop"], values["hour of at"], values["weekday of at"]) == (0, 0, 23, 6)


def test_a_field_that_became_sensitive_after_the_training_is_not_shown(numbers: tuple[Modelled, Served]) -> None:
    """The contract says today what may be shown, whatever it said when the model was trained."""
    _, served = numbers
    today = Modelled(NUMBERS.replace("x: float | None", "x: Annotated[float | None, Sensitive()]"))
    today.serve(active=served)
    shown = {one.feature: one.value for one in evidence_of(today.one(USUAL, EXPLAIN)).contributions}
    assert (shown["x"], shown["ratio"]) == (None, None)
    assert shown["y"] == USUAL["y"]


@pytest.mark.parametrize(
    ("payload", "reason", "message"),
    [
        ({"x": None}, "UNAVAILABLE", "the feature ratio could not be computed"),
        ({"y": 0}, "UNAVAILABLE", "the feature ratio could not be computed"),
        ({"x": 1e300, "y": 1e-300}, "UNAVAILABLE", "ratio is no finite number"),
    ],
)
def test_a_feature_that_cannot_be_computed_skips_the_check(
    numbers: tuple[Modelled, Served], payload: dict[str, Any], reason: str, message: str
) -> None:
    """One that gives no finite number too: such an event is never scored."""
    modelled, served = numbers
    modelled.serve(active=served)
    for verdict in (modelled.one(USUAL | payload), modelled.judge([EVENTS[1], USUAL | payload, EVENTS[2]])[1]):
        assert skipped(verdict) == [("anomaly.unusual", reason)]
        assert verdict.skipped_checks[0].message == message
        assert not verdict.findings


@pytest.mark.parametrize(
    ("payload", "missing"),
    [
        ({"x": None}, "x"),
        ({"shop": None}, "shop"),
        ({"at": None}, "at"),
        ({"x": None, "at": None, "shop": None}, "x, shop, at"),
    ],
)
def test_an_event_that_lacks_a_feature_is_not_scored(
    everything: tuple[Modelled, Served], payload: dict[str, Any], missing: str
) -> None:
    """The skipped check says which; others of its batch are scored."""
    modelled, served = everything
    modelled.serve(active=served)
    for verdict in (modelled.one(ODD | payload, EXPLAIN), modelled.judge([USUAL, ODD | payload], EXPLAIN)[1]):
        assert skipped(verdict) == [("anomaly.unusual", "INPUT_MISSING")]
        assert verdict.skipped_checks[0].message == f"the event has no {missing}"
        assert (verdict.findings, verdict.explanations) == ([], [])
    alone, beside = modelled.one(USUAL, EXPLAIN), modelled.judge([ODD | payload, USUAL], EXPLAIN)[1]
    assert evidence_of(alone) == evidence_of(beside)


def test_without_a_model_the_check_says_so(numbers: tuple[Modelled, Served]) -> None:
    """In verdicts, and where it is described."""
    modelled, served = numbers
    modelled.serve()
    assert skipped(modelled.one(ODD)) == [("anomaly.unusual", "NO_MODEL")]
    [description] = modelled.engine.describe(modelled.contract)
    assert (description.check, description.field, description.not_ready) == ("anomaly.unusual", "", SkipReason.NO_MODEL)
    assert "isolation forest" in description.description
    modelled.serve(active=served)
    [description] = modelled.engine.describe(modelled.contract)
    assert description.not_ready is None


def test_a_model_of_other_features_is_never_asked(
    numbers: tuple[Modelled, Served], everything: tuple[Modelled, Served]
) -> None:
    """Whether the shelf still has it, or says that it was taken away; the version is named."""
    modelled, (_, other) = numbers[0], everything
    for slot in ({"active": other}, {"mismatch": other.version}, {"mismatch": other.version, "refused": "because"}):
        modelled.serve(**slot)
        verdict = modelled.one(ODD)
        assert skipped(verdict) == [("anomaly.unusual", "MODEL_MISMATCH")]
        assert other.version in verdict.skipped_checks[0].message
        [description] = modelled.engine.describe(modelled.contract)
        assert description.not_ready is SkipReason.MODEL_MISMATCH


def test_a_model_that_was_refused_with_none_before_it_leaves_the_check_unavailable(numbers: tuple[Modelled, Served]) -> None:
    """The reason is for the log, not for callers; one that was refused beside one that serves changes nothing."""
    modelled, served = numbers
    modelled.serve(refused="7+51c0de42: /srv/models is broken")
    verdict = modelled.one(ODD)
    assert skipped(verdict) == [("anomaly.unusual", "UNAVAILABLE")]
    assert "/srv" not in verdict.skipped_checks[0].message
    modelled.serve(active=served, refused="7+51c0de42: broken")
    assert checks(modelled.one(ODD)) == ["anomaly.unusual"]


def test_a_required_check_that_has_no_model_is_a_finding() -> None:
    """So that what should reject does not let pass."""
    modelled = Modelled(BODY + 'unusual = IsolationForest(("x",), enforcement="reject")')
    verdict = modelled.one(USUAL)
    assert not verdict.valid
    assert [finding.skip_reason for finding in verdict.findings] == [SkipReason.NO_MODEL]


def test_a_model_that_rejects_makes_an_event_not_valid() -> None:
    """As any check does."""
    modelled = Modelled(BODY + 'unusual = IsolationForest(("x", "y"), contamination=0.01, enforcement="reject")')
    modelled.serve(active=modelled.trained(EVENTS))
    assert modelled.one(USUAL).valid
    assert not modelled.one(ODD).valid


def test_a_model_on_trial_is_shown_to_those_who_ask_and_counted(numbers: tuple[Modelled, Served]) -> None:
    """Beside the active one, whose check and field it shares; the version tells them apart."""
    modelled, served = numbers
    other = modelled.trained(EVENTS, seed=5)
    assert other.version != served.version
    modelled.serve(active=served, trial=other)
    before = modelled.engine.counts["a", "anomaly.unusual", "AUDIT"]
    for verdict in (modelled.one(ODD), modelled.judge([ODD, USUAL])[0]):
        assert [finding.enforcement for finding in verdict.findings] == [Enforcement.WARN]
    assert modelled.engine.counts["a", "anomaly.unusual", "AUDIT"] == before + 2
    verdict = modelled.one(ODD, Options(report_from=Enforcement.AUDIT, explain=True))
    versions = [found.evidence.model_version for found in verdict.findings if isinstance(found.evidence, AnomalyEvidence)]
    assert versions == [served.version, other.version]
    assert [finding.enforcement for finding in verdict.findings] == [Enforcement.WARN, Enforcement.AUDIT]
    assert len(verdict.explanations) == 2
    assert len(modelled.one(ODD, EXPLAIN).explanations) == 1


def test_a_model_on_trial_is_tried_where_there_is_no_active_one(numbers: tuple[Modelled, Served]) -> None:
    """The check still says that it has none; what an event lacks is said once."""
    modelled, served = numbers
    modelled.serve(trial=served)
    verdict = modelled.one(ODD, AUDIT)
    assert skipped(verdict) == [("anomaly.unusual", "NO_MODEL")]
    assert [finding.enforcement for finding in verdict.findings] == [Enforcement.AUDIT]
    modelled.serve(active=served, trial=served)
    assert skipped(modelled.one({**ODD, "y": 0}, AUDIT)) == [("anomaly.unusual", "UNAVAILABLE")]


def test_a_trial_of_other_features_is_not_asked(numbers: tuple[Modelled, Served], everything: tuple[Modelled, Served]) -> None:
    """The active one goes on."""
    modelled, served = numbers
    modelled.serve(active=served, trial=everything[1])
    assert len(modelled.one(ODD, AUDIT).findings) == 1


def test_the_model_of_a_batch_is_one(numbers: tuple[Modelled, Served]) -> None:
    """Whatever is activated: each verdict names the version that scored it."""
    modelled, served = numbers
    other = modelled.trained(EVENTS, seed=5)
    for active in (served, other, served):
        modelled.serve(active=active)
        verdicts = modelled.judge([ODD] * 50, EXPLAIN)
        assert {evidence_of(verdict).model_version for verdict in verdicts} == {active.version}


def test_a_classifier_finds_what_its_label_says() -> None:
    """From its threshold on; events in service do not have the label."""
    modelled = Modelled(
        BODY + 'is_odd: bool | None = None\nodd = Classifier(LogisticRegression, ("x", "y"), "is_odd", threshold=0.9)',
        before="from sklearn.linear_model import LogisticRegression\n",
    )
    served = modelled.trained({**event, "is_odd": event["x"] > 0} for event in EVENTS)
    modelled.serve(active=served)
    assert checks(modelled.one({"x": 4.0, "y": 10.0})) == ["anomaly.odd"]
    assert checks(modelled.one({"x": -4.0, "y": 10.0})) == []
    evidence = evidence_of(modelled.one({"x": 4.0, "y": 10.0}, EXPLAIN))
    assert (evidence.threshold, evidence.contributions[0].feature) == (0.9, "x")
    [description] = modelled.engine.describe(modelled.contract)
    assert description.description == "By x and y, a classifier gives is_odd a probability below 0.9."


def test_what_sensitive_features_fail_with_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Only that they do."""
    modelled = Modelled(
        "secret: Annotated[str, Sensitive()]\n@feature\ndef number(self) -> float: return float(self.secret)\n"
        'unusual = IsolationForest(("number",))'
    )
    modelled.serve(active=modelled.trained({"secret": str(number)} for number in range(40)))
    with caplog.at_level(logging.ERROR):
        verdict = modelled.one({"secret": "hunter2"})
    assert skipped(verdict) == [("anomaly.unusual", "UNAVAILABLE")]
    [record] = caplog.records
    assert "hunter2" not in str(vars(record))
    assert "hunter2" not in str(verdict)


def test_two_versions_of_a_contract_share_a_name_and_no_model() -> None:
    """A model serves the version whose features it was trained for."""
    first = Modelled('x: float\ny: float\nunusual = IsolationForest(("x", "y"), contamination=0.01)')
    second = Modelled('x: float\ny: float\nunusual = IsolationForest(("y", "x"), contamination=0.01)')
    served = first.trained({"x": event["x"], "y": event["y"]} for event in EVENTS)
    for modelled in (first, second):
        modelled.serve(active=served)
    assert skipped(first.one({"x": 1, "y": 10})) == []
    assert skipped(second.one({"x": 1, "y": 10})) == [("anomaly.unusual", "MODEL_MISMATCH")]
    assert shelf_with("unusual", second.shelf.of("a", "unusual")).of("a", "unusual").active is served
