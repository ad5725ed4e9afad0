"""All workers as what metrics and health are told of."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from assay_server.admin import Phase, Process, Source, joined_details, joined_metrics

from ._place import Place

_T = TypeVar("_T")
_PATIENCE = 1.0  # Seconds that workers get to say how they are; of one that does not, what it said last is told.


class Figures(Source):
    """The figures of all workers as those of one server.

    It is ready when one worker serves: callers get to no other. Must be made in the supervisor's event loop.

    Args:
        places: The workers.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._own = Process()
        self._loop = asyncio.get_running_loop()
        self._stopping = False

    @property
    def phase(self) -> Phase:
        """Where in their life the workers are, taken together."""
        if self._stopping:
            return Phase.DRAINING
        return Phase.SERVING if any(place.phase is Phase.SERVING for place in self._places) else Phase.STARTING

    def stopping(self) -> None:
        """Take note that all were told to stop."""
        self._stopping = True

    def lives(self) -> bool:
        """Return whether the supervisor's event loop answers within a second; it sees to the workers'."""
        return self._own.lives()

    def families(self) -> Iterable[Metric]:
        """Return the metrics of all workers, with what those counted that are gone."""
        return joined_metrics((self._own.families(), *self._ask(self._metrics)))

    def details(self) -> dict[str, Any]:
        """Return the health of all workers, and who they are."""
        return self._ask(self._health)

    def _metrics(self) -> list[list[Metric]]:
        parts = [list(self._workers())]
        for place in self._places:
            parts += (place.retired, [] if place.worker is None else place.worker.report.metrics)
        return parts

    def _health(self) -> dict[str, Any]:
        workers, parts = [], []
        for place in self._places:
            worker = place.worker
            told = {} if worker is None else worker.report.details
            if told:
                parts.append(told)
            workers.append(
                {
                    "worker": place.number,
                    "pid": None if worker is None else worker.pid,
                    "status": place.phase.value if not told else told["status"],
                    "replaced": place.died + place.stuck,
                }
            )
        status = self.phase.value
        if self.phase is Phase.SERVING and any(worker["status"] != status for worker in workers):
            status = "degraded"
        return {"status": status, **joined_details(parts), "workers": workers}

    def _workers(self) -> Iterable[Metric]:
        serving = sum(place.phase is Phase.SERVING for place in self._places)
        yield GaugeMetricFamily("assay_workers_serving", "Workers that take calls.", value=serving)
        replaced = CounterMetricFamily(
            "assay_workers_replaced", "Workers that died, or were killed as they were stuck.", labels=("reason",)
        )
        replaced.add_metric(("died",), sum(place.died for place in self._places))
        replaced.add_metric(("stuck",), sum(place.stuck for place in self._places))
        yield replaced

    def _ask(self, put_together: Callable[[], _T]) -> _T:
        """Return what is put together, in the event loop, once the workers have said how they are."""

        async def answered() -> _T:
            if asked := [place.worker.ask() for place in self._places if place.worker is not None]:
                await asyncio.wait(asked, timeout=_PATIENCE)
            return put_together()

        return asyncio.run_coroutine_threadsafe(answered(), self._loop).result()
