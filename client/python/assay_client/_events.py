"""Events as callers write them, and as messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from google.protobuf import struct_pb2, timestamp_pb2

from assay.v1 import event_pb2, validation_service_pb2
from assay_client._errors import EncodingError
from assay_client._payload import Payload, json_text

Timestamp = datetime | int | timestamp_pb2.Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One event to be checked.

    Attributes:
        event_type: Which contract applies, for example "flight.arrived".
        payload: The event's data, which is to be one JSON object: a dict or another mapping; JSON text as bytes or str,
            sent as it is; a Pydantic model, sent as `model_dump_json(by_alias=True)` gives it; a dataclass; or a
            `google.protobuf.Struct`, which costs the server several times as much. Dates and times in a mapping or a
            dataclass become ISO 8601 text, Decimal and UUID text, enum members their values, sets arrays. None is an
            event without a payload, for which the server has a finding.
        timestamp: When the event happened: a datetime with a time zone, nanoseconds since 1970 UTC, or a
            `google.protobuf.Timestamp`. None where that is not known.
        event_id: The caller's own identifier, echoed on the verdict.
        contract_version: "1.2.0", or the beginning of a version up to a dot; empty for the newest in service.
    """

    event_type: str
    payload: Payload
    timestamp: Timestamp | None = None
    event_id: str = ""
    contract_version: str = ""


EventLike = Event | Mapping[str, Any]
"""An event, or a mapping with the attributes of one as its keys, where every key may be missing."""

Fields = tuple[str, Payload, Timestamp | None, str, str]
"""An event's attributes, in their order: where it is made only to be sent, an `Event` would cost more than the rest."""

_KEYS = frozenset(field.name for field in fields(Event))


def fill(message: event_pb2.Event, event: EventLike) -> int:
    """Write `event` into an empty `message`, and return about how many bytes it takes.

    Raises:
        EncodingError: If it cannot be written.
    """
    if not isinstance(event, Event):
        event = _from_mapping(event)
    return write(message, (event.event_type, event.payload, event.timestamp, event.event_id, event.contract_version))


def write(message: event_pb2.Event, event: Fields) -> int:
    """Do what `fill` does for an event that is given as its fields."""
    event_type, payload, timestamp, event_id, contract_version = event
    try:
        message.event_type = event_type
        size = 16 + len(event_type)
        if isinstance(payload, struct_pb2.Struct):
            message.payload.CopyFrom(payload)
            size += payload.ByteSize()
        elif payload is not None:
            text = json_text(payload)
            message.payload_json = text
            size += len(text)
        if timestamp is not None:
            set_timestamp(message.timestamp, timestamp)
            size += 16
        if event_id:
            message.event_id = event_id
            size += 4 + len(event_id)
        if contract_version:
            message.contract_version = contract_version
    except EncodingError:
        raise
    except (TypeError, ValueError) as error:
        raise EncodingError(f"the event cannot be written as a message: {error}") from error
    return size


def _from_mapping(event: object) -> Event:
    if not isinstance(event, Mapping):
        raise EncodingError(f"an event is an Event or a mapping, not {type(event).__name__}")
    if unknown := event.keys() - _KEYS:
        raise EncodingError(f"an event has no {', '.join(sorted(map(repr, unknown)))}; it has {', '.join(sorted(_KEYS))}")
    return Event(**{"event_type": "", "payload": None, **event})


def set_timestamp(message: timestamp_pb2.Timestamp, timestamp: Timestamp) -> None:
    """Write `timestamp` into `message`, in whatever range: a time that the server does not take is its finding.

    Raises:
        EncodingError: If it has no time zone, or is none of the types of `Timestamp`.
    """
    if isinstance(timestamp, datetime):
        if timestamp.tzinfo is None:
            raise EncodingError(
                f"the timestamp {timestamp} has no time zone: give it one, for example with .replace(tzinfo=UTC)"
            )
        since = timestamp - _EPOCH
        message.seconds = since // _SECOND
        message.nanos = since.microseconds * 1000
    elif isinstance(timestamp, int):
        message.seconds, message.nanos = divmod(timestamp, 1_000_000_000)
    elif isinstance(timestamp, timestamp_pb2.Timestamp):
        message.CopyFrom(timestamp)
    else:
        raise EncodingError(
            f"the timestamp is a datetime with a time zone or nanoseconds since 1970, not {type(timestamp).__name__}"
        )
    # A message of zeros would otherwise not be there at all, and 1970 read as "not given".
    message.SetInParent()


Batch = TypeVar("Batch", validation_service_pb2.ValidateBatchRequest, validation_service_pb2.ValidateStreamRequest)


class Gatherer(Generic[Batch]):
    """Gathers events, in their order, into messages of at most so many events and about so many bytes.

    Only an event that is larger than `max_bytes` by itself makes a message that is.
    """

    def __init__(self, kind: type[Batch], max_events: int, max_bytes: int) -> None:
        self._kind: type[Batch] = kind
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._position = 0
        self._begin()

    def _begin(self) -> None:
        self._message: Batch = self._kind()
        self._bytes = 0
        self.count = 0

    def add(self, event: EventLike) -> Batch | None:
        """Take `event`, and return a message if one is full.

        Raises:
            EncodingError: If the event cannot be written; it is left out, and its position is in the error.
        """
        events = self._message.events
        try:
            size = fill(events.add(), event)
        except EncodingError as error:
            del events[-1]
            raise EncodingError(error.problem, self._position) from error.__cause__
        self._position += 1
        full = None
        if self.count and self._bytes + size > self._max_bytes:
            last = events.pop()
            full = self.flush()
            self._message.events.append(last)
        self._bytes += size
        self.count += 1
        return self.flush() if self.count >= self._max_events else full

    def flush(self) -> Batch | None:
        """Return the message begun, full or not; None if it is empty."""
        if not self.count:
            return None
        message = self._message
        self._begin()
        return message


def batches(
    events: Iterable[EventLike],
    options: validation_service_pb2.ValidateOptions | None,
    max_events: int = 1000,
    max_bytes: int = 1 << 20,
) -> list[validation_service_pb2.ValidateBatchRequest]:
    """Return the requests that ask for verdicts on `events`, in their order.

    A thousand events a message cost a server hardly more each than ten thousand would, stay below its limits unless
    it was given lower ones, and leave room for the details of every answer.

    Raises:
        EncodingError: If an event cannot be written.
    """
    gatherer = Gatherer(validation_service_pb2.ValidateBatchRequest, max_events, max_bytes)
    requests = [message for message in map(gatherer.add, events) if message is not None]
    if (last := gatherer.flush()) is not None:
        requests.append(last)
    if options is not None:
        for request in requests:
            request.options.CopyFrom(options)
    return requests
