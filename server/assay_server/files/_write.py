"""Writing rows as they were, and files that are whole or plainly not."""

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ._csv_rows import read_header
from ._parquet import open_parquet
from ._problems import FileError
from ._rows import Row
from ._sources import STANDARD_INPUT, Format, Source, format_of

_PARTIAL = ".partial"


@contextmanager
def _writing(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # Whoever read it has gone: that is not the file's fault.
        raise
    except OSError as error:
        message = f"it cannot be written: {error.strerror or error}"
        raise FileError(name, message, "Make room, or name another file.") from None


class OutputFile:
    """A file that has its name only once it is whole; until then it is called `NAME.partial`. `-` is standard output.

    Raises:
        FileError: If it cannot be written.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.partial = name + _PARTIAL
        self._written = False
        # Who reads along wants each line as it comes, and not some thousands later.
        self._prompt = self.is_standard_output and not sys.stdin.isatty()
        try:
            self._file: IO[bytes] = sys.stdout.buffer if self.is_standard_output else self._open()
        except OSError as error:
            raise FileError(name, f"it cannot be written: {error.strerror}", "Name a file in a folder that is there.") from None
        compressed = name.endswith(".gz")
        self.stream = cast("BinaryIO", gzip.GzipFile(fileobj=self._file, mode="wb") if compressed else self._file)

    def _open(self) -> IO[bytes]:
        return Path(self.partial).open("wb")

    @property
    def is_standard_output(self) -> bool:
        """Whether it is no file at all."""
        return self.name == STANDARD_INPUT

    def write(self, data: bytes) -> None:
        """Write some more.

        Raises:
            FileError: If that cannot be done.
        """
        self._written = True
        with _writing(self.name):
            self.stream.write(data)
            if self._prompt:
                self.stream.flush()

    def finish(self) -> None:
        """Give the file its name.

        Raises:
            FileError: If what is left of it cannot be written.
        """
        with _writing(self.name):
            if self.is_standard_output:
                self._file.flush()
                return
            self._close()
            Path(self.partial).replace(self.name)

    def leave(self) -> str:
        """Close the file without giving it its name; return the one that it has, or nothing if it is gone for being empty."""
        if self.is_standard_output:
            return ""
        with suppress(OSError):
            self._close()
        if not self._written:
            Path(self.partial).unlink()
            return ""
        return self.partial

    def _close(self) -> None:
        self.stream.close()
        self._file.close()


class RowWriter(Protocol):
    """Writes rows as they were, to one file."""

    def write(self, row: Row) -> None:
        """Write a row after those before.

        Raises:
            FileError: If it does not go with them, or cannot be written.
        """

    def finish(self) -> None:
        """Write what is left, and give the file its name."""

    def leave(self) -> str:
        """Close the file, which is not whole, without giving it its name; return the one that it has, if it is kept."""


def row_writer(name: str, sources: list[Source]) -> RowWriter:
    """Return what writes rows of these files, in the format that they have, to the file called `name`.

    Raises:
        FileError: If they have several formats or other columns than each other, or `name` tells another format, or is
            one of them; or the file cannot be written.
    """
    formats = {source.format for source in sources}
    if len(formats) > 1:
        kinds = " and ".join(sorted(each.value for each in formats))
        raise FileError(
            name, f"it cannot take rows of {kinds}", "Rows are written in the format they had: one format at a time."
        )
    (kind,) = formats
    found = format_of(name)
    if name == STANDARD_INPUT:
        if kind is Format.PARQUET:
            raise FileError(name, "Parquet does not go to standard output", "Name a .parquet file.")
    elif found is None or found[0] is not kind:
        remedy = f"Rows are written in the format they had: let its name end in .{kind.value.lower()}."
        raise FileError(name, f"it is to take rows of {kind.value}, and its name does not say so", remedy)
    elif any(_is_same(name, source) for source in sources):
        raise FileError(name, "it is read, too", "Name another file.")
    if kind is Format.PARQUET:
        return _ParquetWriter(name, sources)
    return _TextWriter(name, sources, has_header=kind is not Format.NDJSON)


class _TextWriter:
    def __init__(self, name: str, sources: list[Source], *, has_header: bool) -> None:
        header = _common_header(name, sources) if has_header else b""
        self._file = OutputFile(name)
        self._ends_lines = has_header  # A record of CSV comes with its end, a line of NDJSON without.
        if header:
            self._file.write(self._whole(header))

    def write(self, row: Row) -> None:
        self._file.write(self._whole(row.original))

    def _whole(self, line: bytes) -> bytes:
        return line if self._ends_lines and line.endswith((b"\n", b"\r")) else line + b"\n"

    def finish(self) -> None:
        self._file.finish()

    def leave(self) -> str:
        return self._file.leave()


class _ParquetWriter:
    def __init__(self, name: str, sources: list[Source]) -> None:
        self._name = name
        schemas = []
        for source in sources:
            with open_parquet(source) as file:
                schemas.append(file.schema_arrow)
        _check_alike(name, sources, schemas)
        self._file = OutputFile(name)
        self._writer = pq.ParquetWriter(self._file.stream, schemas[0])
        self._batch: pa.RecordBatch | None = None
        self._rows: list[int] = []

    def write(self, row: Row) -> None:
        batch, index = row.original
        if batch is not self._batch:
            self._flush()
            self._batch = batch
        self._rows.append(index)

    def finish(self) -> None:
        self._flush()
        with _writing(self._name):
            self._writer.close()
        self._file.finish()

    def leave(self) -> str:
        with suppress(OSError, pa.ArrowException):
            self._flush()
            self._writer.close()
        return self._file.leave()

    def _flush(self) -> None:
        if self._batch is None or not self._rows:
            return
        with _writing(self._name):
            self._writer.write_batch(self._batch.take(pa.array(self._rows)))
        self._rows = []


def _common_header(name: str, sources: list[Source]) -> bytes:
    headers = [read_header(source) for source in sources]
    _check_alike(name, sources, [header.strip() for header in headers])
    return headers[0]


def _check_alike(name: str, sources: list[Source], columns: list[Any]) -> None:
    for source, each in zip(sources, columns, strict=True):
        if each != columns[0]:
            message = f"it cannot take the rows of both {sources[0].name} and {source.name}: their columns differ"
            raise FileError(name, message, "Take one of them at a time.")


def _is_same(name: str, source: Source) -> bool:
    return not source.is_standard_input and Path(name).exists() and Path(name).samefile(source.name)
