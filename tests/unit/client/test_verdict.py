"""Verdicts read as Python values, and never better than they are."""

import pickle
from datetime import UTC, datetime

import pytest
from google.protobuf import json_format

from assay.v1 import verdict_pb2
from assay_client import (
    AnomalyEvidence,
    CategoricalEvidence,
    Contribution,
    Enforcement,
    Explanation,
    Finding,
    InvalidEventError,
    Layer,
    SkippedCheck,
    SkipReason,
    StatisticalEvidence,
    Verdict,
)

FULL = {
    "event_id": "7",
    "valid": False,
    "processed_at": "2026-01-02T03:04:05.678901Z",
    "findings": [
        {
            "check": "statistics.three_sigma",
            "layer": "LAYER_STATISTICS",
            "enforcement": "ENFORCEMENT_WARN",
            "field": "/air_time",
            "message": "unusual",
            "evidence": {
                "statistical": {
                    "observed": 9,
                    "expected": 1,
                    "deviation": "Infinity",
                    "lower": 0,
                    "upper": 2,
                    "sample_count": 40,
                    "group": {"carrier": "UA"},
                }
            },
        },
        {
            "check": "statistics.novelty",
            "layer": "LAYER_STATISTICS",
            "enforcement": "ENFORCEMENT_AUDIT",
            "field": "/carrier",
            "evidence": {"categorical": {"observed": "ZZ", "count": 0, "sample_count": 40}},
        },
        {
            "check": "anomaly.unusual",
            "layer": "LAYER_ANOMALY",
            "enforcement": "ENFORCEMENT_REJECT",
            "skip_reason": "SKIP_REASON_NO_MODEL",
            "evidence": {
                "anomaly": {
                    "score": 0.9,
                    "threshold": 0.8,
                    "percentile": 0.99,
                    "model_version": "7+ab",
                    "typical_score": 0.4,
                    "contributions": [{"feature": "x", "value": 0, "amount": 0.5}, {"feature": "y", "amount": -0.1}],
                }
            },
        },
    ],
    "omitted_findings": 3,
    "skipped_checks": [{"check": "anomaly.unusual", "field": "/y", "reason": "SKIP_REASON_WARMING_UP", "message": "not yet"}],
    "normalized_payload_json": "eyJhIjoxODQ0Njc0NDA3MzcwOTU1MTYxN30=",
    "contract_version": "1.2.0+9f3a12c4",
    "explanations": [{"check": "statistics.three_sigma", "field": "/x", "evidence": {"statistical": {"expected": 1}}}],
    "details_omitted": True,
}


def full() -> Verdict:
    return Verdict(json_format.ParseDict(FULL, verdict_pb2.Verdict()))


def test_every_field_of_the_contract_is_there() -> None:
    """As plain values: enums, tuples, dataclasses, a datetime."""
    verdict = full()

    assert (
        "7",
        False,
        datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        3,
        "1.2.0+9f3a12c4",
        True,
    ) == (
        verdict.event_id,
        verdict.valid,
        verdict.processed_at,
        verdict.omitted_findings,
        verdict.contract_version,
        verdict.details_omitted,
    )
    assert {field.name for field in verdict_pb2.Verdict.DESCRIPTOR.fields} - set(dir(verdict)) == {
        "normalized_payload",
        "normalized_payload_json",
    }
    assert (
        Finding(
            check="statistics.three_sigma",
            layer=Layer.STATISTICS,
            enforcement=Enforcement.WARN,
            field="/air_time",
            message="unusual",
            evidence=StatisticalEvidence(
                observed=9,
                expected=1,
                deviation=float("inf"),
                lower=0,
                upper=2,
                sample_count=40,
                group={"carrier": "UA"},
            ),
            skip_reason=None,
        ),
        Finding(
            check="statistics.novelty",
            layer=Layer.STATISTICS,
            enforcement=Enforcement.AUDIT,
            field="/carrier",
            message="",
            evidence=CategoricalEvidence(observed="ZZ", count=0, sample_count=40, group={}),
            skip_reason=None,
        ),
        Finding(
            check="anomaly.unusual",
            layer=Layer.ANOMALY,
            enforcement=Enforcement.REJECT,
            field="",
            message="",
            evidence=AnomalyEvidence(
                score=0.9,
                threshold=0.8,
                percentile=0.99,
                model_version="7+ab",
                typical_score=0.4,
                contributions=(
                    Contribution(feature="x", value=0, amount=0.5),
                    Contribution(feature="y", value=None, amount=-0.1),
                ),
            ),
            skip_reason=SkipReason.NO_MODEL,
        ),
    ) == verdict.findings
    assert (
        SkippedCheck(check="anomaly.unusual", field="/y", reason=SkipReason.WARMING_UP, message="not yet"),
    ) == verdict.skipped_checks
    (explanation,) = verdict.explanations
    assert isinstance(explanation, Explanation)
    assert isinstance(explanation.evidence, StatisticalEvidence)
    assert explanation.evidence.observed is None


