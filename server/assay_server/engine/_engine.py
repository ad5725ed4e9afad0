"""The validation core: events in, verdicts out."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from assay_server.checks import Batch, CheckDescription, Envelope, Event, Limits, Report
from assay_server.contracts import Catalog, Contract, EventContract, load

from ._pace import Pace, give_way
from ._plan import Plan
from ._portal import Portal
from ._service import Service
from ._stuck import running_rule
from ._types import Options, Verdict
from ._verdicts import verdict_of

_DEFAULTS = Options()
_CHUNK_EVENTS = 128
_CHUNK_BYTES = 262_144
_MAPPING_BYTES = 1024  # What a payload that is no text is taken to weigh.


class Engine:
    """Judges events by the contracts in service. Knows nothing of how they arrived.

    As a library: `Engine.from_folder("contracts").judge([Event("user.registered", {"name": "Ada"})])`. In an event loop:
    `await engine.start()`, then `await engine.judge_async(events)`; one engine belongs to one loop.

    Args:
        catalog: The contracts to judge by.
        limits: What one event may cost.
        clock: The time, in nanoseconds since 1970, UTC.

    Attributes:
        counts: How many findings there were, by event type, check and enforcement, of checks on trial too.
    """

    def __init__(self, catalog: Catalog, *, limits: Limits | None = None, clock: Callable[[], int] = time.time_ns) -> None:
        self._limits = limits or Limits()
        self._envelope = Envelope(self._limits)
        self._clock = clock
        self._service = Service(catalog, self._limits)
        self._retiring: set[asyncio.Task[None]] = set()
        self._portal = Portal(self.start, self.close)
        self.counts: Counter[tuple[str, str, str]] = Counter()

    @classmethod
    def from_folder(cls, folder: str | Path, *, limits: Limits | None = None) -> Self:
        """Return an engine that judges by the contracts of a folder.

        Raises:
            ContractsError: If the folder cannot be loaded.
        """
        return cls(load(Path(folder)), limits=limits)

    @property
    def catalog(self) -> Catalog:
        """The contracts in service."""
        return self._service.catalog

    async def start(self) -> None:
        """Open the resources of the contracts.

        Raises:
            ResourceError: If one cannot be opened.
        """
        await self._service.open()

    async def replace(self, catalog: Catalog) -> None:
        """Put other contracts in service; calls under way go on with those that they began with.

        Raises:
            ResourceError: If a resource cannot be opened; the contracts in service stay.
        """
        service = Service(catalog, self._limits)
        try:
            await service.open()
        except BaseException:
            await service.close()
            raise
        self._service, old = service, self._service
        task = asyncio.create_task(old.close(), name="retire contracts")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """Wait for the calls under way, and close the resources."""
        await asyncio.gather(self._service.close(), *self._retiring)

    def judge(self, events: Sequence[Event], options: Options = _DEFAULTS) -> list[Verdict]:
        """Return the verdicts on events, in their order, from code that has no event loop.

        The first call opens the contracts' resources; `with engine:` closes them.

        Raises:
            ResourceError: If a resource cannot be opened.
            RuntimeError: If the engine is closed.
        """
        return self._portal.run(self.judge_async(events, options))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._portal.close()

    def describe(self, contract: Contract) -> tuple[CheckDescription, ...]:
        """Return all checks of a contract in service beyond its schema, in the order in which they run."""
        return tuple(replace(description) for description in self._service.plan(contract).describe())

    def running_rule(self, frame: FrameType) -> str | None:
        """Return which rule or other code of a contract a stack is in; None if it is in none."""
        return running_rule(self.catalog, frame)

    async def judge_async(self, events: Sequence[Event], options: Options = _DEFAULTS) -> list[Verdict]:
        """Return the verdicts on events, in their order. Many events are judged in chunks that yield to the loop."""
        service = self._service
        received = self._clock()
        service.acquire()
        try:
            if len(events) == 1:
                return await self._judge(service, events, received, options)
            verdicts: list[Verdict] = []
            for chunk in _chunks(events):
                if verdicts:
                    await give_way()
                verdicts += await self._judge(service, chunk, received, options)
            return verdicts
        finally:
            service.release()

    async def _judge(self, service: Service, events: Sequence[Event], received: int, options: Options) -> list[Verdict]:
        report = Report(explain=options.explain)
        normalized: dict[int, bytes | dict[str, Any] | None] = {}
        plans, groups = await self._read(service, events, received, options, report, normalized)
        slow = []
        for plan, group in groups.items():
            if plan.takes_time:
                slow.append(_run_slowly(plan, Batch(*group), report))
            else:
                _run(plan, Batch(*group), report)
        if len(slow) == 1:
            await slow[0]
        elif slow:
            await asyncio.gather(*slow)
        now = self._clock()
        if report.findings:
            self._count(service.catalog, events, report)
        said = report.rows()
        most = self._limits.findings
        return [
            verdict_of(event, row, plan, report, options, now, most, normalized.get(row))
            if row in said or plan is None or options.return_normalized
            else Verdict(event.event_id, True, now, plan.version)
            for row, (event, plan) in enumerate(zip(events, plans, strict=True))
        ]

    async def _read(
        self,
        service: Service,
        events: Sequence[Event],
        received: int,
        options: Options,
        report: Report,
        normalized: dict[int, bytes | dict[str, Any] | None],
    ) -> tuple[list[Plan | None], dict[Plan, tuple[list[int], list[EventContract], list[int]]]]:
        """Take events through envelope and schema; return the plan of each, and those that pass, by plan."""
        envelope = self._envelope
        pace = Pace()
        costly = False
        plans: list[Plan | None] = []
        groups: dict[Plan, tuple[list[int], list[EventContract], list[int]]] = {}
        for row, event in enumerate(events):
            plan = service.find(event.event_type, event.contract_version)
            plans.append(plan)
            if costly:  # Telling what is wrong with one event takes as long as judging hundreds that are right.
                await pace.keep()
            costly = not envelope.is_plain(event)
            payload: Any = event.payload
            if plan is not None and plan.clock is not None:
                plan.clock.look(event, row, received, report)
            if costly or plan is None:
                contract = plan.contract if plan is not None else None
                payload = envelope.inspect(event, row, contract, service.catalog, report)
            if plan is None or payload is None or row in report.rejected:
                continue
            model = plan.schema.read(payload, row, report)
            if model is None:
                costly = True
                continue
            if options.return_normalized:
                as_text = isinstance(event.payload, bytes | str)
                normalized[row] = plan.schema.write(model, row, report, as_text=as_text)
            group = groups.get(plan)
            if group is None:
                group = groups[plan] = ([], [], [])
            group[0].append(row)
            group[1].append(model)
            group[2].append(received if event.timestamp is None else event.timestamp)
        return plans, groups

    def _count(self, catalog: Catalog, events: Sequence[Event], report: Report) -> None:
        for row, findings in report.findings.items():
            event_type = events[row].event_type if events[row].event_type in catalog else ""
            for finding in findings:
                self.counts[event_type, finding.check, finding.enforcement.name] += 1


def _run(plan: Plan, batch: Batch, report: Report) -> None:
    for layer in plan.layers:
        for check in layer:
            check.run(batch, report)
        if report.rejected:
            batch = batch.without(report.rejected)
            if not batch:
                return


async def _run_slowly(plan: Plan, batch: Batch, report: Report) -> None:
    for layer in plan.layers:
        pending = [awaitable for check in layer if (awaitable := check.run(batch, report)) is not None]
        if pending:
            await asyncio.gather(*pending)
        batch = batch.without(report.rejected)
        if not batch:
            return


def _chunks(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """Cut a list of events into parts that take a few milliseconds each."""
    start = size = 0
    for index, event in enumerate(events):
        payload = event.payload
        weight = len(payload) if isinstance(payload, bytes | str) else _MAPPING_BYTES
        size += weight
        if index > start and (size > _CHUNK_BYTES or index - start >= _CHUNK_EVENTS):
            yield events[start:index]
            start, size = index, weight
    if start < len(events):
        yield events if not start else events[start:]
