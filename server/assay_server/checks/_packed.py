"""Many events in one piece of memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from assay_server.baselines import NO_TIME

from ._event import Event

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedEvents(Sequence[Event]):
    """Events as they arrived, with JSON text for payloads: a list that makes an `Event` only when it is asked for one.

    Whoever packs them has looked at every byte already, and says what it found of all of them together.

    Attributes:
        data: What holds identifiers and payloads.
        ids: Where each event's identifier begins and ends, (n, 2); ASCII.
        payloads: Where each event's payload begins and ends, (n, 2); ascending. One that is not there ends before it begins.
        times: When each happened, nanoseconds since 1970, UTC, or NO_TIME; (n,).
        kinds: The event types and contract versions that there are.
        kind: Which of these each event has, (n,).
        longest_id: How many bytes the longest identifier has, or more.
        longest: How many bytes the longest payload has, or more.
        deepest: How deep objects and lists nest in a payload, at most.
        odd: Whether some payload is missing or empty, is no object, or may hold NaN or an infinity.
    """

    data: bytes
    ids: Ints
    payloads: Ints
    times: Ints
    kinds: Sequence[tuple[str, str]]
    kind: npt.NDArray[np.intp]
    longest_id: int
    longest: int
    deepest: int
    odd: bool

    def __len__(self) -> int:
        return len(self.times)

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> "PackedEvents": ...

    def __getitem__(self, index: int | slice) -> "Event | PackedEvents":
        if isinstance(index, slice):
            return replace(
                self,
                ids=self.ids[index],
                payloads=self.payloads[index],
                times=self.times[index],
                kind=self.kind[index],
            )
        event_type, version = self.kinds[self.kind[index]]
        time = int(self.times[index])
        start, end = self.payloads[index].tolist()
        payload = self.data[start:end] if start <= end else None
        return Event(event_type, payload, None if time == NO_TIME else time, self.event_id(index), version)

    def __iter__(self) -> Iterator[Event]:
        return map(self.__getitem__, range(len(self)))

    def event_type(self, index: int) -> str:
        """Return the type of an event."""
        event_type, _ = self.kinds[int(self.kind[index])]
        return event_type

    def event_id(self, index: int) -> str:
        """Return the identifier of an event."""
        start, end = self.ids[index].tolist()
        return self.data[start:end].decode()

    def texts(self) -> list[bytes]:
        """Return the payloads."""
        pairs: list[Any] = self.payloads.tolist()
        return [self.data[start:end] for start, end in pairs]
