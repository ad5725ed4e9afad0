"""From events to what their contracts read of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay_server.baselines import NO_TIME
from assay_server.checks import Envelope, Event, PackedEvents, Report
from assay_server.contracts import EventContract

from ._pace import Pace
from ._plan import Plan
from ._service import Service
from ._types import Options

Accepted = tuple[list[int], list[EventContract], list[int]]
"""Events of one contract that envelope and schema accept: where each stands in the report, its model, and its time."""


async def read(
    service: Service,
    envelope: Envelope,
    events: Sequence[Event],
    received: int,
    options: Options,
    report: Report,
    normalized: dict[int, bytes | dict[str, Any] | None],
    *,
    clocked: bool = True,
) -> tuple[Sequence[Plan | None], dict[Plan, Accepted]]:
    """Take events through envelope and schema; return the plan of each, and those that pass, by plan.

    Args:
        service: The contracts.
        envelope: What looks at events before their contract does.
        events: The events.
        received: When they were, in nanoseconds since 1970; it stands for the time of an event that has none.
        options: What the caller wants.
        report: Is told what is wrong.
        normalized: Is given the payloads as their contracts read them, by row, if the caller wants them.
        clocked: Whether their contracts' Clock counts.
    """
    if isinstance(events, PackedEvents) and envelope.are_plain(events):
        return await _read_packed(service, envelope, events, received, options, report, normalized)
    pace = Pace()
    costly = False
    plans: list[Plan | None] = []
    groups: dict[Plan, Accepted] = {}
    for row, event in enumerate(events):
        plan = service.find(event.event_type, event.contract_version)
        plans.append(plan)
        if costly:  # Telling what is wrong with one event takes as long as judging hundreds that are right.
            await pace.keep()
        costly = not envelope.is_plain(event)
        payload: Any = event.payload
        if clocked and plan is not None and plan.clock is not None:
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


async def _read_packed(
    service: Service,
    envelope: Envelope,
    events: PackedEvents,
    received: int,
    options: Options,
    report: Report,
    normalized: dict[int, bytes | dict[str, Any] | None],
) -> tuple[Sequence[Plan | None], dict[Plan, Accepted]]:
    """Do what `read` does for events of whose envelopes nothing but type, version and clock can be wrong."""
    pace = Pace()
    found = [service.find(*kind) for kind in events.kinds]
    plans = found * len(events) if len(found) == 1 else [found[kind] for kind in events.kind.tolist()]
    texts = events.texts()
    times = np.where(events.times == NO_TIME, received, events.times).tolist()
    groups: dict[Plan, Accepted] = {}
    for plan, every in zip(found, _rows(events), strict=True):
        if not every:
            continue
        rows = every
        if plan is None:
            for row in rows:
                envelope.inspect(events[row], row, None, service.catalog, report)
                await pace.keep()
            continue
        if plan.clock is not None:
            own = every if len(found) == 1 else set(every)
            for row in plan.clock.doubtful(events.times, received).tolist():
                if row in own:
                    plan.clock.look(events[row], row, received, report)
            rows = [row for row in rows if row not in report.rejected]
        validate = plan.schema.quick(events.longest)
        models: list[EventContract] = []
        refused: set[int] = set()
        for text in texts if len(rows) == len(texts) else [texts[row] for row in rows]:
            try:
                models.append(validate(text))
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001  # Whatever it is, it comes up again, and is told.
                row = rows[len(models) + len(refused)]
                if (model := plan.schema.read(text, row, report)) is None:
                    refused.add(row)
                else:
                    models.append(model)
                await pace.keep()
        accepted = [row for row in rows if row not in refused] if refused else list(rows)
        if options.return_normalized:
            for row, model in zip(accepted, models, strict=True):
                normalized[row] = plan.schema.write(model, row, report, as_text=True)
                await pace.keep()
        group = groups.setdefault(plan, ([], [], []))
        group[0].extend(accepted)
        group[1].extend(models)
        group[2].extend([times[row] for row in accepted])
    return plans, {plan: group for plan, group in groups.items() if group[0]}


def _rows(events: PackedEvents) -> list[Sequence[int]]:
    """Return which events are of each kind."""
    if len(events.kinds) == 1:
        return [range(len(events))]
    rows: list[list[int]] = [[] for _ in events.kinds]
    for row, kind in enumerate(events.kind.tolist()):
        rows[kind].append(row)
    return [*rows]
