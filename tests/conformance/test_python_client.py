"""The conformance cases, through a server and the Python client."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, cast

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from assay.v1 import validation_service_pb2
from assay_client import Client, Enforcement, Event, ValidateOptions, Verdict
from assay_server.contracts import load
from assay_server.engine import Engine
from assay_server.rpc import Server
from assay_server.settings import Settings
from tests.conformance.runner import CONTRACTS, Case, cases

CASES = cases()
VERDICTS = [case for case in CASES if case.expects_verdict]
ERRORS = [case for case in CASES if not case.expects_verdict]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of these contracts, in a thread of its own."""
    serving = threading.Thread(target=lambda: asyncio.run(serve()), name="server")
    ready: list[str] = []
    started, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        settings = Settings.load(listen=["127.0.0.1:0"], contracts=CONTRACTS)
        engine = Engine(load(CONTRACTS), limits=settings.limits)
        await engine.start()
        server = Server(engine, settings)
        await server.start()
        ready.append(server.addresses[0])
        started.set()
        await asyncio.to_thread(stop.wait)
        await server.stop(5)
        await engine.close()

    serving.start()
    assert started.wait(20)
    yield ready[0]
    stop.set()
    serving.join()


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    with Client(address) as made:
        yield made


@pytest.fixture(scope="module")
def gathering(address: str) -> Iterator[Client]:
    with Client(address, gather=True) as made:
        yield made


def _event(case: Case) -> Event:
    event = case.event()
    body = event.WhichOneof("body")
    return Event(
        event.event_type,
        getattr(event, body) if body else None,
        event.timestamp if event.HasField("timestamp") else None,
        event.event_id,
        event.contract_version,
    )


@pytest.mark.parametrize("case", VERDICTS, ids=[case.name for case in VERDICTS])
def test_case(client: Client, gathering: Client, case: Case) -> None:
    """What the case says, by each of the three methods, and gathered."""
    options = case.options()
    event = _event(case)
    chosen: ValidateOptions = {
        "return_normalized": options.return_normalized,
        "explain": options.explain,
        "dry_run": options.dry_run,
        "report_from": Enforcement(options.report_from),
        "reject_from": Enforcement(options.reject_from),
    }
    verdicts: list[Verdict] = [
        *(
            asked.validate(
                event.event_type,
                event.payload,
                timestamp=event.timestamp,
                event_id=event.event_id,
                contract_version=event.contract_version,
                **chosen,
            )
            for asked in (client, gathering)
        ),
        *client.validate_batch([event, event], **chosen),
        *client.validate_stream([event], **chosen),
    ]
    for verdict in verdicts:
        case.check(verdict._message)


@pytest.mark.parametrize("case", ERRORS, ids=[case.name for case in ERRORS])
def test_call_that_fails(address: str, case: Case) -> None:
    """The status, and what it says."""
    request = validation_service_pb2.ValidateRequest(event=case.event(), options=case.options())
    with grpc.insecure_channel(address) as channel:
        validate: Any = channel.unary_unary("/assay.v1.ValidationService/Validate", type(request).SerializeToString)
        with pytest.raises(grpc.RpcError) as raised:
            validate(request, timeout=10)
    call = cast("grpc.Call", raised.value)
    status = rpc_status.from_call(call)
    info, violations = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(violations)
    expected = case.data["expected_error"]
    assert call.code().name == expected["code"]
    assert (info.reason, info.domain) == (expected["reason"], "assay.v1")
    assert [violation.field for violation in violations.field_violations] == expected["fields"]
