"""`python -m benchmarks.workers`: what an event costs with several workers, against what it costs with one.

Each worker has a core, and shares it with a process that makes load, so that all are busy, and one worker finds what each of
several finds. Compared is CPU time, of all of a server's processes.
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

    def cpu(self) -> dict[int, float]:
        """Return the seconds of CPU time that each process has used so far."""
        return {process: _cpu(process) for process in self.processes}


@dataclass(frozen=True, slots=True)
class Compared:
    """What an event costs, in microseconds of CPU time: medians over rounds.

    Attributes:
        one: With one worker.
        several: With several.
        ratios: The second against the first, round by round.
        least: The least busy worker's share of all workers' time.
    """

    one: float
    several: float
    ratios: Sequence[float]
    least: float


def compare(work: Work, workers: int, seconds: float, rounds: int) -> dict[str, Compared]:
    """Measure one worker and several in turn, by kind of call."""
    samples = work.samples_for(Layers.ALL)
    found = {}
    with ExitStack() as stack:
        one, several = (stack.enter_context(_serving(work, number)) for number in (1, workers))
        loads = [stack.enter_context(_on_core(_CORES[number % len(_CORES)])) for number in range(workers)]
        for kind, per_message in _KINDS.items():
            costs = []
            for _ in range(rounds):
                alone, _ = _measure(one, loads[:1], samples, per_message, seconds)
                costs.append((alone, *_measure(several, loads, samples, per_message, seconds)))
            alone, shared, least = map(median, zip(*costs, strict=True))
            found[kind] = Compared(alone, shared, [each[1] / each[0] for each in costs], least)
    return found


@contextmanager
def _serving(work: Work, workers: int) -> Iterator[Server]:
    """Run a server with so many workers, on as many cores, until the block ends, each ready to judge with all layers."""
    with work.copy() as data, tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        program, serve, _, _, *flags = assay(work.contracts[Layers.ALL], data)
        command = [part.format(port=0) for part in (program, serve, "--workers", str(workers), *flags)]
        with staying_on(set(_CORES[:workers])):
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
    server: Server, loads: Sequence[ProcessPoolExecutor], samples: Sequence[Sample], per_message: int, seconds: float
) -> tuple[float, float]:
    """Keep all workers busy; return CPU microseconds an event, and the least worker's share of them.

    Args:
        server: What is measured.
        loads: What makes the load.
        samples: The events.
        per_message: How many events a message of a stream has; 0 for calls with one each.
        seconds: For how long.
    """
    judged, used = 0, [0.0]
    for duration in (seconds / 4, seconds):  # The first run warms up.
        before = server.cpu()
        running = [load.submit(_load, server.port, samples, per_message, duration) for load in loads]
        judged = sum(each.result() for each in running)
        used = [after - before[process] for process, after in server.cpu().items()]
        for each in [load.submit(_check) for load in loads]:
            each.result()
    if not judged:
        raise WrongAnswerError("nothing was judged")
    workers = used[1:] or used
    return sum(used) / judged * 1e6, min(workers) / sum(workers)


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
                f"{median(found.ratios):.2f} times ({min(found.ratios):.2f} to {max(found.ratios):.2f}); "
                f"the least busy worker had {found.least:.0%}"
            )


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
