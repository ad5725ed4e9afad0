"""The envelope: the event around its payload, before anything of the payload is read."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic_core import from_json, to_json

from assay_server.baselines import NO_TIME
from assay_server.contracts import Catalog, Clock, Contract, Enforcement

from ._event import Event, Limits
from ._findings import Finding, Layer
from ._packed import Ints, PackedEvents
from ._protocol import CheckDescription, Report
from ._schema import json_invalid
from ._table import EventTable, Mask

_ID_BYTES = 256
_ID_CHARACTERS = _ID_BYTES // 4  # So many are never too long, whatever they are.
_FIRST_TIME = -62_135_596_800_000_000_000  # 0001-01-01T00:00:00Z in nanoseconds, as protobuf has it.
_LAST_TIME = 253_402_300_799_999_999_999  # 9999-12-31T23:59:59.999999999Z
_QUOTED = 100

_BRACE = ord("{")
_SPACE = b" \t\r\n"
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1


class Envelope:
    """Looks at events before their contract does, whatever their contract."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def is_plain(self, event: Event) -> bool:
        """Return whether nothing can be wrong with an event but its type, its version and its clock.

        The quick look that most events need no other than. False says nothing.
        """
        payload = event.payload
        return (
            type(payload) is bytes
            and 0 < len(payload) <= self._limits.payload_bytes
            and payload[0] == _BRACE
            and payload.count(b"{") + payload.count(b"[") <= self._limits.depth
            and len(event.event_id) <= _ID_CHARACTERS
            and (event.timestamp is None or _is_time(event.timestamp))
        )

    def are_plain(self, events: PackedEvents) -> bool:
        """Return whether the same can be said of all of these."""
        limits = self._limits
        return (
            not events.odd
            and events.longest <= limits.payload_bytes
            and events.deepest <= limits.depth
            and events.longest_id <= _ID_CHARACTERS
        )  # Any time that 64 bits hold is one.

    def plain_rows(self, table: EventTable) -> Mask:
        """Return of which rows the same can be said."""
        plain = ~table.doubtful & (table.sizes <= self._limits.payload_bytes) & (table.depth <= self._limits.depth)
        if table.id_sizes is not None:
            plain &= table.id_sizes <= _ID_CHARACTERS
        return plain  # Any time that 64 bits hold is one.

    def inspect(self, event: Event, row: int, contract: Contract | None, catalog: Catalog, report: Report) -> bytes | None:
        """Look at all there is to an event but its clock; return its payload as text to be read, if it has one."""
        if contract is None:
            _report(report, row, *_unknown(event, catalog))
        if len(event.event_id) > _ID_CHARACTERS:
            size = len(event.event_id.encode(errors="surrogatepass"))
            if size > _ID_BYTES:
                _report(report, row, "event_id_too_long", f"event_id has {size} bytes; it may have {_ID_BYTES}")
        if event.timestamp is not None and not _is_time(event.timestamp):
            _report(report, row, "timestamp_invalid", "timestamp is outside the years 1 to 9999, or its nanoseconds are")
        return self._payload(event.payload, row, report)

    def _payload(self, payload: bytes | str | Mapping[str, Any] | None, row: int, report: Report) -> bytes | None:
        if payload is None or payload in (b"", ""):
            _report(report, row, "payload_missing", "the event has no payload")
            return None
        if isinstance(payload, bytes):
            text = payload
        elif isinstance(payload, str):
            text = payload.encode(errors="surrogatepass")  # Half a surrogate pair is then found as what it is in bytes.
        else:
            try:
                text = to_json(payload, inf_nan_mode="constants", fallback=_as_dict)
            except Exception as error:  # noqa: BLE001  # A mapping may hold anything at all.
                if _mapping_is_deeper(payload, self._limits.depth):
                    self._too_deep(row, report)
                elif row not in report.rejected:
                    report.add(row, json_invalid(f"the payload cannot be written as JSON: {error}"))
                return None
        if len(text) > self._limits.payload_bytes:
            message = f"the payload has {len(text)} bytes of JSON; it may have {self._limits.payload_bytes}"
            _report(report, row, "payload_too_large", message)
            return None
        if text.count(b"{") + text.count(b"[") > self._limits.depth and depth(text) > self._limits.depth:
            self._too_deep(row, report)
            return None
        if text.lstrip(_SPACE)[:1] != b"{" and _is_json(text):
            _report(report, row, "payload_not_object", "the payload is JSON, but no object")
            return None
        return text

    def _too_deep(self, row: int, report: Report) -> None:
        _report(report, row, "too_deep", f"the payload nests deeper than {self._limits.depth} objects and lists")


