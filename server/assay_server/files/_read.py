"""Reading rows, whatever they are written in."""

from collections.abc import Callable, Iterator

from ._arrow_rows import RowTable
from ._csv_rows import read_csv
from ._ndjson_rows import read_ndjson
from ._parquet import read_parquet, read_parquet_tables
from ._rows import Row, RowOptions
from ._sources import Format, Source

_READERS: dict[Format, Callable[[Source, RowOptions], Iterator[list[Row]]]] = {
    Format.NDJSON: read_ndjson,
    Format.CSV: read_csv,
    Format.TSV: read_csv,
    Format.PARQUET: read_parquet,
}


def read_rows(source: Source, options: RowOptions) -> Iterator[list[Row]]:
    """Yield the rows of a file in their order, as lists of some.

    Raises:
        FileError: If the file cannot be read, or not any further; the rows before have been yielded.
    """
    return _READERS[source.format](source, options)


def read_tables(source: Source, options: RowOptions) -> Iterator[list[Row] | RowTable]:
    """Yield the rows of a file in their order, as tables of some where it has columns, else as lists.

    Raises:
        FileError: As `read_rows` does.
    """
    return read_parquet_tables(source, options) if source.format is Format.PARQUET else read_rows(source, options)
