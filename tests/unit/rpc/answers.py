"""Verdicts to answer with, and what callers get of them."""

import asyncio

from assay.v1 import validation_service_pb2, verdict_pb2
from assay_server.engine import CategoricalEvidence, Enforcement, Finding, Layer, Verdict
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
    encoded = asyncio.run(ResponseWriter(limit).stream(7, verdicts))
    assert len(encoded) <= limit
    response = validation_service_pb2.ValidateStreamResponse.FromString(encoded)
    assert response.sequence == 7
    assert len(verdicts) == len(response.verdicts)
    return list(response.verdicts)


def finding(number: int = 0, *, message: str = "", evidence: bool = False, field: str = "/field") -> Finding:
    """Return a finding, with evidence of some length if asked for."""
    numbers = CategoricalEvidence(observed="x" * 200, count=0, sample_count=5) if evidence else None
    return Finding(f"rules.number_{number}", Layer.RULES, Enforcement.REJECT, field, message, numbers)
