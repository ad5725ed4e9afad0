"""Several processes that serve, and this one, which sees to them."""

import asyncio
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_server._process import StopSignals, on_terminal
from assay_server.settings import Settings
from assay_server.workers import Supervisor

from ._running import MARGIN, admin_at, run_to_its_end

if TYPE_CHECKING:
    from assay_server.models.registry import Registry, Trials

_WORKER = ("-m", "assay_server.app._worker")


def supervise(settings: Settings, count: int) -> int:
    """Have so many workers serve until SIGTERM or SIGINT; return the worst of their exit codes."""
    return run_to_its_end(lambda: _supervise(settings, count))


async def _supervise(settings: Settings, count: int) -> int:
    patience = settings.drain_timeout + MARGIN
    signals = StopSignals(patience + MARGIN)
    models = _Models(settings.models)
    supervisor = Supervisor(settings, count, _WORKER, patience, models.try_out)
    if not on_terminal():
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, supervisor.reload)
    admin = admin_at(settings.admin, supervisor.source)
    expecting = asyncio.create_task(asyncio.to_thread(models.expect), name="expect models")
    try:
        return await supervisor.run(signals.wait())
    finally:
        await asyncio.wait((expecting,))
        models.close()
        if admin is not None:
            admin.stop()


class _Models:
    """Has models tried, once for all workers, so that they all take them at the same time.

    What it needs for that is loaded when it is needed, or while the workers start, if it may be.

    Args:
        folder: Where models are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._registry: Registry | None = None
        self._trials: Trials | None = None

    def expect(self) -> None:
        """Begin what tries models, if there may be one in service."""
        if self._folder.exists() and self._load().is_used() and self._trials is not None:
            self._trials.begin()

    def try_out(self, versions: Any) -> list[str] | str:
        """Return for each version why it must be refused, see `Registry.verify`; or why that cannot be told."""
        from assay_server.models.registry import TrialError  # noqa: PLC0415  # As in `_load`.

        try:
            return self._load().verify([(Path(folder), digest) for folder, digest in versions])
        except TrialError as error:
            return str(error)

    def close(self) -> None:
        """End what was begun and not needed."""
        if self._trials is not None:
            self._trials.close()

    def _load(self) -> "Registry":
        from assay_server.models.registry import Registry, Trials  # noqa: PLC0415  # It loads much, for models alone.

        with self._lock:
            if self._registry is None:
                self._trials = Trials()
                self._registry = Registry(self._folder, trying=self._trials)
            return self._registry
