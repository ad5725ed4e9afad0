"""What callers send: events and options."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from assay.v1 import event_pb2, validation_service_pb2
from assay_server.contracts import Enforcement
from assay_server.engine import Event, Limits, Options, Pace
from assay_server.rpc.status import malformed

from ._pace import paced
from ._structs import StructReader, TooLargeError

NANOSECONDS = 1_000_000_000

# 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, as timestamp.proto has them.
FIRST_SECOND = -62_135_596_800
LAST_SECOND = 253_402_300_799

TIMESTAMP_OUT_OF_RANGE = (FIRST_SECOND - 1) * NANOSECONDS
"""Stands for every timestamp that protobuf does not allow: a time before year 1, which the engine finds invalid."""

_DEFAULT_OPTIONS = Options()

M = TypeVar("M", bound=Message)


def decode(kind: type[M], data: bytes) -> M:
    """Return the message that `data` encodes.

    Raises:
        CallError: MALFORMED_REQUEST, if it encodes none. The parser's own words stay here.
    """
    try:
        return kind.FromString(data)
    except DecodeError:
        raise malformed("", f"the request cannot be decoded as {kind.DESCRIPTOR.full_name}") from None


class EventReader:
    """Turns messages into events.

    A Struct that is certain to be longer than a payload may be is not unpacked: the engine gets its bytes instead, which
    are longer still, and answers `envelope.payload_too_large`.
    """

    def __init__(self, limits: Limits) -> None:
        self._characters = limits.payload_bytes

    def read(self, message: event_pb2.Event) -> Event:
        """Return the event that `message` describes."""
        return Event(
            message.event_type,
            # An empty text is told from an absent one by the slow way.
            message.payload_json or self._body(message),
            _nanoseconds(message),
            message.event_id,
            message.contract_version,
        )

    async def read_all(self, messages: Sequence[event_pb2.Event]) -> list[Event]:
        """Return the events that `messages` describe."""
        events: list[Event] = []
        pace = Pace()
        async for some in paced(messages):
            for message in some:
                event = self.read(message)
                events.append(event)
                if type(event.payload) is dict:  # Any one may take as long as thousands of payloads of JSON text.
                    await pace.keep()
        return events

    def _body(self, message: event_pb2.Event) -> bytes | dict[str, object] | None:
        match message.WhichOneof("body"):
            case "payload":
                try:
                    return StructReader(self._characters).read(message.payload)
                except TooLargeError:
                    return message.payload.SerializeToString()
            case "payload_json":
                return b""
            case _:
                return None


def _nanoseconds(message: event_pb2.Event) -> int | None:
    """Return an event's time in nanoseconds since 1970, or TIMESTAMP_OUT_OF_RANGE for what protobuf does not allow."""
    timestamp = message.timestamp
    seconds, nanos = timestamp.seconds, timestamp.nanos
    if not seconds and not nanos and not message.HasField("timestamp"):
        return None
    if FIRST_SECOND <= seconds <= LAST_SECOND and 0 <= nanos < NANOSECONDS:
        return seconds * NANOSECONDS + nanos
    return TIMESTAMP_OUT_OF_RANGE


def read_options(
    request: validation_service_pb2.ValidateRequest
    | validation_service_pb2.ValidateBatchRequest
    | validation_service_pb2.ValidateStreamRequest,
    otherwise: Options = _DEFAULT_OPTIONS,
) -> Options:
    """Return the options of `request`, or `otherwise` if it has none.

    Raises:
        CallError: MALFORMED_REQUEST, if they hold an enum number that the contract does not have.
    """
    return options_of(request.options) if request.HasField("options") else otherwise


def options_of(options: validation_service_pb2.ValidateOptions) -> Options:
    """Return options as the engine has them.

    Raises:
        CallError: MALFORMED_REQUEST, if they hold an enum number that the contract does not have.
    """
    return _options(options.return_normalized, options.explain, options.dry_run, options.report_from, options.reject_from)


# There are 128 options that differ, and a caller sends the same ones over and over; refusals are not kept.
@lru_cache(maxsize=128)
def _options(return_normalized: bool, explain: bool, dry_run: bool, report_from: int, reject_from: int) -> Options:
    return Options(
        return_normalized=return_normalized,
        explain=explain,
        dry_run=dry_run,
        report_from=_enforcement("report_from", report_from, _DEFAULT_OPTIONS.report_from),
        reject_from=_enforcement("reject_from", reject_from, _DEFAULT_OPTIONS.reject_from),
    )


def _enforcement(field: str, number: int, unspecified: Enforcement) -> Enforcement:
    if number == 0:
        return unspecified
    try:
        return Enforcement(number)
    except ValueError:
        raise malformed(f"options.{field}", f"{number} is no assay.v1.Enforcement") from None
