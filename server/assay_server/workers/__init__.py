"""Several processes that serve as one: they share the ports, and a supervisor replaces one that dies or is stuck.

Knows nothing of gRPC, and of what a worker does no more than the command that starts it: its standard input gives it the
settings once it is to begin, and over a socket it answers how it is. When that closes, the supervisor is gone.
"""

from ._count import how_many
from ._link import Link
from ._supervisor import Supervisor

__all__ = ["Link", "Supervisor", "how_many"]
