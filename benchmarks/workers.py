"""`python -m benchmarks.workers`: what an event costs with several workers, against what it costs with one.

Servers and load share the machine's cores, so that rates say little; compared is CPU time, of all of a server's processes.
"""

import argparse
import asyncio
import os
import re
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import grpc

from assay.v1.validation_service_pb2 import ValidateRequest, ValidateResponse, ValidateStreamRequest, ValidateStreamResponse

from . import workload
from .servers import assay

_CONTRACTS = Path(__file__).parent / "contracts"
_METHOD = "/assay.v1.ValidationService/"
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 90.0
_CONNECTIONS = 16
_IN_FLIGHT = 4  # Messages of a connection that are not answered yet.


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


@contextmanager
def serving(workers: int) -> Iterator[Server]:
    """Run a server with so many workers until the block ends."""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        program, serve, _, _, *flags = assay(_CONTRACTS, Path(folder, "data"))
        command = [part.format(port=0) for part in (program, serve, "--workers", str(workers), *flags)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + _PATIENCE
            while (text := Path(folder, "log").read_text()).count("contracts in service") < workers:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(text)
                time.sleep(0.05)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            port = re.findall(r"listening on 127\.0\.0\.1:(\d+)", text)[0]
            yield Server((process.pid, *map(int, children)), int(port))
        finally:
            process.terminate()
            process.wait(_PATIENCE)


async def measure(server: Server, samples: Sequence[workload.Sample], per_message: int, seconds: float) -> tuple[float, float]:
    """Keep all workers busy over many connections; return CPU microseconds an event, and the least worker's share of them.

    Args:
        server: What is measured.
        samples: The events.
        per_message: How many events a message of a stream has; 0 for calls with one each.
        seconds: For how long.
    """
    judged = 0
    until = 0.0

    async def stream(channel: grpc.aio.Channel) -> None:
        nonlocal judged
        window = asyncio.Semaphore(_IN_FLIGHT)
        request = ValidateStreamRequest(events=[sample.event() for sample in samples[:per_message]]).SerializeToString()

        async def messages() -> AsyncIterator[bytes]:
            while time.monotonic() < until:
                await window.acquire()
                yield request

        method: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(f"{_METHOD}ValidateStream")
        answers: set[bytes] = set()
        async for answer in method(messages()):
            judged += per_message
            window.release()
            answers = {answer}
        for answer in answers:
            verdicts = ValidateStreamResponse.FromString(answer).verdicts
            _check([verdict.valid for verdict in verdicts], samples[:per_message])

    async def calls(channel: grpc.aio.Channel) -> None:
        nonlocal judged
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"{_METHOD}Validate")
        for sample in samples:
            if time.monotonic() >= until:
                return
            answer = await method(ValidateRequest(event=sample.event()).SerializeToString())
            _check([ValidateResponse.FromString(answer).verdict.valid], [sample])
            judged += 1

    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", options) for _ in range(_CONNECTIONS)]
    for duration in (seconds / 4, seconds):  # The first run warms up.
        judged, before = 0, server.cpu()
        until = time.monotonic() + duration
        await asyncio.gather(*((stream if per_message else calls)(channel) for channel in channels))
    used = [after - before[process] for process, after in server.cpu().items()]
    for channel in channels:
        await channel.close()
    workers = used[1:] or used
    return sum(used) / judged * 1e6, min(workers) / sum(workers)


def main() -> None:
    """Measure in turns; print medians, of CPU time an event and of its ratio to that of one worker."""
    parser = argparse.ArgumentParser(description=main.__doc__, prog="python -m benchmarks.workers")
    parser.add_argument("--workers", type=int, default=2, help="how many to compare with one")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each is measured in each round")
    parser.add_argument("--rounds", type=int, default=5, help="how often")
    arguments = parser.parse_args()
    samples = workload.samples(20_000)
    with ExitStack() as stack:
        one, several = (stack.enter_context(serving(number)) for number in (1, arguments.workers))
        for name, per_message in (("stream of 100", 100), ("stream of 1", 1), ("unary", 0)):
            rounds = []
            for _ in range(arguments.rounds):
                alone, _ = asyncio.run(measure(one, samples, per_message, arguments.seconds))
                shared, least = asyncio.run(measure(several, samples, per_message, arguments.seconds))
                rounds.append((alone, shared, shared / alone, least))
            alone, shared, ratio, least = map(median, zip(*rounds, strict=True))
            spread = f"{min(each[2] for each in rounds):.2f} to {max(each[2] for each in rounds):.2f}"
            print(
                f"{name}: {alone:.1f} µs an event with 1 worker, {shared:.1f} µs with {arguments.workers}: "
                f"{ratio:.2f} times ({spread}); the least busy worker had {least:.0%}"
            )


def _check(valid: Sequence[bool], samples: Sequence[workload.Sample]) -> None:
    if list(valid) != [sample.valid for sample in samples]:
        raise RuntimeError("a verdict is wrong")


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
