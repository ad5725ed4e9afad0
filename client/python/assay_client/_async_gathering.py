"""Single calls gathered from tasks: one task for each lane sends a message and reads its answer, in turn."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence

import grpc

from assay.v1 import verdict_pb2
from assay_client._errors import CallError
from assay_client._flights import Answer, Call, Lane, Response
from assay_client._gathering import Gathering
from assay_client._options import GatherTuning
from assay_client._outcome import Outcome
from assay_client._status import call_error

StreamOfBytes = grpc.aio.StreamStreamCall[bytes, Response]

_TICK = 0.005
"""How many seconds deadlines are looked at apart, at least, so that ten thousand of them do not take a look each."""


class _Call(Call):
    __slots__ = ("answer",)

    def __init__(self, event: bytes, options: bytes, deadline: float, answer: asyncio.Future[Answer]) -> None:
        super().__init__(event, options, deadline)
        self.answer = answer

    def settle(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


class _Lane(Lane):
    def __init__(self, open_stream: Callable[[], StreamOfBytes]) -> None:
        super().__init__()
        self.open_stream = open_stream
        self.task: asyncio.Task[None] | None = None
        self.stream: StreamOfBytes | None = None
        self.woken = asyncio.Event()


class AsyncGathering:
    """What `AsyncClient.validate` asks with `gather`. Belongs to the event loop it is made in.

    Args:
        tuning: How to gather.
        streams: For each lane, what opens a stream on its connection.
        late: Makes the error for a call whose deadline has come.
    """

    def __init__(
        self, tuning: GatherTuning, streams: Sequence[Callable[[], StreamOfBytes]], late: Callable[[], CallError]
    ) -> None:
        self._core: Gathering[_Lane] = Gathering(tuning, [_Lane(each) for each in streams])
        self._late = late
        self._max_delay = tuning.max_delay
        self._loop = asyncio.get_running_loop()
        self._sending = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = float("inf")
        self._nudge: asyncio.TimerHandle | None = None
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def has_room(self) -> bool:
        """Whether a call may be made without waiting."""
        return self._core.has_room or self._core.closed

    async def room(self, deadline: float) -> None:
        """Wait until a call may be made.

        Raises:
            CallError: If the deadline comes first.
        """
        until = None if deadline == float("inf") else deadline - time.monotonic()
        try:
            async with asyncio.timeout(until):
                while not self.has_room:
                    turn = self._loop.create_future()
                    self._queue.append(turn)
                    try:
                        await turn
                    finally:
                        with contextlib.suppress(ValueError):
                            self._queue.remove(turn)
        except TimeoutError:
            raise self._late() from None

    async def ask(self, event: bytes, options: bytes, deadline: float) -> verdict_pb2.Verdict | None:
        """Return the verdict for one event, as `Call` has it; None if it has to be asked for by a call of its own.

        Raises:
            CallError: If the deadline comes first, or the client is closed meanwhile.
        """
        call = _Call(event, options, deadline, self._loop.create_future())
        if not self._core.add(call, time.monotonic()):
            return None
        self._send_soon()
        if deadline < self._alarm_at:
            self._set_alarm(deadline)
        try:
            answer = await call.answer
        except asyncio.CancelledError:
            self._drop(call)
            raise
        if isinstance(answer, CallError):
            raise answer
        return answer

    async def close(self) -> None:
        """End every call and every stream."""
        self._core.close()
        self._let_in()
        for timer in (self._alarm, self._nudge):
            if timer is not None:
                timer.cancel()
        tasks = [lane.task for lane in self._core.lanes if lane.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # Sending: at the end of the loop's turn, when all who had answers in it have asked again.

    def _send_soon(self) -> None:
        if not self._sending:
            self._sending = True
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        self._sending = False
        core = self._core
        while (lane := core.depart(time.monotonic())) is not None:
            if lane.task is None:
                lane.task = self._loop.create_task(self._serve(lane), name="assay-gathering")
            else:
                lane.woken.set()
        if self._queue:
            self._let_in()
        if self._nudge is None and core.is_held_back:
            self._nudge = self._loop.call_later(self._max_delay, self._on_nudge)

    def _on_nudge(self) -> None:
        self._nudge = None
        self._send()

    def _let_in(self) -> None:
        """Wake those that wait for room: as many as have one message, for the next comes soon."""
        for _ in range(len(self._queue)):
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)

    # Deadlines: one timer for all, which seldom finds a call that has not been answered.

    def _set_alarm(self, deadline: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = deadline
        self._alarm = self._loop.call_later(max(_TICK, deadline - time.monotonic()), self._on_alarm)

    def _on_alarm(self) -> None:
        self._alarm, self._alarm_at = None, float("inf")
        for call in self._core.overdue(time.monotonic()):
            self._drop(call)
            call.settle(self._late())
        following = self._core.next_deadline()
        if following is not None and following < self._alarm_at:
            self._set_alarm(following)

    def _drop(self, call: Call) -> None:
        lane = self._core.drop(call)
        if lane is not None and lane.stream is not None:
            lane.stream.cancel()

    # Lanes.

    async def _serve(self, lane: _Lane) -> None:
        """Carry a lane's messages for as long as its streams live."""
        try:
            while lane.flight is not None and not self._core.closed:
                await self._one_stream(lane)
        finally:
            lane.task = None
            if lane.flight is not None:  # No stream could be opened.
                self._core.end(lane, time.monotonic())
            if not self._core.closed:
                self._send_soon()

    async def _one_stream(self, lane: _Lane) -> None:
        error: CallError | None = None
        sent = False
        stream = lane.stream = lane.open_stream()
        outcome = Outcome(stream)
        stream.add_done_callback(lambda _: lane.woken.set())
        try:
            while not stream.done():
                if lane.flight is None:
                    lane.woken.clear()
                    await lane.woken.wait()
                    continue
                sent = True
                await stream.write(lane.flight.message)
                response = await stream.read()
                if response is grpc.aio.EOF or not self._core.arrive(lane, response, time.monotonic()):  # type: ignore[arg-type]  # The stubs leave out EOF.
                    break
                sent = False
                self._send_soon()
        except grpc.aio.AioRpcError:
            await outcome.settle()
            error = call_error(outcome)
        except (grpc.aio.BaseError, asyncio.InvalidStateError):
            pass  # The stream has ended between two looks at it.
        except asyncio.CancelledError:
            # Of the stream, if nobody waits for its message any more. That of the task goes on.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
        finally:
            lane.stream = None
            stream.cancel()
            if sent:
                self._core.end(lane, time.monotonic(), error)
