"""From a failed call's status and its details to an error."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from assay_client._errors import (
    CallError,
    DeadlineExceededError,
    FieldViolation,
    InternalError,
    MalformedRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    UnauthenticatedError,
    UnavailableError,
)

_DETAILS_KEY = "grpc-status-details-bin"

_BY_CODE: dict[grpc.StatusCode, type[CallError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: MalformedRequestError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDeniedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
    grpc.StatusCode.INTERNAL: InternalError,
}


class FailedCall(Protocol):
    """What the errors of grpc and of grpc.aio have in common."""

    def code(self) -> grpc.StatusCode:
        """Return the status code."""

    def details(self) -> str | None:
        """Return the status message."""

    def trailing_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        """Return what came with the status."""


def call_error(failed: FailedCall) -> CallError:
    """Return the error that says why a call has failed; details that cannot be read are left out."""
    code = failed.code()
    reason, metadata, retry_delay = "", {}, None
    violations: list[FieldViolation] = []
    for detail in _details(failed):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            retry = error_details_pb2.RetryInfo()
            detail.Unpack(retry)
            retry_delay = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad = error_details_pb2.BadRequest()
            detail.Unpack(bad)
            violations += [FieldViolation(each.field, each.description) for each in bad.field_violations]
    kind = _BY_CODE.get(code, CallError)
    # The code alone does not tell: a message above a size limit is RESOURCE_EXHAUSTED too, and no wait cures that.
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and (reason == "OVERLOADED" or retry_delay is not None):
        kind = OverloadedError
    return kind(code, failed.details() or code.name, reason, metadata, retry_delay, tuple(violations))


def _details(failed: FailedCall) -> list[any_pb2.Any]:
    for key, value in failed.trailing_metadata() or ():
        if key == _DETAILS_KEY and isinstance(value, bytes):
            try:
                return list(status_pb2.Status.FromString(value).details)
            except DecodeError:
                break
    return []


def closed_error() -> CallError:
    """Return the error for a call on a client that is, or was meanwhile, closed."""
    return CallError(grpc.StatusCode.CANCELLED, "the client is closed")


def call_was_cancelled(cancelled: asyncio.CancelledError) -> BaseException:
    """Return what `cancelled`, raised by a call of grpc.aio, stands for.

    That is the cancellation of the caller's own task, which has to go on; or else the channel was closed meanwhile, and
    that is an error like any other.
    """
    task = asyncio.current_task()
    return cancelled if task is None or task.cancelling() else closed_error()
