"""What is judged, and what one event may cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


# Made once for every event, and a frozen dataclass costs several times a plain one to make: a value all the same.
@dataclass(slots=True)
class Event:
    """One event, as its producer describes it.

    `payload` is JSON text (bytes or str), or a mapping of what JSON can hold. `timestamp` is in nanoseconds since 1970,
    UTC, and None where the producer gave none; one outside the years 1 to 9999 is a finding. `contract_version` is a
    version, the beginning of one up to a dot, or empty for the newest in service.
    """

    event_type: str
    payload: bytes | str | Mapping[str, Any] | None
    timestamp: int | None = None
    event_id: str = ""
    contract_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one event may cost."""

    payload_bytes: int = 262_144
    """The longest payload, as JSON text; a longer one is `envelope.payload_too_large`."""

    depth: int = 64
    """How deep objects and lists may nest; deeper is `envelope.too_deep`."""

    findings: int = 100
    """How many findings a verdict holds; the others are counted in `omitted_findings`.

    Of a payload so large and so bad that making all its findings would take seconds, each list and each dict is read up to
    the first of its items that is bad.
    """
