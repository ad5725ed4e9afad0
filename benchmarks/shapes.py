"""Events of other shapes than a payment: so many event types, so many fields, so long a text."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .workload import BAD_EVERY, SEED, Sample

_HEAD = """
from typing import Annotated

from pydantic import Field

from assay_server.contracts import EventContract
"""


@contextmanager
def contracts(types: int = 1, fields: int = 12) -> Iterator[Path]:
    """Make a folder of contracts, each with a text and so many numbers."""
    lines = ["    text: Annotated[str, Field(min_length=1)]"]
    lines += [f"    field_{number}: Annotated[float, Field(ge=0)]" for number in range(fields)]
    with tempfile.TemporaryDirectory() as name:
        for number in range(types):
            head = f'class Shape{number}(EventContract, event_type="{_event_type(number)}", version="1.0.0"):'
            (Path(name) / f"shape_{number}.py").write_text("\n".join((_HEAD, "", head, *lines, "")))
        yield Path(name)


def samples(count: int, types: int = 1, fields: int = 12, text: int = 20, *, run: int = 0) -> Sequence[Sample]:
    """Return so many events for such contracts, of which every fiftieth is bad: its last number is negative.

    Types are mixed, or, with a `run`, so many events of each follow each other.
    """
    generator = random.Random(SEED)
    kinds = (number // run % types if run else generator.randrange(types) for number in range(count))
    return [_sample(generator, number, kind, fields, text) for number, kind in enumerate(kinds)]


def _sample(generator: random.Random, number: int, kind: int, fields: int, text: int) -> Sample:
    payload: dict[str, Any] = {f"field_{place}": round(generator.random(), 4) for place in range(fields)}
    payload["text"] = "x" * text
    valid = number % BAD_EVERY != BAD_EVERY - 1
    if not valid:
        payload[f"field_{fields - 1}"] = -1.0
    found = frozenset[str]() if valid else frozenset({"schema.greater_than_equal"})
    return Sample(f"e-{number}", payload, valid, found, _event_type(kind))


def _event_type(number: int) -> str:
    return f"shape.s{number}"
