"""CSV and TSV: one row a record, the first of which names the columns.

Python's own reader rather than a columnar one: a record with a cell too many, or with bytes that are no UTF-8, keeps its
place, its number and its bytes, and the records after it are read as if it were not there. It is no slower, as each record
becomes JSON by itself.
"""

import csv
import io
import json
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, cast

from pydantic_core import PydanticSerializationError, to_json

from ._problems import FileError
from ._rows import LONGEST_ROW, Envelope, Row, RowOptions, RowProblem, bad_row, make_row, quoted
from ._sources import Format, Source

_BATCH = 1000


class _Records:
    """The records of a file, each with its cells and its bytes."""

    def __init__(self, source: Source) -> None:
        stream, self.file = source.open()
        self._source = source
        self._text = io.TextIOWrapper(cast("BinaryIO", stream), encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._taken: list[str] = []
        self._number = -1  # The header's; the first row is 1.
        csv.field_size_limit(LONGEST_ROW)
        self._reader = csv.reader(self._lines(), delimiter="\t" if source.format is Format.TSV else ",")

    def __iter__(self) -> Iterator[tuple[int, list[str], str, bytes]]:
        """Yield each record's number, its cells, why there are none, and its bytes; the header's number is 0."""
        while True:
            self._taken = []
            problem = ""
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                cells, problem = [], f"the row is not as CSV is written: {error}"
            except (OSError, EOFError, zlib.error) as error:
                remedy = "Get the whole file again; the rows before have been read."
                raise FileError(self._source.name, f"it cannot be read on: {error}", remedy, row=self._number + 2) from None
            if cells is None:
                return
            if cells or problem:
                self._number += 1
                yield self._number, cells, problem, "".join(self._taken).encode("utf-8", "surrogateescape")

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_ROW):
            if len(line) == LONGEST_ROW:
                message = f"the line is longer than {LONGEST_ROW >> 20} MiB: that is not CSV"
                raise FileError(self._source.name, message, "Convert it.", row=self._number + 1)
            self._taken.append(line)
            yield line

    def close(self) -> None:
        self._text.close()
        self.file.close()


def read_header(source: Source) -> bytes:
    """Return the line that names a file's columns, as it stands.

    Raises:
        FileError: If the file cannot be read, or has none.
    """
    records = _Records(source)
    try:
        return _header(source, iter(records))[1]
    finally:
        records.close()


def read_csv(source: Source, options: RowOptions) -> Iterator[list[Row]]:
    """Yield the rows of a file, as lists of some.

    Raises:
        FileError: If the file cannot be read, or has not the columns that the options name.
    """
    records = _Records(source)
    try:
        each = iter(records)
        names, _ = _header(source, each)
        table = _Table(source, names, options)
        while some := [table.row(*record) for record in islice(each, _BATCH)]:
            source.done = records.file.tell()
            yield some
    finally:
        records.close()


def _header(source: Source, records: Iterator[tuple[int, list[str], str, bytes]]) -> tuple[list[str], bytes]:
    _, names, problem, line = next(records, (0, [], "", b""))
    if not names:
        raise FileError(source.name, problem or "it is empty", "Its first line has to name the columns.")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise FileError(source.name, f"two columns are called {quoted(repeated)}", "Give each a name of its own.")
    return names, line


class _Table:
    """From a file's cells to its rows."""

    def __init__(self, source: Source, names: list[str], options: RowOptions) -> None:
        self._source = source
        self._names = names
        self._options = options
        self._nulls = options.nulls | {""}
        self._may_be_events = {"event_type", "payload"} <= set(names)
        check_columns(source, names, options, may_be_events=self._may_be_events)

    def row(self, number: int, cells: list[str], problem: str, line: bytes) -> Row:
        """Return a record as a row."""
        if len(cells) != len(self._names) and not problem:
            problem = f"the row has {len(cells)} cells, and the header {len(self._names)}"
        if problem:
            why = RowProblem("envelope.payload_not_object", problem)
            return bad_row(self._source, number, line, self._options, why)
        nulls = self._nulls
        members = {name: cell for name, cell in zip(self._names, cells, strict=True) if cell not in nulls}
        options = self._options
        payload = members.get("payload", "") if self._may_be_events else ""
        if "event_type" in members and payload.lstrip().startswith("{"):
            get = members.get
            own = Envelope(
                _text(members["event_type"]),
                get("timestamp"),
                _text(get("event_id", "")),
                _text(get("contract_version", "")),
                "timestamp",
            )
            return make_row(self._source, number, line, payload.encode("utf-8", "surrogateescape"), own)
        given = Envelope(
            options.event_type,
            members.get(options.timestamp) if options.timestamp else None,
            _text(members.get(options.event_id, "")) if options.event_id else "",
            options.contract_version,
            options.timestamp,
        )
        return make_row(self._source, number, line, _json(members), given)


def check_columns(source: Source, names: list[str], options: RowOptions, *, may_be_events: bool) -> None:
    """See that a table has the columns that the options name.

    Raises:
        FileError: If it does not, and its rows cannot be events of their own.
    """
    for name in (options.timestamp, options.event_id):
        if name and name not in names and not may_be_events:
            columns = ", ".join(names)
            raise FileError(source.name, f"it has no column {quoted(name)}", f"Name one of its columns: {columns}.")


def _json(members: dict[str, str]) -> bytes:
    try:
        return to_json(members)
    except PydanticSerializationError:
        # Bytes that are no UTF-8: whoever judges it says so.
        return json.dumps(members, ensure_ascii=True).encode()


def _text(text: str) -> str:
    """Return text that can travel."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
