"""A place among the workers, which is never empty for long."""

import asyncio
import signal
from collections.abc import Sequence
from time import monotonic

import structlog
from prometheus_client.core import Metric

from assay_server.admin import Phase, counters, joined_metrics
from assay_server.settings import Settings

from ._desk import Desk
from ._worker import Worker

_TICK = 1.0  # Seconds between two questions to a worker.
_FIRST_TICK = 0.1  # The same until it serves.
_START = 60.0  # Seconds that a worker has to start.
_PAUSE = 0.1  # Seconds before a worker that has ended is replaced; doubled each time that does not last,
_LONGEST_PAUSE = 5.0  # up to this.
_LASTING = 10.0  # Seconds after which a worker counts as one that does.

_FAILED = 1
_FAILED_BY_SIGNAL = 128

_log = structlog.stdlib.get_logger(__name__)


class Place:
    """Keeps one worker at work: starts it, watches it, and puts another in its place when it dies or is stuck.

    Attributes:
        number: Which of the workers', from 1.
        worker: Who is there, or None.
        died: How many ended by themselves.
        stuck: How many were killed, as their event loop did not answer.
        retired: What those who are gone have counted.

    Args:
        number: Which of the workers'.
        program: What starts one.
        settings: What it is to serve by.
        patience: How many seconds it may take to stop; after that it is killed.
        proof: Set once any worker serves. Until then the first one alone begins, to see whether it can be done.
        desk: What answers what the workers ask.
    """

    def __init__(
        self, number: int, program: Sequence[str], settings: Settings, patience: float, proof: asyncio.Event, desk: Desk
    ) -> None:
        self.number = number
        self.worker: Worker | None = None
        self.died = self.stuck = 0
        self.retired: list[Metric] = []
        self._program = program
        self._settings = settings
        self._patience = patience
        self._proof = proof
        self._desk = desk
        self._stopping = asyncio.Event()

    @property
    def phase(self) -> Phase:
        """Where in its life the worker is who is there."""
        return Phase.STARTING if self.worker is None else self.worker.phase

    async def keep(self) -> int:
        """Keep a worker at work until `stop`, or until it turns out that none can start; return the last one's exit code."""
        pause = _PAUSE / 2
        while not self._stopping.is_set():
            began = monotonic()
            code = await self._employ()
            if self._stopping.is_set() or not self._proof.is_set():
                return code
            lasted = monotonic() - began
            pause = _PAUSE if lasted > _LASTING else min(2 * pause, _LONGEST_PAUSE)
            _log.error("a worker has ended, another takes its place", worker=self.number, exit_code=code, pause_seconds=pause)
            try:
                await asyncio.wait_for(self._stopping.wait(), pause)
            except TimeoutError:
                continue
        return 0

    def stop(self) -> None:
        """Tell the worker to stop, and replace it no more."""
        self._stopping.set()
        if self.worker is not None:
            self.worker.send(signal.SIGTERM)
            asyncio.get_running_loop().call_later(self._patience, self.worker.send, signal.SIGKILL)

    def reload(self) -> None:
        """Tell the worker to load its contracts anew."""
        if self.worker is not None and self.worker.phase is Phase.SERVING:
            self.worker.send(signal.SIGHUP)

    async def _employ(self) -> int:
        try:
            worker = self.worker = await Worker.start(self.number, self._program, self._desk)
        except OSError as error:  # As there are too many processes, or no memory: that may pass.
            _log.error("no process can be started", worker=self.number, cause=str(error))
            return _FAILED
        if self._stopping.is_set():
            worker.send(signal.SIGTERM)
        watching = asyncio.create_task(self._watch(worker), name=f"watch worker {self.number}")
        try:
            code = await worker.ended()
        finally:
            watching.cancel()
            await asyncio.wait((watching,))
            await worker.close()
            self.worker = None
            self.retired = joined_metrics((self.retired, counters(worker.report.metrics)))
        if self._stopping.is_set() and code == -signal.SIGTERM:
            return 0  # It had not begun, and had nothing to finish.
        if code == -signal.SIGVTALRM or not watching.cancelled():  # Killed by its own guard, see `Link`, or by `_watch`.
            self.stuck += 1
        else:
            self.died += 1
        return _FAILED_BY_SIGNAL - code if code < 0 else code

    async def _watch(self, worker: Worker) -> None:
        if self.number > 1:
            await self._proof.wait()
        await worker.begin(self._settings)
        limits = {
            Phase.STARTING: _START,
            Phase.SERVING: self._settings.stuck_after,
            Phase.DRAINING: self._patience,  # Somebody has told it to stop.
        }
        # Silence is counted in turns of this loop: it may be the supervisor that was stopped for a while.
        phase, silent = worker.phase, 0.0
        while silent < limits[phase]:
            answered, tick = worker.answered, _FIRST_TICK if phase is Phase.STARTING else min(_TICK, limits[phase] / 4)
            if not worker.asked:
                worker.ask()
            await asyncio.sleep(tick)
            if self._stopping.is_set():
                return
            if phase is not worker.phase or (phase is Phase.SERVING and worker.answered > answered):
                phase, silent = worker.phase, 0.0
                self._proof.set()
            else:
                silent += tick
        _log.error("a worker is stuck: it is killed", worker=self.number, pid=worker.pid)
        worker.send(signal.SIGKILL)
