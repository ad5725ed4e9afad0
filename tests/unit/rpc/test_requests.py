"""Requests of many events: scanned or unpacked, they hold the same."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.v1 import event_pb2, validation_service_pb2, verdict_pb2
from assay_server.engine import Limits, Options, PackedEvents
from assay_server.rpc.convert import EventReader, RequestReader
from assay_server.rpc.convert._requests import Requests
from assay_server.rpc.status import CallError

BATCH, STREAM = validation_service_pb2.ValidateBatchRequest, validation_service_pb2.ValidateStreamRequest
OTHERWISE = Options(dry_run=True)
PAYLOAD = b'{"amount": 12.5, "currency": "EUR", "note": "' + b"x" * 200 + b'"}'


def reader(kind: Any = STREAM, max_events: int = 20) -> RequestReader:
    return RequestReader(kind, Limits(), max_events)


def request(*events: event_pb2.Event, sequence: int = 7) -> bytes:
    return STREAM(sequence=sequence, events=events).SerializeToString()


def event(number: int = 0, payload: bytes = PAYLOAD, **fields: Any) -> event_pb2.Event:
    made = event_pb2.Event(event_id=f"e-{number}", event_type="order.placed", payload_json=payload, **fields)
    made.timestamp.seconds, made.timestamp.nanos = 1_700_000_000 + number, 5
    return made


def read(data: bytes) -> Requests:
    return asyncio.run(reader().read(data, OTHERWISE))


def unpacked(message: Any) -> list[Any]:
    return [EventReader(Limits()).read(one) for one in message.events]


def same(data: bytes) -> bool:
    """Check that what is scanned is what protobuf reads; return whether it was scanned."""
    found = reader()._scanned((data,), OTHERWISE)
    if found is None:
        return False
    message = STREAM.FromString(data)
    assert (list(found.sequences), list(found.events)) == ([message.sequence], unpacked(message))
    return True


def all_of(*messages: bytes) -> list[Requests]:
    async def all_read() -> list[Requests]:
        return [found async for found in reader().read_all(messages, OTHERWISE)]

    return asyncio.run(all_read())


def test_a_usual_request_is_scanned() -> None:
    """Its events are made only when they are asked for."""
    data = request(*(event(number) for number in range(10)))

    found = read(data)

    assert isinstance(found.events, PackedEvents)
    assert (found.sequences, found.counts) == ([7], [10])
    assert found.options is OTHERWISE
    assert list(found.events) == unpacked(STREAM.FromString(data))
    assert list(found.events[2:5]) == list(found.events)[2:5]


def test_a_batch_has_no_sequence() -> None:
    """Its other fields have other numbers."""
    message = BATCH(events=[event(number) for number in range(10)])
    message.options.explain = True

    found = asyncio.run(reader(BATCH).read(message.SerializeToString(), OTHERWISE))

    assert isinstance(found.events, PackedEvents)
    assert list(found.events) == unpacked(message)
    assert found.options == Options(explain=True)


def test_types_and_versions_may_differ() -> None:
    """There are as many kinds as there are pairs of them."""
    events = [
        event_pb2.Event(event_type=f"t{number % 3}", contract_version="1" * (number % 2), payload_json=PAYLOAD)
        for number in range(12)
    ]

    found = read(request(*events))

    assert isinstance(found.events, PackedEvents)
    assert len(found.events.kinds) == 6
    assert list(found.events) == unpacked(STREAM(events=events))


@pytest.mark.parametrize(("count", "scanned"), [(4096, True), (4097, False)])
def test_there_may_be_many_types(count: int, scanned: bool) -> None:
    """Each found again; beyond some thousand they are left to protobuf."""
    numbers = [*range(count), *range(0, count, 7)]
    message = STREAM(events=[event_pb2.Event(event_type=f"shape.s{number}", payload_json=PAYLOAD) for number in numbers])

    found = asyncio.run(reader(max_events=10_000).read(message.SerializeToString(), OTHERWISE))

    assert isinstance(found.events, PackedEvents) is scanned
    assert list(found.events) == unpacked(message)


@pytest.mark.parametrize(
    ("payload", "odd"),
    [
        (b'{"a": 1}', False),
        (b'{"country": "India", "b": "Name"}', False),
        (b'{"a": NaN}', True),
        (b'{"a": -Infinity}', True),
        (b"[1]", True),
        (b' {"a": 1}', True),
        (b"", True),
    ],
)
def test_what_is_odd_is_noticed(payload: bytes, odd: bool) -> None:
    """What is not plainly an object, and what JSON does not have."""
    found = read(request(*(event(number) for number in range(9)), event(payload=payload)))

    assert isinstance(found.events, PackedEvents)
    assert found.events.odd is odd


def test_the_extremes_are_told() -> None:
    """The longest payload and identifier, and how deep the deepest nests, brackets in texts counted too."""
    deep = b'{"a": [[{"b": "{"}]]}'
    found = read(request(*(event(number) for number in range(9)), event(1_000_000, payload=deep)))

    assert isinstance(found.events, PackedEvents)
    assert (found.events.longest, found.events.longest_id, found.events.deepest) == (len(PAYLOAD), len("e-1000000"), 5)


UNUSUAL: dict[str, bytes] = {
    "a Struct": STREAM(events=[event_pb2.Event(payload={"a": 1})]).SerializeToString(),
    "an identifier beyond ASCII": request(event_pb2.Event(event_id="é")),
    "a type beyond ASCII": request(event_pb2.Event(event_type="é")),
    "a time before 1970": request(event_pb2.Event(timestamp={"seconds": -1})),
    "a time that protobuf does not allow": request(event_pb2.Event(timestamp={"nanos": -1})),
    "an unknown field": request(event()) + b"\x7a\x01a",
    "an unknown field of an event": b"\x12\x03\x7a\x01a",
    "two sequences": b"\x08\x01\x08\x02" + request(event(), sequence=0),
    "two payloads": b"\x12\x06\x2a\x01a\x2a\x01b",
    "a sequence of 64 bits": request(event(), sequence=2**64 - 1),
    "more than it may hold": request(*[event()] * 21),
    "nothing": b"",
    "options twice": request(event()) + b"\x1a\x02\x08\x01" * 2,
}


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL)
def test_all_else_is_left_to_protobuf(data: bytes) -> None:
    """Which has the last word on what it means."""
    assert reader()._scanned((data,), OTHERWISE) is None


def test_options_are_read() -> None:
    """With the same refusals."""
    message = STREAM(events=[event(number) for number in range(9)])
    message.options.report_from = verdict_pb2.ENFORCEMENT_AUDIT
    assert read(message.SerializeToString()).options.report_from.name == "AUDIT"

    message.options.report_from = 99  # type: ignore[assignment]
    with pytest.raises(CallError):
        read(message.SerializeToString())


def test_too_many_events_are_refused() -> None:
    """Before they are unpacked."""
    with pytest.raises(CallError, match="at most 20"):
        read(request(*[event()] * 21))


def test_the_table_is_used_anew() -> None:
    """What was read stays as it was when the next request is read."""
    one = reader()
    first = asyncio.run(one.read(request(*(event(number) for number in range(8))), OTHERWISE))
    before = list(first.events)
    asyncio.run(one.read(request(*(event(number) for number in range(50, 60))), OTHERWISE))

    assert list(first.events) == before


def test_requests_that_have_come_together_are_read_together() -> None:
    """Each with its sequence and its share of the events; the options of the first hold for all."""
    sizes = (3, 0, 1, 9)
    sent = [request(*(event(10 * place + each) for each in range(size)), sequence=place) for place, size in enumerate(sizes)]
    sent[0] += b"\x1a\x02\x10\x01"

    [found] = all_of(*sent)

    assert (found.sequences, found.counts) == ([0, 1, 2, 3], [3, 0, 1, 9])
    assert list(found.events) == [each for data in sent for each in unpacked(STREAM.FromString(data))]
    assert found.options == Options(explain=True)
    apart = found.apart()
    assert [(each.sequences, each.counts) for each in apart] == [((place,), (size,)) for place, size in enumerate(sizes)]
    assert [list(each.events) for each in apart] == [unpacked(STREAM.FromString(data)) for data in sent]
    assert {each.options for each in apart} == {found.options}


def test_others_are_read_one_by_one() -> None:
    """Where options change, where protobuf is needed, and where they hold too much together; what is malformed comes last."""
    explained = request(event()) + b"\x1a\x02\x10\x01"
    many = request(*(event(number) for number in range(15)))

    changed = all_of(request(event()), explained, request(event()))
    odd = all_of(request(event()), UNUSUAL["a Struct"], request(event()))
    large = all_of(many, many)
    seen: list[Requests] = []

    async def read_malformed() -> None:
        async for found in reader().read_all((request(event()), b"\xff", request(event())), OTHERWISE):
            seen.append(found)  # noqa: PERF401  # What came before the error counts.

    with pytest.raises(CallError):
        asyncio.run(read_malformed())

    assert [found.options for found in changed] == [OTHERWISE, Options(explain=True), Options(explain=True)]
    assert [list(found.counts) for found in odd] == [[1], [1], [1]]
    assert [list(found.counts) for found in large] == [[15], [15]]
    assert [list(found.sequences) for found in seen] == [[7]]


TEXT = st.text(max_size=8) | st.from_regex(r"[a-z.]{1,8}", fullmatch=True)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    message = STREAM(sequence=draw(st.integers(0, 2**64 - 1)))
    for _ in range(draw(st.integers(0, 5))):
        made = message.events.add(event_id=draw(TEXT), event_type=draw(TEXT), contract_version=draw(TEXT))
        if draw(st.booleans()):
            made.payload_json = draw(st.binary(max_size=20))
        if draw(st.booleans()):
            made.timestamp.seconds = draw(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 2**33))
            made.timestamp.nanos = draw(st.integers(-(2**31), 2**31 - 1) | st.integers(0, 10**9 - 1))
    if draw(st.booleans()):
        message.options.explain = draw(st.booleans())
    return message.SerializeToString()


@given(requests())
def test_requests_are_scanned_as_protobuf_reads_them(data: bytes) -> None:
    """Whatever they hold."""
    same(data)


@given(st.lists(requests(), min_size=2, max_size=4))
def test_so_are_several_together(messages: list[bytes]) -> None:
    """As if each came alone."""
    found = reader()._scanned(messages, OTHERWISE)
    read = [STREAM.FromString(data) for data in messages]
    if found is not None:
        assert list(found.sequences) == [message.sequence for message in read]
        assert list(found.counts) == [len(message.events) for message in read]
        assert list(found.events) == [each for message in read for each in unpacked(message)]
        assert not any(message.HasField("options") for message in read[1:])


@given(requests(), st.integers(0, 2**32))
def test_so_are_bytes_that_were_damaged(data: bytes, seed: int) -> None:
    """Cut off, changed, or put together anew: nothing is read beyond their end, and nothing that protobuf would not read."""
    generator = random.Random(seed)
    damaged = bytearray(data)
    for _ in range(generator.randint(1, 3)):
        if damaged:
            place = generator.randrange(len(damaged))
            damaged[place : place + generator.randint(0, 2)] = generator.randbytes(generator.randint(0, 2))
    same(bytes(damaged))
    same(bytes(damaged[: generator.randint(0, len(damaged))]))


def test_every_beginning_of_a_request_is_read_or_refused_as_protobuf_does() -> None:
    """A length that leads beyond the end leads nowhere."""
    whole = request(*(event(number, payload=b'{"a":1}') for number in range(3)))
    scanned = [end for end in range(len(whole) + 1) if same(whole[:end])]

    assert scanned == [len(whole[: len(whole)]) - 2 * len(whole[2:]) // 3, len(whole) - len(whole[2:]) // 3, len(whole)]
