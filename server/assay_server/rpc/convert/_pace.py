"""Letting other calls have their turn while a large message is read or answered."""

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from assay_server.engine import Pace

_SLICE = 256  # Events or verdicts handled without a look at the clock: about half a millisecond.

T = TypeVar("T")


async def paced(items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """Yield `items` in slices, giving way to other calls between them."""
    pace = Pace()
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]
        await pace.keep()
