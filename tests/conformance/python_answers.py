"""What a user of the Python client sees, as the runner prints it: protobuf's JSON, from the client's own types."""

import base64
import math
from typing import Any

from assay_client import (
    AnomalyEvidence,
    AssayError,
    Baseline,
    CallError,
    CategoricalEvidence,
    EventType,
    Explanation,
    Finding,
    StatisticalEvidence,
    Verdict,
)


def verdict(one: Verdict) -> dict[str, Any]:
    """Return a verdict."""
    printed: dict[str, Any] = {
        "eventId": one.event_id,
        "valid": one.valid,
        "processedAt": one.processed_at.isoformat().replace("+00:00", "Z"),
        "findings": [_finding(finding) for finding in one.findings],
        "omittedFindings": one.omitted_findings,
        "skippedChecks": [
            {"check": skip.check, "field": skip.field, "reason": int(skip.reason), "message": skip.message}
            for skip in one.skipped_checks
        ],
        "contractVersion": one.contract_version,
        "explanations": [_explanation(explanation) for explanation in one.explanations],
        "detailsOmitted": one.details_omitted,
    }
    if (text := one.normalized_json) is not None:
        printed["normalizedPayloadJson"] = base64.b64encode(text).decode()
    elif (payload := one.normalized) is not None:
        printed["normalizedPayload"] = payload
    return printed


def error(failed: AssayError) -> dict[str, Any]:
    """Return an error."""
    printed: dict[str, Any] = {"type": type(failed).__name__, "code": "", "reason": "", "message": str(failed)}
    if isinstance(failed, CallError):
        printed |= {
            "code": failed.code.name,
            "reason": failed.reason,
            "metadata": dict(failed.metadata),
            "retryDelay": failed.retry_delay,
            "violations": [violation.field for violation in failed.violations],
        }
    return printed


def event_type(one: EventType) -> dict[str, Any]:
    """Return what the catalog says of an event type."""
    return {
        "eventType": one.event_type,
        "contractVersion": one.contract_version,
        "description": one.description,
        "jsonSchema": one.json_schema,
        "checks": [
            {
                "check": check.check,
                "layer": int(check.layer),
                "enforcement": int(check.enforcement),
                "field": check.field,
                "description": check.description,
                "notReady": int(check.not_ready or 0),
            }
            for check in one.checks
        ],
    }


def baseline(one: Baseline) -> dict[str, Any]:
    """Return what history has taught."""
    printed: dict[str, Any] = {
        "sampleCount": one.sample_count,
        "mean": _number(one.mean),
        "standardDeviation": _number(one.standard_deviation),
        "minimum": _number(one.minimum),
        "maximum": _number(one.maximum),
        "quantiles": [{"rank": quantile.rank, "value": quantile.value} for quantile in one.quantiles],
        "categories": [{"value": category.value, "count": category.count} for category in one.categories],
    }
    if one.updated_at is not None:
        printed["updatedAt"] = one.updated_at.isoformat().replace("+00:00", "Z")
    return printed


def _finding(one: Finding) -> dict[str, Any]:
    printed: dict[str, Any] = {
        "check": one.check,
        "layer": int(one.layer),
        "enforcement": int(one.enforcement),
        "field": one.field,
        "message": one.message,
        "skipReason": int(one.skip_reason or 0),
    }
    if one.evidence is not None:
        printed["evidence"] = _evidence(one.evidence)
    return printed


def _explanation(one: Explanation) -> dict[str, Any]:
    evidence = {} if one.evidence is None else {"evidence": _evidence(one.evidence)}
    return {"check": one.check, "field": one.field, **evidence}


def _evidence(one: StatisticalEvidence | CategoricalEvidence | AnomalyEvidence) -> dict[str, Any]:
    match one:
        case StatisticalEvidence():
            statistical = {
                "observed": _number(one.observed),
                "expected": _number(one.expected),
                "deviation": _number(one.deviation),
                "lower": _number(one.lower),
                "upper": _number(one.upper),
                "sampleCount": one.sample_count,
                "group": one.group,
            }
            return {"statistical": _present(statistical)}
        case CategoricalEvidence():
            categorical = {
                "observed": one.observed,
                "count": one.count,
                "sampleCount": one.sample_count,
                "group": one.group,
            }
            return {"categorical": categorical}
        case AnomalyEvidence():
            contributions = [
                _present({"feature": each.feature, "value": _number(each.value), "amount": each.amount})
                for each in one.contributions
            ]
            anomaly = {
                "score": one.score,
                "threshold": one.threshold,
                "percentile": one.percentile,
                "modelVersion": one.model_version,
                "typicalScore": one.typical_score,
                "contributions": contributions,
            }
            return {"anomaly": anomaly}


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _number(value: float | None) -> float | str | None:
    """Return a number as JSON can hold it."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
