"""How many workers there are to be."""

import math
import os
import socket
from collections.abc import Sequence
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def how_many(wanted: int | None, addresses: Sequence[str]) -> int:
    """Return how many processes are to serve.

    Args:
        wanted: As many as this; if None, one for each core that this process may use.
        addresses: Where to listen. Processes cannot share a Unix socket, so that one alone listens there.
    """
    if wanted is not None:
        return wanted
    if not hasattr(socket, "SO_REUSEPORT") or any(address.startswith("unix:") for address in addresses):
        return 1
    return cores()


def cores(quota: Path = _QUOTA) -> int:
    """Return how many cores this process may use: those of its affinity, or what its container is allowed of them."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        microseconds, period = quota.read_text(encoding="ascii").split()
        return max(1, min(available, math.ceil(int(microseconds) / int(period))))
    except (OSError, ValueError):  # There is no quota, or it is "max".
        return available
