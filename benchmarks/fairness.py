"""How long a single call takes while others stream flat out.

Calls begin at fixed times, whatever becomes of those before them, and each is timed from when it should have begun. A stream
comes from a process of its own, which leaves the load's core to the calls whenever they need it.

`python -m benchmarks.fairness PORT PER_MESSAGE FILE` is that process: FILE holds a message of a stream.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from assay.v1.validation_service_pb2 import ValidateRequest, ValidateResponse, ValidateStreamRequest, ValidateStreamResponse

from . import load
from .answers import Expected
from .layers import Layers, Work
from .servers import Server
from .workload import Sample

_STREAM = "/assay.v1.ValidationService/ValidateStream"
_VALIDATE = "/assay.v1.ValidationService/Validate"
_IN_FLIGHT = 16
_NICE = 10
_CONNECTIONS = 8  # A server refuses calls beyond a hundred in progress on one, and a busy machine lets them queue.
_TRY_AGAIN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED}  # As the clients do; the clock goes on.
_PAUSE = 0.01
_BEGUN = "begun"


Streams = tuple[int, ...]
"""How many events there are in a message of each."""


@dataclass(frozen=True, slots=True)
class Latency:
    """What calls saw.

    Attributes:
        rate: Calls a second.
        alone: The 99th percentile without anybody else, in milliseconds.
        beside: The 99th percentile beside streams, by the number of events in the messages of each.
        streamed: Events a second that the streams got through meanwhile, by the same.
    """

    rate: float
    alone: float
    beside: dict[Streams, float]
    streamed: dict[Streams, float]


async def latency(server: Server, work: Work, seconds: float, streams: Sequence[Streams]) -> Latency:
    """Measure calls at half of what the server can answer, alone and beside one or more streams at a time.

    That is by what calls cost that begin at fixed times: those of callers who wait for each other's answers come together, and
    cost little more than half as much.
    """
    samples = work.samples_for(Layers.ALL)
    most = (await load.unary(server, samples, seconds)).rate
    before = server.cpu_seconds()
    await _calls(server, samples, most / 4, seconds)
    busy = (server.cpu_seconds() - before) / int(most / 4 * seconds)
    rate = 0.5 / busy
    alone = await _calls(server, samples, rate, seconds)
    beside, streamed = {}, {}
    for sizes in streams:
        with ExitStack() as stack:
            processes = [stack.enter_context(_stream(server, work, size)) for size in sizes]
            await _calls(server, samples, rate, seconds / 4)
            beside[sizes] = await _calls(server, samples, rate, seconds)
        streamed[sizes] = sum(float(process.communicate()[0]) for process in processes)
    return Latency(rate, alone, beside, streamed)


async def _calls(server: Server, samples: Sequence[Sample], rate: float, seconds: float) -> float:
    """Call at a steady rate, check every answer, and return the 99th percentile, in milliseconds."""
    requests = [ValidateRequest(event=sample.event()).SerializeToString() for sample in samples]
    taken: list[float] = []
    answers: list[tuple[int, bytes]] = []
    async with AsyncExitStack() as stack:
        methods: list[grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]] = []
        for _ in range(_CONNECTIONS):
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", [("grpc.use_local_subchannel_pool", 1)])
            methods.append((await stack.enter_async_context(channel)).unary_unary(_VALIDATE))

        async def once(index: int, due: float) -> None:
            while True:
                try:
                    answers.append((index, await methods[index % _CONNECTIONS](requests[index])))
                    break
                except grpc.aio.AioRpcError as error:
                    if error.code() not in _TRY_AGAIN:
                        raise
                await asyncio.sleep(_PAUSE)
            taken.append(time.perf_counter() - due)

        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                due = start + number / rate
                if (wait := due - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
                group.create_task(once(number % len(requests), due))
    for index, answer in answers:
        Expected([samples[index]]).check([ValidateResponse.FromString(answer).verdict])
    return sorted(taken)[int(0.99 * len(taken))] * 1e3


@contextmanager
def _stream(server: Server, work: Work, size: int) -> Iterator[subprocess.Popen[str]]:
    events = [sample.event() for sample in work.samples[:size]]
    file = work.data.with_name(f"message-{size}")
    file.write_bytes(ValidateStreamRequest(events=events).SerializeToString())
    command = [sys.executable, "-m", "benchmarks.fairness", str(server.port), str(size), str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        _wait_until_begun(process)
        yield process
    except BaseException:
        process.kill()
        raise


def _wait_until_begun(process: subprocess.Popen[str]) -> None:
    """Wait for the first answer, which takes seconds: calls would be measured alone meanwhile."""
    said = process.stdout.readline() if process.stdout is not None else ""
    if said.strip() != _BEGUN:
        raise RuntimeError("the stream has not begun")


async def _flat_out(port: int, size: int, request: bytes) -> float:
    """Stream until standard input ends, say when it has begun, and return how many events were judged in a second."""
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    window = asyncio.Semaphore(_IN_FLIGHT)

    async def messages() -> AsyncIterator[bytes]:
        while not ended.done():
            await window.acquire()
            yield request

    judged, start = 0, time.perf_counter()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        method: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(_STREAM)
        async for answer in method(messages()):
            if not judged:
                print(_BEGUN, flush=True)
                start = time.perf_counter()
            window.release()
            judged += len(ValidateStreamResponse.FromString(answer).verdicts)
    return judged / (time.perf_counter() - start) if judged % size == 0 else 0.0


if __name__ == "__main__":
    os.nice(_NICE)
    print(asyncio.run(_flat_out(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]).read_bytes())))
