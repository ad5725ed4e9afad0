"""Rows that a query makes of files: joined, filtered, aggregated."""

import glob
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ._arrow_rows import RowTable, tables_of_batches
from ._problems import FileError
from ._rows import Row, RowOptions
from ._sources import Format, Source, find_sources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUERY = "the query"
"""What stands for the file's name in rows that a query has made."""

_BATCH = 32_768
_MEMORY = "1GB"


def query_rows(names: Sequence[str], query: str, options: RowOptions) -> Iterator[list[Row]]:
    """Yield the rows that a query makes, as lists of some; see `query_tables`.

    Raises:
        FileError: If the files or the query cannot be read.
    """
    for table in query_tables(names, query, options):
        yield from table.lists()


def query_tables(names: Sequence[str], query: str, options: RowOptions) -> Iterator[RowTable]:
    """Yield the rows that a query in DuckDB's SQL makes, as tables of some.

    Each file is a table, called as the file is without what follows the first dot; a folder is one table of all its files. What
    does not fit in memory is kept in a temporary folder meanwhile.

    Args:
        names: Files, folders and globs.
        query: A SELECT, or WITH … SELECT.
        options: How rows become events.

    Raises:
        FileError: If the files or the query cannot be read.
    """
    import duckdb  # noqa: PLC0415  # Only those who ask wait for it.

    source = Source(QUERY, Format.NDJSON)
    with tempfile.TemporaryDirectory(prefix="assay-") as folder, _connected(folder) as connection:
        try:
            for table, sources in tables_of(names).items():
                _make_table(connection, table, sources, options)
            statements = connection.extract_statements(query)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise FileError(QUERY, "it is not one SELECT", "Write one, such as SELECT * FROM flights.")
            found = connection.sql(query)
            reader: pa.RecordBatchReader = found.to_arrow_reader(_BATCH)
            yield from tables_of_batches(source, _batches(reader), options)
        except (duckdb.Error, pa.ArrowException) as error:
            raise FileError(QUERY, f"it cannot be done: {str(error).strip()}", "Mend it, or the file that it reads.") from None


def tables_of(names: Sequence[str]) -> dict[str, list[Source]]:
    """Return the files of each table of a query.

    Raises:
        FileError: If a name stands for no file, or two for tables of one name.
    """
    tables: dict[str, list[Source]] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            parts = [(path.resolve().name, find_sources([name]))]
        elif glob.has_magic(name) and not path.exists():
            parts = [(_table(source), [source]) for source in find_sources([name])]
        else:
            parts = [(path.name.partition(".")[0], find_sources([name]))]
        for table, sources in parts:
            if any(source.is_standard_input for source in sources):
                raise FileError("-", "a query does not read standard input", "Write the events to a file first.")
            if len({source.format for source in sources}) > 1:
                raise FileError(name, "it holds files of several formats", "Name the files of one format, with a glob.")
            if table in tables:
                raise FileError(name, f"there are two tables called {table!r}", "Rename one of the files.")
            tables[table] = sources
    return tables


def _table(source: Source) -> str:
    return Path(source.name).name.partition(".")[0]


@contextmanager
def _connected(folder: str) -> Iterator["DuckDBPyConnection"]:
    import duckdb  # noqa: PLC0415  # Only those who ask wait for it.

    config: dict[str, Any] = {
        "memory_limit": _MEMORY,
        "temp_directory": folder,
        "autoinstall_known_extensions": False,  # A query of files needs nothing from the network.
        "TimeZone": "UTC",
    }
    connection = duckdb.connect(config=config)
    try:
        connection.execute("SET enable_progress_bar = false")  # There is one already.
        yield connection
    finally:
        connection.close()


def _make_table(connection: "DuckDBPyConnection", table: str, sources: list[Source], options: RowOptions) -> None:
    files: Any = [source.name for source in sources]  # Lists are taken too, other than the stubs say.
    kind = sources[0].format
    if kind is Format.PARQUET:
        relation = connection.from_parquet(files)
    elif kind is Format.NDJSON:
        relation = connection.read_json(files, format="newline_delimited")
    else:
        relation = connection.read_csv(
            files, header=True, sep="," if kind is Format.CSV else "\t", na_values=["", *sorted(options.nulls)]
        )
    relation.create_view(table)


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    yield from reader
