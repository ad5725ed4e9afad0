"""The composition root: the only place that knows all the others.

A server is one process that serves, or several and a supervisor. That is to be small, and there at once: it loads
nothing of what the others serve with, and no gRPC.
"""

from typing import Any

from assay_server import logs
from assay_server.settings import Settings, SettingsError
from assay_server.workers import how_many

from ._running import complain

__all__ = ["main"]


def main(**flags: Any) -> int:
    """Serve until told to stop; return the process's exit code.

    Args:
        **flags: Settings by name; None for those that are not given.
    """
    try:
        settings = Settings.load(**flags)
    except SettingsError as error:
        return complain(error)
    logs.set_up(settings.log_level, settings.log_format)
    count = how_many(settings.workers, settings.listen)
    if count == 1:
        from ._serving import work  # noqa: PLC0415  # A supervisor does without.

        return work(settings)
    from ._supervising import supervise  # noqa: PLC0415  # A process that serves alone does without.

    return supervise(settings, count)
