"""One process as what metrics and health are told of."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric

from ._condition import Condition, Phase
from ._health import details
from ._metrics import Metrics
from ._source import Source

_LOOP_PATIENCE = 1.0


class Process(Source):
    """This process, with what serves in it.

    Must be made in the event loop that it tells of.

    Args:
        condition: How it stands with what serves; without it, the process alone is told of.
    """

    def __init__(self, condition: Condition | None = None) -> None:
        self._condition = condition
        self._loop = asyncio.get_running_loop()
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        if condition is not None:
            self._registry.register(Metrics(condition))

    @property
    def phase(self) -> Phase:
        """Where in its life what serves is."""
        return Phase.STARTING if self._condition is None else self._condition.phase

    def lives(self) -> bool:
        """Return whether the event loop answers within a second."""
        answered = threading.Event()
        try:
            self._loop.call_soon_threadsafe(answered.set)
        except RuntimeError:  # It is closed, as the process comes to its end.
            return False
        return answered.wait(_LOOP_PATIENCE)

    def families(self) -> Iterable[Metric]:
        """Return all metrics, as of now."""
        return self._registry.collect()

    def details(self) -> dict[str, Any]:
        """Return the health of what serves."""
        return {} if self._condition is None else details(self._condition)
