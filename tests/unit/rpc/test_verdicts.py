"""Verdicts become answers."""

import asyncio
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.v1 import validation_service_pb2, verdict_pb2
from assay_server.engine import (
    AnomalyEvidence,
    CategoricalEvidence,
    Contribution,
    Enforcement,
    Explanation,
    Finding,
    Layer,
    SkippedCheck,
    SkipReason,
    StatisticalEvidence,
    Verdict,
    Verdicts,
)
from assay_server.rpc.convert import ResponseWriter
from assay_server.rpc.convert._verdicts import write_verdict

from .answers import AT, LIMIT, as_judged, finding, one, several, streamed


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (Layer, verdict_pb2.Layer, "LAYER_"),
        (Enforcement, verdict_pb2.Enforcement, "ENFORCEMENT_"),
        (SkipReason, verdict_pb2.SkipReason, "SKIP_REASON_"),
    ],
)
def test_enums_are_the_contracts(ours: Any, theirs: Any, prefix: Any) -> None:
    """Names and numbers agree, so that a number is passed on as it is."""
    expected = {name.removeprefix(prefix): number for name, number in theirs.items() if number}

    assert expected == {member.name: member.value for member in ours}


def test_a_clean_verdict_has_four_fields() -> None:
    """What most verdicts are costs nothing beyond what it says."""
    verdict = one(Verdict("e1", True, AT, "1.0.0+9f3a12c4"))

    assert {"event_id", "valid", "processed_at", "contract_version"} == {field.name for field, _ in verdict.ListFields()}
    assert (verdict.event_id, verdict.valid, verdict.contract_version) == ("e1", True, "1.0.0+9f3a12c4")
    assert verdict.processed_at.ToNanoseconds() == AT


def test_a_verdict_without_a_contract_has_no_version() -> None:
    """Nor is anything else made up."""
    verdict = one(Verdict("", False, AT))

    assert [field.name for field, _ in verdict.ListFields()] == ["processed_at"]


def test_findings_and_skipped_checks_are_told_whole() -> None:
    """In their order."""
    verdict = one(
        Verdict(
            "e1",
            False,
            AT,
            "1.0.0",
            findings=[
                Finding("schema.missing", Layer.SCHEMA, Enforcement.REJECT, "/a", "Field required"),
                Finding("rules.b", Layer.RULES, Enforcement.WARN, "", "no", None, SkipReason.UNAVAILABLE),
            ],
            omitted_findings=3,
            skipped_checks=[SkippedCheck("rules.c", "/c", SkipReason.INPUT_MISSING, "no c", Enforcement.WARN)],
        )
    )

    assert verdict.findings == [
        verdict_pb2.Finding(
            check="schema.missing",
            layer=verdict_pb2.LAYER_SCHEMA,
            enforcement=verdict_pb2.ENFORCEMENT_REJECT,
            field="/a",
            message="Field required",
        ),
        verdict_pb2.Finding(
            check="rules.b",
            layer=verdict_pb2.LAYER_RULES,
            enforcement=verdict_pb2.ENFORCEMENT_WARN,
            message="no",
            skip_reason=verdict_pb2.SKIP_REASON_UNAVAILABLE,
        ),
    ]
    assert verdict.omitted_findings == 3
    assert [
        verdict_pb2.SkippedCheck(check="rules.c", field="/c", reason=verdict_pb2.SKIP_REASON_INPUT_MISSING, message="no c")
    ] == list(verdict.skipped_checks)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (
            StatisticalEvidence(
                observed=9.5, expected=1, deviation=math.inf, lower=0, upper=2, sample_count=40, group={"c": "UA"}
            ),
            verdict_pb2.Evidence(
                statistical=verdict_pb2.StatisticalEvidence(
                    observed=9.5, expected=1, deviation=math.inf, lower=0, upper=2, sample_count=40, group={"c": "UA"}
                )
            ),
        ),
        (
            StatisticalEvidence(observed=None, expected=1, deviation=-3, lower=0, upper=2, sample_count=40),
            verdict_pb2.Evidence(
                statistical=verdict_pb2.StatisticalEvidence(expected=1, deviation=-3, lower=0, upper=2, sample_count=40)
            ),
        ),
        (
            CategoricalEvidence(observed="XX", count=0, sample_count=40, group={"c": "UA"}),
            verdict_pb2.Evidence(
                categorical=verdict_pb2.CategoricalEvidence(observed="XX", count=0, sample_count=40, group={"c": "UA"})
            ),
        ),
        (
            AnomalyEvidence(
                score=0.7,
                threshold=0.6,
                percentile=0.99,
                model_version="7+51c0de42",
                typical_score=0.4,
                contributions=(
                    Contribution(feature="speed", value=0.0, amount=0.4),
                    Contribution(feature="secret", value=None, amount=-0.1),
                ),
            ),
            verdict_pb2.Evidence(
                anomaly=verdict_pb2.AnomalyEvidence(
                    score=0.7,
                    threshold=0.6,
                    percentile=0.99,
                    model_version="7+51c0de42",
                    typical_score=0.4,
                    contributions=[
                        verdict_pb2.Contribution(feature="speed", value=0.0, amount=0.4),
                        verdict_pb2.Contribution(feature="secret", amount=-0.1),
                    ],
                )
            ),
        ),
    ],
)
def test_evidence_of_every_kind_is_told(evidence: Any, expected: Any) -> None:
    """In findings and explanations alike; a value that is withheld is absent, not 0."""
    verdict = one(
        Verdict(
            "e1",
            True,
            AT,
            findings=[Finding("statistics.x", Layer.STATISTICS, Enforcement.WARN, "/x", "unusual", evidence)],
            explanations=[Explanation("statistics.x", "/x", evidence, Enforcement.WARN)],
        )
    )

    assert expected == verdict.findings[0].evidence
    assert verdict_pb2.Explanation(check="statistics.x", field="/x", evidence=expected) == verdict.explanations[0]


