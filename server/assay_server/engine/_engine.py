"""The validation core: events in, verdicts out."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from assay_server.baselines import NO_TIME, Baselines, History, Series, Snapshot
from assay_server.checks import (
    AnomalyCheck,
    Baseline,
    Batch,
    CheckDescription,
    Envelope,
    Event,
    EventTable,
    Limits,
    PackedEvents,
    Past,
    Report,
    SkipReason,
    baseline_of,
)
from assay_server.contracts import Catalog, Contract, Enforcement, load
from assay_server.models.registry import Shelf

from ._chunks import chunks
from ._pace import Pace
from ._plan import Plan
from ._portal import Portal
from ._reading import read
from ._running import left, run, run_slowly
from ._sampling import Sampled, joined, sampled
from ._service import Service
from ._shelving import Shelving
from ._singles import FEW, are_mixed, passed, passed_of_many
from ._stretches import stretches
from ._stuck import running_rule
from ._tables import teach_table
from ._types import Options, Verdict
from ._verdicts import Judged, Verdicts, judged

_MANY = 128
"""Fewer events take about a millisecond, and do not wait in line with those who have more."""

_DEFAULTS = Options()
_REPLAY = Options(explain=True, report_from=Enforcement.AUDIT)


class Engine:
    """Judges events by the contracts in service. Knows nothing of how they arrived.

    As a library: `Engine.from_folder("contracts").judge([Event("user.registered", {"name": "Ada"})])`. In an event loop:
    `await engine.start()`, then `await engine.judge_async(events)`; one engine belongs to one loop.

    Args:
        catalog: The contracts to judge by.
        limits: What one event may cost.
        clock: The time, in nanoseconds since 1970, UTC.
        baselines: The history that statistical checks read, and that events teach; without it those checks are warming up.
            Whoever gives it publishes what is learned.
        models: The models that anomaly checks ask; without it those checks have none. Whoever gives it refreshes `models`.

    Attributes:
        counts: How many findings there were, by event type, check and enforcement, of checks on trial too.
        models: The models in service.
        skipped: How often a check could not run, by event type, check and reason.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        limits: Limits | None = None,
        clock: Callable[[], int] = time.time_ns,
        baselines: Baselines | None = None,
        models: Shelf | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._envelope = Envelope(self._limits)
        self._clock = clock
        self._past = Past(baselines, clock)
        self.models = Shelving(models)
        self._service = Service(catalog, self._limits, self._past, self.models.shelf)
        self._retiring: set[asyncio.Task[None]] = set()
        self._portal = Portal(self.start, self.close)
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.skipped: Counter[tuple[str, str, SkipReason]] = Counter()

    @classmethod
    def from_folder(cls, folder: str | Path, *, limits: Limits | None = None, baselines: Baselines | None = None) -> Self:
        """Return an engine that judges by the contracts of a folder.

        Raises:
            ContractsError: If the folder cannot be loaded.
        """
        return cls(load(Path(folder)), limits=limits, baselines=baselines)

    @property
    def bounded(self) -> Counter[tuple[str, str, str]]:
        """How many values were compared with what the bound on drift gave, by event type, check and field."""
        return self._past.bounded

    @property
    def catalog(self) -> Catalog:
        """The contracts in service."""
        return self._service.catalog

    async def start(self) -> None:
        """Open the resources of the contracts, and take their models.

        Raises:
            ResourceError: If one cannot be opened.
        """
        await self._service.open()
        await self.models.use(self._service.wanted)

    async def replace(self, catalog: Catalog) -> None:
        """Put other contracts in service; calls under way go on with those that they began with.

        Raises:
            ResourceError: If a resource cannot be opened; the contracts in service stay.
        """
        service = Service(catalog, self._limits, self._past, self.models.shelf)
        try:
            await service.open()
            await self.models.use(self._service.wanted | service.wanted)
        except BaseException:
            await service.close()
            raise
        self._service, old = service, self._service
        task = asyncio.create_task(old.close(), name="retire contracts")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
        await self.models.use(service.wanted)

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

    def may_wait(self, events: Sequence[Event]) -> bool:
        """Return whether some of the events are of a contract with rules that may take their time."""
        packed = events if isinstance(events, PackedEvents) else None
        kinds = packed.kinds if packed else {(event.event_type, event.contract_version) for event in events}
        return any(plan is not None and plan.waits for plan in (self._service.find(*kind) for kind in kinds))

    async def judge_async(self, events: Sequence[Event], options: Options = _DEFAULTS) -> list[Verdict]:
        """Return the verdicts on events, in their order. Many events are judged in chunks that yield to the loop."""
        return list(await self.answer(events, options))

    async def answer(self, events: Sequence[Event], options: Options = _DEFAULTS) -> Verdicts:
        """Do what `judge_async` does, without making the verdicts of which there is nothing to say."""
        service = self._service
        received = self._clock()
        baselines = self._past.baselines
        snapshot = None if baselines is None else baselines.snapshot  # The same for all chunks.
        service.acquire()
        try:
            if len(events) == 1:
                if (plan := passed(service, self._envelope, events[0], received, options, snapshot)) is not None:
                    return Verdicts([Judged(events, (plan,), self._clock(), {})])
                return Verdicts([await self._judge(service, events, received, options, snapshot)])
            parts: list[Judged] = []
            pace = Pace()
            for chunk in chunks(events):
                if parts:
                    await pace.keep()
                elif len(chunk) > _MANY:
                    await pace.begin()
                if are_mixed(chunk):
                    parts.append(await self._judge_mixed(service, chunk, received, options, snapshot))
                else:
                    parts.append(await self._judge(service, chunk, received, options, snapshot))
            return Verdicts(parts)
        finally:
            service.release()

    async def teach(self, events: Sequence[Event]) -> list[Verdict]:
        """Teach the baselines events of the past, as they are, and return what keeps some of them out.

        Those that envelope, schema or rules reject teach nothing; Clock does not count, nor whether the contract learns from
        live events. What is taught is read once the baselines are published.
        """
        service = self._service
        service.acquire()
        try:
            verdicts: list[Verdict] = []
            for chunk in chunks(events):
                verdicts += await self._teach(service, chunk, _DEFAULTS)
                await asyncio.sleep(0)
            return verdicts
        finally:
            service.release()

    async def replay(self, events: Sequence[Event]) -> list[Verdict]:
        """Return the verdicts on events of the past, each by the history that all those before it have taught.

        Each teaches as `teach` would have it teach, and Clock does not count. The verdicts tell what each check saw, those on
        trial too. What is taught is published.
        """
        service = self._service
        service.acquire()
        try:
            verdicts: list[Verdict] = []
            for stretch in stretches(events, service.find):
                verdicts += await self._teach(service, stretch, _REPLAY, judge=True)
                if self._past.baselines is not None:
                    self._past.baselines.publish()
                await asyncio.sleep(0)
            return verdicts
        finally:
            service.release()

    async def teach_table(self, table: EventTable) -> list[int]:
        """Teach the baselines events of the past that come in columns; return the rows that are to be given to `teach`.

        Events that come so teach what they teach one by one, at a fraction of the cost. Rows of which it is not certain that
        they may teach are left. If the contract cannot be read by columns, see `SchemaColumns`, or has rules at REJECT that
        take time, that is all of them.
        """
        service = self._service
        plan = service.find(table.event_type, table.contract_version)
        if plan is None:
            return list(range(len(table)))
        service.acquire()
        try:
            return await teach_table(plan, table, self._envelope.plain_rows(table))
        finally:
            service.release()

    async def sample(self, events: Sequence[Event], event_type: str, name: str, version: str = "") -> Sampled:
        """Return what a model sees of events of the past, for it to be trained.

        As with `teach`, envelope, schema and rules say which events are left out, and Clock does not count. One that lacks a
        feature or the label is left out too: its verdict has the check among those that could not run.

        Args:
            events: The events.
            event_type: The event type whose contract declares the model.
            name: What the contract calls it, such as "unusual".
            version: The contract's version; the newest by default.

        Raises:
            KeyError: If no contract in service declares such a model.
        """
        service = self._service
        check = service.model(event_type, name, version)
        service.acquire()
        try:
            parts = []
            for chunk in chunks(events):
                parts.append(await self._sample(service, chunk, check))
                await asyncio.sleep(0)
            return joined(parts, check)
        finally:
            service.release()

    def series(self, event_type: str, version: str = "") -> list[Series]:
        """Return what history the contract of an event type compares with; nothing for one that is not in service."""
        plan = self._service.find(event_type, version)
        return [check.series for check in plan.statistics] if plan is not None else []

    def find_series(self, event_type: str, check: str, field: str) -> Series | None:
        """Return what history a check compares with: that of the newest contract of the event type that has the check."""
        found = self._service.statistic(
            lambda series: (series.event_type, series.check, series.field) == (event_type, check, field)
        )
        return found.series if found is not None else None

    def baseline(self, series: Series, group: Mapping[str, str], at: int | None = None) -> Baseline:
        """Return what history has taught about one group.

        Args:
            series: What history; of a contract in service.
            group: The group's normalised values, one for each field that the series goes by.
            at: From when the window counts back, in nanoseconds since 1970; now by default.

        Raises:
            KeyError: If no contract in service compares with the series, or the group lacks a field.
        """
        check = self._service.statistic(lambda other: other == series)
        if check is None:
            raise KeyError(series.name)
        return baseline_of(check.view, group, self._clock() if at is None else at, sensitive=check.statistic.sensitive)

    def referred(self, history: History) -> History:
        """Return the history of a series of a contract in service, with what live learning may not move it far from.

        That is what verdicts read of it as it is: for the history that `assay learn` has taught.
        """
        check = self._service.statistic(lambda series: series == history.series)
        return history if check is None else check.referred(history, self._clock())

    async def _teach(
        self, service: Service, events: Sequence[Event], options: Options, *, judge: bool = False
    ) -> list[Verdict]:
        report = Report(explain=options.explain)
        plans, groups = await read(service, self._envelope, events, NO_TIME, options, report, {}, clocked=False)
        for plan, group in groups.items():
            rules = plan.rules if judge else plan.admitting
            _, batch = await run_slowly(plan, rules, Batch(*group, in_order=judge), report)
            if judge:
                await run_slowly(plan, plan.comparisons, batch, report)
            plan.teach(batch)
        return list(judged(events, plans, report, options, self._clock(), self._limits.findings))

    async def _sample(self, service: Service, events: Sequence[Event], check: AnomalyCheck) -> Sampled:
        report = Report(explain=False)
        plans, groups = await read(service, self._envelope, events, NO_TIME, _DEFAULTS, report, {}, clocked=False)
        batches = [(await run_slowly(plan, plan.rules, Batch(*group), report))[1] for plan, group in groups.items()]
        sample = sampled(check, zip(groups, batches, strict=True), report)
        verdicts = list(judged(events, plans, report, _DEFAULTS, self._clock(), self._limits.findings))
        return Sampled(verdicts, sample)

    async def _judge_mixed(
        self, service: Service, events: PackedEvents, received: int, options: Options, snapshot: Snapshot | None
    ) -> Judged:
        """Do what `_judge` does, for events of so many contracts that there are few of each."""
        plans, closer = passed_of_many(service, self._envelope, events, received, options, snapshot)
        if not closer:
            return Judged(events, plans, self._clock(), {})
        rest = events if len(closer) == len(events) else [events[row] for row in closer]
        judged = await self._judge(service, rest, received, options, snapshot)
        return Judged(events, plans, judged.at, {closer[place]: verdict for place, verdict in judged.said.items()})

    async def _judge(
        self, service: Service, events: Sequence[Event], received: int, options: Options, snapshot: Snapshot | None
    ) -> Judged:
        report = Report(explain=options.explain)
        normalized: dict[int, bytes | dict[str, Any] | None] = {}
        plans, groups = await read(service, self._envelope, events, received, options, report, normalized)
        slow: list[Awaitable[tuple[Plan, Batch]]] = []
        done: list[tuple[Plan, Batch]] = []
        for plan, accepted in groups.items():
            few = len(accepted[0]) <= FEW and not options.explain
            group = left(plan, accepted, snapshot, learn=not options.dry_run) if few else accepted
            if not group[0]:
                continue
            ran = run(plan, Batch(*group, snapshot=snapshot), report)
            if isinstance(ran, tuple):
                done.append(ran)
            else:
                slow.append(ran)
        if len(slow) == 1:
            done.append(await slow[0])
        elif slow:
            done += await asyncio.gather(*slow)
        now = self._clock()
        if report.findings or report.skipped:
            self._count(service.catalog, events, report)
        verdicts = judged(events, plans, report, options, now, self._limits.findings, normalized)
        if not options.dry_run:
            for judging, batch in done:
                judging.learn_live(batch)
        return verdicts

    def _count(self, catalog: Catalog, events: Sequence[Event], report: Report) -> None:
        type_of = events.event_type if isinstance(events, PackedEvents) else lambda row: events[row].event_type
        for row, findings in report.findings.items():
            event_type = type_of(row) if type_of(row) in catalog else ""
            for finding in findings:
                self.counts[event_type, finding.check, finding.enforcement.name] += 1
        for row, skipped in report.skipped.items():
            for check in skipped:
                self.skipped[type_of(row), check.check, check.reason] += 1
