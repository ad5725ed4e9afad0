"""The events of every measurement, of which a known share is bad in known ways."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from assay.v1.event_pb2 import Event

EVENT_TYPE = "payment.made"
SEED = 20240229
FLAWS = ({"amount": -1.0}, {"currency": "euro"}, {"hour": 24}, {"items": "three"}, {"fee": 1e6})
BAD_EVERY = 50


@dataclass(frozen=True, slots=True)
class Sample:
    """One event, and what the right answer is.

    Attributes:
        event_id: Its identifier.
        payload: Its payload.
        valid: What the verdict says.
        found: The fields that a comparison with history finds.
        event_type: Its type.
    """

    event_id: str
    payload: dict[str, Any]
    valid: bool
    found: frozenset[str] = frozenset()
    event_type: str = EVENT_TYPE

    def json(self) -> bytes:
        """Return the payload as JSON text."""
        return json.dumps(self.payload, separators=(",", ":")).encode()

    def event(self, *, struct: bool = False) -> Event:
        """Return the event as a message, its payload as JSON text or as a Struct."""
        event = Event(event_id=self.event_id, event_type=self.event_type, timestamp=Timestamp(seconds=1_700_000_000))
        if struct:
            event.payload.update(self.payload)
        else:
            event.payload_json = self.json()
        return event


def samples(count: int) -> Sequence[Sample]:
    """Return so many events, the same in every run; every fiftieth is bad, each in one of five ways."""
    generator = random.Random(SEED)
    return [_sample(generator, number) for number in range(count)]


def _sample(generator: random.Random, number: int) -> Sample:
    amount = round(generator.lognormvariate(3, 1) + 1, 2)
    payload: dict[str, Any] = {
        "payment_id": f"p-{number:09d}",
        "currency": generator.choice(("EUR", "USD", "GBP", "JPY")),
        "country": generator.choice(("DE", "US", "GB", "JP", "FR")),
        "method": generator.choice(("card", "transfer", "wallet")),
        "amount": amount,
        "fee": round(amount * 0.02, 2),
        "tax": round(amount * 0.19, 2),
        "items": generator.randint(1, 12),
        "account_age": generator.randint(0, 4000),
        "hour": generator.randint(0, 23),
        "risk": round(generator.betavariate(2, 8), 4),
        "velocity": round(generator.gammavariate(2, 1.5), 3),
    }
    bad = number % BAD_EVERY == BAD_EVERY - 1
    if bad:
        payload |= FLAWS[number // BAD_EVERY % len(FLAWS)]
    return Sample(f"e-{number}", payload, not bad)
