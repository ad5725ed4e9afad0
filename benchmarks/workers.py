"""`python -m benchmarks.workers`: what an event costs with several workers, against what it costs with one.

Each worker has a core, and shares it with a process that makes load, so that all are busy, and one worker finds what each of
several finds. Compared is CPU time, of all of a server's processes.

Cores that are busy at a time slow each other down, where they share caches or are two halves of one. How much of a difference
that makes is told by servers of one worker each, which have nothing to do with each other, as many as there are workers.
"""

import argparse
import asyncio
import os
import re
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import grpc

from assay.v1.validation_service_pb2 import ValidateRequest, ValidateResponse, ValidateStreamRequest, ValidateStreamResponse

from .answers import Expected, WrongAnswerError
from .layers import Layers, Work, prepared
from .servers import assay, staying_on
from .workload import Sample

_METHOD = "/assay.v1.ValidationService/"
_TICKS = os.sysconf("SC_CLK_TCK")
_CORES = sorted(os.sched_getaffinity(0))  # Before whoever imports this may stay on one of them.
_PATIENCE = 90.0
_CONNECTIONS = 16  # For each worker.
_IN_FLIGHT = 4  # Messages of a connection that are not answered yet.
_KINDS = {"stream of 100": 100, "stream of 1": 1, "Validate": 0}
_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Server:
    """A server with its workers.

    Attributes:
        processes: All of them; those that serve, and their supervisor if there is one.
        port: Where it listens.
    """

    processes: Sequence[int]
    port: int

    @property
    def workers(self) -> Sequence[int]:
        """The processes that serve."""
        return self.processes[1:] or self.processes


@dataclass(frozen=True, slots=True)
class Compared:
    """What an event costs, in microseconds of CPU time: medians over rounds.

    Attributes:
        one: With one worker.
        apart: With several servers of one worker each, at the same time.
        several: With several workers.
        ratios: The last against the first, round by round.
        ratios_apart: The second against the first, round by round.
        least: The least busy worker's share of all workers' time.
    """

    one: float
    apart: float
    several: float
    ratios: Sequence[float]
    ratios_apart: Sequence[float]
    least: float


def compare(work: Work, workers: int, seconds: float, rounds: int) -> dict[str, Compared]:
    """Measure one worker and several in turn, by kind of call."""
    samples = work.samples_for(Layers.ALL)
    found = {}
    with ExitStack() as stack:
        apart = [stack.enter_context(_serving(work, 1, number)) for number in range(workers)]
        several = stack.enter_context(_serving(work, workers))
        loads = [stack.enter_context(_on_core(_core(number))) for number in range(workers)]
        for kind, per_message in _KINDS.items():
            costs = []
            for _ in range(rounds):
                alone, _ = _measure(apart[:1], loads[:1], samples, per_message, seconds)
                beside, _ = _measure(apart, loads, samples, per_message, seconds)
                costs.append((alone, beside, *_measure([several], loads, samples, per_message, seconds)))
            ratios, ratios_apart = ([each[place] / each[0] for each in costs] for place in (2, 1))
            alone, beside, shared, least = map(median, zip(*costs, strict=True))
            found[kind] = Compared(alone, beside, shared, ratios, ratios_apart, least)
    return found


def _core(number: int) -> int:
    return _CORES[number % len(_CORES)]


@contextmanager
def _serving(work: Work, workers: int, first: int = 0) -> Iterator[Server]:
    """Run a server with so many workers, on as many cores from the first on, until the block ends, ready with all layers."""
    with work.copy() as data, tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        program, serve, _, _, *flags = assay(work.contracts[Layers.ALL], data)
        command = [part.format(port=0) for part in (program, serve, "--workers", str(workers), *flags)]
        with staying_on({_core(first + number) for number in range(workers)}):
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + _PATIENCE
            text = ""
            while any(text.count(line) < workers for line in ("contracts in service", "model in service")):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(text)
                time.sleep(0.05)
                text = Path(folder, "log").read_text()
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split() if workers > 1 else []
            port = re.findall(r"listening on 127\.0\.0\.1:(\d+)", text)[0]
            yield Server((process.pid, *map(int, children)), int(port))
        finally:
            process.terminate()
            process.wait(_PATIENCE)


