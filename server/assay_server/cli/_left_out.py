"""The file with the rows that a command leaves out."""

from types import TracebackType
from typing import Self

import typer

from assay_server.files import OutputFile, Row, RowWriter, Source, row_writer

from ._errors import UserError
from ._reading import Reading


class LeftOut:
    """Takes the rows that are left out: as they are, or as the query made them, as NDJSON.

    Args:
        name: The file; None to keep nothing.
        reading: What is read.
        sources: The files that it is read from.

    Raises:
        UserError: If rows of this kind cannot be written to it.
    """

    def __init__(self, name: str | None, reading: Reading, sources: list[Source]) -> None:
        self._file: OutputFile | None = None
        self._rows: RowWriter | None = None
        if name is None:
            return
        if reading.query is None:
            self._rows = row_writer(name, sources)
        elif name.endswith((".ndjson", ".ndjson.gz")):
            self._file = OutputFile(name)
        else:
            raise UserError(f"{name}: what a query makes is written as NDJSON", "Let the name end in .ndjson.")

    def write(self, row: Row) -> None:
        """Write a row that is left out."""
        if self._rows is not None:
            self._rows.write(row)
        elif self._file is not None and isinstance(row.event.payload, bytes):
            self._file.write(row.event.payload + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        file = self._rows or self._file
        if file is None:
            return
        if error is None:
            file.finish()
        elif left := file.leave():
            typer.echo(f"What was left out until then is in {left}.", err=True)
