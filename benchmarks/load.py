"""Load: callers that keep a server busy, and check every answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc

import assay_client
from assay.v1.validation_service_pb2 import (
    ValidateBatchRequest,
    ValidateBatchResponse,
    ValidateRequest,
    ValidateResponse,
    ValidateStreamRequest,
    ValidateStreamResponse,
)

from .answers import Expected, WrongAnswerError, check_client
from .servers import Server
from .workload import Sample

_METHOD = "/assay.v1.ValidationService/"
_IN_FLIGHT = 32
_PER_CONNECTION = 50  # Servers refuse calls beyond a hundred in progress on one.
_WINDOW = 16
_BATCHES = 8
_PATIENCE = 60.0


@dataclass(slots=True)
class Load:
    """What one measurement saw."""

    events: int = 0
    seconds: float = 0.0
    server_cpu: float = 0.0
    """Seconds of the server's CPU time."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from a call, or a message of a stream, to its answer."""
    steps: dict[str, float] = field(default_factory=dict)
    """Of the limit: microseconds an event, step by step."""

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_per_event(self) -> float:
        """Microseconds of the server's CPU time an event."""
        return self.server_cpu / self.events * 1e6

    def quantile(self, rank: float) -> float:
        """Return a quantile of the latencies, in milliseconds."""
        if not self.latencies:
            return 0.0
        return sorted(self.latencies)[min(int(rank * len(self.latencies)), len(self.latencies) - 1)] * 1e3


class _Message(Protocol):
    def SerializeToString(self) -> bytes: ...  # noqa: N802  # protobuf's name.


async def ready(server: Server, sample: Sample) -> None:
    """Wait until what the server says of an event is right: a model is tried before it serves.

    Raises:
        WrongAnswerError: If that does not come.
    """
    deadline = time.monotonic() + _PATIENCE
    request, expected = ValidateRequest(event=sample.event()).SerializeToString(), Expected([sample])
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"{_METHOD}Validate")
        while True:
            answer = await method(request)
            try:
                return expected.check([ValidateResponse.FromString(answer).verdict])
            except WrongAnswerError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.1)


async def unary(
    server: Server, samples: Sequence[Sample], seconds: float, *, callers: int = _IN_FLIGHT, check: bool = True
) -> Load:
    """Call Validate, by so many callers at a time; `check` is off for the floor, which answers nothing."""
    requests = [ValidateRequest(event=sample.event()) for sample in samples]
    load, answers = await _calls(server, "Validate", requests, seconds, callers)
    if check:
        expected = [Expected([sample]) for sample in samples]
        for index, answer in answers:
            expected[index].check([ValidateResponse.FromString(answer).verdict])
    return load


async def batch(server: Server, samples: Sequence[Sample], seconds: float, *, size: int) -> Load:
    """Call ValidateBatch with so many events each."""
    groups = _groups(samples, size)
    requests = [ValidateBatchRequest(events=[sample.event() for sample in group]) for group in groups]
    load, answers = await _calls(server, "ValidateBatch", requests, seconds, _BATCHES)
    expected = [Expected(group) for group in groups]
    for index, answer in answers:
        expected[index].check(ValidateBatchResponse.FromString(answer).verdicts)
    load.events *= size
    return load


async def gathered(server: Server, samples: Sequence[Sample], seconds: float, *, callers: int) -> Load:
    """Call `validate` of one client that gathers, by so many callers at a time."""
    events = [sample.event() for sample in samples]
    answers: list[tuple[int, assay_client.Verdict]] = []

    async with assay_client.AsyncClient(f"127.0.0.1:{server.port}", gather=True) as client:

        async def once(index: int) -> None:
            event = events[index]
            verdict = await client.validate(
                event.event_type, event.payload_json, timestamp=event.timestamp, event_id=event.event_id
            )
            answers.append((index, verdict))

        load = await drive(server, len(samples), callers, seconds, once)
    for index, verdict in answers:
        check_client(samples[index], verdict)
    return load


async def stream(server: Server, samples: Sequence[Sample], seconds: float, *, per_message: int, struct: bool = False) -> Load:
    """Send a stream of messages with so many events each, a bounded number of them unanswered at a time."""
    groups = _groups(samples, per_message)
    requests = [
        ValidateStreamRequest(events=[sample.event(struct=struct) for sample in group]).SerializeToString() for group in groups
    ]
    answers: list[bytes] = []
    sent: list[float] = []
    load = Load()
    window = asyncio.Semaphore(_WINDOW)
    until = 0.0

    async def messages() -> AsyncIterator[bytes]:
        while time.perf_counter() < until:
            await window.acquire()
            index = len(sent) % len(requests)
            sent.append(time.perf_counter())
            yield requests[index]

    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        method: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(f"{_METHOD}ValidateStream")
        for duration in (min(1.0, seconds / 4), seconds):  # The first run warms up.
            answers.clear()
            sent.clear()
            load = Load()
            cpu, start = server.cpu_seconds(), time.perf_counter()
            until = start + duration
            async for answer in method(messages()):
                load.latencies.append(time.perf_counter() - sent[len(answers)])
                answers.append(answer)
                window.release()
            load.seconds = time.perf_counter() - start
            load.server_cpu = server.cpu_seconds() - cpu
            load.events = len(answers) * per_message
    expected = [Expected(group) for group in groups]
    for place, answer in enumerate(answers):
        expected[place % len(groups)].check(ValidateStreamResponse.FromString(answer).verdicts)
    return load


async def drive(
    server: Server, count: int, callers: int, seconds: float, once: Callable[[int], Coroutine[Any, Any, None]]
) -> Load:
    """Keep so many calls in flight for a while, after a while of warming up."""
    load = Load()
    position = 0

    async def caller(until: float) -> None:
        nonlocal position
        while (start := time.perf_counter()) < until:
            index, position = position % count, position + 1
            await once(index)
            load.latencies.append(time.perf_counter() - start)

    for duration in (min(1.0, seconds / 4), seconds):
        load = Load()
        cpu, start = server.cpu_seconds(), time.perf_counter()
        await asyncio.gather(*(caller(start + duration) for _ in range(callers)))
        load.seconds = time.perf_counter() - start
        load.server_cpu = server.cpu_seconds() - cpu
        load.events = len(load.latencies)
    return load


async def _calls(
    server: Server, name: str, messages: Sequence[_Message], seconds: float, callers: int
) -> tuple[Load, list[tuple[int, bytes]]]:
    requests = [message.SerializeToString() for message in messages]
    answers: list[tuple[int, bytes]] = []
    async with AsyncExitStack() as stack:
        calls: list[grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]] = []
        for _ in range(0, callers, _PER_CONNECTION):
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", [("grpc.use_local_subchannel_pool", 1)])
            calls.append((await stack.enter_async_context(channel)).unary_unary(_METHOD + name))

        async def once(index: int) -> None:
            answers.append((index, await calls[index % len(calls)](requests[index])))

        return await drive(server, len(requests), callers, seconds, once), answers


def _groups(samples: Sequence[Sample], size: int) -> list[Sequence[Sample]]:
    return [samples[start : start + size] for start in range(0, len(samples) - size + 1, size)]
