"""What callers get: verdicts.

Messages are built with `add()` and by setting fields, never by keyword, which costs twice as much.
"""

from collections.abc import MutableMapping
from enum import IntEnum

from pydantic_core import to_json

from assay.v1 import verdict_pb2
from assay_server.checks import (
    AnomalyEvidence,
    CategoricalEvidence,
    Evidence,
    Explanation,
    Finding,
    SkippedCheck,
    StatisticalEvidence,
)
from assay_server.engine import Verdict

from ._events import NANOSECONDS
from ._structs import NotHoldableError, encodable, write_struct

EVENT_ID_BYTES = 256
"""How much of an event_id is echoed; a longer one is a finding, and cut."""

FINDING_BYTES = 16
"""The least that a finding takes, so that more of them cannot fit, whatever they hold."""

LENGTH_DELIMITED = 2
"""The wire type of messages."""

_FIELD_BYTES = 256  # The longest pointer that a verdict keeps when it is cut down to its bones.


class Detail(IntEnum):
    """How much of a verdict is told, from all to the least; verdict.proto describes it under details_omitted."""

    FULL = 0
    NO_NUMBERS = 1
    """Without evidence, explanations and the normalised payload."""
    FIRST_FINDING = 2
    """Of the findings only the first, without its message."""
    BONES = 3
    """Without skipped checks, and without a pointer of more than 256 bytes."""
    NO_FINDINGS = 4
    """All findings only counted."""


def write_verdict(message: verdict_pb2.Verdict, verdict: Verdict, detail: Detail = Detail.FULL) -> None:
    """Write `verdict` into the empty `message`, leaving out what `detail` leaves out."""
    at = message.processed_at
    at.seconds, at.nanos = divmod(verdict.processed_at, NANOSECONDS)
    if verdict.contract_version:
        message.contract_version = verdict.contract_version
    if event_id := verdict.event_id:
        message.event_id = event_id if len(event_id) <= EVENT_ID_BYTES // 4 else _cut(event_id)
    if verdict.valid:
        message.valid = True
    if verdict.findings or verdict.skipped_checks or verdict.explanations or verdict.omitted_findings:
        _write_details(message, verdict, detail)
    if verdict.normalized is not None:
        if detail < Detail.NO_NUMBERS:
            _write_normalized(message, verdict.normalized)
        else:
            message.details_omitted = True


def _cut(event_id: str) -> str:
    return event_id.encode()[:EVENT_ID_BYTES].decode(errors="ignore")


def _write_details(message: verdict_pb2.Verdict, verdict: Verdict, detail: Detail) -> None:
    findings, skipped = verdict.findings, verdict.skipped_checks
    if detail is Detail.FULL:
        for explanation in verdict.explanations:
            _write_explanation(message.explanations.add(), explanation)
    elif verdict.explanations or any(finding.evidence for finding in findings):
        message.details_omitted = True
    if detail >= Detail.FIRST_FINDING and findings:
        findings = () if detail is Detail.NO_FINDINGS else findings[:1]
        message.details_omitted = True
    if detail >= Detail.BONES and skipped:
        skipped = ()
        message.details_omitted = True
    for finding in findings:
        _write_finding(message.findings.add(), finding, detail)
    for check in skipped:
        _write_skipped(message.skipped_checks.add(), check)
    if omitted := verdict.omitted_findings + len(verdict.findings) - len(findings):
        message.omitted_findings = omitted


def _write_finding(message: verdict_pb2.Finding, finding: Finding, detail: Detail) -> None:
    message.check = finding.check
    message.layer = finding.layer  # type: ignore[assignment]  # The numbers are the contract's; a test compares them.
    message.enforcement = finding.enforcement  # type: ignore[assignment]
    if (field := encodable(finding.field)) and (detail < Detail.BONES or len(field.encode()) <= _FIELD_BYTES):
        message.field = field
    if detail < Detail.FIRST_FINDING:
        message.message = encodable(finding.message)
    if finding.skip_reason is not None:
        message.skip_reason = finding.skip_reason  # type: ignore[assignment]
    if finding.evidence is not None and detail is Detail.FULL:
        _write_evidence(message.evidence, finding.evidence)


def _write_skipped(message: verdict_pb2.SkippedCheck, skipped: SkippedCheck) -> None:
    message.check = skipped.check
    message.field = encodable(skipped.field)
    message.reason = skipped.reason  # type: ignore[assignment]
    message.message = encodable(skipped.message)


def _write_explanation(message: verdict_pb2.Explanation, explanation: Explanation) -> None:
    message.check = explanation.check
    message.field = encodable(explanation.field)
    _write_evidence(message.evidence, explanation.evidence)


def _write_evidence(message: verdict_pb2.Evidence, evidence: Evidence) -> None:
    match evidence:
        case StatisticalEvidence():
            _write_statistical(message.statistical, evidence)
        case CategoricalEvidence():
            categorical = message.categorical
            categorical.observed = encodable(evidence.observed)
            categorical.count = evidence.count
            categorical.sample_count = evidence.sample_count
            _write_group(categorical.group, evidence.group)
        case AnomalyEvidence():
            _write_anomaly(message.anomaly, evidence)


def _write_statistical(message: verdict_pb2.StatisticalEvidence, evidence: StatisticalEvidence) -> None:
    if evidence.observed is not None:
        message.observed = evidence.observed
    message.expected = evidence.expected
    message.deviation = evidence.deviation
    message.lower = evidence.lower
    message.upper = evidence.upper
    message.sample_count = evidence.sample_count
    _write_group(message.group, evidence.group)


def _write_anomaly(message: verdict_pb2.AnomalyEvidence, evidence: AnomalyEvidence) -> None:
    message.score = evidence.score
    message.threshold = evidence.threshold
    message.percentile = evidence.percentile
    message.model_version = evidence.model_version
    message.typical_score = evidence.typical_score
    for contribution in evidence.contributions:
        part = message.contributions.add()
        part.feature = contribution.feature
        part.amount = contribution.amount
        if contribution.value is not None:
            part.value = contribution.value


def _write_group(message: MutableMapping[str, str], group: dict[str, str]) -> None:
    for name, value in group.items():
        message[name] = encodable(value)


def _write_normalized(message: verdict_pb2.Verdict, normalized: bytes | dict[str, object]) -> None:
    if isinstance(normalized, bytes):
        message.normalized_payload_json = normalized
        return
    message.normalized_payload.SetInParent()
    try:
        write_struct(message.normalized_payload, normalized)
    except NotHoldableError:
        message.normalized_payload_json = to_json(normalized)
