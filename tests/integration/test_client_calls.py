"""Single calls of both clients, on a real server that does as it is told."""

import asyncio
import inspect
import pathlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from doctest import DocTestParser, DocTestRunner
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

import assay_client
from assay_client import (
    AsyncClient,
    Baseline,
    CallError,
    Category,
    Client,
    EncodingError,
    Enforcement,
    Event,
    EventType,
    Quantile,
    SkipReason,
)
from tests.unit.client.doing import call, numbered, numbers
from tests.unit.client.scripted_server import ScriptedServer

both = pytest.mark.parametrize("kind", [Client, AsyncClient])
Kind = type[Client | AsyncClient]


@pytest.fixture(name="server")
def new_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@both
def test_validate_sends_the_event_and_the_options(kind: Kind) -> None:
    """All of them."""
    seen: list[Any] = []
    with ScriptedServer(on_call=lambda request, _: seen.append(request)) as server:
        verdict = call(
            kind,
            server.address,
            "validate",
            "user.registered",
            {"name": "Ada", "email": "ADA@x.org"},
            timestamp=datetime(2026, 1, 2, tzinfo=UTC),
            event_id="7",
            contract_version="1",
            return_normalized=True,
            explain=True,
            dry_run=True,
            report_from=Enforcement.AUDIT,
            reject_from=Enforcement.WARN,
        )

    assert (verdict.valid, verdict.event_id, verdict.normalized) == (True, "7", {"name": "Ada", "email": "ada@x.org"})
    (request,) = seen
    assert (
        request.event.event_type,
        request.event.timestamp.seconds,
        request.event.contract_version,
    ) == ("user.registered", 1767312000, "1")
    assert [value for _, value in request.options.ListFields()] == [True, True, True, 1, 2]


@both
def test_an_event_with_nothing_in_it_is_an_event(kind: Kind, server: ScriptedServer) -> None:
    """A request without an event would be malformed."""
    seen: list[Any] = []
    server.on_call = lambda request, _: seen.append(request)

    with pytest.raises(CallError):  # The scripted server cannot parse no payload.
        call(kind, server.address, "validate", "", None)

    assert seen[0].HasField("event")


@both
def test_a_misspelt_option_is_a_type_error(kind: Kind, server: ScriptedServer) -> None:
    """As for any keyword."""
    with pytest.raises(TypeError, match="explian"):
        call(kind, server.address, "validate", "x", {}, explian=True)
    with pytest.raises(TypeError, match="explian"):
        call(kind, server.address, "validate_stream", [], explian=True)


@both
def test_a_batch_is_split_and_answered_in_order(kind: Kind, server: ScriptedServer) -> None:
    """So that no call is larger than servers take."""
    verdicts = call(kind, server.address, "validate_batch", iter(numbered(2500)))

    assert list(range(2500)) == numbers(verdicts)
    assert server.batches == [1000, 1000, 500]


@both
def test_an_empty_batch_needs_no_call(kind: Kind, server: ScriptedServer) -> None:
    """There is nothing to ask."""
    assert call(kind, server.address, "validate_batch", []) == []
    assert server.calls == []


@both
def test_a_batch_with_an_event_that_cannot_be_sent_sends_nothing(kind: Kind, server: ScriptedServer) -> None:
    """The error names the event."""
    events = [*numbered(1500), Event("x", {"a": float("nan")})]

    with pytest.raises(EncodingError, match=r"event at position 1500: .* NaN"):
        call(kind, server.address, "validate_batch", events)

    assert server.calls == []


@both
def test_the_timeout_of_a_batch_is_for_all_of_it(kind: Kind) -> None:
    """Each of its calls gets what is left."""
    left: list[float] = []

    def take_a_while(_: Any, context: grpc.ServicerContext) -> None:
        left.append(context.time_remaining())
        while len(left) == 1 and context.time_remaining() > 4.8:
            threading.Event().wait(0.01)

    with ScriptedServer(on_call=take_a_while) as server:
        call(kind, server.address, "validate_batch", numbered(2000), timeout=5)

    first, second = left
    assert first > 4.9 > second


@both
def test_event_types_are_listed_over_all_pages(kind: Kind, server: ScriptedServer) -> None:
    """One after the other."""
    listed = call(kind, server.address, "list_event_types")

    assert [event_type.event_type for event_type in listed] == ["type.0", "type.1", "type.2"]