def test_the_normalised_payload_is_exact_and_can_be_passed_on_unparsed() -> None:
    """Integers above 2^64 included."""
    verdict = full()

    assert verdict.normalized == {"a": 2**64 + 1}
    assert verdict.normalized_json == b'{"a":18446744073709551617}'


def test_the_normalised_payload_of_a_struct_is_a_dict() -> None:
    """There is no JSON text for it."""
    verdict = Verdict(json_format.ParseDict({"normalized_payload": {"a": 1}}, verdict_pb2.Verdict()))

    assert (verdict.normalized, verdict.normalized_json) == ({"a": 1}, None)


def test_there_is_no_normalised_payload_unless_the_server_sent_one() -> None:
    """None is not an empty object."""
    assert (Verdict(verdict_pb2.Verdict()).normalized, Verdict(verdict_pb2.Verdict()).normalized_json) == (None, None)


def test_a_verdict_is_true_where_the_event_is_valid() -> None:
    """So that `if verdict` cannot mean anything else."""
    assert Verdict(verdict_pb2.Verdict(valid=True))
    assert not Verdict(verdict_pb2.Verdict(valid=False))


def test_raise_if_invalid_raises_with_the_verdict() -> None:
    """The message tells people what was found; for a valid event, the verdict comes back."""
    with pytest.raises(InvalidEventError, match=r"event '7' is not valid\n  /air_time: unusual \[statistics") as caught:
        full().raise_if_invalid()

    assert full() == caught.value.verdict
    valid = Verdict(verdict_pb2.Verdict(valid=True))
    assert valid is valid.raise_if_invalid()


@pytest.mark.parametrize("enforcement", [0, 4, 99, -1])
def test_an_enforcement_that_is_not_known_never_reads_as_valid(enforcement: int) -> None:
    """Even if the server says valid: this client cannot tell what follows from the finding."""
    message = verdict_pb2.Verdict(valid=True)
    message.findings.add(enforcement=enforcement, layer=99, skip_reason=99)
    message.skipped_checks.add(reason=99)

    verdict = Verdict(verdict_pb2.Verdict.FromString(message.SerializeToString()))

    assert not verdict.valid
    assert not verdict
    assert enforcement == verdict.findings[0].enforcement
    assert verdict.findings[0].layer.name == "UNKNOWN_99"
    assert SkipReason(99) == verdict.findings[0].skip_reason == verdict.skipped_checks[0].reason


def test_known_warnings_leave_an_event_valid() -> None:
    """Only what is not known counts against it."""
    message = verdict_pb2.Verdict(valid=True)
    message.findings.add(enforcement=verdict_pb2.ENFORCEMENT_WARN)

    assert Verdict(message).valid


def test_evidence_of_a_kind_that_is_not_known_is_none() -> None:
    """A newer server may have more kinds."""
    message = verdict_pb2.Verdict()
    message.findings.add().evidence.SetInParent()
    message.explanations.add()

    verdict = Verdict(message)

    assert verdict.findings[0].evidence is None
    assert verdict.explanations[0].evidence is None


def test_unknown_members_keep_their_order_and_their_number() -> None:
    """A stricter enforcement is stricter, also after pickling."""
    unknown = Enforcement(4)

    assert unknown > Enforcement.REJECT
    assert not unknown.known
    assert not Enforcement.UNSPECIFIED.known
    assert Enforcement.AUDIT.known
    assert unknown == pickle.loads(pickle.dumps(unknown))
    with pytest.raises(ValueError, match="'reject' is not a valid Enforcement"):
        Enforcement("reject")  # type: ignore[arg-type]  # Callers need not be typed.


def test_a_verdict_compares_hashes_and_pickles_as_a_value() -> None:
    """And shows its essentials."""
    assert full() == full()
    assert hash(full()) == hash(full())
    assert full() != Verdict(verdict_pb2.Verdict())
    assert full() != "verdict"
    assert full() == pickle.loads(pickle.dumps(full()))
    assert repr(full()).startswith("Verdict(event_id='7', valid=False, findings=['statistics.three_sigma',")


@pytest.mark.parametrize("ours", [Layer, Enforcement, SkipReason])
def test_the_enums_are_those_of_the_contract(ours: type[Layer | Enforcement | SkipReason]) -> None:
    """Member by member."""
    theirs = verdict_pb2.DESCRIPTOR.enum_types_by_name[ours.__name__]
    prefix = {"Layer": "LAYER_", "Enforcement": "ENFORCEMENT_", "SkipReason": "SKIP_REASON_"}[ours.__name__]

    assert {value.name.removeprefix(prefix): value.number for value in theirs.values} == {
        member.name: member.value for member in ours
    }
