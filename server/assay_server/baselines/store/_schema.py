"""Making the tables, and bringing them up to date."""

from collections.abc import Callable, Sequence

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from ._database import Access, Database
from ._errors import StoreError
from ._tables import CLOCK, DEFERRED, VERSION, metadata


def _first(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(CLOCK.insert().values(id=1, revision=0))


def _second(connection: Connection) -> None:
    DEFERRED.create(connection, checkfirst=True)  # A new database has it from the first step.


MIGRATIONS: Sequence[Callable[[Connection], None]] = (_first, _second)
"""What brings the schema from each version to the next, beginning with none."""


def migrate(database: Database, migrations: Sequence[Callable[[Connection], None]] = MIGRATIONS) -> None:
    """Create the schema, or bring it to the newest version, in one transaction.

    Raises:
        StoreError: If it is newer than this program knows.
        SQLAlchemyError: If the database cannot be reached, or refuses.
    """
    with database.transaction(Access.READ) as connection:
        if _version(connection) == len(migrations):
            return
    with database.transaction(Access.ALONE) as connection:
        version = _version(connection)
        if version > len(migrations):
            raise StoreError(
                f"the store {database.name} has schema {version}, and this program knows none beyond {len(migrations)}: "
                "upgrade the program, or name another store."
            )
        for step in migrations[version:]:
            step(connection)
        VERSION.create(connection, checkfirst=True)
        connection.execute(VERSION.delete())
        connection.execute(VERSION.insert().values(version=len(migrations)))


def _version(connection: Connection) -> int:
    if not sql.inspect(connection).has_table(VERSION.name):
        return 0
    return connection.execute(sql.select(VERSION.c.version)).scalar() or 0
