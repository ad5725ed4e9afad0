"""Many events, a few at a time."""

from collections.abc import Iterator, Sequence

import numpy as np

from assay_server.checks import Event, PackedEvents

EVENTS = 512
"""How many are worked on at a time, at most."""

_BYTES = 262_144
_MAPPING_BYTES = 1024  # What a payload that is no text is taken to weigh.


def chunks(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """Cut a list of events into parts that take a few milliseconds each."""
    if isinstance(events, PackedEvents):
        yield from _packed_chunks(events)
        return
    start = size = 0
    for index, event in enumerate(events):
        payload = event.payload
        weight = len(payload) if isinstance(payload, bytes | str) else _MAPPING_BYTES
        size += weight
        if index > start and (size > _BYTES or index - start >= EVENTS):
            yield events[start:index]
            start, size = index, weight
    if start < len(events):
        yield events if not start else events[start:]


def _packed_chunks(events: PackedEvents) -> Iterator[PackedEvents]:
    start, ends = 0, events.payloads[:, 1]
    while start < len(events):
        fitting = int(np.searchsorted(ends, events.payloads[start, 0] + _BYTES, side="right"))
        end = min(max(fitting, start + 1), start + EVENTS)
        yield events if end - start == len(events) else events[start:end]
        start = end
