"""A failed call becomes an error that keeps all that the server said."""

import pickle
from collections.abc import Iterable

import grpc
import pytest
from google.protobuf import any_pb2, message
from google.rpc import error_details_pb2, status_pb2

from assay.v1 import error_reason_pb2, verdict_pb2
from assay_client import (
    AssayError,
    CallError,
    DeadlineExceededError,
    EncodingError,
    FieldViolation,
    InternalError,
    InvalidEventError,
    MalformedRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    UnauthenticatedError,
    UnavailableError,
    Verdict,
)
from assay_client._status import call_error


class Failed:
    """What a call leaves behind."""

    def __init__(self, code: grpc.StatusCode, text: str | None, trailing: Iterable[tuple[str, str | bytes]] | None) -> None:
        self._all = code, text, trailing

    def code(self) -> grpc.StatusCode:
        """Return the code."""
        return self._all[0]

    def details(self) -> str | None:
        """Return the message."""
        return self._all[1]

    def trailing_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        """Return what came with it."""
        return self._all[2]


def failed(code: grpc.StatusCode, *details: message.Message) -> Failed:
    status = status_pb2.Status(code=code.value[0], message="text")
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return Failed(code, "text", [("other", "x"), ("grpc-status-details-bin", status.SerializeToString())])


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST", MalformedRequestError),
        (grpc.StatusCode.NOT_FOUND, "EVENT_TYPE_NOT_FOUND", NotFoundError),
        (grpc.StatusCode.NOT_FOUND, "BASELINE_NOT_FOUND", NotFoundError),
        (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", UnauthenticatedError),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED", PermissionDeniedError),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", OverloadedError),
        (grpc.StatusCode.UNAVAILABLE, "DRAINING", UnavailableError),
        (grpc.StatusCode.INTERNAL, "INTERNAL", InternalError),
    ],
)
def test_every_reason_of_the_contract_has_its_class(code: grpc.StatusCode, reason: str, kind: type[CallError]) -> None:
    """And is kept, with its metadata."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain="assay.v1", metadata={"incident": "1f"})

    error = call_error(failed(code, info))

    assert kind is type(error)
    assert (code, reason, "text", {"incident": "1f"}, "1f") == (
        error.code,
        error.reason,
        error.message,
        error.metadata,
        error.incident,
    )
    assert f"ERROR_REASON_{reason}" in error_reason_pb2.DESCRIPTOR.enum_types_by_name["ErrorReason"].values_by_name
    assert f"{reason}: text (incident 1f)" == str(error)


def test_a_retry_delay_is_in_seconds() -> None:
    """With its fraction."""
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromMilliseconds(1250)

    error = call_error(failed(grpc.StatusCode.RESOURCE_EXHAUSTED, info))

    assert isinstance(error, OverloadedError)
    assert error.retry_delay == 1.25


def test_a_message_above_a_size_limit_is_not_overload() -> None:
    """To wait and try again would not help."""
    error = call_error(Failed(grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max", None))

    assert CallError is type(error)
    assert str(error) == "RESOURCE_EXHAUSTED: Received message larger than max"


def test_violations_name_the_fields() -> None:
    """In the text too."""
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field="event", description="is required")

    error = call_error(failed(grpc.StatusCode.INVALID_ARGUMENT, bad))

    assert (FieldViolation("event", "is required"),) == error.violations
    assert str(error) == "INVALID_ARGUMENT: text\n  event: is required"


@pytest.mark.parametrize(
    ("trailing", "text"),
    [(None, None), ([], ""), ([("grpc-status-details-bin", b"\xff\xff\xff")], "x"), ([("x", "y")], "x")],
)
def test_a_status_without_readable_details_is_an_error_all_the_same(
    trailing: list[tuple[str, str | bytes]] | None, text: str | None
) -> None:
    """A proxy, for example, sends none."""
    error = call_error(Failed(grpc.StatusCode.DEADLINE_EXCEEDED, text, trailing))

    assert DeadlineExceededError is type(error)
    assert ("", text or "DEADLINE_EXCEEDED", None, "") == (error.reason, error.message, error.retry_delay, error.incident)


@pytest.mark.parametrize(
    "error",
    [
        OverloadedError(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", "OVERLOADED", {"a": "b"}, 0.5, ()),
        EncodingError("bad", 3),
        InvalidEventError(Verdict(verdict_pb2.Verdict(event_id="1"))),
    ],
)
def test_errors_survive_pickling(error: AssayError) -> None:
    """They cross the border of a process, as in a pool of workers."""
    copy = pickle.loads(pickle.dumps(error))

    assert type(error) is type(copy)
    assert str(error) == str(copy)
    assert vars(error) == vars(copy)
