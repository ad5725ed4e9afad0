"""The work of measurements with history: contracts with so many checks, a history of so many groups, and events for them.

History and events take their numbers from the same ten levels, so that no event is found that is not meant to be; those that
are meant to be have one number five times as large as usual.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .workload import BAD_EVERY, EVENT_TYPE, FLAWS, SEED, Sample

_FIELDS = {
    "amount": ("float, Field(gt=0)", 100.0),
    "tax": ("float, Field(ge=0)", 20.0),
    "items": ("int, Field(ge=1)", 10),
    "account_age": ("int, Field(ge=0)", 1000),
    "velocity": ("float, Field(ge=0)", 3.0),
    "fee": ("float, Field(ge=0)", 2.0),
    "hour": ("int, Field(ge=0, le=23)", 10),
    "risk": ("float, Field(ge=0, le=1)", 0.5),
}
"""The numbers of a payment, with their types and what is usual."""

_GROUPINGS: tuple[tuple[str, ...], ...] = (
    ("merchant",),
    (),
    ("currency",),
    ("method",),
    ("merchant", "currency"),
    ("currency", "method"),
    ("merchant", "method"),
)
_LEVELS = tuple(number / 10 for number in range(6, 16))
_FEW_LEVELS = (0.6, 1.05, 1.5)
_MANY_GROUPS = 100_000
_CURRENCIES, _METHODS = ("EUR", "USD", "GBP", "JPY"), ("card", "transfer", "wallet")
_FOUND = ("amount", "tax", "items", "account_age", "velocity")
_FAR = 5

_CONTRACT = f'''
from typing import Annotated, Literal

from pydantic import Field

from assay_server.contracts import EventContract, ThreeSigma, rule


class PaymentMade(EventContract, event_type="{EVENT_TYPE}", version="1.0.0", learn="live"):
    payment_id: Annotated[str, Field(min_length=1, max_length=40)]
    merchant: Annotated[str, Field(min_length=1, max_length=40)]
    currency: Annotated[str, Field(pattern="^[A-Z]{{3}}$")]
    method: Literal["card", "transfer", "wallet"]
    FIELDS

    @rule
    def fee_is_below_amount(self) -> bool:
        """The fee is no more than the amount."""
        return self.fee <= self.amount
'''


@dataclass(frozen=True, slots=True)
class Folders:
    """What a server is started with."""

    contracts: Path
    data: Path


@contextmanager
def taught(groups: int, checks: int) -> Iterator[Folders]:
    """Make a contract with so many checks and teach it a history of so many groups, with `assay learn`.

    Each group has ten values, or three, where there are very many groups.
    """
    with tempfile.TemporaryDirectory() as name:
        folders = Folders(Path(name) / "contracts", Path(name) / "data")
        folders.contracts.mkdir()
        levels = _LEVELS if groups <= _MANY_GROUPS else _FEW_LEVELS
        (folders.contracts / "payments.py").write_text(contract(checks, len(levels)))
        if checks:
            past = Path(name) / "past.parquet"
            pq.write_table(_past(groups, levels), past)
            program = Path(sys.executable).with_name("assay")
            where = ("--contracts", str(folders.contracts), "--data", str(folders.data))
            cap = {**os.environ, "ASSAY_MAX_GROUPS": str(max(groups, _MANY_GROUPS))}
            subprocess.run([program, "learn", EVENT_TYPE, past, *where], check=True, capture_output=True, env=cap)
        yield folders


def contract(checks: int, samples: int = len(_LEVELS)) -> str:
    """Return a module with the contract: its checks go over all numbers by merchant first, then by other groups."""
    markers: dict[str, str] = dict.fromkeys(_FIELDS, "")
    for number in range(checks):
        field = list(_FIELDS)[number % len(_FIELDS)]
        by = _GROUPINGS[number // len(_FIELDS)]
        markers[field] += f', ThreeSigma(by={by}, min_samples={samples}, name="sigma_{number}")'
    fields = [f"{field}: Annotated[{kind}{markers[field]}]" for field, (kind, _) in _FIELDS.items()]
    return _CONTRACT.replace("FIELDS", "\n    ".join(fields))


def samples(count: int, groups: int, checks: int) -> Sequence[Sample]:
    """Return so many events, the same in every run, over all groups alike.

    Every fiftieth is bad in one of five ways, and in every fiftieth history finds one of five numbers, if a check looks at it.
    """
    generator = random.Random(SEED)
    looked_at = set(list(_FIELDS)[:checks])
    return [_sample(generator, number, groups, looked_at) for number in range(count)]


def _sample(generator: random.Random, number: int, groups: int, looked_at: set[str]) -> Sample:
    numbers = {field: _level(usual, generator.choice(_LEVELS)) for field, (_, usual) in _FIELDS.items()}
    payload: dict[str, Any] = _payment(number, generator.randrange(groups)) | numbers
    place, kind = number % BAD_EVERY, number // BAD_EVERY
    found: frozenset[str] = frozenset()
    if place == BAD_EVERY - 1:
        changes, check = FLAWS[kind % len(FLAWS)]
        return Sample(f"e-{number}", {**payload, **changes}, valid=False, found=frozenset({check}))
    if place == BAD_EVERY // 2:
        field = _FOUND[kind % len(_FOUND)]
        payload[field] = _level(_FIELDS[field][1], _FAR)
        found = frozenset({f"/{field}"} if field in looked_at else ())
    return Sample(f"e-{number}", payload, valid=True, found=found)


def _payment(number: int, merchant: int) -> dict[str, Any]:
    return {
        "payment_id": f"p-{number:09d}",
        "merchant": f"m-{merchant:06d}",
        "currency": _CURRENCIES[merchant % len(_CURRENCIES)],
        "method": _METHODS[merchant % len(_METHODS)],
    }


def _level(usual: float, level: float) -> float:
    return type(usual)(round(usual * level, 6))


def _past(groups: int, levels: Sequence[float]) -> pa.Table:
    """Return a row for each level of each merchant."""
    payments = [_payment(0, merchant) for merchant in range(groups)]
    columns = {name: np.repeat([payment[name] for payment in payments], len(levels)) for name in payments[0]}
    numbers = {field: np.tile([_level(usual, level) for level in levels], groups) for field, (_, usual) in _FIELDS.items()}
    return pa.table(columns | numbers)
