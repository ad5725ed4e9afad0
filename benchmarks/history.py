"""What an event costs with history: with so many groups, and with so many checks."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import product
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from . import in_process, load
from .running import Measure, Results, Rows, Settings, as_json, measured, median_cpu
from .servers import Server, assay, started
from .statistics import Folders, samples, taught
from .workload import Sample

_EVENTS = 40_000
_CASES = ((1, 0), (1, 1), (1_000, 1), (100_000, 1), (1_000, 10), (1_000, 50))
"""How many groups, and how many checks; without checks first."""

_SIZES = (1, 100, 1000)
_HOW = ("server", "in process")


def show(console: Console, settings: Settings) -> dict[str, Any]:
    """Measure everything, print the table, and return what is to be kept of it."""
    with ExitStack() as stack:
        results = measured(rows(stack, settings.seconds, settings.core), settings.rounds, console)
    console.print(table(results))
    return as_json(results)


def rows(stack: ExitStack, seconds: float, core: int) -> Rows:
    """Teach the histories and start the servers, until the stack ends, and return what to measure of them."""
    found: dict[str, Measure] = {}
    for groups, checks in _CASES:
        folders = stack.enter_context(taught(groups, checks))
        events = samples(_EVENTS, groups, checks)
        server = stack.enter_context(started(*assay(folders.contracts, folders.data), core=core))
        for size in _SIZES:
            found[_name("server", groups, checks, size)] = _streamed(server, events, seconds, size)
            found[_name("in process", groups, checks, size)] = _judged(folders, events, seconds, size)
    return found


def table(results: Results) -> Table:
    """Return the results as a table."""
    shown = Table(title="CPU µs an event, and (how many times that without checks); ThreeSigma; medians; every verdict checked")
    for heading in ("groups", "checks"):
        shown.add_column(heading, justify="right")
    for how, size in product(_HOW, _SIZES):
        shown.add_column(f"{how},\n{size:,} a {'message' if how == 'server' else 'batch'}", justify="right")
    for groups, checks in _CASES:
        cells = [_cell(results, how, groups, checks, size) for how, size in product(_HOW, _SIZES)]
        shown.add_row(f"{groups:,}" if checks else "-", f"{checks}", *cells)
    return shown


def _cell(results: Results, how: str, groups: int, checks: int, size: int) -> str:
    mine, without = results[_name(how, groups, checks, size)], results[_name(how, *_CASES[0], size)]
    # Round by round, so that the machine's drift cancels out.
    ratio = median(load.cpu_per_event / base.cpu_per_event for load, base in zip(mine, without, strict=True))
    return f"{median_cpu(mine):,.1f} ({ratio:.2f})"


def _name(how: str, groups: int, checks: int, size: int) -> str:
    return f"{how}, {groups:,} groups, {checks} checks, {size:,} at a time"


def _streamed(server: Server, events: Sequence[Sample], seconds: float, size: int) -> Measure:
    return lambda: load.stream(server, events, seconds, per_message=size)


def _judged(folders: Folders, events: Sequence[Sample], seconds: float, size: int) -> Measure:
    return lambda: in_process.judge(folders, events, seconds, size=size)
