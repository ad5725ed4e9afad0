"""Connections and transactions, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from ._errors import StoreError

_LOCK = 0x41_53_53_41_59  # Any number that is always the same.
_PATIENCE = 30  # Seconds that a transaction waits for another.


class Access(Enum):
    """What a transaction may do beside others."""

    READ = "read"
    """It reads, all as of one moment."""

    WRITE = "write"
    """It writes beside others that do, where the database can."""

    ALONE = "alone"
    """It writes while no other does."""


class Database:
    """A database by its URL, or a SQLite file by its path.

    Raises:
        StoreError: If it is no URL of a database that is supported.
    """

    def __init__(self, where: str | Path) -> None:
        url = _url(where)
        self.name = url.render_as_string(hide_password=True)
        self.dialect = url.get_backend_name()
        self._engine = _sqlite(url) if self.dialect == "sqlite" else _postgresql(url)

    @contextmanager
    def transaction(self, access: Access) -> Iterator[Connection]:
        """Run a block in one transaction, which is committed at its end, or rolled back by an exception.

        Raises:
            SQLAlchemyError: If the database cannot be reached, or refuses.
        """
        with self._engine.connect() as plain:
            connection = plain.execution_options(**self._options(access))
            with connection.begin():
                self._begin(connection, access)
                yield connection

    def _options(self, access: Access) -> dict[str, Any]:
        if self.dialect == "sqlite":
            return {}
        # What a transaction reads is as of one moment; what it writes is merged with the newest there is.
        return {"isolation_level": "REPEATABLE READ" if access is Access.READ else "READ COMMITTED"}

    def _begin(self, connection: Connection, access: Access) -> None:
        if self.dialect == "sqlite":
            # A read that becomes a write would not wait for other writers, whatever the busy timeout.
            connection.exec_driver_sql("BEGIN" if access is Access.READ else "BEGIN IMMEDIATE")
        elif access is not Access.READ:
            shared = "_shared" if access is Access.WRITE else ""
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{shared}({_LOCK})")

    def make_room(self) -> None:
        """Make the folder that a SQLite file is to lie in."""
        if self.dialect == "sqlite" and (file := self._engine.url.database):
            Path(file).parent.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _url(where: str | Path) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError:
        raise StoreError(
            f"{where!r} is no URL of a database: write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE."
        ) from None
    backend = url.drivername.partition("+")[0]
    if backend in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url.set(drivername="sqlite")
    raise StoreError(
        f"{url.render_as_string(hide_password=True)!r} is no database that can be a store: "
        "write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE."
    )


def _sqlite(url: URL) -> Engine:
    engine = sql.create_engine(url, connect_args={"timeout": _PATIENCE, "check_same_thread": False})

    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # Transactions begin where Database says, not where the driver guesses.
        for pragma in (f"busy_timeout={_PATIENCE * 1000}", "journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    sql.event.listen(engine, "connect", prepare)
    return engine


def _postgresql(url: URL) -> Engine:
    return sql.create_engine(
        url,
        pool_pre_ping=True,
        pool_size=2,
        connect_args={
            "connect_timeout": 5,
            "application_name": "assay",
            "keepalives_idle": 10,
            "tcp_user_timeout": 15_000,
            "options": f"-c lock_timeout={_PATIENCE}s -c timezone=UTC",
        },
    )
