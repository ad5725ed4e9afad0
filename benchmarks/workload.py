"""The events of every measurement, of which a known share is bad in known ways."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from assay.v1.event_pb2 import Event

EVENT_TYPE = "payment.made"
SEED = 20240229
FLAWS: Sequence[tuple[Mapping[str, Any], str]] = (
    ({"amount": -1.0}, "schema.greater_than"),
    ({"currency": "euro"}, "schema.string_pattern_mismatch"),
    ({"hour": 24}, "schema.less_than_equal"),
    ({"items": "three"}, "schema.int_parsing"),
    ({"fee": 1e6}, "rules.fee_is_below_amount"),
)
"""What makes an event invalid, and by which check."""

BAD_EVERY = 50

FEATURES = ("amount", "fee", "tax", "items", "account_age", "hour", "risk", "velocity")
"""What the model of a payment sees."""

_USUAL = {"EUR": 40.0, "USD": 45.0, "GBP": 35.0, "JPY": 6000.0}
_FAR = 5
_ODD = {"items": 40, "account_age": 0, "hour": 0, "risk": 0.99, "velocity": 60.0}


@dataclass(frozen=True, slots=True)
class Sample:
    """One event, and what the right answer is.

    Attributes:
        event_id: Its identifier.
        payload: Its payload.
        valid: What the verdict says.
        found: What its findings name: the field where a comparison with history finds something, else the check.
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
    """Return so many events, the same in every run; every fiftieth is bad.

    Four of seven kinds break the schema and one the rule; one has an amount that its currency's history has never seen, and
    one is odd as a whole. What a model finds is not said here: that depends on its training, see `layers`.
    """
    generator = random.Random(SEED)
    return [_sample(generator, number) for number in range(count)]


def history(count: int) -> list[dict[str, Any]]:
    """Return so many good payments, the same in every run, to learn and train from."""
    generator = random.Random(SEED + 1)
    return [_payment(generator) for _ in range(count)]


def _sample(generator: random.Random, number: int) -> Sample:
    payload = _payment(generator)
    name = f"e-{number}"
    if number % BAD_EVERY != BAD_EVERY - 1:
        return Sample(name, payload, valid=True)
    kind = number // BAD_EVERY % (len(FLAWS) + 2)
    if kind < len(FLAWS):
        changes, check = FLAWS[kind]
        return Sample(name, {**payload, **changes}, valid=False, found=frozenset({check}))
    if kind == len(FLAWS):
        return Sample(name, payload | _amounts(_FAR * _USUAL[payload["currency"]]), valid=True, found=frozenset({"/amount"}))
    return Sample(name, payload | {"currency": "JPY"} | _amounts(1.5 * _USUAL["JPY"]) | _ODD, valid=True)


def _payment(generator: random.Random) -> dict[str, Any]:
    currency = generator.choice(tuple(_USUAL))
    return {
        "payment_id": f"payment-{generator.getrandbits(128):032x}",
        "currency": currency,
        "country": generator.choice(("DE", "US", "GB", "JP", "FR")),
        "method": generator.choice(("card", "transfer", "wallet")),
        # Never three deviations from the mean, so that history finds what it is meant to find and nothing else.
        **_amounts(generator.uniform(0.5, 1.5) * _USUAL[currency]),
        "items": generator.randint(1, 12),
        "account_age": generator.randint(0, 4000),
        "hour": generator.randint(0, 23),
        "risk": round(generator.betavariate(2, 8), 6),
        "velocity": round(generator.gammavariate(2, 1.5), 6),
    }


def _amounts(amount: float) -> dict[str, float]:
    return {"amount": round(amount, 2), "fee": round(amount * 0.02, 2), "tax": round(amount * 0.19, 2)}
