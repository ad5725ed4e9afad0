"""The book of a stream: what was sent, what was answered, what to send again. It does no I/O and never waits.

`Client` and `AsyncClient` drive the same book, one from threads under a lock, the other from tasks.
"""

import random
from collections import deque

import grpc
from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

from assay.v1 import validation_service_pb2, verdict_pb2
from assay_client._errors import CallError, InternalError, UnavailableError
from assay_client._events import EventLike, Gatherer
from assay_client._options import StreamTuning

Request = validation_service_pb2.ValidateStreamRequest
Response = validation_service_pb2.ValidateStreamResponse

_NOBODYS_FAULT = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})


class Book:
    """Gathers events into messages, and keeps each message until it is answered.

    A message in line has its sequence and never changes; `_sent` of them, the oldest, have been handed out for the call
    under way. When a call ends early that count goes back to nothing, so that the next call begins with the first
    message without an answer.
    """

    def __init__(self, tuning: StreamTuning, options: validation_service_pb2.ValidateOptions | None) -> None:
        self._tuning = tuning
        self._options = options
        self._gatherer = Gatherer(Request, min(tuning.max_events_per_message, tuning.look_ahead), tuning.max_bytes_per_message)
        self._line: deque[Request] = deque()
        self._sent = 0
        self._last_sequence = 0
        self._held = 0
        self._held_bytes = 0
        self._answered = 0
        self._fruitless = 0
        self.due: float | None = None
        """When the events gathered so far are to be flushed, by the clock of `add`; None if there are none."""

        self.input_ended = False
        self.input_error: BaseException | None = None
        """What reading the input ended with, to be raised once all before it is answered."""

    # The input.

    @property
    def has_room(self) -> bool:
        """Whether another event may be read from the input."""
        return self._held < self._tuning.look_ahead and self._held_bytes < self._tuning.look_ahead_bytes

    def add(self, event: EventLike, now: float) -> None:
        """Take the next event of the input; `now` is in seconds, by a clock that never goes back.

        Raises:
            EncodingError: If the event cannot be sent; its position is in the error.
        """
        full = self._gatherer.add(event)
        self._held += 1
        if full is not None:
            self._put_in_line(full)
        if self._gatherer.count and (self.due is None or full is not None):
            self.due = now + self._tuning.max_delay
        if not self.has_room or (self.due is not None and self.due <= now):
            self.flush()

    def flush(self) -> None:
        """Put what is gathered in line, to be sent as it is."""
        if (message := self._gatherer.flush()) is not None:
            self._put_in_line(message)

    def end_input(self, error: BaseException | None = None) -> None:
        """Note that no more events come, and why."""
        self.flush()
        self.input_ended = True
        self.input_error = error

    def _put_in_line(self, message: Request) -> None:
        self._last_sequence += 1
        message.sequence = self._last_sequence
        self._line.append(message)
        self._held_bytes += message.ByteSize()
        self.due = None

    # Sending.

    @property
    def has_unsent(self) -> bool:
        """Whether there is a message for the call under way, or for a new one."""
        return self._sent < len(self._line)

    def begin_call(self) -> None:
        """Note that a call begins, on which nothing has been sent."""
        self._sent = 0

    def next_message(self) -> Request | None:
        """Return the next message for the call under way; None if there is none at present."""
        if not self.has_unsent:
            return None
        message = self._line[self._sent]
        self._sent += 1
        if self._sent > 1 or self._options is None:
            return message
        first = Request(options=self._options)  # They hold for the call from here on.
        first.MergeFrom(message)
        return first

    # Receiving.

    def answer(self, response: Response) -> RepeatedCompositeFieldContainer[verdict_pb2.Verdict]:
        """Strike the oldest message from the line, and return its verdicts.

        Raises:
            InternalError: If `response` does not answer that message.
        """
        expected = self._line[0] if self._sent else None
        if expected is None or response.sequence != expected.sequence or len(response.verdicts) != len(expected.events):
            due = "nothing" if expected is None else f"{len(expected.events)} verdicts for sequence {expected.sequence}"
            raise InternalError(
                grpc.StatusCode.INTERNAL,
                f"the server broke the contract: {due} was due, but it sent {len(response.verdicts)} verdicts "
                f"for sequence {response.sequence}",
            )
        self._held_bytes -= self._line.popleft().ByteSize()
        self._sent -= 1
        self._answered += len(response.verdicts)
        self._fruitless = 0
        return response.verdicts

    def release(self, count: int) -> None:
        """Note that the caller has taken `count` verdicts, and make room for as many events."""
        self._held -= count

    # The end of a call.

    def call_ended(self, error: CallError | None = None) -> float:
        """Note that the call under way has ended, with `error` or else with OK.

        Returns:
            After how many seconds the stream may be carried on, if there is anything left to do.

        Raises:
            CallError: If another call would not help, or too many have not.
        """
        self._sent = 0
        if error is None:
            if not self._line:
                return 0
            error = UnavailableError(grpc.StatusCode.UNAVAILABLE, "the server ended the stream before all was answered")
        asked_to_wait = error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_delay is not None
        if not asked_to_wait and error.code not in _NOBODYS_FAULT:
            raise error
        if not self._line:
            return error.retry_delay or 0
        if not self._tuning.max_attempts:
            raise error
        if self._fruitless >= self._tuning.max_attempts:
            raise self._given_up(error)
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - It keeps clients apart, and no secret.
        wait = min(self._tuning.max_backoff, self._tuning.initial_backoff * 2.0**self._fruitless) * jitter
        self._fruitless += 1
        return max(wait, error.retry_delay or 0)

    def _given_up(self, error: CallError) -> CallError:
        return type(error)(
            error.code,
            f"the stream broke off after {self._answered} events were answered, and {self._fruitless} attempts in a row to "
            f"carry it on got no further; the last of them: {error.message}",
            error.reason,
            error.metadata,
            error.retry_delay,
            error.violations,
        )
