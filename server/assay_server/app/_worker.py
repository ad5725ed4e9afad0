"""The program of a worker: `python -m assay_server.app._worker DESCRIPTOR NUMBER`, started by the supervisor."""

import pickle
import sys

from assay_server import logs
from assay_server.settings import Settings
from assay_server.workers import Link

from ._serving import work


def main(descriptor: str, number: str) -> int:
    """Serve by the settings that standard input gives, once it does."""
    link = Link(int(descriptor))
    link.start()
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301  # From the process that started this one.
    logs.set_up(settings.log_level, settings.log_format, worker=int(number))
    link.guard(settings.stuck_after)
    return work(settings, link)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
