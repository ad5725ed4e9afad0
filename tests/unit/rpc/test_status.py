"""What a failed call tells."""

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from structlog.testing import capture_logs

from assay.v1 import error_reason_pb2
from assay_server.rpc.status import CallError, grown_old, internal, malformed, shutting_down


def details(error: CallError) -> dict[str, Any]:
    """Return the details of the status that `error` ends a call with, by type."""
    [(key, value)] = error.status().trailing_metadata
    assert key == "grpc-status-details-bin"
    status = status_pb2.Status.FromString(value)
    assert (status.code, status.message) == (error.code.value[0], error.message)
    found = {}
    for detail in status.details:
        kind = getattr(error_details_pb2, detail.TypeName().rpartition(".")[2])
        found[kind.__name__] = kind.FromString(detail.value)
    return found


@pytest.mark.parametrize("name", [name for name, number in error_reason_pb2.ErrorReason.items() if number])
def test_every_reason_of_the_contract_has_a_status(name: Any) -> None:
    """And an ErrorInfo with the reason's name, without prefix, in the contract's domain."""
    reason = name.removeprefix("ERROR_REASON_")
    error = CallError(reason, "why", metadata={"key": "value"})

    info = details(error)["ErrorInfo"]

    assert (reason, "assay.v1", {"key": "value"}) == (info.reason, info.domain, dict(info.metadata))


def test_a_malformed_request_names_the_field() -> None:
    """In BadRequest."""
    [violation] = details(malformed("events", "too many"))["BadRequest"].field_violations

    assert (violation.field, violation.description) == ("events", "too many")


def test_an_overloaded_server_says_when_to_try_again() -> None:
    """In RetryInfo."""
    retry = details(CallError("OVERLOADED", "busy", retry_after=0.25))["RetryInfo"]

    assert retry.retry_delay.ToMilliseconds() == 250


@pytest.mark.parametrize("error", [shutting_down(), grown_old()])
def test_a_stream_that_is_ended_can_go_on_elsewhere(error: CallError) -> None:
    """UNAVAILABLE is what clients try again."""
    assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")


def test_a_fault_is_logged_under_the_incident_that_the_caller_is_told() -> None:
    """And nothing else of it is told."""
    cause = RuntimeError("secret")

    with capture_logs() as logs:
        error = internal("/assay.v1.ValidationService/Validate", cause)

    [entry] = logs
    assert ("internal error", {"incident": entry["incident"]}) == (error.message, error.metadata)
    assert (cause, "/assay.v1.ValidationService/Validate") == (entry["exc_info"], entry["method"])
    assert entry["incident"] != internal("", cause).metadata["incident"]
