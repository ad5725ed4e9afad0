"""What a server has in common with a supervisor: how it begins, and how it ends."""

import sys
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from assay_server._addresses import ListenError
from assay_server._process import leave_behind_hung_threads, run
from assay_server.admin import Admin, Source
from assay_server.settings import SettingsError

EXIT_WRONG = 2
"""The server cannot start as it is told to."""

MARGIN = 2.0
"""Seconds beyond drain_timeout for what comes after the last call."""

_log = structlog.stdlib.get_logger(__name__)


def run_to_its_end(make: Callable[[], Coroutine[Any, Any, int]], *wrong: type[Exception], busy: bool = False) -> int:
    """Run what `make` makes in a new event loop; return the process's exit code.

    Args:
        make: Makes what to run, whose result is the exit code.
        wrong: What it, or making it, raises if it cannot be done as it is told to, besides what settings and addresses do.
        busy: See `run`.
    """
    all_that_is_wrong: tuple[type[Exception], ...] = (SettingsError, ListenError, *wrong)
    try:
        code = run(make(), busy=busy)
    except all_that_is_wrong as error:
        code = complain(error)
    leave_behind_hung_threads(code)
    return code


def complain(error: Exception) -> int:
    """Say why the server cannot start; return its exit code."""
    sys.stderr.write(f"{error}\n")
    return EXIT_WRONG


def admin_at(address: str | None, source: Source) -> Admin | None:
    """Serve metrics and health, if there is to be an address for them.

    Raises:
        ListenError: If it cannot be listened on.
    """
    if address is None:
        return None
    admin = Admin(address, source)
    admin.start()
    _log.info(f"metrics and health at http://{admin.address}", address=admin.address)
    return admin
