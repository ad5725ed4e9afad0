"""`make bench-scale`: what an event costs against the number of event types, groups, checks, fields, and so on.

One of them grows at a time, in `ValidateStream` with a hundred events a message or as few as are 100 KB; each server is on
one core, load on another, and every answer is checked. Writes a plot for each into plots/,
and scale.json, which keeps what is not measured again.
"""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from rich.console import Console
from rich.table import Table

from . import load, shapes, statistics
from .load import Load
from .servers import Server, assay, on_cores, started
from .workload import Sample

_HERE = Path(__file__).parent
_RESULTS = _HERE / "scale.json"
_EVENTS = 20_000
_PER_MESSAGE = 100
_MESSAGE_BYTES = 100_000
_ALL_BYTES, _FIELD_BYTES, _FEW = 20_000_000, 20, 200
_USUAL_GROUPS = 100_000
_WIDE = 10
"""From how many times the least cost on a plot shows multiples as equal distances."""


Case = tuple[Server, Sequence[Sample], int]
"""A server, events for it, and over how many streams they come."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Something that grows.

    Attributes:
        name: What it is called.
        sizes: How large it is made.
        case: Makes a server and events of a size.
    """

    name: str
    sizes: tuple[int, ...]
    case: Callable[[int, int], Any]


@contextmanager
def _shaped(core: int, *, streams: int = 1, types: int = 1, fields: int = 12, text: int = 20, run: int = 0) -> Iterator[Case]:
    with shapes.contracts(types, fields) as folder, started(*assay(folder), core=core) as server:
        count = max(_FEW, run * types, min(_EVENTS, _ALL_BYTES // (text + _FIELD_BYTES * fields)))
        yield server, shapes.samples(count, types, fields, text, run=run), streams


@contextmanager
def _taught(core: int, *, groups: int = 1000, checks: int = 1) -> Iterator[Case]:
    cap = ("--set", f"max_groups={max(groups, _USUAL_GROUPS)}")
    with (
        statistics.taught(groups, checks) as folders,
        started(*assay(folders.contracts, folders.data), *cap, core=core) as server,
    ):
        yield server, statistics.samples(max(_EVENTS, groups // 5), groups, checks), 1


_SCALES = (
    Scale("event types", (1, 10, 100, 1000), lambda core, size: _shaped(core, types=size, run=_PER_MESSAGE)),
    Scale("mixed event types", (1, 10, 100, 1000), lambda core, size: _shaped(core, types=size)),
    Scale("groups", (1, 100, 10_000, 100_000, 1_000_000), lambda core, size: _taught(core, groups=size)),
    Scale("checks", (0, 1, 10, 50), lambda core, size: _taught(core, checks=size)),
    Scale("fields", (1, 10, 100, 300), lambda core, size: _shaped(core, fields=size)),
    Scale("characters of text", (10, 100, 1_000, 10_000, 100_000), lambda core, size: _shaped(core, text=size)),
    Scale("concurrent streams", (1, 4, 16, 64), lambda core, size: _shaped(core, streams=size)),
)


def main() -> None:
    """Measure everything, print a table, draw the plots and write scale.json."""
    parser = argparse.ArgumentParser(description="Measure what an event costs as things grow.", prog="make bench-scale")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each size is measured in each round")
    parser.add_argument("--rounds", type=int, default=3, help="how often; medians are shown")
    parser.add_argument(
        "--scale", choices=[scale.name for scale in _SCALES], action="append", help="only this one; may be repeated"
    )
    arguments = parser.parse_args()
    console = Console()
    core = on_cores(console)
    mpl.use("Agg")
    found: dict[str, dict[str, float]] = json.loads(_RESULTS.read_text()) if _RESULTS.exists() else {}
    for scale in _SCALES:
        if arguments.scale and scale.name not in arguments.scale:
            continue
        found[scale.name] = {}
        for size in scale.sizes:
            with console.status(f"{size:,} {scale.name} …"), scale.case(core, size) as case:
                rounds = [asyncio.run(_cost(case, arguments.seconds)) for _ in range(arguments.rounds)]
            found[scale.name][f"{size}"] = round(median(rounds), 2)
        _draw(scale.name, {int(size): cost for size, cost in found[scale.name].items()})
        _RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    console.print(_table(found))


async def _cost(case: Case, seconds: float) -> float:
    """Return the server's CPU time an event, in microseconds."""
    server, events, streams = case
    weight = max(len(sample.json()) for sample in events[:100])
    per_message = max(1, min(_PER_MESSAGE, _MESSAGE_BYTES // weight))
    calls = (load.stream(server, events, seconds, per_message=per_message) for _ in range(streams))
    loads: list[Load] = await asyncio.gather(*calls)
    # All streams are measured over the same time, in which the server works for all of them.
    return max(load.server_cpu for load in loads) / sum(load.events for load in loads) * 1e6


def _table(found: dict[str, dict[str, float]]) -> Table:
    shown = Table(title="Server CPU µs an event; medians; every answer checked")
    shown.add_column("", no_wrap=True)
    for number in range(max(map(len, found.values()))):
        shown.add_column("smallest" if number == 0 else "", justify="right")
    for name, costs in found.items():
        shown.add_row(name, *(f"{int(size):,}: {cost:,.1f}" for size, cost in costs.items()))
    return shown


def _draw(name: str, costs: dict[int, float]) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    axes.plot(list(costs), list(costs.values()), marker="o")
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks(list(costs), [f"{size:,}" for size in costs])
    axes.minorticks_off()
    if max(costs.values()) > _WIDE * min(costs.values()):
        axes.set_yscale("log")
        axes.set_ylim(bottom=min(costs.values()) / 1.5, top=1.5 * max(costs.values()))
        axes.yaxis.set_major_formatter("{x:,g}")
    else:
        axes.set_ylim(bottom=0, top=1.2 * max(costs.values()))
    for size, cost in costs.items():
        axes.annotate(f"{cost:,.1f}", (size, cost), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8)
    axes.set_xlabel(name)
    axes.set_ylabel("server CPU µs an event")
    axes.grid(alpha=0.3)
    (_HERE / "plots").mkdir(exist_ok=True)
    figure.savefig(_HERE / "plots" / f"{name.replace(' ', '_')}.png", dpi=120)
    plt.close(figure)


if __name__ == "__main__":
    main()
