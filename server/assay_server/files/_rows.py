"""Rows, and how they become events."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from assay_server.engine import Event

from ._sources import Source
from ._times import parse_timestamp

LONGEST_PAYLOAD = 3 << 20
"""In bytes. A message of 4 MiB, as much as a server takes unless set otherwise, has room for such a payload."""

LONGEST_ROW = 16 << 20
"""In bytes, of text. Beyond it a file is taken to be none of rows."""

_QUOTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOptions:
    """How rows become events; what is said here is for rows that are no events of their own."""

    event_type: str = ""
    """The event type whose payloads they are. Empty: they are events without a type, which are not valid."""

    timestamp: str = ""
    """The column that tells when the event happened."""

    event_id: str = ""
    """The column that identifies the event."""

    contract_version: str = ""
    """Which version of the contract applies; empty for the newest."""

    nulls: frozenset[str] = frozenset()
    """What stands in a cell of CSV, besides nothing at all, for a value that is not there, such as "NA"."""


class RowProblem(NamedTuple):
    """Why a row cannot be judged as it stands: the finding that a server would have, could it be asked."""

    check: str
    message: str


@dataclass(slots=True)
class Row:
    """One row of a file, as an event."""

    source: Source
    number: int
    """Counted from 1. In NDJSON lines are counted, in CSV and Parquet rows: the header is none."""

    event: Event
    original: Any
    """The row as it stands in the file: bytes, or the batch and the position in it for Parquet."""

    problem: RowProblem | None = None


class Envelope(NamedTuple):
    """What a row says around its payload."""

    event_type: str
    timestamp: str | int | None
    """As the row has it, or in nanoseconds since 1970, UTC."""
    event_id: str
    contract_version: str
    time_column: str
    """Where the timestamp comes from."""


def make_row(source: Source, number: int, original: Any, payload: bytes, envelope: Envelope) -> Row:
    """Return a row as an event; one whose timestamp cannot be read, or that is far too large, with its problem."""
    problem: RowProblem | None = None
    nanoseconds: int | None = None
    timestamp = envelope.timestamp
    if timestamp is not None:
        try:
            nanoseconds = timestamp if isinstance(timestamp, int) else parse_timestamp(timestamp)
        except ValueError as error:
            problem = RowProblem("envelope.timestamp_invalid", f"{envelope.time_column}: {error}")
    if len(payload) > LONGEST_PAYLOAD:
        problem = problem or RowProblem("envelope.payload_too_large", f"the payload has {len(payload)} bytes of JSON")
    event = Event(envelope.event_type, payload, nanoseconds, envelope.event_id, envelope.contract_version)
    return Row(source, number, event, original, problem)


def bad_row(source: Source, number: int, original: Any, options: RowOptions, problem: RowProblem) -> Row:
    """Return a row of which nothing can be made but its problem."""
    return Row(source, number, Event(options.event_type, None, None, "", options.contract_version), original, problem)


def quoted(text: str) -> str:
    """Return text between quotation marks, shortened if it is long."""
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")
