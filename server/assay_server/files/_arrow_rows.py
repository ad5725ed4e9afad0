"""Parquet, and whatever else comes as batches of columns."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ._arrow_json import Column, NoJsonError, json_objects, json_values, texts
from ._csv_rows import check_columns
from ._problems import FileError
from ._rows import Envelope, Row, RowOptions, make_row
from ._sources import Source

_BATCH = 4096
_BATCH_BYTES = 16 << 20
_BUFFER = 1 << 20
_NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "ns": 1}
_DAY = 86_400 * 1_000_000_000


def read_parquet(source: Source, options: RowOptions) -> Iterator[list[Row]]:
    """Yield the rows of a Parquet file, as lists of some.

    Raises:
        FileError: If the file cannot be read, or has not the columns that the options name.
    """
    number = 0
    with open_parquet(source) as file:
        total = file.metadata.num_rows
        batches = file.iter_batches(batch_size=_BATCH)
        while True:
            try:
                batch = next(batches, None)
            except (OSError, ValueError) as error:
                remedy = "Get the whole file again; the rows before have been read."
                raise FileError(source.name, f"it cannot be read on: {_told(error)}", remedy, row=number + 1) from None
            if batch is None:
                return
            yield from rows_of_batches(source, [batch], options, first=number + 1)
            number += batch.num_rows
            source.done = (source.size or 0) * number // total


def open_parquet(source: Source) -> pq.ParquetFile:
    """Return a Parquet file, its footer read.

    Raises:
        FileError: If it is none, or not whole.
    """
    try:
        return pq.ParquetFile(source.name, buffer_size=_BUFFER, pre_buffer=False)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            raise FileError(source.name, f"it cannot be read: {error.strerror}", "Name a file that you may read.") from None
        message = f"it is no Parquet, or not all of it is there: {_told(error)}"
        raise FileError(source.name, message, "Get the whole file again.") from None


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
    for batch in batches:
        table = _Table(source, batch.schema, options)
        size = max(1, _BATCH_BYTES * max(batch.num_rows, 1) // max(batch.nbytes, 1))
        for start in range(0, batch.num_rows, size):
            yield table.rows(batch.slice(start, size), first + start)
        first += batch.num_rows


class _Table:
    """From a batch of columns to rows."""

    def __init__(self, source: Source, schema: pa.Schema, options: RowOptions) -> None:
        self._source = source
        self._options = options
        self._names = schema.names
        repeated = next((name for name in self._names if self._names.count(name) > 1), None)
        if repeated is not None:
            raise FileError(source.name, f"two columns are called {repeated!r}", "Give each a name of its own.")
        self._may_be_events = {"event_type", "payload"} <= set(self._names)
        check_columns(source, self._names, options, may_be_events=self._may_be_events)

    def rows(self, batch: pa.RecordBatch, first: int) -> list[Row]:
        """Return the rows of a batch."""
        try:
            columns: list[Column] = list(batch.columns)
            payloads = json_objects(self._names, columns, batch.num_rows)
            own = self._own(batch) if self._may_be_events else [None] * batch.num_rows
        except (NoJsonError, pa.ArrowException) as error:
            message = f"its columns cannot be read as JSON: {error}"
            raise FileError(self._source.name, message, "Leave the column out, or give it another type.", row=first) from None
        options = self._options
        timestamps = self._times(batch, options.timestamp)
        ids = self._texts(batch, options.event_id)
        rows = []
        for index, payload in enumerate(payloads):
            event = own[index]
            if event is None:
                envelope = Envelope(
                    options.event_type, timestamps[index], ids[index], options.contract_version, options.timestamp
                )
            else:
                payload, envelope = event  # noqa: PLW2901  # The payload that the row has, not the one that it is.
            rows.append(make_row(self._source, first + index, (batch, index), payload, envelope))
        return rows

    def _own(self, batch: pa.RecordBatch) -> list[tuple[bytes, Envelope] | None]:
        """Return payload and envelope of the rows that are events of their own."""
        column: Column = batch.column("payload")
        if not _is_text(column.type):
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
        column: Column = batch.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if not _is_text(column.type):
            column = pc.utf8_trim(json_values(column), '"')
        return [text.decode("utf-8", "replace") for text in texts(pc.fill_null(column.cast(pa.string()), ""))]

    def _times(self, batch: pa.RecordBatch, name: str) -> list[str | int | None]:
        """Return a column as timestamps: as text, or as nanoseconds since 1970, UTC."""
        if not name or name not in self._names:
            return [None] * batch.num_rows
        column: Column = batch.column(name)
        if pa.types.is_timestamp(column.type):
            factor = _NANOSECONDS[column.type.unit]
            return [None if count is None else count * factor for count in column.cast(pa.int64()).to_pylist()]
        if pa.types.is_date(column.type):
            days = column.cast(pa.date32()).cast(pa.int32()).to_pylist()
            return [None if count is None else count * _DAY for count in days]
        return [text or None for text in self._texts(batch, name)]


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)


def _told(error: BaseException) -> str:
    """Return the first sentence of an error."""
    return str(error).partition("\n")[0].partition(". ")[0]
