"""What callers write becomes the messages of the contract."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from google.protobuf import struct_pb2, timestamp_pb2
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from assay.v1 import event_pb2, validation_service_pb2
from assay_client import EncodingError, Event
from assay_client._events import EventLike, Gatherer, batches, fill
from assay_client._payload import from_struct, json_text


class Role(Enum):
    """A role."""

    ADMIN = "admin"


class Level(IntEnum):
    """A level."""

    HIGH = 3


@dataclasses.dataclass
class Address:
    """A nested dataclass."""

    city: str
    since: date


@dataclasses.dataclass
class User:
    """A dataclass with what JSON has no form for."""

    name: str
    address: Address
    born: datetime
    balance: Decimal
    key: UUID
    role: Role
    level: Level
    tags: frozenset[str]


class Account(BaseModel):
    """A Pydantic model."""

    owner: str = Field(alias="accountOwner")
    since: date = date(2020, 1, 2)


def message_of(event: EventLike) -> event_pb2.Event:
    message = event_pb2.Event()
    fill(message, event)
    return message


def test_a_dict_becomes_compact_json() -> None:
    """Integers of any size survive, and text is UTF-8."""
    payload = {"a": 2**64 + 1, "b": [1.5, None, True], "c": "ö€"}

    text = json_text(payload)

    assert text == b'{"a":18446744073709551617,"b":[1.5,null,true],"c":"\xc3\xb6\xe2\x82\xac"}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), json_values))
def test_any_json_object_survives(payload: dict[str, Any]) -> None:
    """What json reads back is what was given."""
    assert payload == json.loads(json_text(payload))


@pytest.mark.parametrize("text", [b'{"a": 1}', '{"a": 1}'])
def test_json_text_is_sent_as_it_is(text: bytes | str) -> None:
    """Not even its white space changes."""
    assert json_text(text) == b'{"a": 1}'


def test_a_pydantic_model_is_sent_by_alias() -> None:
    """As `model_dump_json(by_alias=True)` gives it; within a dict too."""
    model = Account(accountOwner="Ada")

    assert json_text(model) == b'{"accountOwner":"Ada","since":"2020-01-02"}'
    assert json_text({"account": model}) == b'{"account":{"accountOwner":"Ada","since":"2020-01-02"}}'


def test_a_dataclass_is_sent_with_sensible_forms_for_its_values() -> None:
    """Dates as ISO 8601, Decimal and UUID as text, enum members as their values, sets as arrays."""
    user = User(
        name="Ada",
        address=Address("London", date(1830, 5, 1)),
        born=datetime(1815, 12, 10, 8, tzinfo=UTC),
        balance=Decimal("10.50"),
        key=UUID(int=1),
        role=Role.ADMIN,
        level=Level.HIGH,
        tags=frozenset({"x"}),
    )

    assert json.loads(json_text(user)) == {
        "name": "Ada",
        "address": {"city": "London", "since": "1830-05-01"},
        "born": "1815-12-10T08:00:00+00:00",
        "balance": "10.50",
        "key": "00000000-0000-0000-0000-000000000001",
        "role": "admin",
        "level": 3,
        "tags": ["x"],
    }


def test_any_mapping_serves_as_a_payload() -> None:
    """It need not be a dict."""
    assert json_text(MappingProxyType({"a": MappingProxyType({"b": 1})})) == b'{"a":{"b":1}}'


def test_half_a_surrogate_pair_is_escaped_for_the_server_to_judge() -> None:
    """It has no UTF-8, but JSON can escape it."""
    assert json_text({"a": "\ud800"}) == b'{"a":"\\ud800"}'


circular: dict[str, Any] = {}
circular["self"] = circular
deep: list[Any] = []
for _ in range(100_000):
    deep = [deep]


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"a": float("nan")}, "NaN or an infinity"),
        ({"a": [float("inf")]}, "NaN or an infinity"),
        ({"a": Decimal("NaN")}, "no number"),
        ({"a": object()}, "object has no form in JSON"),
        ({"a": b"x"}, "bytes has no form in JSON"),
        ({(1, 2): 3}, "keys must be"),
        (circular, "Circular reference"),
        ({"a": deep}, "nested too deeply"),
        ({"a": 10**5000}, "cannot be written as JSON"),
        ("\ud800", "not Unicode"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_the_reason(payload: Any, problem: str) -> None:
    """It is refused here, since no server could be told about it."""
    with pytest.raises(EncodingError, match=problem):
        json_text(payload)


def test_a_struct_travels_as_a_struct() -> None:
    """The server returns a Struct for a Struct."""
    struct = struct_pb2.Struct()
    struct.update({"a": 1})

    assert struct == message_of(Event("x", struct)).payload


def test_a_struct_reads_as_json_would() -> None:
    """Its whole numbers are integers again, as far as a double is exact."""
    value: dict[str, Any] = {"a": 1, "b": 1.5, "c": [None, True, "x", {"d": -3}], "e": 1e300, "f": 2**53}
    struct = struct_pb2.Struct()
    struct.update(value)

    assert value == from_struct(struct)
    assert isinstance(from_struct(struct)["e"], float)


def test_none_is_an_event_without_a_payload() -> None:
    """The server has a finding for it."""
    assert not message_of(Event("x", None)).HasField("payload_json")
    assert message_of(Event("x", b"")).HasField("payload_json")


@pytest.mark.parametrize(
    ("timestamp", "seconds", "nanos"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0, 0),
        (datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=2))), 1767315845, 678901000),
        (datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC), -1, 500000000),
        (1_767_315_845_000_000_001, 1767315845, 1),
        (-1, -1, 999_999_999),
        (10**27, 10**18, 0),
        (timestamp_pb2.Timestamp(seconds=5, nanos=-7), 5, -7),
    ],
)
def test_a_timestamp_keeps_every_digit(timestamp: Any, seconds: int, nanos: int) -> None:
    """Whatever its form; also one out of range, for which the server has a finding."""
    message = message_of(Event("x", {}, timestamp))

    assert message.HasField("timestamp")
    assert (seconds, nanos) == (message.timestamp.seconds, message.timestamp.nanos)


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (Event("x", {}, datetime(2026, 1, 1)), r"no time zone.*tzinfo=UTC"),  # noqa: DTZ001 - That is the case.
        (Event("x", {}, "2026-01-01"), "not str"),  # type: ignore[arg-type]  # Callers need not be typed.
        (Event("x", {}, 10**40), "cannot be written"),
        (Event(7, {}), "cannot be written"),  # type: ignore[arg-type]
        (Event("\ud800", {}), "cannot be written"),
        (Event("x", {}, event_id=7), "has no len|cannot be written"),  # type: ignore[arg-type]
        ({"event_type": "x", "data": {}, "id": 1}, "an event has no 'data', 'id'; it has contract_version, event_id"),
        (17, "an Event or a mapping, not int"),
    ],
)
def test_an_event_that_cannot_be_sent_says_why(event: Any, problem: str) -> None:
    """The error is of one class, whatever the cause."""
    with pytest.raises(EncodingError, match=problem):
        message_of(event)


@pytest.mark.parametrize("mapping", [{}, {"event_type": "x", "payload": {"a": 1}, "event_id": "7", "timestamp": 10**9}])
def test_a_mapping_with_the_keys_of_an_event_is_an_event(mapping: Mapping[str, Any]) -> None:
    """A key that is missing is the server's to judge."""
    assert message_of(Event(**{"event_type": "", "payload": None, **mapping})) == message_of(mapping)


