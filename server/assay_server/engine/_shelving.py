"""The models in service."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable

from assay_server.contracts import Catalog
from assay_server.models.registry import Change, Shelf, Wanted

MODEL_OUTCOMES = ("active", "trial", "refused", "mismatch")
"""What becomes of a model that was activated: it serves, or is on trial; it is none, or one for other features."""

_log = logging.getLogger(__name__)


class Shelving:
    """Keeps the models at what the contracts in service want, and says what becomes of them.

    Args:
        shelf: What holds the models; None if there is none.

    Attributes:
        shelf: What holds the models.
        changes: What became of models that were activated, by event type, check and outcome.
    """

    def __init__(self, shelf: Shelf | None) -> None:
        self.shelf = shelf
        self.changes: Counter[tuple[str, str, str]] = Counter()
        self._lock = asyncio.Lock()
        self._problem = ""

    def served(self, catalog: Catalog) -> list[tuple[str, str, str, str]]:
        """Return the models that the contracts of a catalog have: event type, check, version, and "active" or "trial"."""
        declared = {(contract.event_type, one.name): one.check for contract in catalog for one in contract.models}
        slots = {key: self.shelf.of(*key) for key in declared} if self.shelf is not None else {}
        return [
            (event_type, declared[event_type, name], served.version, role)
            for (event_type, name), slot in slots.items()
            for served, role in ((slot.active, "active"), (slot.trial, "trial"))
            if served is not None
        ]

    async def use(self, wanted: Iterable[Wanted]) -> None:
        """Take the models that there are for contracts."""
        if self.shelf is not None:
            self.shelf.use(wanted)
            await self.refresh()

    async def refresh(self) -> None:
        """Take the models that have been activated since; one that cannot be taken leaves that in service as it is.

        It happens in a thread: a model is tried before it is taken, which takes seconds.
        """
        if self.shelf is None:
            return
        async with self._lock:
            try:
                changes = await asyncio.to_thread(self.shelf.refresh)
            except Exception as error:  # noqa: BLE001  # What cannot be read now may be later; what serves goes on.
                if (problem := f"{type(error).__name__}: {error}") != self._problem:
                    _log.error("models cannot be looked at: those in service stay", extra={"problem": problem})
                self._problem = problem
                return
            self._problem = ""
            for change in changes:
                self._tell(change)

    def _tell(self, change: Change) -> None:
        check = f"anomaly.{change.name}"
        self.changes[change.event_type, check, change.what] += 1
        about = {"event_type": change.event_type, "check": check, "model": change.version}
        if change.what == "refused":
            _log.error("model refused", extra={**about, "reason": change.reason})
        elif change.what == "mismatch":
            _log.error("model was trained for other features than the contract has", extra=about)
        elif change.version is None:
            _log.warning("model taken out of service", extra={**about, "role": change.what})
        else:
            _log.info("model in service", extra={**about, "role": change.what})
