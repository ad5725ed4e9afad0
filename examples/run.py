"""Shows Assay at work, as `make run` does: `.venv/bin/python -m examples.run`.

Teaches history the flights of January to September and trains a model on them, starts a server, streams those of October
through it with the Python client, and shows what was found. On a terminal the server then stays in the foreground, to be
called by hand, until Ctrl-C; without one it is stopped.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assay_client import AssayError, Client, Event
from examples._report import Report, anomalies_table, checks_table, summary, surprises_table
from examples._server import Server, ServerError

HERE = Path(__file__).resolve().parent
CONTRACTS = HERE / "contracts"
FLIGHTS = HERE / "data" / "flights.parquet"
EVENT_TYPE = "flight.arrived"

OCTOBER = datetime(2013, 10, 1, 4, tzinfo=UTC)
"""When October begins in New York: what is before it is history, what is not is judged by it."""

A_USER = '{"event": {"event_type": "user.registered", "payload": {"name": "Ada", "email": "Ada@Example.com", "age": 151}}}'

PAGE_WIDTH = 110
"""In characters, where there is no terminal."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


def main() -> int:
    """Run the example, and return the exit code."""
    console = Console()
    if not console.is_terminal:
        console.width = PAGE_WIDTH
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _exit)
    try:
        with ExitStack() as stack:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-")))
            console.print(f"[bold]Learning[/] January to September, from {_relative(FLIGHTS)} …", highlight=False)
            take(console, data, "learn")
            console.print("[bold]Training[/] an isolation forest on them …", highlight=False)
            take(console, data, "train", "--activate", "--show", "3")
            server = stack.enter_context(Server(contracts=CONTRACTS, data=data))
            where = f"[bold]{server.address}[/], with the contracts in {_relative(CONTRACTS)}"
            console.print(f"A server listens on {where}.\n", highlight=False)
            try:
                show(console, server.address)
            except AssayError as error:
                raise server.ended() or error from error
            hints(console, server.address)
            if sys.stdin.isatty() and sys.stdout.isatty():
                stay(console, server)
    except KeyboardInterrupt:
        console.print("\nStopped.")
        return INTERRUPTED
    except (AssayError, ServerError) as error:
        Console(stderr=True).print(f"The example failed: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    return 0


def take(console: Console, data: Path, command: str, *options: str) -> None:
    """Have `assay learn` or `assay train` take the flights before October.

    Raises:
        ServerError: If that fails.
    """
    query = f"SELECT * FROM flights WHERE time_hour < TIMESTAMPTZ '{OCTOBER:%Y-%m-%d %H:%M}+00'"  # noqa: S608  # A constant.
    words = [str(Path(sys.executable).with_name("assay")), command, EVENT_TYPE, str(_relative(FLIGHTS)), *options]
    words += ["--query", query, "--timestamp", "time_hour", "--contracts", str(CONTRACTS), "--data", str(data)]
    done = subprocess.run(  # noqa: S603 - a fixed command
        words,
        cwd=HERE.parent,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")},
            "COLUMNS": str(console.width),
        },
        stdout=subprocess.PIPE,  # What it shows of its progress is for the terminal.
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerError(f"assay {command} failed")
    console.print(done.stdout, markup=False, highlight=False)


def show(console: Console, address: str) -> None:
    """Stream the flights through the server, and print what was found.

    Raises:
        AssayError: If a call fails.
    """
    flights = pa.parquet.read_table(FLIGHTS)
    flights = flights.filter(pc.greater_equal(flights["time_hour"], pa.scalar(OCTOBER)))
    with Client(address) as client:
        checks = client.get_event_type(EVENT_TYPE).checks
        report, seconds = judge(console, client, flights)
    console.print(summary(report, seconds))
    console.print(checks_table(report, checks))
    surprises = [(_flight(flights, position), findings) for position, findings in report.surprises()]
    console.print(surprises_table(surprises))
    console.print(anomalies_table([(_flight(flights, position), evidence) for position, evidence in report.anomalies()]))


def judge(console: Console, client: Client, flights: pa.Table) -> tuple[Report, float]:
    """Return what the server found among the flights, and how many seconds that took."""
    report = Report()
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:,.0f} a second"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=flights.num_rows, rate=0)
        start = time.perf_counter()
        for verdict in client.validate_stream(events(flights)):
            report.add(verdict)
            if report.seen % 1000 == 0:
                progress.update(task, completed=report.seen, rate=report.seen / (time.perf_counter() - start))
        return report, time.perf_counter() - start


def events(flights: pa.Table) -> Iterator[Event]:
    """Yield an event for each row: all of it is the payload, and `time_hour` the timestamp too."""
    for batch in flights.to_batches(max_chunksize=1000):
        for flight in batch.to_pylist():
            yield Event(EVENT_TYPE, flight, timestamp=flight["time_hour"])


def hints(console: Console, address: str) -> None:
    """Print what to try next."""
    grpcurl = f"grpcurl -plaintext -d '{A_USER}' {address} assay.v1.ValidationService/Validate"
    for what, command in (
        ("Call the server by hand:", grpcurl),
        ("Without grpcurl:", f".venv/bin/assay check --server {address} {_relative(HERE / 'data' / 'users.ndjson')}"),
        ("What a flight is, and what is checked:", f".venv/bin/assay contracts show --server {address} {EVENT_TYPE}"),
    ):
        console.print(what, style="bold")
        # No wrapping and no styles: this is to be copied.
        console.print(f"  {command}\n", soft_wrap=True, markup=False, highlight=False)


def stay(console: Console, server: Server) -> None:
    """Leave the server in the foreground until Ctrl-C.

    Raises:
        ServerError: If the server ends by itself.
    """
    console.print(f"The server stays on {server.address}. Ctrl-C stops it.", style="bold", highlight=False)
    try:
        server.foreground()
    except KeyboardInterrupt:
        console.print("\nStopping the server.")


def _flight(flights: pa.Table, position: int) -> dict[str, Any]:
    found: dict[str, Any] = flights.slice(position, 1).to_pylist()[0]
    return found


def _relative(path: Path) -> Path:
    return path.relative_to(HERE.parent)


def _exit(number: int, _frame: FrameType | None) -> None:
    """Leave by way of the blocks that clean up, which the default for these signals does not."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