@both
def test_an_event_type_is_described_whole(kind: Kind, server: ScriptedServer) -> None:
    """Checks and examples included; the examples can be sent as they are."""
    event_type = call(kind, server.address, "get_event_type", "flight.arrived", "1.2")

    assert isinstance(event_type, EventType)
    assert (
        event_type.event_type,
        event_type.contract_version,
        event_type.json_schema,
    ) == ("flight.arrived", "1.2", '{"type":"object"}')
    assert (
        event_type.checks[0].check,
        event_type.checks[0].enforcement,
        event_type.checks[0].not_ready,
    ) == ("rules.x", Enforcement.REJECT, SkipReason.WARMING_UP)
    assert (
        Event("flight.arrived", b'{"x":1}', datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        Event("flight.arrived", {"x": 1}),
    ) == event_type.examples
    assert all(call(kind, server.address, "validate_batch", event_type.examples[:1]))


@both
def test_a_baseline_is_told(kind: Kind, server: ScriptedServer) -> None:
    """For a group, at a time."""
    at = datetime(2026, 1, 2, tzinfo=UTC)

    baseline = call(kind, server.address, "get_baseline", "x", "y", field="/z", group={"carrier": "UA"}, at=at)

    assert (
        Baseline(
            sample_count=30,
            mean=2.5,
            standard_deviation=0,
            minimum=0,
            maximum=0,
            quantiles=(Quantile(0.5, 2),),
            categories=(Category("UA", 3),),
            updated_at=at,
        )
        == baseline
    )
    assert call(kind, server.address, "get_baseline", "x", "y").updated_at is None


@both
def test_token_and_metadata_reach_the_server(kind: Kind, server: ScriptedServer) -> None:
    """With single calls and with streams."""
    settings = {"token": "t0ken", "metadata": {"x-team": "data"}}

    call(kind, server.address, "validate", "x", {}, settings=settings)
    call(kind, server.address, "validate_stream", numbered(1), settings=settings)

    for _, metadata in server.calls:
        assert (metadata["authorization"], metadata["x-team"]) == ("Bearer t0ken", "data")
    assert len(server.calls) == 2


@both
def test_calls_are_spread_over_all_servers_that_say_they_serve(kind: Kind) -> None:
    """A server without the health service counts as serving; one that is NOT_SERVING gets nothing."""
    with ScriptedServer("a") as a, ScriptedServer("b", with_health=False) as b, ScriptedServer("c") as c:
        c.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        address = f"ipv4:{a.address},{b.address},{c.address}"
        one = numbered(1)[0]

        if kind is Client:
            with Client(address) as client:
                while not (a.calls and b.calls):
                    assert client.validate_batch([one])
        else:

            async def main() -> None:
                async with AsyncClient(address) as client:
                    while not (a.calls and b.calls):
                        assert await client.validate_batch([one])

            asyncio.run(main())

        assert c.calls == []


@both
def test_a_unix_socket_serves(kind: Kind, tmp_path: pathlib.Path) -> None:
    """Plain text, without being told so."""
    with ScriptedServer(address=f"unix:{tmp_path}/s") as server:
        assert call(kind, server.address, "validate", "x", {}).valid


def test_threads_share_a_client(server: ScriptedServer) -> None:
    """Single calls and streams at once; each gets its own answers."""
    with Client(server.address) as client, ThreadPoolExecutor(8) as threads:

        def work(number: int) -> bool:
            events = numbered(700, start=number * 1000)
            streamed = list(client.validate_stream(events))
            single = client.validate("x", {}, event_id=str(number))
            return numbers(streamed) == list(range(number * 1000, number * 1000 + 700)) and numbers([single]) == [number]

        assert all(threads.map(work, range(8)))


def test_an_async_client_may_be_made_before_there_is_a_loop(server: ScriptedServer) -> None:
    """At the top of a module, for example."""
    client = AsyncClient(server.address)

    async def main() -> bool:
        async with client:
            return bool(await client.validate("x", {}))

    assert asyncio.run(main())


@pytest.mark.parametrize("documented", [assay_client, Client, AsyncClient], ids=lambda each: each.__name__)
def test_the_examples_in_docstrings_run(documented: Any, server: ScriptedServer) -> None:
    """As they stand, but for the address."""
    text = inspect.getdoc(documented) or ""
    assert ">>>" in text
    names = {**{name: getattr(assay_client, name) for name in assay_client.__all__}, "asyncio": asyncio}
    test = DocTestParser().get_doctest(re.sub(r"localhost:50051", server.address, text), names, documented.__name__, None, None)
    said: list[str] = []

    failed = DocTestRunner().run(test, out=said.append).failed

    assert failed == 0, "".join(said)
