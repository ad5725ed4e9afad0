"""How long a server takes from its start to its first right answer, with so many contracts."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from . import load, shapes
from .servers import assay, started
from .workload import Sample


@dataclass(frozen=True, slots=True)
class Start:
    """One start.

    Attributes:
        seconds: By the clock.
        cpu: Seconds of the server's CPU time; of its supervisor's, if it has one.
    """

    seconds: float
    cpu: float


def starts(contracts: int, rounds: int, core: int | None) -> list[Start]:
    """Start a server so many times, and ask it of its last contract: one process on one core, or with None one on each."""
    with shapes.contracts(contracts) as folder:
        sample = next(
            each for each in shapes.samples(100 * contracts, contracts) if each.event_type.endswith(f"s{contracts - 1}")
        )
        return [_start(folder, sample, core) for _ in range(rounds)]


def _start(folder: Path, sample: Sample, core: int | None) -> Start:
    begin = time.perf_counter()
    with started(*assay(folder, workers=None if core is None else 1), core=core) as server:
        asyncio.run(load.ready(server, sample))
        return Start(time.perf_counter() - begin, server.cpu_seconds())
