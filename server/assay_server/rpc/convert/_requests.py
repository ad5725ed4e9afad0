"""What callers send, read: requests of many events."""

from collections.abc import AsyncIterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
from google.protobuf.message import DecodeError

from assay.v1 import validation_service_pb2
from assay_server.baselines import NO_TIME
from assay_server.engine import Event, Limits, Options, PackedEvents
from assay_server.rpc.status import malformed

from . import _wire
from ._counting import EventCounter
from ._events import EventReader, decode, options_of, read_options

_LENGTH_DELIMITED = 2  # The wire type of messages.
_NO_TAG = 256
_WORTH_IT = 1024
"""From how many bytes on a request is scanned: a few events are unpacked in less than the calls to NumPy take."""

BatchRequest = validation_service_pb2.ValidateBatchRequest | validation_service_pb2.ValidateStreamRequest


class Requests(NamedTuple):
    """Requests of many events, with the same options, whose events are judged together.

    Attributes:
        sequences: The sequence of each.
        counts: How many of the events are those of each.
        events: The events of all.
        options: What their caller wants.
    """

    sequences: Sequence[int]
    counts: Sequence[int]
    events: Sequence[Event]
    options: Options

    def apart(self) -> "list[Requests]":
        """Return each by itself."""
        ends = tuple(accumulate(self.counts))
        return [
            Requests((sequence,), (count,), self.events[end - count : end], self.options)
            for sequence, count, end in zip(self.sequences, self.counts, ends, strict=True)
        ]


class RequestReader:
    """Reads encoded requests of one type.

    Args:
        kind: The type.
        limits: What one event may cost.
        max_events: How many events a message may hold.
    """

    def __init__(self, kind: type[BatchRequest], limits: Limits, max_events: int) -> None:
        self._kind: type[Any] = kind
        self._events = EventReader(limits)
        self._max_events = max_events
        self._counter = EventCounter(kind, max_events)
        numbers = kind.DESCRIPTOR.fields_by_name
        self._tags = (
            numbers["sequence"].number << 3 if "sequence" in numbers else _NO_TAG,
            numbers["events"].number << 3 | _LENGTH_DELIMITED,
            numbers["options"].number << 3 | _LENGTH_DELIMITED,
        )
        self._table = np.empty((max_events, _wire.COLUMNS), np.int64)
        self._kinds = np.empty((_wire.MOST_KINDS, 4), np.int64)
        self._slots = np.empty(_wire.SLOTS, np.int16)
        self._facts = np.empty(_wire.FACTS, np.int64)

    async def read(self, data: bytes, otherwise: Options) -> Requests:
        """Return what a request holds.

        Args:
            data: The request.
            otherwise: The options of a request that has none.

        Raises:
            CallError: MALFORMED_REQUEST, if it cannot be decoded, holds too many events, or an enum number that the contract
                does not have.
        """
        if len(data) >= _WORTH_IT and (found := self._scanned((data,), otherwise)) is not None:
            return found
        if self._counter.too_many(data):
            raise malformed("events", f"a message holds at most {self._max_events} events")
        message = decode(self._kind, data)
        options = read_options(message, otherwise)
        events = await self._events.read_all(message.events)
        return Requests((getattr(message, "sequence", 0),), (len(events),), events, options)

    async def read_all(self, messages: Sequence[bytes], otherwise: Options) -> AsyncIterator[Requests]:
        """Yield what requests hold, together as far as that can be, in their order.

        Args:
            messages: The requests.
            otherwise: The options of a request that has none, if there are none before it.

        Raises:
            CallError: As `read` does, once the requests before it were yielded.
        """
        if len(messages) > 1 and (found := self._scanned(messages, otherwise)) is not None:
            yield found
            return
        for message in messages:
            found = await self.read(message, otherwise)
            otherwise = found.options
            yield found

    def _scanned(self, messages: Sequence[bytes], otherwise: Options) -> Requests | None:
        """Return what requests hold; None if they have anything that is better left to protobuf."""
        data = messages[0] if len(messages) == 1 else b"".join(messages)
        requests = np.empty((len(messages), 3), np.int64)
        requests[:, 0] = tuple(accumulate(map(len, messages)))
        tables = (self._table, self._kinds, self._slots, self._facts)
        count = _wire.scan(np.frombuffer(data, np.uint8), requests, self._tags, NO_TIME, *tables)
        if count <= 0:
            return None
        facts: list[int] = self._facts.tolist()
        options = otherwise
        start, end = facts[_wire.OPTIONS : _wire.OPTIONS + 2]
        if start:
            try:
                options = options_of(validation_service_pb2.ValidateOptions.FromString(data[start:end]))
            except DecodeError:
                return None
        table = self._table[:count].copy()
        places: list[list[int]] = self._kinds[: facts[_wire.KINDS]].tolist()
        events = PackedEvents(
            data=data,
            ids=table[:, _wire.ID : _wire.ID + 2],
            payloads=table[:, _wire.PAYLOAD : _wire.PAYLOAD + 2],
            times=table[:, _wire.TIME],
            kinds=[(data[name:name_end].decode(), data[at:at_end].decode()) for name, name_end, at, at_end in places],
            kind=table[:, _wire.KIND],
            longest_id=facts[_wire.LONGEST_ID],
            longest=facts[_wire.LONGEST],
            deepest=facts[_wire.DEEPEST],
            odd=bool(facts[_wire.ODD]),
        )
        sequences: list[int] = requests[:, 1].tolist()
        ends: list[int] = requests[:, 2].tolist()
        return Requests(sequences, [end - start for start, end in pairwise((0, *ends))], events, options)
