"""Notices that a folder of contracts has changed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from ._load import load, signature_of
from ._loaded import Catalog, Signature
from ._problems import ContractsError, Problem


class Watcher:
    """Loads a folder anew whenever it has changed and come to rest.

    It looks at the files' times and sizes and asks no notification service: those miss a folder that is replaced or
    reached through a link, which is how folders are deployed.

    Args:
        folder: The folder.
        catalog: What was loaded from it last.
        interval: How often to look, in seconds.
        rest: For how long nothing may have changed before the folder is loaded, in seconds, so that a file in the midst
            of being written is not taken for a whole one.
    """

    def __init__(self, folder: Path, catalog: Catalog, *, interval: float = 0.5, rest: float = 0.3) -> None:
        self._folder = folder
        self._catalog = catalog
        self._interval = interval
        self._rest = rest
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have the folder loaded anew at once, changed or not."""
        self._asked.set()

    async def changes(self) -> AsyncGenerator[Catalog | ContractsError, None]:
        """Yield, for each change of the folder, the contracts that it holds now, or why it cannot be loaded.

        A folder that is emptied is such an error. Runs until it is cancelled.
        """
        seen: Signature | None = self._catalog.signature
        while True:
            asked = await self._wait()
            found = await self._look()
            if found == seen and not asked:
                continue
            seen = await self._settle(found)
            try:
                catalog = await self._load()
            except ContractsError as error:
                yield error
                continue
            seen = catalog.signature
            if not catalog and self._catalog:
                catalog.close()
                yield ContractsError([_emptied(self._folder)])
                continue
            self._catalog = catalog
            yield catalog

    async def _load(self) -> Catalog:
        loading = asyncio.get_running_loop().run_in_executor(None, load, self._folder)
        try:
            return await asyncio.shield(loading)
        except asyncio.CancelledError:  # A thread cannot be cancelled: what it loads goes when it is there.
            loading.add_done_callback(_close)
            raise

    async def _wait(self) -> bool:
        """Wait until it is time to look; return whether somebody has asked."""
        with contextlib.suppress(TimeoutError):
            # At moments that are the same for all processes, so that they see a change together.
            await asyncio.wait_for(self._asked.wait(), self._interval - time.time() % self._interval)
        asked = self._asked.is_set()
        self._asked.clear()
        return asked

    async def _look(self) -> Signature | None:
        try:
            return await asyncio.to_thread(signature_of, self._folder)
        except OSError:
            return None

    async def _settle(self, found: Signature | None) -> Signature | None:
        while True:
            await asyncio.sleep(self._rest)
            before, found = found, await self._look()
            if found == before:
                return found


def _close(loading: asyncio.Future[Catalog]) -> None:
    if not loading.cancelled() and loading.exception() is None:
        loading.result().close()


def _emptied(folder: Path) -> Problem:
    return Problem(
        path=str(folder),
        message="the folder has no contracts any more",
        remedy="Put them back; to take all contracts out of service, stop the server.",
    )
