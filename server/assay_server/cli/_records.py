"""Verdicts as JSON: as the wire contract has them, in Protobuf's JSON with the contract's own names."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json, to_json

from assay_server.files import Row

from ._judges import Verdict

_SAID = ("valid", "contract_version", "findings", "omitted_findings", "skipped_checks")
_EVIDENCE = {"StatisticalEvidence": "statistical", "CategoricalEvidence": "categorical", "AnomalyEvidence": "anomaly"}


def record_of(row: Row, verdict: Verdict) -> dict[str, Any]:
    """Return what goes into a line: where the event stands, then its verdict; what is not set is left out."""
    normalized = verdict.normalized
    fields: list[tuple[str, Any]] = [
        ("file", row.source.name),
        ("row", row.number),
        ("event_type", row.event.event_type),
        ("event_id", verdict.event_id),
        ("valid", verdict.valid),
        ("processed_at", time_text(verdict.processed_at)),
        ("contract_version", verdict.contract_version),
        ("findings", [_finding(finding) for finding in verdict.findings]),
        ("omitted_findings", verdict.omitted_findings),
        ("skipped_checks", [_skipped(skipped) for skipped in verdict.skipped_checks]),
        ("explanations", [_explanation(explanation) for explanation in verdict.explanations]),
        ("normalized_payload", json.loads(normalized) if isinstance(normalized, bytes) else normalized),
    ]
    return _set(fields)


def difference_of(row: Row, verdicts: Mapping[str, Verdict]) -> dict[str, Any]:
    """Return where an event stands and what it holds, then what each side says of it, by the side's name."""
    event = row.event
    fields: list[tuple[str, Any]] = [
        ("file", row.source.name),
        ("row", row.number),
        ("event_type", event.event_type),
        ("event_id", event.event_id),
        ("timestamp", None if event.timestamp is None else time_text(event.timestamp)),
        ("payload", _json_of(event.payload)),
    ]
    for name, verdict in verdicts.items():
        told = record_of(row, verdict)
        fields.append((name, {key: told[key] for key in _SAID if key in told}))
    return _set(fields)


def line_of(record: dict[str, Any]) -> bytes:
    """Return a record as a line of NDJSON."""
    return to_json(record, inf_nan_mode="constants") + b"\n"


def _json_of(payload: Any) -> Any:
    """Return what a payload says; its text, if that is no JSON."""
    try:
        return from_json(payload) if isinstance(payload, bytes) else None
    except ValueError:
        return payload.decode(errors="replace")


def _finding(finding: Any) -> dict[str, Any]:
    return _set(
        [
            ("check", finding.check),
            ("layer", f"LAYER_{finding.layer.name}"),
            ("enforcement", f"ENFORCEMENT_{finding.enforcement.name}"),
            ("field", finding.field),
            ("message", finding.message),
            ("evidence", _evidence(finding.evidence)),
            ("skip_reason", finding.skip_reason and f"SKIP_REASON_{finding.skip_reason.name}"),
        ]
    )


def _skipped(skipped: Any) -> dict[str, Any]:
    reason = f"SKIP_REASON_{skipped.reason.name}"
    return _set([("check", skipped.check), ("field", skipped.field), ("reason", reason), ("message", skipped.message)])


def _explanation(explanation: Any) -> dict[str, Any]:
    return _set([("check", explanation.check), ("field", explanation.field), ("evidence", _evidence(explanation.evidence))])


def _evidence(evidence: Any) -> dict[str, Any] | None:
    if evidence is None:
        return None
    return {_EVIDENCE[type(evidence).__name__]: _finite(dataclasses.asdict(evidence))}


def _finite(value: Any) -> Any:
    """Return numbers as Protobuf's JSON has them: infinities and NaN as text."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124
    return value


def _set(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if value or value is False or value == {}}


def time_text(moment: int | datetime) -> str:
    """Return a time, or nanoseconds since 1970, as Protobuf's JSON has it."""
    if isinstance(moment, datetime):
        return moment.isoformat().replace("+00:00", "Z")
    seconds, nanoseconds = divmod(moment, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09}Z"
