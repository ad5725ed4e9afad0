"""Where what was learned is kept, for all processes that learn and for those that come after them."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from assay_server.baselines.history import History, Series

from ._database import Access, Database
from ._deferring import are_deferred, are_due, defer, deferred, is_large, taken
from ._encoding import decode, encode
from ._ledger import changes_since, forget, is_new, known, newest, note_files, numbered, tell
from ._merging import Upserts
from ._rows import read_history, rows_of
from ._schema import migrate
from ._tables import CHANGES, DEFERRED, FILES, MOMENTS, OF_SERIES, REFERENCES, SERIES, WRITERS
from ._values import Flush, LearnedFile, News, Stored

_CHANGES_KEPT = 300 * 10**9
_WRITERS_KEPT = 30 * 86_400 * 10**9


class Store:
    """A store of baselines. Its methods block; each is one transaction. It may be used from several threads.

    Args:
        where: A SQLite file, or the URL of a database: `postgresql://…` or `sqlite:///…`.
        clock: The time, in nanoseconds since 1970, UTC.

    Raises:
        StoreError: If it cannot be used: no such kind of database, or a newer schema.
        SQLAlchemyError: If it cannot be reached, or refuses, here as in each method.
    """

    def __init__(self, where: str | Path, *, clock: Callable[[], int] = time.time_ns) -> None:
        self._database = Database(where)
        self._clock = clock
        self._upserts = Upserts(self._database.dialect)
        self._dialect = self._database.dialect
        self._made = False

    @property
    def name(self) -> str:
        """Its URL, without the password."""
        return self._database.name

    def prepare(self) -> None:
        """Create the schema, or bring it up to date; done once."""
        if not self._made:
            self._database.make_room()
            migrate(self._database)
            self._made = True

    def write(self, flush: Flush) -> None:
        """Add what a process learned. Repeating it changes nothing."""
        if self._write(flush):
            self._settle_if_due()

    def read(self, writer: str, since: int | None, known: Collection[Series], wanted: Collection[Series]) -> News:
        """Return what a process does not know.

        Args:
            writer: The process; its own flushes are no news to it.
            since: The number of the last change that it knows; None if it knows nothing.
            known: The series that it knows.
            wanted: The series that it wants to know.
        """
        with self._database.transaction(Access.READ) as connection:
            revision = newest(connection)
            missing = set(wanted) - set(known)
            if revision == since and not missing:
                return News(revision)
            learned: list[Mapping[Series, History]] = []
            changes = None if since is None else changes_since(connection, writer, since, revision)
            if changes is None:
                missing = set(wanted)
            else:
                again = {change.event_type for change in changes}
                missing |= {series for series in wanted if series.event_type in again}
                others = [change.learned for change in changes if change.learned is not None]
                learned = [_without(decode(data), missing) for data in others]
            return News(revision, self._whole(connection, missing), learned)

    def teach(
        self,
        event_type: str,
        taught: Iterable[History],
        files: Sequence[LearnedFile] = (),
        *,
        again: bool = False,
        replace: bool = False,
        refer: Callable[[History], History] | None = None,
    ) -> None:
        """Add what files teach an event type, all of it or nothing; processes that serve read it with their next news.

        Args:
            event_type: Whose history it is.
            taught: What each series is taught.
            files: The files; they are refused if one has taught the event type before.
            again: Whether such files are taken all the same.
            replace: Whether all that was known of the event type is forgotten first.
            refer: Returns the history of a series, with all that is taught now, as one with references for live learning;
                it must not change anything else.

        Raises:
            AlreadyLearnedError: If a file has taught the event type before.
        """
        histories = {history.series: history for history in taught}
        with self._database.transaction(Access.ALONE) as connection:
            now = self._clock()
            self._settle(connection)
            if replace:
                forget(connection, sql.select(SERIES.c.id).where(SERIES.c.event_type == event_type))
                connection.execute(sql.delete(FILES).where(FILES.c.event_type == event_type))
            note_files(connection, self._dialect, event_type, files, now, again=again)
            ids = {series: entry.id for series, entry in numbered(connection, self._dialect, histories).items()}
            mine = list(ids.values())
            connection.execute(sql.update(SERIES).where(SERIES.c.id.in_(mine)).values(generation=SERIES.c.generation + 1))
            connection.execute(sql.delete(REFERENCES).where(REFERENCES.c.series.in_(mine)))
            self._add(connection, histories, ids)
            if refer is not None:
                referred = {series: refer(read_history(connection, number, series)) for series, number in ids.items()}
                self._add(connection, {series: history.only_references() for series, history in referred.items()}, ids)
            tell(connection, "", now, event_type=event_type)

    def forget(self, event_type: str, series: Collection[Series] | None = None) -> None:
        """Forget what some series of an event type were taught, or all of them, and then the files too."""
        with self._database.transaction(Access.ALONE) as connection:
            self._settle(connection)
            which = sql.select(SERIES.c.id).where(SERIES.c.event_type == event_type)
            if series is None:
                connection.execute(sql.delete(FILES).where(FILES.c.event_type == event_type))
            else:
                which = which.where(SERIES.c.name.in_([one.name for one in series]))
            forget(connection, which)
            tell(connection, "", self._clock(), event_type=event_type)

    def series(self, event_type: str | None = None) -> list[Series]:
        """Return the series that it holds, or those of one event type."""
        query = sql.select(SERIES.c.name).order_by(SERIES.c.name)
        if event_type is not None:
            query = query.where(SERIES.c.event_type == event_type)
        with self._database.transaction(Access.READ) as connection:
            return [Series.from_name(name) for name in connection.execute(query).scalars()]

    def files(self, event_type: str) -> list[LearnedFile]:
        """Return the files that have taught an event type, the first first."""
        query = sql.select(FILES.c.name, FILES.c.digest).where(FILES.c.event_type == event_type).order_by(FILES.c.at)
        with self._database.transaction(Access.READ) as connection:
            return [LearnedFile(name, digest) for name, digest in connection.execute(query)]

    def tidy(self, oldest: Mapping[Series, int]) -> None:
        """Remove what nobody needs: old changes, processes long gone, and buckets below the oldest that is kept, by series."""
        self._settle_if_due()
        now = self._clock()
        with self._database.transaction(Access.ALONE) as connection:
            needed = CHANGES.c.revision.in_(sql.select(DEFERRED.c.revision))
            connection.execute(sql.delete(CHANGES).where(CHANGES.c.at < now - _CHANGES_KEPT, ~needed))
            connection.execute(sql.delete(WRITERS).where(WRITERS.c.seen < now - _WRITERS_KEPT))
            for series, entry in numbered(connection, self._dialect, oldest).items():
                for table in OF_SERIES:
                    if table is not REFERENCES:
                        old = table.c.bucket < oldest[series]
                        connection.execute(sql.delete(table).where(table.c.series == entry.id, old))
                if are_deferred(connection):
                    continue  # A group that seems to be gone may be among them.
                held = sql.select(MOMENTS.c.group_key).where(MOMENTS.c.series == entry.id)
                gone = REFERENCES.c.group_key.not_in(held)
                connection.execute(sql.delete(REFERENCES).where(REFERENCES.c.series == entry.id, gone))

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def _write(self, flush: Flush) -> bool:
        """Return whether its rows are not in the tables yet."""
        now = self._clock()
        with self._database.transaction(Access.WRITE) as connection:
            if not is_new(connection, flush, now):
                return False
            entries = numbered(connection, self._dialect, flush.learned)
            learned = {}
            for series, history in flush.learned.items():
                generation, entry = flush.generations.get(series), entries[series]
                if generation is not None and generation < entry.started:
                    continue  # What was learned before all was forgotten is forgotten too.
                learned[series] = history if generation == entry.generation else history.without_references()
            large = is_large(learned)
            if not large:
                self._add(connection, learned, {series: entry.id for series, entry in entries.items()})
            revision = tell(connection, flush.writer, now, learned=encode(learned))
            if large:
                defer(connection, revision, learned, now)
            return large

    def _add(self, connection: Connection, learned: Mapping[Series, History], ids: Mapping[Series, int]) -> None:
        in_order = sorted(learned, key=ids.__getitem__)
        for series in in_order:
            for table, rows in rows_of(learned[series]):
                self._upserts.run(connection, table, ids[series], rows)

    def _settle_if_due(self) -> None:
        """Put the rows of large flushes into the tables, if there are as many as may wait, or for as long."""
        with self._database.transaction(Access.READ) as connection:
            due = are_due(connection, self._clock())
        if due:
            with self._database.transaction(Access.WRITE) as connection:
                self._settle(connection)

    def _settle(self, connection: Connection) -> None:
        if are_deferred(connection):
            learned = taken(connection)
            self._add(connection, learned, {series: entry.id for series, entry in known(connection, learned).items()})

    def _whole(self, connection: Connection, wanted: Collection[Series]) -> dict[Series, Stored]:
        entries = known(connection, wanted)
        waiting = deferred(connection) if entries else {}
        found = {}
        for series in wanted:
            if (entry := entries.get(series)) is None:
                found[series] = Stored(History(series))
                continue
            history = read_history(connection, entry.id, series)
            if series in waiting:
                history = history.merged(waiting[series])
            found[series] = Stored(history, entry.generation, entry.started)
        return found


def _without(learned: Mapping[Series, History], left_out: Collection[Series]) -> dict[Series, History]:
    return {series: history for series, history in learned.items() if series not in left_out}
