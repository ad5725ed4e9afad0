"""The answer for one event."""

import json
from datetime import UTC, datetime
from typing import Any, Self

from assay.v1 import verdict_pb2
from assay_client._errors import InvalidEventError
from assay_client._findings import Explanation, Finding, SkippedCheck
from assay_client._payload import from_struct


class Verdict:
    """Assay's answer for one event. Made by the client; never changes.

    It is true where the event is valid: `if not client.validate(...): ...`. Each property is read from the message that
    came in when it is asked for, so a verdict that is only looked at for `valid` costs well under a microsecond. A
    verdict holds on to the whole response that it came with: keep what you need of it, rather than one in a thousand.
    """

    __slots__ = ("_message",)

    def __init__(self, message: verdict_pb2.Verdict) -> None:
        self._message = message

    @property
    def event_id(self) -> str:
        """The event's own event_id."""
        return self._message.event_id

    @property
    def valid(self) -> bool:
        """Whether the event is valid: no finding is at or above the call's `reject_from`.

        False too if a finding has an enforcement that this client does not know. Read `skipped_checks` where a check
        that could not run matters: a valid event may not have been checked completely.
        """
        message = self._message
        if not message.valid:
            return False
        return not message.findings or all(finding.enforcement.known for finding in self.findings)

    def __bool__(self) -> bool:
        return self.valid

    @property
    def processed_at(self) -> datetime:
        """When the verdict was reached, by the server's clock, in UTC."""
        return self._message.processed_at.ToDatetime(tzinfo=UTC)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks found, in the order of the layers and, within one layer, of the contract."""
        return tuple(map(Finding.from_message, self._message.findings))

    @property
    def omitted_findings(self) -> int:
        """At least how many further findings were left out, at the server's cap or its size limit."""
        return self._message.omitted_findings

    @property
    def skipped_checks(self) -> tuple[SkippedCheck, ...]:
        """The checks of the contract that could not run, and why."""
        return tuple(map(SkippedCheck.from_message, self._message.skipped_checks))

    @property
    def normalized(self) -> dict[str, Any] | None:
        """The payload after defaults, coercion and transformations; parsed each time it is asked for.

        None unless the call asked for it with `return_normalized` and the schema layer accepted the event.
        """
        match self._message.WhichOneof("normalized_body"):
            case "normalized_payload_json":
                parsed: dict[str, Any] = json.loads(self._message.normalized_payload_json)
                return parsed
            case "normalized_payload":
                return from_struct(self._message.normalized_payload)
        return None

    @property
    def normalized_json(self) -> bytes | None:
        """As `normalized`, but the JSON text itself, to be passed on as it is; None for an event sent as a Struct."""
        if self._message.HasField("normalized_payload_json"):
            return self._message.normalized_payload_json
        return None

    @property
    def contract_version(self) -> str:
        """The contract that judged the event, for example "1.2.0+9f3a12c4"; empty if none did."""
        return self._message.contract_version

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """What each statistical and anomaly check saw; empty unless the call asked for it with `explain`."""
        return tuple(map(Explanation.from_message, self._message.explanations))

    @property
    def details_omitted(self) -> bool:
        """Whether details of this verdict were left out because the response had reached the server's size limit."""
        return self._message.details_omitted

    def raise_if_invalid(self) -> Self:
        """Return the verdict itself, so that calls chain.

        Raises:
            InvalidEventError: If the event is not valid.
        """
        if not self.valid:
            raise InvalidEventError(self)
        return self

    def __eq__(self, other: object) -> bool:
        return self._message == other._message if isinstance(other, Verdict) else NotImplemented

    def __hash__(self) -> int:
        return hash((self._message.event_id, self._message.valid, self._message.contract_version))

    def __repr__(self) -> str:
        checks = [finding.check for finding in self._message.findings]
        return f"Verdict(event_id={self.event_id!r}, valid={self.valid}, findings={checks!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._message.SerializeToString(),)


def _unpickled(data: bytes) -> Verdict:
    return Verdict(verdict_pb2.Verdict.FromString(data))
