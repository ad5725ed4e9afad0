"""How far a command has come, on standard error and only on a terminal."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from assay_server.files import Source, total_size

_INTERVAL = 0.1


class FileProgress:
    """Shows how much of files has been read, how many rows a second, and how long the rest will take.

    Args:
        sources: The files.
        what: What a row is.
    """

    def __init__(self, sources: Sequence[Source], what: str = "events") -> None:
        console = Console(stderr=True)
        self._sources = sources
        self._start = time.perf_counter()
        self._shown = self._start
        self._rows = 0
        columns = (
            SpinnerColumn(),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]:,} " + what + ", {task.fields[rate]:,.0f} a second"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=total_size(sources), rows=0, rate=0.0)

    def advance(self, rows: int) -> None:
        """Note that so many more rows are done."""
        self._rows += rows
        now = time.perf_counter()
        if now - self._shown >= _INTERVAL:
            self._shown = now
            done = sum(source.done for source in self._sources)
            self._progress.update(self._task, completed=done, rows=self._rows, rate=self._rows / self.seconds)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._start

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()
