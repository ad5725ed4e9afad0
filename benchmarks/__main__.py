"""`make bench`: the service against the floor and against its peer, in one run, server on one core and load on another.

All servers run at once, and are measured in turn, several times over: where the machine's speed drifts, it does so for all.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from . import load, workload
from .servers import Server, assay, module, started

_HERE = Path(__file__).parent
_SERVER_CORE, _LOAD_CORE = 0, 1
_EVENTS = 10_000
_WIDTH = 130

Measure = Callable[[Server], Coroutine[None, None, load.Load]]
Results = dict[str, list[load.Load]]

FLOOR = "empty grpc.aio handler"
PEER = "FastAPI, the same model"


def main() -> None:
    """Measure everything, print the table and write results.json."""
    parser = argparse.ArgumentParser(description="Measure the service against the floor and its peer.", prog="make bench")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each row is measured in each round")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the table shows medians")
    arguments = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {_LOAD_CORE})
    else:
        console.print("[yellow]One core only: server and load share it, and the rates say little; compare CPU time.")
    results: Results = {}
    with ExitStack() as stack:
        rows = {
            name: (measure, server)
            for command, measures in _rows(arguments.seconds)
            for server in [stack.enter_context(started(*command, core=_SERVER_CORE))]
            for name, measure in measures.items()
        }
        for number in range(arguments.rounds):
            for name, (measure, server) in rows.items():
                with console.status(f"round {number + 1} of {arguments.rounds}: {name} …"):
                    results.setdefault(name, []).append(asyncio.run(measure(server)))
    console.print(_table(results))
    _write(results)


def _rows(seconds: float) -> list[tuple[tuple[str, ...], dict[str, Measure]]]:
    """Return the servers' commands, and what to measure of each."""
    samples = workload.samples(_EVENTS)

    def streamed(per_message: int, *, struct: bool = False) -> Measure:
        return lambda server: load.stream(server, samples, seconds, per_message=per_message, struct=struct)

    return [
        (module("benchmarks.peers.floor"), {FLOOR: lambda server: load.unary(server, samples, seconds, check=False)}),
        (module("benchmarks.peers.fastapi_service"), {PEER: lambda server: load.http(server, samples, seconds)}),
        (
            assay(_HERE / "contracts"),
            {
                "Validate": lambda server: load.unary(server, samples, seconds),
                **{f"ValidateStream, {size:,} a message": streamed(size) for size in (1, 10, 100, 1000)},
                "ValidateStream, 100 a message, Struct": streamed(100, struct=True),
            },
        ),
    ]


def _table(results: Results) -> Table:
    table = Table(title="One server core; medians; every answer checked, every fiftieth event bad")
    table.add_column("", no_wrap=True)
    for column in (
        "events/s",
        "server CPU µs/event",
        "p50 ms",
        "p99 ms",
        "rate to floor",
        "rate to FastAPI",
        "CPU, FastAPI's to it",
    ):
        table.add_column(column, justify="right")
    floor, peer = results[FLOOR], results[PEER]
    for name, loads in results.items():
        table.add_row(
            name,
            f"{median(load.rate for load in loads):,.0f}",
            f"{median(load.cpu_per_event for load in loads):,.1f}",
            f"{median(load.quantile(0.5) for load in loads):.2f}",
            f"{median(load.quantile(0.99) for load in loads):.2f}",
            # Round by round, so that the machine's drift cancels out.
            f"{median(load.rate / base.rate for load, base in zip(loads, floor, strict=True)):.2f}",
            f"{median(load.rate / base.rate for load, base in zip(loads, peer, strict=True)):.2f}",
            f"{median(base.cpu_per_event / load.cpu_per_event for load, base in zip(loads, peer, strict=True)):.2f}",
        )
    return table


def _write(results: Results) -> None:
    rows = {
        name: [
            {
                "events_per_second": round(result.rate, 1),
                "server_cpu_us_per_event": round(result.cpu_per_event, 2),
                "p50_ms": round(result.quantile(0.5), 3),
                "p99_ms": round(result.quantile(0.99), 3),
            }
            for result in loads
        ]
        for name, loads in results.items()
    }
    (_HERE / "results.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
