"""What the gathering of single calls is made of: calls, the messages they go in, and the lanes these go on."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import Unpack

from assay.v1 import event_pb2, validation_service_pb2, verdict_pb2
from assay_client._errors import CallError
from assay_client._events import Fields, write
from assay_client._options import ValidateOptions, options_message

Request = validation_service_pb2.ValidateStreamRequest
Response = validation_service_pb2.ValidateStreamResponse

_EVENTS = Request.DESCRIPTOR.fields_by_name["events"].number << 3 | 2  # The wire type of messages.

Answer = verdict_pb2.Verdict | CallError | None
"""What comes of a gathered call; None sends it back, to be made as a call of its own."""


class Call(ABC):
    """One event that waits for its verdict.

    Attributes:
        event: A message with nothing but the event, encoded: such messages one after the other are one with all their events.
        options: How to check it, encoded; empty by default.
    """

    __slots__ = ("deadline", "event", "flight", "options", "since")

    def __init__(self, event: bytes, options: bytes, deadline: float) -> None:
        self.event = event
        self.options = options
        self.deadline = deadline
        self.since = 0.0
        self.flight: Flight | None = None

    @abstractmethod
    def settle(self, answer: Answer) -> None:
        """Tell whoever asked."""


class Flight:
    """A message on its way, encoded, and whose events are in it; None for those that are not waited for any more."""

    __slots__ = ("among", "calls", "departed", "message", "sequence", "waited_for")

    def __init__(self, sequence: int, message: bytes, calls: Sequence[Call], departed: float, among: int) -> None:
        self.sequence = sequence
        self.message = message
        self.calls: list[Call | None] = [*calls]
        self.waited_for = len(calls)
        self.departed = departed
        self.among = among
        """How many events were on their way then, its own included."""


class Lane:
    """A stream, or the place for one."""

    def __init__(self) -> None:
        self.flight: Flight | None = None
        self.rests_until = 0.0
        self.fruitless = 0


def encoded_event(event: Fields) -> bytes:
    """Return a message of a stream with nothing but the event.

    Raises:
        EncodingError: If the event cannot be written.
    """
    message = event_pb2.Event()
    write(message, event)
    encoded = message.SerializeToString()
    return _head(len(encoded)) + encoded  # By hand: a message around each event would cost as much again.


@lru_cache(maxsize=1024)
def _head(size: int) -> bytes:
    """Return what stands before an event of so many bytes in a message: the field, and the size as a varint."""
    head = bytearray((_EVENTS,))
    while size > 0x7F:  # noqa: PLR2004  # Seven bits a byte, and one that says that there are more.
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head)


def encoded_options(**options: Unpack[ValidateOptions]) -> bytes:
    """Return options encoded; empty if they are the default."""
    chosen = options_message(**options) if options else None
    return b"" if chosen is None else chosen.SerializeToString()


def decoded_request(event: bytes, options: bytes) -> validation_service_pb2.ValidateRequest:
    """Return the request for one verdict, from what `encoded_event` and `encoded_options` gave."""
    [only] = Request.FromString(event).events
    request = validation_service_pb2.ValidateRequest(event=only)
    if options:
        request.options.MergeFromString(options)
    return request
