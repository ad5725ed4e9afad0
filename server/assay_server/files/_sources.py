"""Which files are meant, and what they are."""

import glob
import gzip
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, cast

from ._problems import FileError

STANDARD_INPUT = "-"

_PARQUET_MAGIC = b"PAR1"
_GZIP_MAGIC = b"\x1f\x8b"


class Format(Enum):
    """What a file's rows are written in."""

    NDJSON = "NDJSON"
    CSV = "CSV"
    TSV = "TSV"
    PARQUET = "Parquet"


_SUFFIXES = {
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".parquet": Format.PARQUET,
}

_READABLE = "Assay reads .ndjson, .jsonl, .csv, .tsv, each also as .gz, and .parquet"


@dataclass(slots=True)
class Source:
    """A file to read, or standard input."""

    name: str
    """As the caller named it."""

    format: Format
    compressed: bool = False
    """Whether it is a .gz."""

    size: int | None = None
    """In bytes; None for standard input."""

    done: int = 0
    """About how many of its bytes have been read, for progress."""

    @property
    def is_standard_input(self) -> bool:
        """Whether it is no file at all."""
        return self.name == STANDARD_INPUT

    def open(self) -> tuple[io.BufferedIOBase, IO[bytes]]:
        """Return what to read from, and the file itself, whose position tells how much has been read.

        Raises:
            FileError: If the file cannot be opened, or is plainly in another format than its name says.
        """
        if self.is_standard_input:
            return cast("io.BufferedReader", sys.stdin.buffer), sys.stdin.buffer
        try:
            file = Path(self.name).open("rb")  # noqa: SIM115  # Whoever asked closes it.
            head = file.peek(len(_PARQUET_MAGIC))[: len(_PARQUET_MAGIC)]
        except OSError as error:
            raise unreadable(self.name, error) from None
        is_gzip = head.startswith(_GZIP_MAGIC)
        if head == _PARQUET_MAGIC or (is_gzip and not self.compressed):
            file.close()
            kind, suffix = ("compressed", ".gz") if is_gzip else ("Parquet", ".parquet")
            raise FileError(self.name, f"it is {kind}, and not {self.format.value}", f"Let its name end in {suffix}.")
        return (gzip.GzipFile(fileobj=file) if self.compressed else file), file


def find_sources(names: Sequence[str]) -> list[Source]:
    """Return the files that `names` stand for: files, folders (all below them that can be read), globs, `-`.

    Raises:
        FileError: If a name stands for no file, or for one in a format that is not read.
    """
    return [source for name in names for source in _expand(name)]


def total_size(sources: Iterable[Source]) -> int | None:
    """Return how many bytes there are to read, None if that is not known beforehand."""
    total = 0
    for source in sources:
        if source.size is None:
            return None
        total += source.size
    return total


def format_of(name: str) -> tuple[Format, bool] | None:
    """Return the format that a file's name tells, and whether it is compressed; None if it tells none."""
    path = Path(name.lower())
    compressed = path.suffix == ".gz"
    found = _SUFFIXES.get(Path(path.stem).suffix if compressed else path.suffix)
    if found is None or (compressed and found is Format.PARQUET):
        return None
    return found, compressed


def unreadable(name: str, error: OSError) -> FileError:
    """Return what to say of a file that the system does not let us read."""
    return FileError(name, f"it cannot be read: {error.strerror or error}", "Name a file that you may read.")


def _expand(name: str) -> list[Source]:
    if name == STANDARD_INPUT:
        return [Source(name, Format.NDJSON)]
    path = Path(name)
    if path.is_dir():
        files = sorted(str(file) for file in path.rglob("*") if file.is_file() and format_of(file.name))
        if not files:
            raise FileError(name, "the folder has no file that can be read", f"{_READABLE}.")
    elif glob.has_magic(name) and not path.exists():
        files = sorted(file for file in glob.glob(name, recursive=True) if Path(file).is_file())  # noqa: PTH207  # Path's takes no absolute one.
        if not files:
            raise FileError(name, "no file matches", "Mend the pattern; ** stands for any number of folders.")
    else:
        files = [name]
    return [_source(file) for file in files]


def _source(name: str) -> Source:
    try:
        size = Path(name).stat().st_size
    except OSError as error:
        remedy = "Name a file, a folder, a glob, or - for NDJSON on standard input."
        raise FileError(name, f"it cannot be read: {error.strerror}", remedy) from None
    found = format_of(name)
    if found is None:
        raise FileError(name, "its name does not tell what is in it", f"{_READABLE}{_json_remedy(name)}.")
    return Source(name, *found, size)


def _json_remedy(name: str) -> str:
    if not name.lower().endswith(".json"):
        return ""
    return "; if it has one object a line, rename it, and if it is a list: jq -c '.[]' FILE.json > FILE.ndjson"
