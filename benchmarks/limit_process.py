"""The limit, measured by a process on the server's core: see `limit`."""

import asyncio
import json
import subprocess
import sys
from types import TracebackType
from typing import Self

from assay.v1.validation_service_pb2 import ValidateStreamRequest

from .layers import Layers, Work
from .load import Load
from .servers import staying_on

_BATCH = 1000
FOREST = "forest"


class Limit:
    """A process that measures the limit whenever it is asked; ends with the block.

    Args:
        work: What is judged.
        core: The server's core.
    """

    def __init__(self, work: Work, *, core: int) -> None:
        events = [sample.event() for sample in work.samples[:_BATCH]]
        file = work.data.with_name("batch")
        file.write_bytes(ValidateStreamRequest(events=events).SerializeToString())
        self._file = str(file)
        command = (sys.executable, "-m", "benchmarks.limit", str(work.contracts[Layers.ALL]), str(work.estimator))
        with staying_on({core}):
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._process.communicate()

    async def measure(self) -> Load:
        """Measure it: the events a second are those of a core that does nothing else."""
        steps = json.loads(await asyncio.to_thread(self._ask))
        taken = sum(steps.values()) / 1e6 * _BATCH
        return Load(events=_BATCH, seconds=taken, server_cpu=taken, steps=steps)

    def _ask(self) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write(f"{self._file}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def microseconds(load: Load, layers: Layers) -> float:
    """Return the limit of an event, with the steps that these layers take."""
    return sum(taken for step, taken in load.steps.items() if step != FOREST or layers is Layers.ALL)
