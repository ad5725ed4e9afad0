"""Both clients with `assay serve` itself: what it answers, and how streams outlive it."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.protobuf import struct_pb2

from assay_client import AsyncClient, CallError, Client, Enforcement, Event, Layer, MalformedRequestError, NotFoundError
from tests.unit.client.doing import Collect, call, collect_async, collect_sync, numbers

both = pytest.mark.parametrize("kind", [Client, AsyncClient])
Kind = type[Client | AsyncClient]
Spawn = Callable[..., Any]


def orders(count: int) -> Iterator[Event]:
    return (
        Event("order.placed", {"sku": "A1", "quantity": 2000 if number % 10 == 7 else 1}, event_id=str(number))
        for number in range(count)
    )


@both
def test_one_event_of_each_kind(kind: Kind, spawn: Spawn) -> None:
    """Valid, not valid by schema, not valid by a rule, unknown, without a payload, not an object, as a Struct."""
    address = spawn().address
    struct = struct_pb2.Struct()
    struct.update({"sku": "B2"})

    verdicts = call(
        kind,
        address,
        "validate_batch",
        [
            Event("order.placed", {"sku": "A1"}),
            Event("order.placed", {"sku": "A", "quantity": 0}),
            Event("order.placed", b'{"sku": "A1", "quantity": 2000}'),
            Event("order.lost", {}),
            Event("order.placed", None),
            Event("order.placed", "[]"),
            Event("order.placed", struct),
            {"payload": {}},
            Event("order.placed", {"sku": "\ud800x"}),
        ],
        return_normalized=True,
    )

    checks = [[finding.check for finding in verdict.findings] for verdict in verdicts]
    assert checks[:8] == [
        [],
        ["schema.string_too_short", "schema.greater_than"],
        ["rules.not_too_many"],
        ["envelope.unknown_event_type"],
        ["envelope.payload_missing"],
        ["envelope.payload_not_object"],
        [],
        ["envelope.event_type_missing"],
    ]
    assert checks[8]
    assert [not each for each in checks] == [verdict.valid for verdict in verdicts]
    assert verdicts[0].normalized == {"sku": "A1", "quantity": 1, "note": ""}
    assert verdicts[6].normalized == {"sku": "B2", "quantity": 1, "note": ""}
    assert (
        verdicts[1].findings[0].layer,
        verdicts[1].findings[0].enforcement,
        verdicts[1].findings[0].field,
    ) == (Layer.SCHEMA, Enforcement.REJECT, "/sku")
    assert verdicts[0].contract_version.startswith("1.0.0+")


@both
def test_the_catalog(kind: Kind, spawn: Spawn) -> None:
    """What is there, and what is not."""
    address = spawn().address

    assert [each.event_type for each in call(kind, address, "list_event_types")] == ["order.placed"]
    described = call(kind, address, "get_event_type", "order.placed")
    assert [check.check for check in described.checks] == ["rules.not_too_many"]
    assert all(call(kind, address, "validate_batch", described.examples))
    with pytest.raises(NotFoundError, match="EVENT_TYPE_NOT_FOUND") as caught:
        call(kind, address, "get_event_type", "order.lost")
    assert caught.value.metadata["event_type"] == "order.lost"
    with pytest.raises(NotFoundError):
        call(kind, address, "get_baseline", "order.placed", "statistics.three_sigma")


@both
def test_an_option_that_the_server_does_not_know_is_malformed(kind: Kind, spawn: Spawn) -> None:
    """The error names the field."""
    address = spawn().address

    for name in ("validate_batch", "validate_stream"):
        with pytest.raises(MalformedRequestError) as caught:
            call(kind, address, name, list(orders(1)), report_from=Enforcement(9))
        assert [violation for violation in caught.value.violations if "report_from" in violation.field]


@pytest.mark.parametrize("collect", [collect_sync, collect_async])
def test_a_long_stream(collect: Collect, spawn: Spawn) -> None:
    """Every event has its own verdict."""
    verdicts = collect(spawn().address, orders(20_000))

    assert list(range(20_000)) == numbers(verdicts)
    assert [number % 10 != 7 for number in range(20_000)] == [verdict.valid for verdict in verdicts]


@pytest.mark.parametrize("collect", [collect_sync, collect_async])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stream_outlives_its_server(collect: Collect, spawn: Spawn, number: signal.Signals) -> None:
    """Whether it drains or is killed, its successor on the port carries on, and no verdict is lost or given twice."""
    half, gone = threading.Event(), threading.Event()

    def events() -> Iterator[Event]:
        for event in orders(20_000):
            if event.event_id == "10000":
                half.set()
                assert gone.wait(60)
            yield event

    first = spawn()
    with ThreadPoolExecutor(1) as threads, contextlib.ExitStack() as finally_:
        finally_.callback(gone.set)
        answer = threads.submit(collect, first.address, events())
        assert half.wait(60)
        assert (0 if number is signal.SIGTERM else -number) == first.stop(number)
        spawn("--listen", first.address)
        gone.set()
        verdicts = answer.result()

    assert list(range(20_000)) == numbers(verdicts)


def test_a_message_that_is_too_large_is_refused_and_not_sent_again(spawn: Spawn) -> None:
    """The error is the server's, or gRPC's own; waiting would not help."""
    address = spawn().address
    event = Event("order.placed", {"sku": "A1", "note": "x" * 6_000_000})

    for name, argument in (("validate_batch", [event]), ("validate_stream", [event])):
        with pytest.raises(CallError, match=r"RESOURCE_EXHAUSTED: .*larger than max"):
            call(Client, address, name, argument)
