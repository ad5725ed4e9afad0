"""Large flushes: kept as they are at first, and put into the tables together with others.

Traffic that reaches many groups has next to every value in a row of its own, and a row in a table costs several times what
judging the event did. What is kept as it is costs a tenth, is as safe, and a group's rows of many flushes become one.
"""

from collections.abc import Iterable, Mapping

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from assay_server.baselines.history import History, Series

from ._encoding import decode
from ._tables import CHANGES, DEFERRED

_LARGE = 2048
"""More rows than these are not put into the tables at once."""

_MOST = 8_000_000
"""How many rows wait, at most: several times as many as there are groups, so that most are merged before they are written."""

_LONGEST = 600 * 10**9
"""How long they wait, at most, in nanoseconds."""


def is_large(learned: Mapping[Series, History]) -> bool:
    """Return whether a flush has more rows than are put into the tables at once."""
    return sum(history.rows for history in learned.values()) > _LARGE


def defer(connection: Connection, revision: int, learned: Mapping[Series, History], now: int) -> None:
    """Note that the rows of a change, which is in the store, are not in the tables yet."""
    rows = sum(history.rows for history in learned.values())
    connection.execute(sql.insert(DEFERRED).values(revision=revision, rows=rows, at=now))


def are_deferred(connection: Connection) -> bool:
    """Return whether there are rows that are not in the tables yet."""
    return connection.execute(sql.select(DEFERRED.c.revision).limit(1)).first() is not None


def are_due(connection: Connection, now: int) -> bool:
    """Return whether there are as many of them as may be, or for as long."""
    rows, since = connection.execute(sql.select(sql.func.sum(DEFERRED.c.rows), sql.func.min(DEFERRED.c.at))).one()
    return rows is not None and (rows >= _MOST or since < now - _LONGEST)


def deferred(connection: Connection) -> dict[Series, History]:
    """Return what is not in the tables yet."""
    return _read(connection, connection.execute(sql.select(DEFERRED.c.revision)).scalars())


def taken(connection: Connection) -> dict[Series, History]:
    """Return what is not in the tables yet, for it to be put there in this transaction: no other takes it too."""
    return _read(connection, connection.execute(sql.delete(DEFERRED).returning(DEFERRED.c.revision)).scalars())


def _read(connection: Connection, revisions: Iterable[int]) -> dict[Series, History]:
    sums: dict[Series, _Sum] = {}
    for revision in sorted(revisions):
        data = connection.execute(sql.select(CHANGES.c.learned).where(CHANGES.c.revision == revision)).scalar_one()
        for series, history in decode(data).items():
            sums.setdefault(series, _Sum()).add(history)
    return {series: added.all() for series, added in sums.items()}


class _Sum:
    """Merges histories of about the same size with one another: so none is gone through more than a few times."""

    def __init__(self) -> None:
        self._parts: list[History] = []

    def add(self, history: History) -> None:
        self._parts.append(history)
        while len(self._parts) > 1 and self._parts[-2].rows <= 2 * self._parts[-1].rows:
            last = self._parts.pop()
            self._parts[-1] = self._parts[-1].merged(last)

    def all(self) -> History:
        first, *rest = reversed(self._parts)
        for history in rest:
            first = history.merged(first)
        return first
