"""How far a command has come, on standard error and only on a terminal."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from assay_server.files import Source, total_size

_INTERVAL = 0.1


class _Progress:
    """Shows how far it has come, how many rows a second, and how long the rest will take."""

    def __init__(self, total: int | None, what: str) -> None:
        console = Console(stderr=True)
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
        self._task = self._progress.add_task("", total=total, rows=0, rate=0.0)

    def advance(self, rows: int) -> None:
        """Note that so many more rows are done."""
        self._rows += rows
        now = time.perf_counter()
        if now - self._shown >= _INTERVAL:
            self._shown = now
            self._progress.update(self._task, completed=self._done(), rows=self._rows, rate=self._rows / self.seconds)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._start

    def _done(self) -> int:
        """Return how much of the total is done."""
        return self._rows

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()


class FileProgress(_Progress):
    """Shows how much of files has been read.

    Args:
        sources: The files.
        what: What a row is.
    """

    def __init__(self, sources: Sequence[Source], what: str = "events") -> None:
        super().__init__(total_size(sources), what)
        self._sources = sources

    def _done(self) -> int:
        return sum(source.done for source in self._sources)


class RowProgress(_Progress):
    """Shows how many of so many rows are done.

    Args:
        total: How many there are.
        what: What a row is.
    """

    def __init__(self, total: int, what: str = "events") -> None:
        super().__init__(total, what)
