"""Single calls gathered from threads.

Callers put messages on their way themselves, where a lane is free. A thread for each lane reads its answers, and sends what
came together meanwhile.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Any, cast

import grpc

from assay.v1 import verdict_pb2
from assay_client._errors import CallError
from assay_client._flights import Answer, Call, Lane, Response
from assay_client._gathering import Gathering
from assay_client._options import GatherTuning
from assay_client._status import FailedCall, call_error

OpenStream = Callable[[Iterator[bytes]], Any]

_LAST_WAIT = 5.0
"""How many seconds closing waits for each thread: they end when their streams are cancelled."""


class _Call(Call):
    __slots__ = ("_settled", "answer")

    def __init__(self, event: bytes, options: bytes, deadline: float) -> None:
        super().__init__(event, options, deadline)
        self.answer: Answer = None
        self._settled = threading.Lock()  # The least that a thread can wait for.
        self._settled.acquire()

    def settle(self, answer: Answer) -> None:
        self.answer = answer
        self._settled.release()

    def wait(self, until: float) -> bool:
        """Wait for the answer; False if there is none by then."""
        left = until - time.monotonic()
        return self._settled.acquire(timeout=max(0.0, left) if left < threading.TIMEOUT_MAX else -1)


class _Lane(Lane):
    def __init__(self, open_stream: OpenStream) -> None:
        super().__init__()
        self.open_stream = open_stream
        self.outbox: SimpleQueue[bytes | None] | None = None
        """Where its thread's stream takes messages from; None while it has no thread."""
        self.thread: threading.Thread | None = None
        self.stream: Any = None


class SyncGathering:
    """What `Client.validate` asks with `gather`.

    Args:
        tuning: How to gather.
        streams: For each lane, what opens a stream on its connection.
        late: Makes the error for a call whose deadline has come.
    """

    def __init__(self, tuning: GatherTuning, streams: Sequence[OpenStream], late: Callable[[], CallError]) -> None:
        self._core: Gathering[_Lane] = Gathering(tuning, [_Lane(each) for each in streams])
        self._late = late
        self._max_delay = tuning.max_delay
        self._lock = threading.Lock()
        self._roomy = threading.Condition(self._lock)
        self._queueing = 0

    @property
    def has_room(self) -> bool:
        """Whether a call may be made without waiting."""
        return self._core.has_room or self._core.closed

    def room(self, deadline: float) -> None:
        """Wait until a call may be made.

        Raises:
            CallError: If the deadline comes first.
        """
        with self._roomy:
            self._queueing += 1
            try:
                while not self.has_room:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise self._late()
                    self._roomy.wait(left if left < threading.TIMEOUT_MAX else None)
            finally:
                self._queueing -= 1

    def ask(self, event: bytes, options: bytes, deadline: float) -> verdict_pb2.Verdict | None:
        """Return the verdict for one event, as `Call` has it; None if it has to be asked for by a call of its own.

        Raises:
            CallError: If the deadline comes first, or the client is closed meanwhile.
        """
        call = _Call(event, options, deadline)
        with self._lock:
            if not self._core.add(call, time.monotonic()):
                return None
            self._send()
        try:
            answered = call.wait(min(deadline, time.monotonic() + self._max_delay))
            if not answered:
                if call.flight is None:
                    with self._lock:
                        self._send()
                answered = call.wait(deadline)
        except BaseException:  # Such as KeyboardInterrupt.
            self._drop(call)
            raise
        if not answered:
            self._drop(call)
            if not call.wait(0):  # The answer may have come at the last moment.
                raise self._late()
        if isinstance(call.answer, CallError):
            raise call.answer
        return call.answer

    def close(self) -> None:
        """End every call and every stream."""
        with self._lock:
            self._core.close()
            self._roomy.notify_all()
            lanes = [(lane.thread, lane.stream, lane.outbox) for lane in self._core.lanes]
        for thread, stream, outbox in lanes:
            if stream is not None:
                stream.cancel()
            if outbox is not None:
                outbox.put(None)
            if thread is not None and thread is not threading.current_thread():
                thread.join(_LAST_WAIT)

    def _send(self) -> None:
        """Put on their way what can be. The lock is held."""
        while (lane := self._core.depart(time.monotonic())) is not None:
            if lane.outbox is None:
                lane.outbox = SimpleQueue()
                arguments = (lane, lane.outbox)
                lane.thread = threading.Thread(target=self._serve, args=arguments, name="assay-gathering", daemon=True)
                lane.thread.start()
            if lane.flight is not None:
                lane.outbox.put(lane.flight.message)
        if self._queueing and self._core.has_room:
            self._roomy.notify_all()

    def _drop(self, call: Call) -> None:
        with self._lock:
            lane = self._core.drop(call)
            stream = None if lane is None else lane.stream
        if stream is not None:
            stream.cancel()

    def _serve(self, lane: _Lane, outbox: "SimpleQueue[bytes | None]") -> None:
        """Read a lane's answers for as long as one stream lives."""
        error: CallError | None = None
        stream = None
        try:
            with self._lock:
                if self._core.closed:
                    return
                stream = lane.stream = lane.open_stream(iter(outbox.get, None))
            for response in stream:
                with self._lock:
                    if not self._core.arrive(lane, cast("Response", response), time.monotonic()):
                        break
                    self._send()
        except grpc.RpcError as failed:
            error = call_error(cast("FailedCall", failed))
        finally:
            with self._lock:
                lane.outbox = lane.thread = lane.stream = None
                self._core.end(lane, time.monotonic(), error)
                if not self._core.closed:
                    self._send()
            outbox.put(None)
            if stream is not None:
                stream.cancel()
