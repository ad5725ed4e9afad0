"""How calls fail: every failure is a google.rpc.Status with an ErrorInfo.

A handler raises a CallError for what is wrong with the call; whatever else it raises is wrong with the server.
"""

import secrets
from collections.abc import Mapping

import grpc
import structlog
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

DOMAIN = "assay.v1"

_CODES = {
    "MALFORMED_REQUEST": grpc.StatusCode.INVALID_ARGUMENT,
    "EVENT_TYPE_NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "BASELINE_NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "UNAUTHENTICATED": grpc.StatusCode.UNAUTHENTICATED,
    "PERMISSION_DENIED": grpc.StatusCode.PERMISSION_DENIED,
    "OVERLOADED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "DRAINING": grpc.StatusCode.UNAVAILABLE,
    "INTERNAL": grpc.StatusCode.INTERNAL,
}

_log = structlog.stdlib.get_logger(__name__)


class CallError(Exception):
    """A call fails, for a reason that its caller is told.

    Args:
        reason: A name of the contract's ErrorReason, without its prefix.
        message: For people.
        metadata: What the contract promises for the reason, such as {"event_type": "flight.arrived"}.
        field: For MALFORMED_REQUEST: the field of the request that is wrong; empty for the request as a whole.
        retry_after: For OVERLOADED: the seconds after which to try again.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        field: str = "",
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = metadata or {}
        self.field = field
        self.retry_after = retry_after

    @property
    def code(self) -> grpc.StatusCode:
        """The status code that goes with the reason."""
        return _CODES[self.reason]

    def status(self) -> grpc.Status:
        """Return the status that ends the call."""
        details: list[Message] = [
            error_details_pb2.ErrorInfo(reason=self.reason, domain=DOMAIN, metadata=self.metadata),
        ]
        if self.code is grpc.StatusCode.INVALID_ARGUMENT:
            violation = error_details_pb2.BadRequest.FieldViolation(field=self.field, description=self.message)
            details.append(error_details_pb2.BadRequest(field_violations=[violation]))
        if self.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            delay = duration_pb2.Duration()
            delay.FromMilliseconds(round(self.retry_after * 1000))
            details.append(error_details_pb2.RetryInfo(retry_delay=delay))
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in details:
            packed = any_pb2.Any()
            packed.Pack(detail)
            status.details.append(packed)
        return rpc_status.to_status(status)


def malformed(field: str, message: str) -> CallError:
    """Return the error for a request that cannot be understood, or lacks what it requires."""
    return CallError("MALFORMED_REQUEST", message, field=field)


def shutting_down() -> CallError:
    """Return the error for a call that the server does not take any more, or a stream that it ends."""
    return CallError("DRAINING", "the server is shutting down: carry on with another")


def grown_old() -> CallError:
    """Return the error that ends a stream for its age."""
    return CallError("DRAINING", "the stream has reached the age that the server allows: carry on with a new one")


def internal(method: str, cause: BaseException) -> CallError:
    """Log `cause` under a new incident, and return the error that tells the caller no more than the incident."""
    incident = secrets.token_hex(8)
    _log.error("call failed", method=method, incident=incident, exc_info=cause)
    return CallError("INTERNAL", "internal error", metadata={"incident": incident})