def gather(events: list[Event], max_events: int, max_bytes: int) -> list[list[str]]:
    gatherer = Gatherer(validation_service_pb2.ValidateBatchRequest, max_events, max_bytes)
    messages = [message for event in events if (message := gatherer.add(event)) is not None]
    if (last := gatherer.flush()) is not None:
        messages.append(last)
    return [[event.event_id for event in message.events] for message in messages]


@given(st.lists(st.integers(0, 3000), max_size=60), st.integers(1, 10), st.integers(1, 5000))
def test_gathering_keeps_the_order_and_the_limits(sizes: list[int], max_events: int, max_bytes: int) -> None:
    """Only an event that is too large by itself makes a message that is."""
    events = [Event("x", b"x" * size, event_id=str(number)) for number, size in enumerate(sizes)]

    messages = gather(events, max_events, max_bytes)

    assert [event.event_id for event in events] == [event_id for message in messages for event_id in message]
    for message in messages:
        assert 0 < len(message) <= max_events
        assert len(message) == 1 or sum(sizes[int(event_id)] for event_id in message) <= max_bytes


def test_an_event_that_cannot_be_sent_leaves_its_message_as_it_was() -> None:
    """The error names its position, and the others can go on."""
    gatherer = Gatherer(validation_service_pb2.ValidateBatchRequest, 10, 1000)
    gatherer.add(Event("x", {}))

    with pytest.raises(EncodingError, match="event at position 1: ") as caught:
        gatherer.add(Event("x", {"a": float("nan")}))

    gatherer.add(Event("y", {}))
    message = gatherer.flush()
    assert message is not None
    assert caught.value.position == 1
    assert [event.event_type for event in message.events] == ["x", "y"]


def test_batches_carry_the_options_each() -> None:
    """Each request stands for itself."""
    options = validation_service_pb2.ValidateOptions(explain=True)

    requests = batches([Event("x", {})] * 2500, options)

    assert [len(request.events) for request in requests] == [1000, 1000, 500]
    assert all(request.options == options for request in requests)
