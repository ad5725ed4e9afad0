"""Upserts that merge in the database: so what several processes learned adds up, in whatever order they write it."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement

from assay_server.baselines.history import MOST_M2

from ._tables import BINS, CATEGORIES, MOMENTS, REFERENCES


def _constant(value: float) -> ColumnElement[float]:
    return sql.literal_column(repr(value), sql.Double())  # In the statement, or it would be sent with each row.


_ZERO, _ONE, _MOST = _constant(0.0), _constant(1.0), _constant(MOST_M2)
_NO_SQUARE = _constant(1e-150)  # Below it, a square is too small to be a number on every database.
_NO_SHARE = _constant(1e-290)  # Below it, a share of a difference is.

_AT_ONCE = 10_000  # Rows in a statement.

Columns = Any
"""A namespace of columns; SQLAlchemy has no public name for the type of both a table's and an upsert's."""

Merge = Callable[[Columns, Columns], dict[str, Any]]
"""Takes the columns that are there and those that come; returns what becomes of the former."""


class Upserts:
    """Adds rows to the tables that hold what series were taught, merging them with those that are there.

    Args:
        dialect: "sqlite" or "postgresql".
    """

    def __init__(self, dialect: str) -> None:
        self._by_array = dialect == "postgresql"
        self._statements = {
            table: _array_upsert(table, merge) if self._by_array else _row_upsert(table, merge)
            for table, merge in ((MOMENTS, _moments), (BINS, _added), (CATEGORIES, _added), (REFERENCES, _older))
        }
        self._texts: dict[sql.Table, str] = {}

    def run(self, connection: Connection, table: sql.Table, series: int, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows, no two of them for the same place.

        Args:
            connection: In a transaction.
            table: One of those in OF_SERIES.
            series: The number of the series.
            rows: The values of all columns but the series, in the order of the columns.
        """
        statement = self._statements[table]
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            if self._by_array:
                names = [column.name for column in table.columns][1:]
                columns = map(_array, zip(*part, strict=True))
                connection.execute(statement, {"number": series, **dict(zip(names, columns, strict=True))})
            else:
                # Past SQLAlchemy's handling of parameters, which takes several times as long as SQLite does.
                if (text := self._texts.get(table)) is None:
                    text = self._texts[table] = str(statement.compile(dialect=connection.dialect))
                connection.exec_driver_sql(text, [(series, *row) for row in part])


def _row_upsert(table: sql.Table, merge: Merge) -> sql.Insert:
    return _merging(sqlite.insert(table), table, merge)


def _array_upsert(table: sql.Table, merge: Merge) -> sql.Insert:
    """Return an upsert that takes each column as the text of an array: one message for many rows."""
    columns = list(table.columns)
    texts = [(sql.bindparam(column.name, type_=sql.Text()), postgresql.ARRAY(column.type)) for column in columns[1:]]
    arrays = [sql.func.unnest(sql.cast(text, array)) for text, array in texts]
    number = sql.bindparam("number", type_=columns[0].type)
    insert = postgresql.insert(table).from_select([column.name for column in columns], sql.select(number, *arrays))
    return _merging(insert, table, merge)


def _array(column: Sequence[Any]) -> str:
    """Return a column as PostgreSQL writes an array, which takes a fraction of the time that its driver does."""
    if isinstance(column[0], str):
        return "{" + ",".join(['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in column]) + "}"
    return "{" + ",".join(["NULL" if value is None else repr(value) for value in column]) + "}"


def _merging(insert: Any, table: sql.Table, merge: Merge) -> sql.Insert:
    changed = merge(table.c, insert.excluded)
    where = changed.pop("where", None)
    upsert: sql.Insert = insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed, where=where)
    return upsert


def _added(old: Columns, new: Columns) -> dict[str, Any]:
    return {"n": old.n + new.n}


def _older(old: Columns, new: Columns) -> dict[str, Any]:
    names = ("expected", "deviation", "lower", "upper", "since")
    return {**{name: new[name] for name in names}, "where": new.since < old.since}


def _moments(old: Columns, new: Columns) -> dict[str, Any]:
    """As `assay_server.baselines` merges in memory (Chan, Golub and LeVeque), with care for PostgreSQL.

    Where a product of doubles is too large or too small, PostgreSQL refuses it, instead of giving infinity or zero.
    """
    real: sql.Double[float] = sql.Double()
    total = sql.cast(old.n + new.n, real)
    share = sql.cast(new.n, real) / total
    delta = new.mean - old.mean
    away = sql.func.abs(delta)
    weighted = away * (sql.cast(old.n, real) * share)
    between = sql.case(
        (away < _NO_SQUARE, _ZERO),
        (away < _ONE, weighted * away),
        (weighted > _MOST / away, _MOST),
        else_=weighted * away,
    )
    m2 = old.m2 + new.m2 + between
    least = _chosen(new.minimum < old.minimum, new.minimum, old.minimum)
    most = _chosen(new.maximum > old.maximum, new.maximum, old.maximum)
    mean = _chosen(away < _NO_SHARE, old.mean, old.mean + delta * share)
    return {
        "n": old.n + new.n,
        "mean": mean,
        "m2": _chosen(m2 < _MOST, m2, _MOST),
        "minimum": least,
        "maximum": most,
        "newest": _chosen(old.newest.is_(None) | (new.newest > old.newest), new.newest, old.newest),
    }


def _chosen(condition: ColumnElement[bool], then: Any, otherwise: Any) -> ColumnElement[Any]:
    return sql.case((condition, then), else_=otherwise)
