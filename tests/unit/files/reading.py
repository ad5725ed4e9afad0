"""Helpers for tests that read files."""

from pathlib import Path
from typing import Any

from assay_server.files import Row, RowOptions, find_sources, read_rows


def read(path: Path, **options: Any) -> list[Row]:
    """Return all rows of a file."""
    return [row for source in find_sources([str(path)]) for rows in read_rows(source, RowOptions(**options)) for row in rows]


def payloads(rows: list[Row]) -> list[bytes | None]:
    """Return what the rows carry."""
    return [row.event.payload for row in rows]  # type: ignore[misc]  # Readers give bytes.
