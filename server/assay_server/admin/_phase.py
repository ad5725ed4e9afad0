"""Where in its life a server is."""

from enum import Enum


class Phase(Enum):
    """Where in its life the server is."""

    STARTING = "starting"
    """It takes no calls yet."""

    SERVING = "serving"
    """It takes calls."""

    DRAINING = "draining"
    """It was told to stop, and finishes what it has begun."""
