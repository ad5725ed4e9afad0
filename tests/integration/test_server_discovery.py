"""What tools find out about a server: its services, their descriptions, and its health."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc import aio
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from .conftest import Local, Start, eventually
from .wire import CHECK, WATCH, failure

SERVICES = [
    "assay.v1.CatalogService",
    "assay.v1.ValidationService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
]
REFLECTIONS = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def ask(local: Local, reflection: str, **question: Any) -> reflection_pb2.ServerReflectionResponse:
    # Both versions have the same messages under different names.
    call = local.stream(f"{reflection}/ServerReflectionInfo")()
    await call.write(reflection_pb2.ServerReflectionRequest(**question).SerializeToString())
    await call.done_writing()
    response = reflection_pb2.ServerReflectionResponse.FromString(await call.read())
    assert await call.read() is aio.EOF
    return response


@pytest.mark.parametrize("reflection", REFLECTIONS)
async def test_all_services_are_listed(start: Start, reflection: str) -> None:
    """By both versions of reflection, which list each other."""
    response = await ask(await start(), reflection, list_services="*")

    assert [service.name for service in response.list_services_response.service] == SERVICES


@pytest.mark.parametrize("reflection", REFLECTIONS)
@pytest.mark.parametrize("service", SERVICES)
async def test_every_service_listed_is_described(start: Start, reflection: str, service: str) -> None:
    """With every file that its description rests on."""
    response = await ask(await start(), reflection, file_containing_symbol=service)

    files = [
        descriptor_pb2.FileDescriptorProto.FromString(file) for file in response.file_descriptor_response.file_descriptor_proto
    ]
    assert service in [f"{file.package}.{described.name}" for file in files for described in file.service]
    assert {file.name for file in files} >= {name for file in files for name in file.dependency}


@pytest.mark.parametrize(
    "symbol", ["ValidationService.ValidateStream", "CatalogService.GetBaseline", "Event.event_id", "Layer"]
)
async def test_parts_of_services_and_messages_are_found(start: Start, symbol: str) -> None:
    """A method too, by its service's name and its own: ghz asks so, and whoever has grpcurl describe one."""
    response = await ask(await start(), REFLECTIONS[0], file_containing_symbol=f"assay.v1.{symbol}")

    assert response.file_descriptor_response.file_descriptor_proto, response.error_response


async def test_what_statuses_are_made_of_is_described(start: Start) -> None:
    """So that tools can print the details of a failure."""
    local = await start()

    for symbol in ("google.rpc.ErrorInfo", "google.rpc.BadRequest", "google.rpc.RetryInfo", "assay.v1.ErrorReason"):
        response = await ask(local, REFLECTIONS[0], file_containing_symbol=symbol)
        assert response.file_descriptor_response.file_descriptor_proto, symbol


async def test_what_is_not_there_is_not_found(start: Start) -> None:
    """As an answer; the stream goes on."""
    local = await start()

    for symbol in ("no.such.Thing", "assay.v1.ValidationService.NoSuchMethod"):
        response = await ask(local, REFLECTIONS[0], file_containing_symbol=symbol)
        assert grpc.StatusCode.NOT_FOUND.value[0] == response.error_response.error_code


@pytest.mark.parametrize("protocol", ["grpc-v1", "grpc-v1alpha"])
async def test_buf_curl_calls_through_reflection(start: Start, protocol: str) -> None:
    """Without a description of its own."""
    local = await start()
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "buf"),
        *("curl", "--http2-prior-knowledge", "--protocol", "grpc", "--reflect", "--reflect-protocol", protocol),
        *("--data", '{"event": {"event_type": "order.placed", "payload": {"sku": "A1"}}}'),
        f"http://{local.address}/assay.v1.ValidationService/Validate",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    output, errors = await process.communicate()

    assert process.returncode == 0, errors
    assert json.loads(output)["verdict"]["valid"]


@pytest.mark.parametrize("service", ["", "assay.v1.ValidationService", "assay.v1.CatalogService"])
async def test_health_is_told_for_the_server_and_each_service(start: Start, service: str) -> None:
    """SERVING once it takes calls, NOT_SERVING once it wants no more."""
    local = await start()
    request = health_pb2.HealthCheckRequest(service=service).SerializeToString()

    assert health_pb2.HealthCheckResponse.FromString(await local.unary(CHECK)(request)).status == SERVING

    await local.server.leave()
    assert health_pb2.HealthCheckResponse.FromString(await local.unary(CHECK)(request)).status == NOT_SERVING


async def test_the_health_of_an_unknown_service_is_not_found(start: Start) -> None:
    """As the protocol of health checks has it."""
    local = await start()

    error = await failure(local.unary(CHECK)(health_pb2.HealthCheckRequest(service="no.such.Service").SerializeToString()))

    assert grpc.StatusCode.NOT_FOUND is error.code()


async def test_a_watcher_of_health_sees_it_change(start: Start) -> None:
    """And does not hold up the server's end."""
    local = await start()
    watch = local.channel.unary_stream(f"/{WATCH}")(b"")
    unknown = local.channel.unary_stream(f"/{WATCH}")(health_pb2.HealthCheckRequest(service="x").SerializeToString())

    assert health_pb2.HealthCheckResponse.FromString(await watch.read()).status == SERVING
    assert (
        health_pb2.HealthCheckResponse.FromString(await unknown.read()).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    )

    await local.server.leave()
    assert health_pb2.HealthCheckResponse.FromString(await watch.read()).status == NOT_SERVING

    await asyncio.wait_for(local.server.stop(5), 2)
    for call in (watch, unknown):
        with pytest.raises(aio.AioRpcError) as caught:
            await call.read()
        assert grpc.StatusCode.UNAVAILABLE is caught.value.code()


async def test_a_watcher_that_leaves_is_forgotten(start: Start) -> None:
    """Nothing of it stays."""
    local = await start()
    watch = local.channel.unary_stream(f"/{WATCH}")(b"")
    await watch.read()
    assert local.server.streams_in_progress == 1

    watch.cancel()

    await eventually(lambda: local.server.streams_in_progress == 0, "the stream is gone")


async def test_an_open_reflection_does_not_hold_up_the_servers_end(start: Start) -> None:
    """Its stream is ended like every other."""
    local = await start()
    call = local.stream(f"{REFLECTIONS[0]}/ServerReflectionInfo")()
    await call.write(reflection_pb2.ServerReflectionRequest(list_services="*").SerializeToString())
    await call.read()

    await asyncio.wait_for(local.server.stop(5), 2)

    with pytest.raises(aio.AioRpcError) as caught:
        await call.read()
    assert grpc.StatusCode.UNAVAILABLE is caught.value.code()
