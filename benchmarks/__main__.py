"""`make bench`: the service against the floor and against its peer, in one run, server on one core and load on another."""

import argparse
import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path

from rich.console import Console
from rich.table import Table

from . import load, workload
from .servers import Server, assay, module, started

_HERE = Path(__file__).parent
_SERVER_CORE, _LOAD_CORE = 0, 1
_EVENTS = 10_000

Measure = Callable[[Server], Coroutine[None, None, load.Load]]


def main() -> None:
    """Measure everything, print the table and write results.json."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each row is measured")
    seconds = parser.parse_args().seconds
    console = Console()
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {_LOAD_CORE})
    else:
        console.print("[yellow]One core only: server and load share it, and the rates say little; compare CPU time.")
    samples = workload.samples(_EVENTS)

    def streamed(per_message: int, *, struct: bool = False) -> Measure:
        return lambda server: load.stream(server, samples, seconds, per_message=per_message, struct=struct)

    groups: list[tuple[tuple[str, ...], dict[str, Measure]]] = [
        (
            module("benchmarks.peers.floor"),
            {"empty grpc.aio handler": lambda server: load.unary(server, samples, seconds, check=False)},
        ),
        (
            module("benchmarks.peers.fastapi_service"),
            {"FastAPI, the same model": lambda server: load.http(server, samples, seconds)},
        ),
        (
            assay(_HERE / "contracts"),
            {
                "Validate": lambda server: load.unary(server, samples, seconds),
                **{f"ValidateStream, {size:,} a message": streamed(size) for size in (1, 10, 100, 1000)},
                **{f"ValidateStream, {size:,} a message, Struct": streamed(size, struct=True) for size in (100,)},
            },
        ),
    ]
    results: dict[str, load.Load] = {}
    for command, rows in groups:
        with started(*command, core=_SERVER_CORE) as server:
            for name, measure in rows.items():
                with console.status(f"{name} …"):
                    results[name] = asyncio.run(measure(server))
    _show(console, results)
    _write(results)


def _show(console: Console, results: dict[str, load.Load]) -> None:
    floor, fastapi = list(results.values())[:2]
    table = Table(title="One server core; every answer checked, every fiftieth event bad")
    table.add_column("")
    for column in ("events/s", "server CPU µs/event", "p50 ms", "p99 ms", "rate to floor", "rate to FastAPI", "CPU to FastAPI"):
        table.add_column(column, justify="right")
    for name, result in results.items():
        table.add_row(
            name,
            f"{result.rate:,.0f}",
            f"{result.cpu_per_event:,.1f}",
            f"{result.quantile(0.5):.2f}",
            f"{result.quantile(0.99):.2f}",
            f"{result.rate / floor.rate:.2f}",
            f"{result.rate / fastapi.rate:.2f}",
            f"{fastapi.cpu_per_event / result.cpu_per_event:.2f}",
        )
    console.print(table)


def _write(results: dict[str, load.Load]) -> None:
    rows = {
        name: {
            "events_per_second": round(result.rate, 1),
            "server_cpu_us_per_event": round(result.cpu_per_event, 2),
            "p50_ms": round(result.quantile(0.5), 3),
            "p99_ms": round(result.quantile(0.99), 3),
        }
        for name, result in results.items()
    }
    (_HERE / "results.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
