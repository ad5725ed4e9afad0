"""Load: callers that keep a server busy, and check every answer."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import grpc

import assay_client
from assay.v1.validation_service_pb2 import (
    ValidateRequest,
    ValidateResponse,
    ValidateStreamRequest,
    ValidateStreamResponse,
)
from assay.v1.verdict_pb2 import LAYER_STATISTICS, Verdict

from .servers import Server
from .workload import EVENT_TYPE, Sample

_METHOD = "/assay.v1.ValidationService/"
_IN_FLIGHT = 32
_PER_CONNECTION = 50  # Servers refuse calls beyond a hundred in progress on one.
_WINDOW = 16


@dataclass(slots=True)
class Load:
    """What one measurement saw."""

    events: int = 0
    seconds: float = 0.0
    server_cpu: float = 0.0
    """Seconds of the server's CPU time."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from a call, or a message of a stream, to its answer."""

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
        return sorted(self.latencies)[min(int(rank * len(self.latencies)), len(self.latencies) - 1)] * 1e3


class WrongAnswerError(Exception):
    """A server's answer is not the right one."""


async def unary(
    server: Server, samples: Sequence[Sample], seconds: float, *, callers: int = _IN_FLIGHT, check: bool = True
) -> Load:
    """Call Validate, by so many callers at a time; `check` is off for the floor, which answers nothing."""
    requests = [ValidateRequest(event=sample.event()).SerializeToString() for sample in samples]
    answers: list[tuple[int, bytes]] = []

    async with AsyncExitStack() as stack:
        calls: list[grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]] = []
        for _ in range(0, callers, _PER_CONNECTION):
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", [("grpc.use_local_subchannel_pool", 1)])
            calls.append((await stack.enter_async_context(channel)).unary_unary(f"{_METHOD}Validate"))

        async def once(index: int) -> None:
            answers.append((index, await calls[index % len(calls)](requests[index])))

        load = await _drive(server, len(samples), callers, seconds, once)
    if check:
        for index, answer in answers:
            _check(samples[index], ValidateResponse.FromString(answer).verdict)
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

        load = await _drive(server, len(samples), callers, seconds, once)
    for index, verdict in answers:
        _compare(samples[index], verdict.event_id, verdict.valid)
        found = {finding.field for finding in verdict.findings if finding.layer is assay_client.Layer.STATISTICS}
        _expect(samples[index], found, skipped=bool(verdict.skipped_checks))
    return load


async def stream(server: Server, samples: Sequence[Sample], seconds: float, *, per_message: int, struct: bool = False) -> Load:
    """Send a stream of messages with so many events each, a bounded number of them unanswered at a time."""
    groups = [samples[start : start + per_message] for start in range(0, len(samples) - per_message + 1, per_message)]
    requests = [
        ValidateStreamRequest(events=[sample.event(struct=struct) for sample in group]).SerializeToString() for group in groups
    ]
    answers: list[tuple[int, bytes]] = []
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
                answers.append((len(answers) % len(requests), answer))
                window.release()
            load.seconds = time.perf_counter() - start
            load.server_cpu = server.cpu_seconds() - cpu
            load.events = len(answers) * per_message
    for index, answer in answers:
        verdicts = ValidateStreamResponse.FromString(answer).verdicts
        for sample, verdict in zip(groups[index], verdicts, strict=True):
            _check(sample, verdict)
    return load


async def http(server: Server, samples: Sequence[Sample], seconds: float) -> Load:
    """Call the FastAPI service over connections that stay open, as many as calls in flight."""
    requests = [_http_request(sample, server.port) for sample in samples]
    answers: list[tuple[int, bytes]] = []
    connections: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(_IN_FLIGHT):
        connections.put_nowait(await asyncio.open_connection("127.0.0.1", server.port))

    async def once(index: int) -> None:
        reader, writer = await connections.get()
        writer.write(requests[index])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answers.append((index, head[9:12] + await reader.readexactly(length)))
        connections.put_nowait((reader, writer))

    load = await _drive(server, len(samples), _IN_FLIGHT, seconds, once)
    while not connections.empty():
        connections.get_nowait()[1].close()
    for index, answer in answers:
        if answer[:3] == b"422":
            _compare(samples[index], samples[index].event_id, valid=False)
        else:
            verdict = json.loads(answer[3:])
            _compare(samples[index], verdict["event_id"], verdict["valid"])
    return load


async def _drive(
    server: Server, count: int, callers: int, seconds: float, once: Callable[[int], Coroutine[None, None, None]]
) -> Load:
    """Keep calls in flight for a while, after a while of warming up."""
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


def _http_request(sample: Sample, port: int) -> bytes:
    body = json.dumps(
        {
            "event_id": sample.event_id,
            "event_type": EVENT_TYPE,
            "timestamp": "2023-11-14T22:13:20Z",
            "payload": sample.payload,
        },
        separators=(",", ":"),
    ).encode()
    head = f"POST /validate HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def _check(sample: Sample, verdict: Verdict) -> None:
    found = {finding.field for finding in verdict.findings if finding.layer == LAYER_STATISTICS}
    _expect(sample, found, skipped=bool(verdict.skipped_checks))
    _compare(sample, verdict.event_id, verdict.valid)


def _expect(sample: Sample, found: set[str], *, skipped: bool) -> None:
    if found != sample.found or skipped:
        raise WrongAnswerError(
            f"{sample.event_id}: found {sorted(found)}, but {sorted(sample.found)} should be, and nothing left out"
        )


def _compare(sample: Sample, event_id: str, valid: bool) -> None:
    if (event_id, valid) != (sample.event_id, sample.valid):
        raise WrongAnswerError(f"{event_id}: valid={valid}, but {sample.event_id} is {sample.valid}: {sample.payload}")
