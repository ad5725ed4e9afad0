"""The rows that a command reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from assay_server.files import (
    Row,
    RowOptions,
    RowTable,
    Source,
    find_sources,
    query_rows,
    query_tables,
    read_rows,
    read_tables,
    renamed_rows,
    tables_of,
)

from ._errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which rows to read, and how they become events.

    Attributes:
        event_type: What the events are that are wanted.
        files: Files, folders and globs.
        rows: How a row becomes an event.
        names: The field that each column is to be.
        query: What makes the rows of the files; None to take them as they are.
    """

    event_type: str
    files: list[str]
    rows: RowOptions
    names: dict[str, str] = field(default_factory=dict)
    query: str | None = None

    def sources(self) -> list[Source]:
        """Return the files.

        Raises:
            FileError: If a name stands for none.
        """
        if self.query is None:
            return find_sources(self.files)
        return [source for sources in tables_of(self.files).values() for source in sources]

    def batches(self, sources: list[Source]) -> Iterator[list[Row]]:
        """Yield the rows, as lists of some.

        Raises:
            FileError: If they cannot be read, or not any further.
        """
        batches: Iterator[list[Row]]
        if self.query is None:
            batches = (batch for source in sources for batch in read_rows(source, self.rows))
        else:
            batches = query_rows(self.files, self.query, self.rows)
        return renamed_rows(batches, self.names) if self.names else batches

    def tables(self, sources: list[Source]) -> Iterator[list[Row] | RowTable]:
        """Yield the rows as tables where they have columns, else as lists, with all columns called as they are."""
        if self.query is None:
            return (batch for source in sources for batch in read_tables(source, self.rows))
        return query_tables(self.files, self.query, self.rows)


def rows_from(event_type: str, timestamp: str, event_id: str, contract_version: str, nulls: list[str] | None) -> RowOptions:
    """Return how rows become events, as the options of a command say it."""
    return RowOptions(
        event_type=event_type,
        timestamp=timestamp,
        event_id=event_id,
        contract_version=contract_version,
        nulls=frozenset(nulls or ()),
    )


def names_of(pairs: list[str]) -> dict[str, str]:
    """Return the field that each column is to be, from texts such as "column=field".

    Raises:
        UserError: If one says no column and field, or either is said twice.
    """
    names: dict[str, str] = {}
    for pair in pairs:
        column, _, field_ = pair.partition("=")
        if not column or not field_:
            raise UserError(f"--map {pair}: it says no column and field", "Write --map COLUMN=FIELD.")
        if column in names or field_ in names.values():
            raise UserError(f"--map {pair}: one of the two is mapped twice", "Map each column to a field of its own.")
        names[column] = field_
    return names
