"""Events in files: rows of NDJSON, CSV and Parquet, read as events and written back as they were.

All commands that take files read them in this one way:

- A row with an `event_type` and an object `payload` is an event, with its own `timestamp`, `event_id` and
  `contract_version` if it has them; what else it has is not looked at. Any other row is the payload of the event type that
  the caller names, and two of its columns may serve as timestamp and identifier; they stay part of the payload.
- NDJSON: a line is a row, a blank line is none. Payloads are passed on as they stand, byte for byte, good JSON or not.
- CSV (commas) and TSV (tabs), in UTF-8 with a header: a cell is text, which contracts read with Pydantic's coercion. An
  empty cell is a key that the payload does not have. Text that holds a JSON object is an object as `payload`.
- Parquet: numbers, booleans, structs and lists are what JSON has for them; times are RFC 3339 text, with a zone if the column
  has one; dates, decimals and UUIDs are text, durations are seconds, binary is text or else Base64. Null and NaN are keys
  that the payload does not have; infinities are written as such, which no contract accepts. Text that holds a JSON object is
  an object as `payload`.
- A timestamp is RFC 3339 text, a date, or a number that counts from 1970 in seconds, milli-, micro- or nanoseconds,
  whichever puts it nearest to our days. A time without a zone is in UTC.

A row that cannot be judged as it stands keeps its place, with its problem; memory does not grow with the file.
"""

from ._arrow_rows import RowTable, rows_of_batches, tables_of_batches
from ._digest import Digest
from ._ordering import RowsInOrder
from ._problems import FileError
from ._query import QUERY, query_rows, query_tables, tables_of
from ._read import read_rows, read_tables
from ._renamed import Renaming, renamed_rows
from ._rows import Row, RowOptions, RowProblem
from ._sources import Format, Source, find_sources, total_size
from ._times import parse_timestamp
from ._write import OutputFile, RowWriter, row_writer

__all__ = [
    "QUERY",
    "Digest",
    "FileError",
    "Format",
    "OutputFile",
    "Renaming",
    "Row",
    "RowOptions",
    "RowProblem",
    "RowTable",
    "RowWriter",
    "RowsInOrder",
    "Source",
    "find_sources",
    "parse_timestamp",
    "query_rows",
    "query_tables",
    "read_rows",
    "read_tables",
    "renamed_rows",
    "row_writer",
    "rows_of_batches",
    "tables_of",
    "tables_of_batches",
    "total_size",
]
