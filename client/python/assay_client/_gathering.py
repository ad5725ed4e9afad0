"""Single calls gathered into messages: who waits, on which stream whose event went, whom an answer is for.

It does no I/O and never waits: `Client` drives it from threads under a lock, `AsyncClient` from tasks.

A *lane* is a stream on a connection of its own, with one message on its way at a time. So there is nothing to keep in order
on a lane, and a stream that breaks takes one message with it. A call whose lane broke is sent back to whoever asked, to
be made as a call of its own.
"""

import random
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from assay.v1 import validation_service_pb2
from assay_client._enums import Enforcement
from assay_client._errors import CallError
from assay_client._flights import Call, Flight, Lane, Request, Response
from assay_client._options import GatherTuning
from assay_client._status import closed_error

AT_ONCE = 2
"""So many messages may be on their way before an event has to wait for company: one in the server's hands, one next."""

COMPANY = 50
"""How many events make it worth while to send a message beside those that are on their way, or fewer where they take long."""

_WORTH = 0.0012
"""How many seconds a message should keep the servers busy: several times what it costs by itself."""

_NUMBERS = frozenset(map(int, Enforcement))

_FIRST_REST, _LONGEST_REST = 0.1, 5.0


L = TypeVar("L", bound=Lane)


class Gathering(Generic[L]):
    """All calls that wait, and all lanes. Every `now` is by time.monotonic()."""

    def __init__(self, tuning: GatherTuning, lanes: Sequence[L]) -> None:
        self.lanes = lanes
        self.waiting = 0
        """How many events have not been sent."""
        self.closed = False
        self._tuning = tuning
        self._bytes = 0
        self._lines: dict[bytes, deque[Call]] = {}  # By options, which hold for a whole message.
        self._sequence = 0
        self._flying = 0
        self._pace = 0.0  # Seconds of all servers together for an event, smoothed.
        self._rests_until = 0.0

    # Calls.

    @property
    def has_room(self) -> bool:
        """Whether another call may be made."""
        return self.waiting < self._tuning.max_waiting and self._bytes < self._tuning.max_waiting_bytes

    def add(self, call: Call, now: float) -> bool:
        """Take a call; False if it has to be made by itself.

        So it is where no stream can be had at present, and where it would harm others: by its size, or by options that the
        server may end the stream for.
        """
        if (
            self.closed
            or now < self._rests_until
            or call.deadline <= now
            or len(call.event) > self._tuning.max_bytes_per_message
        ):
            return False
        line = self._lines.get(call.options)
        if line is None:
            if call.options and not _known(call.options):
                return False
            line = self._lines[call.options] = deque()
        call.since = now
        line.append(call)
        self.waiting += 1
        self._bytes += len(call.event)
        return True

    def drop(self, call: Call) -> L | None:
        """Forget a call whose answer is not waited for any more.

        Returns:
            The lane to be given up, if its message is of no use to anybody: the server may be stuck with it.
        """
        flight = call.flight
        if flight is None:
            line = self._lines.get(call.options)
            if line is not None and call in line:
                line.remove(call)
                self._took(call.options, line, (call,))
            return None
        if call in flight.calls:
            flight.calls[flight.calls.index(call)] = None
            flight.waited_for -= 1
            if not flight.waited_for:
                return next((lane for lane in self.lanes if lane.flight is flight), None)
        return None

    def overdue(self, now: float) -> list[Call]:
        """Return the calls whose deadline has come."""
        return [call for call in self._calls() if call.deadline <= now]

    def next_deadline(self) -> float | None:
        """Return when the next call has to have its answer; None if there is none."""
        return min((call.deadline for call in self._calls()), default=None)

    def close(self) -> None:
        """End every call, and take no more."""
        self.closed = True
        calls = self._calls()
        self._lines.clear()
        self.waiting = self._bytes = 0
        for lane in self.lanes:
            lane.flight = None
        for call in calls:
            call.settle(closed_error())

    def _calls(self) -> list[Call]:
        waiting = [call for line in self._lines.values() for call in line]
        flying = [call for lane in self.lanes if lane.flight for call in lane.flight.calls if call is not None]
        return [*waiting, *flying]

    # Lanes.

    def depart(self, now: float) -> L | None:
        """Put waiting events into a message, and return the lane to send it on, which has it as its `flight`.

        None if there is nothing to send, or no lane free; or if it is better to wait for more events, for as long as each of
        them may wait.
        """
        if not self.waiting:
            return None
        free = [lane for lane in self.lanes if lane.flight is None and lane.rests_until <= now]
        if not free:
            return None
        company = max(1, min(COMPANY, int(_WORTH / max(self._pace, 1e-6))))
        if (
            self.waiting < company
            and sum(lane.flight is not None for lane in self.lanes) >= AT_ONCE
            and all(now - line[0].since < self._tuning.max_delay for line in self._lines.values())
        ):
            return None
        lane = free[0]
        lane.flight = self._load(now, company, len(free))
        return lane

    @property
    def is_held_back(self) -> bool:
        """Whether events wait although a lane is free: `depart` is to be asked again after `max_delay`."""
        return self.waiting > 0 and any(lane.flight is None for lane in self.lanes)

    def arrive(self, lane: L, response: Response, now: float) -> bool:
        """Hand out the verdicts for the lane's message. False if `response` does not answer it: the lane is of no use."""
        flight = lane.flight
        if flight is None or response.sequence != flight.sequence or len(response.verdicts) != len(flight.calls):
            return False
        lane.flight = None
        lane.fruitless = 0
        self._flying -= len(flight.calls)
        self._pace += ((now - flight.departed) / flight.among - self._pace) * 0.2
        for call, verdict in zip(flight.calls, response.verdicts, strict=True):
            if call is not None:
                call.settle(verdict)
        return True

    def end(self, lane: L, now: float, error: CallError | None = None) -> None:
        """Note that a lane's stream has ended; whoever was to be answered by it is sent back.

        A lane that has not answered since it last rested rests again, twice as long.
        """
        flight, lane.flight = lane.flight, None
        if flight is None:
            return
        self._flying -= len(flight.calls)
        if flight.waited_for:
            jitter = random.uniform(0.8, 1.2)  # noqa: S311 - It keeps clients apart, and no secret.
            rest = min(_LONGEST_REST, _FIRST_REST * 2.0**lane.fruitless) * jitter if lane.fruitless else 0.0
            lane.fruitless += 1
            lane.rests_until = now + max(rest, (error and error.retry_delay) or 0)
            self._rests_until = min(lane.rests_until for lane in self.lanes)
        for call in flight.calls:
            if call is not None:
                call.settle(None)
        if now < self._rests_until:
            lines, self._lines = self._lines, {}
            self.waiting = self._bytes = 0
            for line in lines.values():
                for each in line:
                    each.settle(None)

    def _load(self, now: float, company: int, free: int) -> Flight:
        """Return a message from the line whose turn it is: its share for one of so many lanes."""
        options, line = next(iter(self._lines.items()))
        share = min(self._tuning.max_events_per_message, max(company, -(-len(line) // free)))
        room = self._tuning.max_bytes_per_message
        calls: list[Call] = []
        while line and len(calls) < share and (room := room - len(line[0].event)) >= 0:
            calls.append(line.popleft())
        self._took(options, line, calls)
        if line:  # The others' turn first.
            self._lines[options] = self._lines.pop(options)
        self._sequence += 1
        head = Request(sequence=self._sequence)
        head.options.MergeFromString(options)
        head.options.SetInParent()  # Those of the message before would hold otherwise.
        message = b"".join((head.SerializeToString(), *(call.event for call in calls)))
        self._flying += len(calls)
        flight = Flight(self._sequence, message, calls, now, self._flying)
        for call in calls:
            call.flight = flight
        return flight

    def _took(self, options: bytes, line: deque[Call], calls: Iterable[Call]) -> None:
        for call in calls:
            self.waiting -= 1
            self._bytes -= len(call.event)
        if not line:
            del self._lines[options]


def _known(encoded: bytes) -> bool:
    options = validation_service_pb2.ValidateOptions.FromString(encoded)
    return int(options.report_from) in _NUMBERS and int(options.reject_from) in _NUMBERS