@contextmanager
def _on_core(core: int) -> Iterator[ProcessPoolExecutor]:
    """Run a process that makes load on one core until the block ends."""
    with ProcessPoolExecutor(1, get_context("spawn"), os.sched_setaffinity, (0, [core])) as process:
        yield process


def _measure(
    servers: Sequence[Server], loads: Sequence[ProcessPoolExecutor], samples: Sequence[Sample], per_message: int, seconds: float
) -> tuple[float, float]:
    """Keep all workers busy; return CPU microseconds an event, and the least worker's share of them.

    Args:
        servers: What is measured, at the same time.
        loads: What makes the load, on each of the servers in turn.
        samples: The events.
        per_message: How many events a message of a stream has; 0 for calls with one each.
        seconds: For how long.
    """
    judged, used = 0, dict[int, float]()
    for duration in (seconds / 4, seconds):  # The first run warms up.
        before = {process: _cpu(process) for server in servers for process in server.processes}
        ports = cycle(server.port for server in servers)
        running = [load.submit(_load, port, samples, per_message, duration) for load, port in zip(loads, ports, strict=False)]
        judged = sum(each.result() for each in running)
        used = {process: _cpu(process) - seconds for process, seconds in before.items()}
        for each in [load.submit(_check) for load in loads]:
            each.result()
    if not judged:
        raise WrongAnswerError("nothing was judged")
    workers = [used[process] for server in servers for process in server.workers]
    return sum(used.values()) / judged * 1e6, min(workers) / sum(workers)


_answers: list[tuple[Expected, bytes, type[ValidateResponse | ValidateStreamResponse]]] = []


def _load(port: int, samples: Sequence[Sample], per_message: int, seconds: float) -> int:
    """Ask over many connections as fast as there are answers; return how many events were judged."""
    return asyncio.run(_ask(port, samples, per_message, seconds))


def _check() -> None:
    """Check all answers that there were since the last time."""
    for expected, answer, kind in _answers:
        response = kind.FromString(answer)
        expected.check(response.verdicts if isinstance(response, ValidateStreamResponse) else [response.verdict])
    _answers.clear()


async def _ask(port: int, samples: Sequence[Sample], per_message: int, seconds: float) -> int:
    judged = 0
    until = time.monotonic() + seconds
    request = ValidateStreamRequest(events=[sample.event() for sample in samples[:per_message]]).SerializeToString()
    expected = Expected(samples[:per_message])
    each = [(Expected([sample]), ValidateRequest(event=sample.event()).SerializeToString()) for sample in samples[:2000]]

    async def stream(channel: grpc.aio.Channel) -> None:
        nonlocal judged
        window = asyncio.Semaphore(_IN_FLIGHT)

        async def messages() -> AsyncIterator[bytes]:
            while time.monotonic() < until:
                await window.acquire()
                yield request

        method: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(f"{_METHOD}ValidateStream")
        async for answer in method(messages()):
            judged += per_message
            window.release()
            _answers.append((expected, answer, ValidateStreamResponse))

    async def calls(channel: grpc.aio.Channel) -> None:
        nonlocal judged
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"{_METHOD}Validate")
        while True:
            for wanted, call in each:
                if time.monotonic() >= until:
                    return
                _answers.append((wanted, await method(call), ValidateResponse))
                judged += 1

    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{port}", options) for _ in range(_CONNECTIONS)]
    await asyncio.gather(*((stream if per_message else calls)(channel) for channel in channels))
    for channel in channels:
        await channel.close()
    return judged


def main() -> None:
    """Measure in turns; print medians, of CPU time an event and of its ratio to that of one worker."""
    parser = argparse.ArgumentParser(description=main.__doc__, prog="python -m benchmarks.workers")
    parser.add_argument("--workers", type=int, default=2, help="how many to compare with one")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each is measured in each round")
    parser.add_argument("--rounds", type=int, default=5, help="how often")
    arguments = parser.parse_args()
    with prepared(_EVENTS) as work:
        for kind, found in compare(work, arguments.workers, arguments.seconds, arguments.rounds).items():
            print(
                f"{kind}: {found.one:.1f} µs an event with 1 worker, {found.several:.1f} µs with {arguments.workers}: "
                f"{_times(found.ratios)}; the least busy worker had {found.least:.0%}. "
                f"{arguments.workers} servers of 1 worker each: {found.apart:.1f} µs, {_times(found.ratios_apart)}"
            )


def _times(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})"


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
