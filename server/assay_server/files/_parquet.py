"""Parquet."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from ._arrow_rows import TABLE_BYTES, RowTable, tables_of_batches
from ._problems import FileError
from ._rows import Row, RowOptions
from ._sources import Source

_READ = 4096
_TABLE = 32_768
_BUFFER = 1 << 20


def read_parquet(source: Source, options: RowOptions) -> Iterator[list[Row]]:
    """Yield the rows of a Parquet file, as lists of some.

    Raises:
        FileError: If the file cannot be read, or has not the columns that the options name.
    """
    for table in read_parquet_tables(source, options):
        yield from table.lists()


def read_parquet_tables(source: Source, options: RowOptions) -> Iterator[RowTable]:
    """Yield the rows of a Parquet file, as tables of some.

    Raises:
        FileError: As `read_parquet` does.
    """
    number = 0
    with open_parquet(source) as file:
        total = file.metadata.num_rows
        for batch in _gathered(_batches(source, file)):
            yield from tables_of_batches(source, [batch], options, first=number + 1)
            number += batch.num_rows
            source.done = (source.size or 0) * number // total


def _batches(source: Source, file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    number = 0
    batches = file.iter_batches(batch_size=_READ)
    while True:
        try:
            batch = next(batches, None)
        except (OSError, ValueError) as error:
            remedy = "Get the whole file again; the rows before have been read."
            raise FileError(source.name, f"it cannot be read on: {_told(error)}", remedy, row=number + 1) from None
        if batch is None:
            return
        yield batch
        number += batch.num_rows


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches put together to larger ones, as far as memory allows."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    try:
        for batch in batches:
            if waiting and (rows + batch.num_rows > _TABLE or size + batch.nbytes > TABLE_BYTES):
                yield _together(waiting)
                waiting, rows, size = [], 0, 0
            waiting.append(batch)
            rows += batch.num_rows
            size += batch.nbytes
    except FileError:
        if waiting:
            yield _together(waiting)
        raise
    if waiting:
        yield _together(waiting)


def _together(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0] if len(batches) > 1 else batches[0]


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


def _told(error: BaseException) -> str:
    """Return the first sentence of an error."""
    return str(error).partition("\n")[0].partition(". ")[0]
