"""Verdicts to answer with, and what callers get of them."""

import asyncio
from types import SimpleNamespace
from typing import Any

from assay.v1 import validation_service_pb2, verdict_pb2
from assay_server.engine import CategoricalEvidence, Enforcement, Event, Finding, Judged, Layer, Verdict, Verdicts
from assay_server.rpc.convert import ResponseWriter

AT = 1_700_000_000_000_000_005
LIMIT = 4 << 20


def one(verdict: Verdict, limit: int = LIMIT) -> verdict_pb2.Verdict:
    """Return what a caller of Validate gets."""
    encoded = asyncio.run(ResponseWriter(limit).one(verdict))
    assert len(encoded) <= limit
    return validation_service_pb2.ValidateResponse.FromString(encoded).verdict


def several(verdicts: list[Verdict], limit: int = LIMIT) -> list[verdict_pb2.Verdict]:
    """Return what a stream answers."""
    [encoded] = streamed([7], [len(verdicts)], verdicts, limit)
    assert len(encoded) <= limit
    response = validation_service_pb2.ValidateStreamResponse.FromString(encoded)
    assert response.sequence == 7
    assert len(verdicts) == len(response.verdicts)
    return list(response.verdicts)


def streamed(sequences: list[int], counts: list[int], verdicts: list[Verdict], limit: int = LIMIT) -> list[bytes]:
    """Return the encoded answers of a stream to requests that were judged together."""

    async def answers() -> list[bytes]:
        return [each async for each in ResponseWriter(limit).stream(sequences, counts, as_judged(verdicts))]

    return asyncio.run(answers())


def as_judged(verdicts: list[Verdict]) -> Verdicts:
    """Return verdicts as the engine gives them: in parts of three, those with nothing to say not made yet."""
    return Verdicts([_part(verdicts[start : start + 3]) for start in range(0, len(verdicts), 3)])


def _part(verdicts: list[Verdict]) -> Judged:
    events = [Event("", None, event_id=verdict.event_id) for verdict in verdicts]
    plans: list[Any] = [SimpleNamespace(version=verdict.contract_version) for verdict in verdicts]
    plain = [Verdict(verdict.event_id, True, AT, verdict.contract_version) for verdict in verdicts]
    said = {row: verdict for row, verdict in enumerate(verdicts) if verdict != plain[row] or len(verdict.event_id) > 256}
    return Judged(events, plans, AT, said)


def finding(number: int = 0, *, message: str = "", evidence: bool = False, field: str = "/field") -> Finding:
    """Return a finding, with evidence of some length if asked for."""
    numbers = CategoricalEvidence(observed="x" * 200, count=0, sample_count=5) if evidence else None
    return Finding(f"rules.number_{number}", Layer.RULES, Enforcement.REJECT, field, message, numbers)
