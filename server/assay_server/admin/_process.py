"""One process as what metrics and health are told of."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ._phase import Phase
from ._source import Source

_LOOP_PATIENCE = 1.0


class Process(Source):
    """This process.

    Must be made in the event loop that it tells of.

    Args:
        collectors: Whose metrics it tells beside its own.
    """

    def __init__(self, *collectors: Collector) -> None:
        self._loop = asyncio.get_running_loop()
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        for more in collectors:
            self._registry.register(more)

    @property
    def phase(self) -> Phase:
        """Where in its life it is."""
        return Phase.STARTING

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
        """Return its health, of which there is nothing to say."""
        return {}
