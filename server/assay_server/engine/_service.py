"""A catalog in service."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from assay_server.baselines import Series
from assay_server.checks import AnomalyCheck, Limits, Past, StatisticalCheck
from assay_server.contracts import Catalog, Contract
from assay_server.models.registry import Shelf, Wanted

from ._plan import Plan

_log = logging.getLogger(__name__)

_OPENING = 30.0


class ResourceError(Exception):
    """A resource of a contract cannot be opened."""


class Service:
    """The contracts of a catalog, their resources open, and who is using them.

    Resources are entered and left in one task, as asynchronous context managers may insist.
    """

    def __init__(self, catalog: Catalog, limits: Limits, past: Past, shelf: Shelf | None) -> None:
        self.catalog = catalog
        self._plans = {id(contract): Plan(contract, limits, past, shelf) for contract in catalog}
        if past.baselines is not None:
            past.baselines.use(check.series for plan in self._plans.values() for check in plan.statistics)
        self._found: dict[tuple[str, str], Plan] = {}
        self._users = 0
        self._unused = asyncio.Event()
        self._retired = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def find(self, event_type: str, version: str) -> Plan | None:
        """Return the plan for an event type and the version that an event asks for."""
        plan = self._found.get((event_type, version))
        if plan is None and (contract := self.catalog.find(event_type, version)):
            plan = self.plan(contract)
            if "+" not in version:  # Build metadata can make any number of texts mean one version.
                self._found[event_type, version] = plan
        return plan

    def plan(self, contract: Contract) -> Plan:
        """Return the plan of a contract of the catalog."""
        return self._plans[id(contract)]

    def statistic(self, meant: Callable[[Series], bool]) -> StatisticalCheck | None:
        """Return a check by the history that it compares with: that of the newest contract, if several have it."""
        checks = (check for contract in self.catalog for check in self.plan(contract).statistics)
        return next((check for check in checks if meant(check.series)), None)

    @property
    def wanted(self) -> set[Wanted]:
        """What models the contracts want."""
        return {check.wanted for plan in self._plans.values() for check in plan.anomalies.values()}

    def model(self, event_type: str, name: str, version: str) -> AnomalyCheck:
        """Return the check that asks a model.

        Raises:
            KeyError: If no contract declares such a model.
        """
        plan = self.find(event_type, version)
        if plan is None:
            raise KeyError(event_type)
        return plan.anomalies[name]

    async def open(self) -> None:
        """Open the resources.

        Raises:
            ResourceError: If one fails to open, or takes longer than 30 s; those open by then are closed.
        """
        resources = {id(resource) for contract in self.catalog for resource in contract.resources.values()}
        if not resources:
            return
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(opened), name="resources of contracts")
        await opened

    async def _live(self, opened: asyncio.Future[None]) -> None:
        failure: ResourceError | None = None
        async with AsyncExitStack() as stack:
            try:
                await self._enter(stack)
            except ResourceError as error:
                failure = error
            else:
                if not opened.cancelled():
                    opened.set_result(None)
                await self._retired.wait()
        if failure is not None and not opened.cancelled():
            opened.set_exception(failure)

    async def _enter(self, stack: AsyncExitStack) -> None:
        entered: set[int] = set()
        for contract in self.catalog:
            for name, resource in contract.resources.items():
                if id(resource) in entered:
                    continue
                entered.add(id(resource))
                try:
                    async with asyncio.timeout(_OPENING):
                        manager = resource.open()
                        resource.fill(await manager.__aenter__())
                        stack.push_async_callback(_leave, manager)
                except Exception as error:
                    where = f"{contract.path}: {contract.model.__name__}.{name}"
                    raise ResourceError(f"{where}: the resource cannot be opened: {error!r}") from error

    def acquire(self) -> None:
        """Keep it in working order until `release`."""
        self._users += 1

    def release(self) -> None:
        """Let go of it."""
        self._users -= 1
        if not self._users:
            self._unused.set()

    async def close(self) -> None:
        """Wait until nobody uses it, and close the resources."""
        while self._users:
            self._unused.clear()
            await self._unused.wait()
        self._retired.set()
        if self._task is not None:
            await self._task
        for plan in self._plans.values():
            plan.close()
        self.catalog.close()


async def _leave(manager: AbstractAsyncContextManager[Any]) -> None:
    """Leave a context manager, each on its own: what one raises is no business of another's."""
    try:
        await manager.__aexit__(None, None, None)
    except Exception:  # noqa: BLE001  # An author's own code may raise anything.
        _log.exception("a resource cannot be closed")
