"""What can go wrong: with an event that cannot be sent, with a call, or, only if asked to raise, with an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

if TYPE_CHECKING:
    from assay_client._verdict import Verdict


class AssayError(Exception):
    """The base of every error that this client raises for what it was asked to do."""


class EncodingError(AssayError, ValueError):
    """An event cannot be put into a message: there is something about it that JSON or the contract cannot hold.

    Attributes:
        problem: What is wrong, and what to do.
        position: Which of the events it is, counted from 0; None where there was only one.
    """

    def __init__(self, problem: str, position: int | None = None) -> None:
        super().__init__(problem, position)
        self.problem = problem
        self.position = position

    def __str__(self) -> str:
        return self.problem if self.position is None else f"event at position {self.position}: {self.problem}"


class InvalidEventError(AssayError):
    """An event is not valid; raised by `Verdict.raise_if_invalid` only.

    Attributes:
        verdict: The whole answer.
    """

    def __init__(self, verdict: "Verdict") -> None:
        super().__init__(verdict)
        self.verdict = verdict

    def __str__(self) -> str:
        name = f"event {self.verdict.event_id!r}" if self.verdict.event_id else "event"
        findings = [f"{finding.field or '(event)'}: {finding.message} [{finding.check}]" for finding in self.verdict.findings]
        return "\n  ".join([f"{name} is not valid", *findings])


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """What is wrong with one field of a request."""

    field: str
    """The field's path in the request, for example "events[3].event_id"."""

    description: str
    """What is wrong with it."""


class CallError(AssayError):
    """A call failed: something is wrong with the call itself, its caller, the server or the way there.

    Subclasses are those that a caller may want to treat differently; `code` and `reason` tell all of them apart.

    Attributes:
        code: The status code.
        message: The status message, for people.
        reason: The name of an ErrorReason without its prefix, for example "OVERLOADED"; empty if the failure did not
            come from an Assay server.
        metadata: What the reason's documentation says goes with it, for example {"event_type": "flight.arrived"}.
        retry_delay: How many seconds the server asks to wait before the call is made again; None if it does not say so.
        violations: For a malformed request, what is wrong with which field.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_delay: float | None = None,
        violations: tuple[FieldViolation, ...] = (),
    ) -> None:
        super().__init__(code, message, reason, metadata, retry_delay, violations)
        self.code = code
        self.message = message
        self.reason = reason
        self.metadata: Mapping[str, str] = dict(metadata or {})
        self.retry_delay = retry_delay
        self.violations = violations

    @property
    def incident(self) -> str:
        """Identifies the server's log entry for an internal error; empty for any other."""
        return self.metadata.get("incident", "")

    def __str__(self) -> str:
        text = f"{self.reason or self.code.name}: {self.message}"
        if self.violations:
            text += "".join(f"\n  {violation.field}: {violation.description}" for violation in self.violations)
        if self.incident:
            text += f" (incident {self.incident})"
        return text


class MalformedRequestError(CallError):
    """INVALID_ARGUMENT: the request lacks what it requires, or holds what the server does not take; see `violations`."""


class NotFoundError(CallError):
    """NOT_FOUND: the catalog has no such event type, version, or baseline."""


class UnauthenticatedError(CallError):
    """UNAUTHENTICATED: no credentials, or none that the server accepts."""


class PermissionDeniedError(CallError):
    """PERMISSION_DENIED: the caller may not call this method."""


class OverloadedError(CallError):
    """RESOURCE_EXHAUSTED: the server has as much work as it takes on; try again after `retry_delay` seconds."""


class UnavailableError(CallError):
    """UNAVAILABLE: no server could be reached, or the one that was is going away; tried again already, in vain."""


class DeadlineExceededError(CallError):
    """DEADLINE_EXCEEDED: there was no answer in time."""


class InternalError(CallError):
    """INTERNAL: the server failed; whoever runs it finds why in its log, by `incident`."""
