"""Events of the past that come in columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a table has for one key of the payload: a list of values, and which of them each row has.

    Attributes:
        length: How long the list is.
        places: The place in the list of each row's value, -1 where the payload lacks the key; None if the list has a value for
            each row, in order. Several rows may have one value.
        text: Makes the text of the list in JSON, with the values as payloads have them.
        kind: float, int or str, if each value is of that type, in JSON too (which may have 1 for 1.0); else None.
        listed: Makes the list, where there is a kind.
    """

    length: int
    places: Ints | None
    text: Callable[[], bytes]
    kind: type | None
    listed: Callable[[], list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTable:
    """Events of one type in columns: each row says what an `Event` says, with the payload that its columns make.

    Attributes:
        event_type: Of all rows.
        contract_version: Of all rows; empty for the newest in service.
        columns: By the key that they are in the payload, each made when it is asked for. One without any value may be left out.
        times: When each happened, nanoseconds since 1970, UTC, or NO_TIME.
        sizes: As many bytes as each payload has as JSON text, or some more.
        depth: How deep objects and lists nest in a payload, at most.
        id_sizes: How many bytes the identifier of each has; None if none has one.
        doubtful: The rows of which the columns do not tell all.
    """

    event_type: str
    contract_version: str
    columns: Mapping[str, Callable[[], Column]]
    times: Ints
    sizes: Ints
    depth: int
    id_sizes: Ints | None
    doubtful: Mask

    def __len__(self) -> int:
        return len(self.times)
