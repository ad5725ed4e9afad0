"""Rows in the order in which they happened, however many there are and however they lie in their files."""

import heapq
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from assay_server.engine import Event

from ._problems import FileError
from ._rows import Row, RowProblem
from ._sources import Source
from ._times import FIRST_TIME

_BYTES = 64 << 20
_BLOCK = 512
_RUNS = 128  # So many files are open while they are merged.


class _Kept(NamedTuple):
    """A row, with where it belongs; no two have the same time and place, so no more is compared."""

    time: int
    place: int
    source: int
    number: int
    event_type: str
    payload: bytes | None
    timestamp: int | None
    event_id: str
    contract_version: str
    problem: RowProblem | None


class RowsInOrder:
    """Takes rows as they come, and gives them back in the order of their times; those of one time in the order they came.

    A row that has no time, or none that can be read, stays behind the row before it in its file. Rows are held in memory up to
    a bound, and beyond it in a temporary folder: an external merge sort, as in Knuth, "The Art of Computer Programming",
    volume 3, section 5.4. What is given back has no `original`.

    Args:
        until: Rows of this time and after, in nanoseconds since 1970, are left out; None to take all.
        most: How many rows are held in memory.

    Attributes:
        timed: Whether any row has a time.
    """

    def __init__(self, until: int | None = None, *, most: int = 100_000) -> None:
        self.timed = False
        self._until = until
        self._most = most
        self._held: list[_Kept] = []
        self._bytes = 0
        self._places = 0
        self._kept = 0
        self._sources: dict[str, tuple[int, Source]] = {}
        self._newest: dict[int, int] = {}
        self._runs: list[Path] = []
        self._written = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, rows: Iterable[Row]) -> None:
        """Take some rows.

        Raises:
            FileError: If the temporary folder has no room for them.
        """
        for row in rows:
            self._add(row)
        if len(self._held) >= self._most or self._bytes >= _BYTES:
            self._write(self._sorted())
            self._held, self._bytes = [], 0
            if len(self._runs) >= _RUNS:
                runs, self._runs = self._runs, []
                self._write(heapq.merge(*map(_read, runs)))
                for run in runs:
                    run.unlink()

    def __len__(self) -> int:
        return self._kept

    def __iter__(self) -> Iterator[list[tuple[int, Row]]]:
        """Yield the rows in their order, as lists of some, each with the time that it goes by, in nanoseconds since 1970."""
        sources = [source for _, source in self._sources.values()]
        kept = heapq.merge(*map(_read, self._runs), self._sorted())
        while some := list(islice(kept, _BLOCK)):
            yield [(one.time, _row_of(one, sources[one.source])) for one in some]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def _add(self, row: Row) -> None:
        event = row.event
        source, _ = self._sources.setdefault(row.source.name, (len(self._sources), row.source))
        time = event.timestamp
        if time is None:
            time = self._newest.get(source, FIRST_TIME)
        else:
            self._newest[source] = time
            self.timed = True
        self._places += 1
        if self._until is not None and time >= self._until:
            return
        payload = event.payload if isinstance(event.payload, bytes) else None
        envelope = (event.event_type, payload, event.timestamp, event.event_id, event.contract_version)
        self._held.append(_Kept(time, self._places, source, row.number, *envelope, row.problem))
        self._kept += 1
        self._bytes += len(payload or b"")

    def _sorted(self) -> list[_Kept]:
        self._held.sort()
        return self._held

    def _write(self, rows: Iterable[_Kept]) -> None:
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="assay-")
            self._written += 1
            run = Path(self._folder.name) / str(self._written)
            rows = iter(rows)
            with run.open("wb") as file:
                while some := list(islice(rows, _BLOCK)):
                    pickle.dump([tuple(one) for one in some], file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            where = self._folder.name if self._folder else tempfile.gettempdir()
            message = f"rows cannot be put in order there: {error.strerror or error}"
            raise FileError(where, message, "Make room, or name another folder in TMPDIR.") from None
        self._runs.append(run)


def _read(run: Path) -> Iterator[_Kept]:
    with run.open("rb") as file:
        while file.peek(1):
            yield from map(_Kept._make, pickle.load(file))  # noqa: S301  # Written by this process, in a folder of its own.


def _row_of(kept: _Kept, source: Source) -> Row:
    event = Event(kept.event_type, kept.payload, kept.timestamp, kept.event_id, kept.contract_version)
    return Row(source, kept.number, event, None, kept.problem)
