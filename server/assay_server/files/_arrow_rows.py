"""Rows that come as batches of columns."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc

from assay_server.engine import EventTable

from ._arrow_events import event_table
from ._arrow_json import Column, NoJsonError, json_objects, json_values, texts
from ._arrow_times import counts_of_time, is_text, plain_texts
from ._csv_rows import check_columns
from ._problems import FileError
from ._rows import Envelope, Row, RowOptions, make_row
from ._sources import Source

_LIST = 4096
TABLE_BYTES = 16 << 20
"""About how many bytes of columns are worked on at a time."""


def rows_of_batches(
    source: Source, batches: Iterable[pa.RecordBatch], options: RowOptions, *, first: int = 1
) -> Iterator[list[Row]]:
    """Yield the rows of batches of columns, as lists of some.

    Args:
        source: Where they come from.
        batches: The batches, all with the same columns.
        options: How rows become events.
        first: The first row's number.

    Raises:
        FileError: If the batches have not the columns that the options name, or one that JSON has no form for.
    """
    for table in tables_of_batches(source, batches, options, first=first):
        yield from table.lists()


def tables_of_batches(
    source: Source, batches: Iterable[pa.RecordBatch], options: RowOptions, *, first: int = 1
) -> Iterator["RowTable"]:
    """Yield the rows of batches of columns, as tables of some.

    Args and errors are those of `rows_of_batches`.
    """
    for batch in batches:
        reader = _Reader(source, batch.schema, options)
        size = max(1, TABLE_BYTES * max(batch.num_rows, 1) // max(batch.nbytes, 1))
        for start in range(0, batch.num_rows, size):
            yield RowTable(reader, batch.slice(start, size), first + start)
        first += batch.num_rows


class RowTable:
    """Some rows of a table, which can be had as rows, and as columns of events too."""

    def __init__(self, reader: "_Reader", batch: pa.RecordBatch, first: int) -> None:
        self._reader = reader
        self._batch = batch
        self._first = first

    def __len__(self) -> int:
        return self._batch.num_rows

    def lists(self, chosen: Sequence[int] | None = None) -> Iterator[list[Row]]:
        """Yield rows, as lists of some: all, or those that are chosen, counted from 0.

        Raises:
            FileError: If a column has a type that JSON has no form for.
        """
        rows = range(len(self)) if chosen is None else chosen
        for start in range(0, len(rows), _LIST):
            yield self._reader.rows(self._batch, self._first, rows[start : start + _LIST])

    @property
    def source(self) -> Source:
        """Where they come from."""
        return self._reader.source

    def events(self) -> EventTable | None:
        """Return the rows as columns of events; None if some may be events of their own, which are told by rows alone.

        Raises:
            FileError: As `lists` does.
        """
        return self._reader.events(self._batch, self._first)


class _Reader:
    """From batches of columns to rows and to events."""

    def __init__(self, source: Source, schema: pa.Schema, options: RowOptions) -> None:
        self.source = source
        self._options = options
        self._names = schema.names
        repeated = next((name for name in self._names if self._names.count(name) > 1), None)
        if repeated is not None:
            raise FileError(source.name, f"two columns are called {repeated!r}", "Give each a name of its own.")
        self._may_be_events = {"event_type", "payload"} <= set(self._names)
        check_columns(source, self._names, options, may_be_events=self._may_be_events)

    def rows(self, whole: pa.RecordBatch, first: int, chosen: Sequence[int]) -> list[Row]:
        """Return some rows of a batch."""
        batch = _part(whole, chosen)
        with self._readable(first):
            payloads = json_objects(self._names, list(batch.columns), batch.num_rows)
            own = self._own(batch) if self._may_be_events else [None] * batch.num_rows
        options = self._options
        timestamps = self._times(batch, options.timestamp)
        ids = self._texts(batch, options.event_id)
        rows = []
        for place, payload, event, timestamp, event_id in zip(chosen, payloads, own, timestamps, ids, strict=True):
            if event is None:
                envelope = Envelope(options.event_type, timestamp, event_id, options.contract_version, options.timestamp)
            else:
                payload, envelope = event  # noqa: PLW2901  # The payload that the row has, not the one that it is.
            rows.append(make_row(self.source, first + place, (whole, place), payload, envelope))
        return rows

    def events(self, batch: pa.RecordBatch, first: int) -> EventTable | None:
        """Return a batch as columns of events."""
        if self._may_be_events:
            return None
        options = self._options
        with self._readable(first):
            return event_table(options, dict(zip(self._names, batch.columns, strict=True)), batch.num_rows)

    @contextmanager
    def _readable(self, first: int) -> Iterator[None]:
        try:
            yield
        except (NoJsonError, pa.ArrowException) as error:
            message = f"its columns cannot be read as JSON: {error}"
            raise FileError(self.source.name, message, "Leave the column out, or give it another type.", row=first) from None

    def _own(self, batch: pa.RecordBatch) -> list[tuple[bytes, Envelope] | None]:
        """Return payload and envelope of the rows that are events of their own."""
        column: Column = batch.column("payload")
        if not is_text(column.type):
            column = json_values(column)
        objects = pc.starts_with(pc.ascii_ltrim_whitespace(column.cast(pa.string())), "{").to_pylist()
        payloads = texts(pc.fill_null(column.cast(pa.string()), ""))
        types = self._texts(batch, "event_type")
        timestamps = self._times(batch, "timestamp")
        ids = self._texts(batch, "event_id")
        versions = self._texts(batch, "contract_version")
        return [
            (payloads[index], Envelope(types[index], timestamps[index], ids[index], versions[index], "timestamp"))
            if objects[index] and types[index]
            else None
            for index in range(batch.num_rows)
        ]

    def _texts(self, batch: pa.RecordBatch, name: str) -> list[str]:
        """Return a column as text: nothing for null, and JSON for what is no text."""
        if not name or name not in self._names:
            return [""] * batch.num_rows
        return [text.decode("utf-8", "replace") for text in texts(plain_texts(batch.column(name)))]

    def _times(self, batch: pa.RecordBatch, name: str) -> list[str | int | None]:
        """Return a column as timestamps: as text, or as nanoseconds since 1970, UTC."""
        if not name or name not in self._names:
            return [None] * batch.num_rows
        counted = counts_of_time(batch.column(name))
        if counted is not None:
            counts, factor = counted
            return [None if count is None else count * factor for count in counts.to_pylist()]
        return [text or None for text in self._texts(batch, name)]


def _part(batch: pa.RecordBatch, chosen: Sequence[int]) -> pa.RecordBatch:
    if isinstance(chosen, range):
        return batch.slice(chosen.start, len(chosen))
    return batch.take(pa.array(chosen, pa.int64()))