def test_a_normalised_payload_has_the_encoding_of_the_event() -> None:
    """Bytes for JSON text, a Struct for a dict."""
    text = one(Verdict("", True, AT, normalized=b'{"a":1}'))
    struct = one(Verdict("", True, AT, normalized={"a": [1, "b"]}))

    assert text.normalized_payload_json == b'{"a":1}'
    assert dict(struct.normalized_payload) == {"a": [1.0, "b"]}
    assert one(Verdict("", True, AT, normalized={})).WhichOneof("normalized_body") == "normalized_payload"


def test_a_normalised_payload_that_a_struct_cannot_hold_is_text() -> None:
    """Rather than rounded."""
    verdict = one(Verdict("", True, AT, normalized={"n": 2**53 + 1}))

    assert json.loads(verdict.normalized_payload_json) == {"n": 2**53 + 1}


@pytest.mark.parametrize(
    ("event_id", "echo"),
    [
        ("x" * 256, "x" * 256),
        ("x" * 257, "x" * 256),
        ("ä" * 128, "ä" * 128),
        ("ä" * 129, "ä" * 128),
        ("x" + "ä" * 128, "x" + "ä" * 127),
        ("€" * 86, "€" * 85),
        ("🛫" * 64, "🛫" * 64),
        ("🛫" * 65, "🛫" * 64),
    ],
)
def test_a_long_event_id_is_cut_between_characters(event_id: Any, echo: Any) -> None:
    """At 256 bytes at the most."""
    assert echo == one(Verdict(event_id, False, AT)).event_id


def test_texts_that_utf8_cannot_encode_are_told_all_the_same() -> None:
    """A rule may say anything."""
    verdict = one(Verdict("", False, AT, findings=[finding(message="half a pair: \ud800", field="/\udc00")]))

    assert (verdict.findings[0].message, verdict.findings[0].field) == ("half a pair: ?", "/?")


def test_verdicts_of_one_batch_keep_what_is_their_own() -> None:
    """Times and versions differ between the chunks and contracts of a batch."""
    given_verdicts = [
        Verdict(str(number), number % 2 == 0, AT + number // 3, f"1.{number % 4}.0" if number % 5 else "")
        for number in range(1000)
    ]

    told = several(given_verdicts)

    assert [(v.event_id, v.valid, v.processed_at, v.contract_version) for v in given_verdicts] == [
        (v.event_id, v.valid, v.processed_at.ToNanoseconds(), v.contract_version) for v in told
    ]


def test_a_batch_response_has_the_same_verdicts() -> None:
    """ValidateBatch and ValidateStream differ only around them."""
    verdicts = [Verdict(str(number), True, AT, "1.0.0") for number in range(3)]
    encoded = asyncio.run(ResponseWriter(LIMIT).batch(as_judged(verdicts)))

    assert several(verdicts) == list(validation_service_pb2.ValidateBatchResponse.FromString(encoded).verdicts)
    assert asyncio.run(ResponseWriter(LIMIT).batch(Verdicts([]))) == b""


@given(st.lists(st.integers(0, 8), min_size=1, max_size=6), st.sampled_from([LIMIT, 2000]))
def test_verdicts_go_to_the_request_that_they_answer(counts: list[int], limit: int) -> None:
    """Wherever they were judged together, and whether they fit or not."""
    verdicts = [
        Verdict(f"e{number}", bool(number % 3), AT, "1.0.0", [finding(message="m" * 300)] if number % 4 == 1 else [])
        for number in range(sum(counts))
    ]

    encoded = streamed(list(range(len(counts))), counts, verdicts, limit)

    responses = [validation_service_pb2.ValidateStreamResponse.FromString(each) for each in encoded]
    assert [response.sequence for response in responses] == list(range(len(counts)))
    assert [len(response.verdicts) for response in responses] == counts
    assert [each.event_id for response in responses for each in response.verdicts] == [each.event_id for each in verdicts]
    assert [each.valid for response in responses for each in response.verdicts] == [each.valid for each in verdicts]
    assert max(map(len, encoded)) <= limit


@given(st.lists(st.tuples(st.text(max_size=70), st.sampled_from(["", "1.0.0", "1.0.0+0a1b2c3d", "9" * 200])), max_size=20))
def test_verdicts_with_nothing_to_say_are_written_as_protobuf_writes_them(events: list[tuple[str, str]]) -> None:
    """To the last byte; identifiers may be of any length, none, or no text, and the contracts' names differ."""
    verdicts = [Verdict(event_id, True, AT, version) for event_id, version in events]

    [encoded] = streamed([3], [len(verdicts)], verdicts)

    response = validation_service_pb2.ValidateStreamResponse(sequence=3)
    for verdict in verdicts:
        write_verdict(response.verdicts.add(), verdict)
    assert encoded == response.SerializeToString()
