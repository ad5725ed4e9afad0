"""What an event costs on its way in and out: each kind of call, beside the floor and the peer."""

from contextlib import ExitStack
from pathlib import Path
from statistics import median

from rich.table import Table

from . import load, workload
from .running import Measure, Results, Rows, median_cpu
from .servers import assay, module, started

_HERE = Path(__file__).parent
_EVENTS = 10_000
_CALLERS = 100

FLOOR = "empty grpc.aio handler"
PEER = "FastAPI, the same model"


def rows(stack: ExitStack, seconds: float, core: int) -> Rows:
    """Start the servers, until the stack ends, and return what to measure of them."""
    samples = workload.samples(_EVENTS)

    def unary(command: tuple[str, ...], *, check: bool = True) -> Measure:
        server = stack.enter_context(started(*command, core=core))
        return lambda: load.unary(server, samples, seconds, check=check)

    peer = stack.enter_context(started(*module("benchmarks.peers.fastapi_service"), core=core))
    service = stack.enter_context(started(*assay(_HERE / "contracts"), core=core))

    def streamed(per_message: int, *, struct: bool = False) -> Measure:
        return lambda: load.stream(service, samples, seconds, per_message=per_message, struct=struct)

    return {
        FLOOR: unary(module("benchmarks.peers.floor"), check=False),
        PEER: lambda: load.http(peer, samples, seconds),
        "Validate": lambda: load.unary(service, samples, seconds),
        **{f"ValidateStream, {size:,} a message": streamed(size) for size in (1, 10, 100, 1000)},
        "ValidateStream, 100 a message, Struct": streamed(100, struct=True),
        f"Validate, {_CALLERS} callers": lambda: load.unary(service, samples, seconds, callers=_CALLERS),
        f"Gathering client, {_CALLERS} callers": lambda: load.gathered(service, samples, seconds, callers=_CALLERS),
    }


def table(results: Results) -> Table:
    """Return the results as a table."""
    shown = Table(title="One server core; medians; every answer checked, every fiftieth event bad")
    shown.add_column("", no_wrap=True)
    for column in (
        "events/s",
        "server CPU µs/event",
        "p50 ms",
        "p99 ms",
        "rate to floor",
        "rate to FastAPI",
        "CPU, FastAPI's to it",
    ):
        shown.add_column(column, justify="right")
    floor, peer = results[FLOOR], results[PEER]
    for name, loads in results.items():
        shown.add_row(
            name,
            f"{median(load.rate for load in loads):,.0f}",
            f"{median_cpu(loads):,.1f}",
            f"{median(load.quantile(0.5) for load in loads):.2f}",
            f"{median(load.quantile(0.99) for load in loads):.2f}",
            # Round by round, so that the machine's drift cancels out.
            f"{median(load.rate / base.rate for load, base in zip(loads, floor, strict=True)):.2f}",
            f"{median(load.rate / base.rate for load, base in zip(loads, peer, strict=True)):.2f}",
            f"{median(base.cpu_per_event / load.cpu_per_event for load, base in zip(loads, peer, strict=True)):.2f}",
        )
    return shown
