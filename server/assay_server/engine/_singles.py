"""Looking at events one by one: of most there is nothing to say, and they take no batch."""

from collections.abc import Callable, Sequence
from typing import TypeGuard

from assay_server.baselines import NO_TIME, Snapshot
from assay_server.checks import Envelope, Event, PackedEvents
from assay_server.contracts import EventContract

from ._plan import Plan
from ._service import Service
from ._types import Options

FEW = 6
"""So many events of one contract are looked at one by one: a batch of them costs more."""


def are_mixed(events: Sequence[Event]) -> TypeGuard[PackedEvents]:
    """Return whether events are of so many contracts that there are few of each."""
    return isinstance(events, PackedEvents) and len(events.kinds) > 1 and len(events) <= FEW * len(events.kinds)


def passed(
    service: Service, envelope: Envelope, event: Event, received: int, options: Options, snapshot: Snapshot | None
) -> Plan | None:
    """Return what an event was judged by, if there is nothing to say of it; it has taught history then.

    Args:
        service: The contracts.
        envelope: What looks at events before their contract does.
        event: The event.
        received: When it was, in nanoseconds since 1970; it stands for its time if it has none.
        options: What the caller wants.
        snapshot: The history to compare with.

    Returns:
        None if there is something to say, or if that takes a closer look.
    """
    plan = service.find(event.event_type, event.contract_version)
    if plan is None or options.explain or options.return_normalized or not envelope.is_plain(event):
        return None
    time = received if event.timestamp is None else event.timestamp
    if plan.clock is not None and not plan.clock.passes(event.timestamp, received):
        return None
    model = plan.schema.accepted(event.payload)
    if model is None or not plan.passes(model, time, snapshot):
        return None
    plan.passed(time, learn=not options.dry_run)
    return plan


def passed_of_many(
    service: Service, envelope: Envelope, events: PackedEvents, received: int, options: Options, snapshot: Snapshot | None
) -> tuple[list[Plan | None], list[int]]:
    """Do what `passed` does for each of many; return what they are judged by, and which take a closer look."""
    kinds: list[int] = events.kind.tolist()
    if options.explain or options.return_normalized or not envelope.are_plain(events):
        found = [service.find(*kind) for kind in events.kinds]
        return [found[kind] for kind in kinds], list(range(len(events)))
    readers: list[tuple[Plan | None, Callable[[bytes], EventContract] | None] | None] = [None] * len(events.kinds)
    learn = not options.dry_run
    plans: list[Plan | None] = []
    closer: list[int] = []
    for row, (kind, text, at) in enumerate(zip(kinds, events.texts(), events.times.tolist(), strict=True)):
        reader = readers[kind]
        if reader is None:
            plan = service.find(*events.kinds[kind])
            reader = readers[kind] = (plan, None if plan is None else plan.schema.quick(events.longest))
        plan, read = reader
        plans.append(plan)
        if plan is not None and read is not None:
            time = received if at == NO_TIME else at
            try:
                model = read(text)
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001  # Whatever it is, it comes up again, and is told.
                model = None
            if (
                model is not None
                and (plan.clock is None or plan.clock.passes(None if at == NO_TIME else at, received))
                and plan.passes(model, time, snapshot)
            ):
                plan.passed(time, learn=learn)
                continue
        closer.append(row)
    return plans, closer
