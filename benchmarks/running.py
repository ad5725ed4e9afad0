"""Measuring rows in turn, several times over: where the machine's speed drifts, it does so for all."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import uvloop
from rich.console import Console

from .load import Load

Measure = Callable[[], Coroutine[None, None, Load]]
Rows = Mapping[str, Measure]
Results = dict[str, list[Load]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to measure.

    Attributes:
        seconds: How long each row is measured in each round.
        rounds: How often each row is measured.
        core: The servers' core.
        only: If there are any: rows are left out whose name has none of these texts in it.
    """

    seconds: float
    rounds: int
    core: int
    only: tuple[str, ...] = ()


def measured(rows: Rows, rounds: int, console: Console) -> Results:
    """Measure each row so many times."""
    results: Results = {name: [] for name in rows}
    for number in range(rounds):
        for name, measure in rows.items():
            status = console.status(f"round {number + 1} of {rounds}: {name} …")
            with status, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # The load is not what is measured.
                results[name].append(runner.run(measure()))
    return results


def median_cpu(loads: Sequence[Load]) -> float:
    """Return the CPU time of an event, in microseconds."""
    return median(load.cpu_per_event for load in loads)


def as_json(results: Results) -> dict[str, Any]:
    """Return results as they are kept."""
    return {
        name: [
            {
                "events_per_second": round(result.rate, 1),
                "server_cpu_us_per_event": round(result.cpu_per_event, 2),
                "p50_ms": round(result.quantile(0.5), 3),
                "p99_ms": round(result.quantile(0.99), 3),
                **({"steps_us": result.steps} if result.steps else {}),
            }
            for result in loads
        ]
        for name, loads in results.items()
    }
