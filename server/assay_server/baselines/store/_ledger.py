"""Who wrote what and when: series and their generations, writers and their flushes, changes and files."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from assay_server.baselines.history import Series

from ._errors import AlreadyLearnedError
from ._tables import CHANGES, CLOCK, FILES, OF_SERIES, SERIES, WRITERS
from ._values import Flush, LearnedFile

_AT_ONCE = 500  # Names in a query, below what any database takes.

# Statements of every exchange, made once: SQLAlchemy takes longer to make one than SQLite to run it.
_ENTRIES = sql.select(SERIES.c.name, SERIES.c.id, SERIES.c.generation, SERIES.c.started).where(
    SERIES.c.name.in_(sql.bindparam("names", expanding=True))
)
_LAST = sql.select(WRITERS.c.sequence).where(WRITERS.c.writer == sql.bindparam("by"))
_WRITTEN = sql.update(WRITERS).where(WRITERS.c.writer == sql.bindparam("by"))
_REVISION = sql.select(CLOCK.c.revision)
_NEXT_REVISION = sql.update(CLOCK).values(revision=CLOCK.c.revision + 1)
_CHANGE = sql.insert(CHANGES)
_CHANGES_SINCE = (
    sql.select(
        CHANGES.c.event_type,
        sql.case((CHANGES.c.writer == sql.bindparam("reader"), None), else_=CHANGES.c.learned).label("learned"),
    )
    .where(CHANGES.c.revision > sql.bindparam("since"))
    .order_by(CHANGES.c.revision)
)


class Entry(NamedTuple):
    """A series in the store."""

    id: int
    generation: int
    started: int


class Change(NamedTuple):
    """What one transaction changed: what somebody learned, if that is news, or an event type that is to be read again."""

    event_type: str | None
    learned: bytes | None


def _insert_new(dialect: str, table: sql.Table) -> Any:
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](table)
    return insert.on_conflict_do_nothing()


def known(connection: Connection, wanted: Collection[Series]) -> dict[Series, Entry]:
    """Return those of some series that are in the store."""
    by_name = {series.name: series for series in wanted}
    names = list(by_name)
    found: dict[Series, Entry] = {}
    for start in range(0, len(names), _AT_ONCE):
        rows = connection.execute(_ENTRIES, {"names": names[start : start + _AT_ONCE]})
        found.update({by_name[name]: Entry(*entry) for name, *entry in rows})
    return found


def numbered(connection: Connection, dialect: str, wanted: Collection[Series]) -> dict[Series, Entry]:
    """Return some series as they are in the store, which those that it lacks are added to."""
    entries = known(connection, wanted)
    missing = sorted((series for series in wanted if series not in entries), key=lambda series: series.name)
    if missing:
        rows = [{"name": one.name, "event_type": one.event_type, "generation": 0, "started": 0} for one in missing]
        connection.execute(_insert_new(dialect, SERIES), rows)
        entries |= known(connection, missing)
    return entries


def is_new(connection: Connection, flush: Flush, now: int) -> bool:
    """Return whether a flush is not yet in the store, and note that it will be with this transaction."""
    mine = {"by": flush.writer}
    last = connection.execute(_LAST, mine).scalar()
    if last is None:
        if flush.again:  # The store has forgotten this writer, and so whether it has the flush: losing it is better than twice.
            return False
        connection.execute(sql.insert(WRITERS).values(writer=flush.writer, sequence=flush.sequence, seen=now))
        return True
    if last >= flush.sequence:
        return False
    connection.execute(_WRITTEN, {**mine, "sequence": flush.sequence, "seen": now})
    return True


def tell(connection: Connection, writer: str, now: int, *, learned: bytes | None = None, event_type: str | None = None) -> int:
    """Number this transaction's change, for others to pick up, and return the number. The last lock that it takes."""
    connection.execute(_NEXT_REVISION)
    revision = newest(connection)
    change = {"revision": revision, "writer": writer, "at": now, "event_type": event_type, "learned": learned}
    connection.execute(_CHANGE, change)
    return revision


def newest(connection: Connection) -> int:
    """Return the number of the last change."""
    return int(connection.execute(_REVISION).scalar_one())


def changes_since(connection: Connection, reader: str, since: int, revision: int) -> list[Change] | None:
    """Return the changes after `since` up to `revision`; None if they are not all there any more.

    Not what the writer `reader` learned, which knows it.
    """
    rows = connection.execute(_CHANGES_SINCE, {"reader": reader, "since": since}).all()
    return [Change(*row) for row in rows] if len(rows) == revision - since else None


def forget(connection: Connection, which: Any) -> None:
    """Forget what series were taught; `which` selects their numbers."""
    ids = list(connection.execute(which).scalars())
    for table in OF_SERIES:
        connection.execute(sql.delete(table).where(table.c.series.in_(ids)))
    next_one = SERIES.c.generation + 1
    connection.execute(sql.update(SERIES).where(SERIES.c.id.in_(ids)).values(generation=next_one, started=next_one))


def note_files(
    connection: Connection, dialect: str, event_type: str, files: Sequence[LearnedFile], now: int, *, again: bool
) -> None:
    """Note which files teach an event type.

    Raises:
        AlreadyLearnedError: If one has done so before, and may not do it again.
    """
    query = sql.select(FILES.c.digest).where(FILES.c.event_type == event_type)
    digests = set(connection.execute(query).scalars())
    if not again and (seen := [file.name for file in files if file.digest in digests]):
        raise AlreadyLearnedError(seen)
    rows = [{"event_type": event_type, "digest": file.digest, "name": file.name, "at": now} for file in files]
    if rows:
        connection.execute(_insert_new(dialect, FILES), rows)