class ClockCheck:
    """Compares events' timestamps with the server's clock, as their contract's Clock says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._max_age = None if clock.max_age is None else _nanoseconds(clock.max_age)
        self._max_ahead = None if clock.max_ahead is None else _nanoseconds(clock.max_ahead)
        bounds = []
        if clock.max_age is not None:
            bounds.append(f"at most {clock.max_age} old")
        if clock.max_ahead is not None:
            bounds.append(f"at most {clock.max_ahead} ahead of the server's clock")
        self.description = CheckDescription(
            check="envelope.clock_skew",
            layer=Layer.ENVELOPE,
            enforcement=clock.enforcement,
            field="",
            description=f"The event has a timestamp, {' and '.join(bounds)}.",
        )

    def doubtful(self, times: Ints, received: int) -> npt.NDArray[np.intp]:
        """Return which events `look` has something to say of.

        Args:
            times: When each happened, nanoseconds since 1970, UTC, or NO_TIME.
            received: When they were received.
        """
        least, most = self._bounds(received)
        return np.flatnonzero((times == NO_TIME) | (times < least) | (times > most))

    def passes(self, time: int | None, received: int) -> bool:
        """Return whether `look` has nothing to say of an event."""
        least, most = self._bounds(received)
        return time is not None and least <= time <= most

    def _bounds(self, received: int) -> tuple[int, int]:
        return (
            _FIRST_TIME if self._max_age is None else received - self._max_age,
            _LAST_TIME if self._max_ahead is None else received + self._max_ahead,
        )

    def look(self, event: Event, row: int, received: int, report: Report) -> None:
        """Compare an event's timestamp with the time at which it was received, in nanoseconds since 1970."""
        if event.timestamp is None:
            report.found(row, self.description, "the event has no timestamp")
            return
        if not _is_time(event.timestamp):
            return  # A finding of its own.
        age = received - event.timestamp
        if self._max_age is not None and age > self._max_age:
            report.found(row, self.description, f"the event is {_text(age)} old; it may be {self._clock.max_age}")
        elif self._max_ahead is not None and -age > self._max_ahead:
            message = f"the event is {_text(-age)} ahead of the server's clock; it may be {self._clock.max_ahead}"
            report.found(row, self.description, message)


def depth(text: bytes) -> int:
    """Return how deep objects and lists nest in JSON text, whether or not the text is good JSON."""
    brackets = _TEXTS.sub(b"", text).translate(None, _NOT_BRACKETS)
    return int(np.cumsum(_STEPS[np.frombuffer(brackets, dtype=np.uint8)], dtype=np.int64).max(initial=0))


def _as_dict(value: object) -> dict[Any, Any]:
    """Return a mapping that is no dict as one; what else is no JSON is an error."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"JSON has nothing for {type(value).__name__}")


def _mapping_is_deeper(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        parts = (
            part
            for outer in level
            for part in (outer.values() if isinstance(outer, Mapping) else outer if isinstance(outer, list | tuple) else ())
            if isinstance(part, Mapping | list | tuple)
        )
        level = list({id(part): part for part in parts}.values())  # What holds itself twice would double with each level.
    return bool(level)


def _is_json(text: bytes) -> bool:
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError:
        return False
    return True


def _is_time(nanoseconds: int) -> bool:
    return _FIRST_TIME <= nanoseconds <= _LAST_TIME


def _unknown(event: Event, catalog: Catalog) -> tuple[str, str]:
    if not event.event_type:
        return "event_type_missing", "the event has no event_type"
    if event.event_type not in catalog:
        return "unknown_event_type", f"there is no contract for the event type {event.event_type[:_QUOTED]!r}"
    return (
        "unknown_contract_version",
        f"there is no version {event.contract_version[:_QUOTED]!r} of the contract for {event.event_type!r}",
    )


def _report(report: Report, row: int, check: str, message: str) -> None:
    report.add(row, Finding(f"envelope.{check}", Layer.ENVELOPE, Enforcement.REJECT, "", message))


def _nanoseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1) * 1000


def _text(nanoseconds: int) -> str:
    return str(timedelta(seconds=nanoseconds // 1_000_000_000))
