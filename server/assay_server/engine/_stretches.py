"""Parts of the past that can be gone through at once."""

from collections.abc import Callable, Iterator, Sequence

from assay_server.checks import Event

from ._plan import Plan

_MOST = 256


def stretches(events: Sequence[Event], find: Callable[[str, str], Plan | None]) -> Iterator[Sequence[Event]]:
    """Cut events of the past into parts for which a batch that is in order gives each event its own history.

    A part is of one contract, its times ascend, and none of them is so late that the first is out of its window.

    Args:
        events: In the order in which they are to teach.
        find: Returns what judges events of a type and version.
    """
    start = 0
    plan: Plan | None = None
    first = last = 0
    timed = False
    for index, event in enumerate(events):
        mine, time = find(event.event_type, event.contract_version), event.timestamp
        ends = index - start >= _MOST or mine is not plan
        if timed and time is not None and plan is not None and plan.reach is not None:
            ends = ends or time < last or time - first > plan.reach
        if ends and index > start:
            yield events[start:index]
            start, timed = index, False
        plan = mine
        if time is not None:
            first, last, timed = first if timed else time, time, True
    if start < len(events):
        yield events[start:]
