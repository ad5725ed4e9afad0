"""`make bench-clients`: events a second through the clients of all languages, by single calls and on a stream, in one run.

Each client's conformance runner sends the events and takes the time, from the first event to the last verdict; every verdict
is counted, and asked for whether it is valid. The server is on one core, the runner on another; clients take turns.
"""

import argparse
import base64
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.conformance.clients import Client, Runner, clients

from .servers import Server, assay, on_cores, started
from .workload import Sample, samples

_HERE = Path(__file__).parent
_RESULTS = _HERE / "clients.json"
_CONTRACTS = _HERE / "contracts"
_WIDTH = 130
_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLES = 1000
_PER_MESSAGE = 100
_AT_A_TIME = 32
_STREAM, _CALLS = "stream, 100 a message", "single calls, 32 at a time"


class WrongAnswerError(Exception):
    """A client has not brought the verdicts that it should have."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one measurement saw."""

    events: int
    seconds: float
    client_cpu: float
    """Seconds of CPU time that the client's process took."""

    server_cpu: float
    """Seconds of CPU time that the server took."""

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def request_of(way: str, events: int, address: str, sent: Sequence[Sample]) -> dict[str, Any]:
    """Return what a runner is asked to do."""
    request = {
        "address": address,
        "client": {"timeout": 60},
        "events": [
            {
                "eventType": sample.event_type,
                "eventId": sample.event_id,
                "timestamp": {"seconds": 1_700_000_000, "nanos": 0},
                "payloadJson": base64.b64encode(sample.json()).decode(),
            }
            for sample in sent
        ],
        "repeat": events // len(sent),
        "brief": True,
    }
    if way == _STREAM:
        return {**request, "call": "validateStream", "maxEventsPerMessage": _PER_MESSAGE}
    return {**request, "call": "validate", "concurrency": _AT_A_TIME}


def measure(runner: Runner, server: Server, way: str, events: int, sent: Sequence[Sample]) -> Rate:
    """Have a runner send events, and return how long it took.

    Raises:
        WrongAnswerError: If verdicts are missing, or say something else than they should.
    """
    before, client_before = server.cpu_seconds(), _cpu_seconds(runner.session)
    answer = runner.ask(request_of(way, events, f"127.0.0.1:{server.port}", sent))
    repeat = events // len(sent)
    wanted = repeat * len(sent), repeat * sum(sample.valid for sample in sent)
    if answer.get("error") or (answer["count"], answer["validCount"]) != wanted:
        brought = {key: value for key, value in answer.items() if key != "verdicts"}
        raise WrongAnswerError(
            f"{runner.client.name}, {way}: {brought} and not {wanted[0]} verdicts, {wanted[1]} of them valid"
        )
    client_cpu = _cpu_seconds(runner.session) - client_before
    return Rate(answer["count"], answer["seconds"], client_cpu, server.cpu_seconds() - before)


def _cpu_seconds(session: int) -> float:
    """Return how much CPU time the processes of a session have used so far, user and system."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # It has ended meanwhile.
            continue
        if int(fields[3]) == session:
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS


@contextmanager
def running(names: Sequence[str], console: Console) -> Iterator[list[Runner]]:
    """Build and start the runners of the clients that are there, and say which are not."""
    with ExitStack() as stack:
        runners = []
        for client in clients():
            if names and client.name not in names:
                continue
            if lack := client.lack():
                console.print(f"{client.name} is left out: {lack}")
                continue
            runners.append(_started(client, stack))
        yield runners


def _started(client: Client, stack: ExitStack) -> Runner:
    runner = Runner(client)
    stack.callback(runner.close)
    return runner


def show(console: Console, results: dict[str, dict[str, list[Rate]]]) -> None:
    """Print the table."""
    table = Table("client")
    for way in ("stream", "calls"):
        for column in (f"{way}, events/s", "to python", "client CPU µs", "server CPU µs"):
            table.add_column(column, justify="right")
    for name, ways in results.items():
        cells = []
        for way in (_STREAM, _CALLS):
            rates, first = ways[way], next(iter(results.values()))[way]
            cells += [
                f"{median(rate.rate for rate in rates):,.0f}",
                f"{median(one.rate / other.rate for one, other in zip(rates, first, strict=True)):.2f}",
                f"{median(rate.client_cpu / rate.events for rate in rates) * 1e6:,.1f}",
                f"{median(rate.server_cpu / rate.events for rate in rates) * 1e6:,.1f}",
            ]
        table.add_row(name, *cells)
    console.print(table)
    console.print(
        f"stream: {_PER_MESSAGE} events a message. calls: one event each, {_AT_A_TIME} at a time. CPU time is that of an event."
    )


def main() -> None:
    """Measure, print the table and write clients.json."""
    parser = argparse.ArgumentParser(description="Measure the clients of all languages.", prog="make bench-clients")
    parser.add_argument("--events", type=int, default=100_000, help="how many on a stream")
    parser.add_argument("--calls", type=int, default=5_000, help="how many single calls")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the table shows medians")
    parser.add_argument("--client", action="append", default=[], help="only this one; may be repeated")
    arguments = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    core = on_cores(console)
    sent = samples(_SAMPLES)
    numbers = {_STREAM: arguments.events, _CALLS: arguments.calls}
    results: dict[str, dict[str, list[Rate]]] = {}
    with running(arguments.client, console) as runners, started(*assay(_CONTRACTS), core=core) as server:
        for number in range(arguments.rounds + 1):  # The first is for warming up, and does not count.
            for runner in runners:
                name = runner.client.name
                for way, events in numbers.items():
                    with console.status(f"round {number} of {arguments.rounds}: {name}, {way} …"):
                        rate = measure(runner, server, way, events, sent)
                    if number:
                        results.setdefault(name, {}).setdefault(way, []).append(rate)
    show(console, results)
    kept = {name: {way: [rate.rate for rate in rates] for way, rates in ways.items()} for name, ways in results.items()}
    _RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
