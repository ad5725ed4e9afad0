"""The table of calls: each row against the floor, the peer that does the same, and the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.table import Table

from .layers import Layers
from .limit_process import microseconds
from .load import Load
from .running import Measure, Results, median_cpu

LIMIT = "limit"
FLOOR = "empty grpc.aio handler"
FAST_FLOOR = f"{FLOOR} on uvloop"
PEER = "FastAPI"
BY_H2LOAD = ", by h2load"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        call: How events are sent.
        layers: What is checked, if anything is.
        measure: Measures it once.
    """

    call: str
    layers: Layers | None
    measure: Measure

    @property
    def name(self) -> str:
        """Its name, unique in the table."""
        return named(self.call, self.layers)

    @property
    def floor(self) -> str:
        """The row of the empty handler, driven by the same program."""
        return FLOOR + BY_H2LOAD * self._by_h2load

    @property
    def peer(self) -> str:
        """The row of the peer that does the same, driven by the same program; without a model, the peer has statistics."""
        if self.layers is Layers.ALL:
            return named(PEER, Layers.ALL)
        return named(PEER + BY_H2LOAD * self._by_h2load, Layers.STATISTICS)

    @property
    def limited(self) -> bool:
        """Whether it does what the limit is measured for."""
        return self.layers is not None and not self.call.startswith(PEER)

    @property
    def learns(self) -> bool:
        """Whether what is sent teaches history."""
        return self.limited and self.layers is not Layers.SCHEMA

    @property
    def _by_h2load(self) -> bool:
        return self.call.endswith(BY_H2LOAD)


def named(call: str, layers: Layers | None) -> str:
    """Return the name of a row."""
    return call if layers is None else f"{call}: {layers.value}"


def table(rows: Sequence[Row], results: Results) -> Table:
    """Return the results as a table."""
    shown = Table(title="One server core; medians; every verdict checked, every fiftieth event bad; live learning on")
    for column in ("", "layers"):
        shown.add_column(column, no_wrap=True)
    for column in (
        "events/s",
        "server CPU\nµs/event",
        "p50\nms",
        "p99\nms",
        "rate to\nfloor",
        "rate to\nFastAPI",
        "of the\nlimit",
    ):
        shown.add_column(column, justify="right")
    for before, row in zip([None, *rows], rows, strict=False):
        if before is not None and row.layers is not before.layers:
            shown.add_section()
        loads = results[row.name]
        shown.add_row(
            row.call,
            row.layers.value if row.layers else "",
            f"{median(each.rate for each in loads):,.0f}",
            f"{median_cpu(loads):,.2f}",
            f"{median(each.quantile(0.5) for each in loads):.2f}" if row.call != LIMIT else "",
            f"{median(each.quantile(0.99) for each in loads):.2f}" if row.call != LIMIT else "",
            f"{rate_ratio(results, row.name, row.floor):,.2f}",
            f"{rate_ratio(results, row.name, row.peer):,.2f}" if row.layers else "",
            f"{of_limit(results, row):.0%}" if row.limited else "",
        )
    return shown


def steps(loads: Sequence[Load]) -> str:
    """Return what the limit is made of."""
    parts = (f"{step} {median(each.steps[step] for each in loads):.2f}" for step in loads[0].steps)
    return f"The limit, µs an event in a batch of 1,000: {', '.join(parts)}; without a model, the forest is left out."


def rate_ratio(results: Results, name: str, base: str) -> float:
    """Return the events a second against those of another row, round by round, so that the machine's drift cancels out."""
    return median(each.rate / other.rate for each, other in zip(results[name], results[base], strict=True))


def of_limit(results: Results, row: Row) -> float:
    """Return the limit's CPU time against that of a row, round by round."""
    layers = row.layers or Layers.ALL
    pairs = zip(results[row.name], results[LIMIT], strict=True)
    return median(microseconds(limit, layers) / each.cpu_per_event for each, limit in pairs)
