"""What the catalog tells."""

import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio

from assay.v1 import catalog_service_pb2, verdict_pb2
from assay_server.contracts import load

from .conftest import ORDER, Local, Start
from .wire import (
    BASELINE,
    GET,
    LIST,
    failure,
    fields_of,
    metadata_of,
    reason_of,
    validate,
)


def listed(answer: bytes) -> tuple[list[tuple[str, str]], str]:
    response = catalog_service_pb2.ListEventTypesResponse.FromString(answer)
    return [(e.event_type, e.contract_version.partition("+")[0]) for e in response.event_types], response.next_page_token


async def page(local: Local, **fields: Any) -> tuple[list[tuple[str, str]], str]:
    return listed(await local.unary(LIST)(catalog_service_pb2.ListEventTypesRequest(**fields).SerializeToString()))


def versions(folder: Path, *pairs: tuple[str, str]) -> None:
    for event_type, version in pairs:
        source = ORDER.replace('"order.placed", version="1.0.0"', f'"{event_type}", version="{version}"')
        (folder / f"m_{event_type.replace('.', '_')}_{version.replace('.', '_')}.py").write_text(source)


async def test_event_types_are_listed_in_pages(start: Start, folder: Path) -> None:
    """By event type, the newest version first, by number and not by text."""
    versions(folder, ("a.b", "1.9.0"), ("a.b", "1.10.0"), ("z", "0.1.0"))
    local = await start()
    everything = [("a.b", "1.10.0"), ("a.b", "1.9.0"), ("order.placed", "1.0.0"), ("z", "0.1.0")]

    assert (everything, "") == await page(local)
    for size in (1, 2, 3, 4, 5000):
        pages, token = await page(local, page_size=size)
        while token:
            more, token = await page(local, page_size=size, page_token=token)
            assert more
            pages += more
        assert everything == pages


async def test_a_page_token_outlives_a_reload(start: Start, folder: Path) -> None:
    """The page goes on behind the contract that it left off at, also if that one is gone."""
    versions(folder, ("a", "1.0.0"), ("a", "2.0.0"), ("b", "1.0.0"))
    local = await start()
    first, token = await page(local, page_size=2)
    assert first == [("a", "2.0.0"), ("a", "1.0.0")]

    (folder / "m_a_1_0_0.py").unlink()
    versions(folder, ("a", "0.5.0"), ("a", "3.0.0"), ("aa", "1.0.0"))
    await local.engine.replace(load(folder))

    assert await page(local, page_token=token) == (
        [("a", "0.5.0"), ("aa", "1.0.0"), ("b", "1.0.0"), ("order.placed", "1.0.0")],
        "",
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"page_size": -1}, "page_size"),
        ({"page_token": "no token"}, "page_token"),
        ({"page_token": "WyJhIl0="}, "page_token"),
        ({"page_token": "W1tdLCAiMS4wLjAiXQ=="}, "page_token"),
        ({"page_token": "ä"}, "page_token"),
        ({"page_token": "W1tb" * 100_000}, "page_token"),
    ],
)
async def test_a_bad_page_is_malformed(start: Start, fields: dict[str, Any], field: str) -> None:
    """A negative size, or a token that the server never gave."""
    local = await start()

    error = await failure(page(local, **fields))

    assert reason_of(error) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert [field] == fields_of(error)


async def test_an_event_type_is_described_whole(start: Start) -> None:
    """Schema, checks and examples; the examples can be sent as they are."""
    local = await start()
    request = catalog_service_pb2.GetEventTypeRequest(event_type="order.placed", contract_version="1")

    answer = catalog_service_pb2.GetEventTypeResponse.FromString(await local.unary(GET)(request.SerializeToString()))

    found = answer.event_type
    assert (found.event_type, found.description) == ("order.placed", "A customer has placed an order.")
    assert "sku" in json.loads(found.json_schema)["properties"]
    assert [
        catalog_service_pb2.CheckDescription(
            check="rules.not_too_many",
            layer=verdict_pb2.LAYER_RULES,
            enforcement=verdict_pb2.ENFORCEMENT_REJECT,
            description="Nobody orders more than a thousand.",
        )
    ] == list(found.checks)
    assert [dict(example.payload) for example in found.examples] == [{"sku": "A1", "quantity": 2}]
    for example in found.examples:
        assert (await validate(local, example)).valid


@pytest.mark.parametrize(
    "request_",
    [
        catalog_service_pb2.GetEventTypeRequest(event_type="order.lost"),
        catalog_service_pb2.GetEventTypeRequest(event_type=""),
        catalog_service_pb2.GetEventTypeRequest(event_type="order.placed", contract_version="2"),
        catalog_service_pb2.GetEventTypeRequest(event_type="order.placed", contract_version="latest"),
    ],
)
async def test_an_event_type_that_is_not_in_the_catalog_is_not_found(
    start: Start, request_: catalog_service_pb2.GetEventTypeRequest
) -> None:
    """Nor is a version of it that is not."""
    local = await start()

    error = await failure(local.unary(GET)(request_.SerializeToString()))

    assert reason_of(error) == (grpc.StatusCode.NOT_FOUND, "EVENT_TYPE_NOT_FOUND")
    assert {"event_type": request_.event_type} == metadata_of(error)


async def test_there_are_no_baselines(start: Start) -> None:
    """An unknown event type is told from an unknown check."""
    local = await start()

    async def baseline(event_type: str) -> aio.AioRpcError:
        request = catalog_service_pb2.GetBaselineRequest(event_type=event_type, check="statistics.three_sigma")
        return await failure(local.unary(BASELINE)(request.SerializeToString()))

    error = await baseline("order.lost")
    assert reason_of(error) == (grpc.StatusCode.NOT_FOUND, "EVENT_TYPE_NOT_FOUND")
    assert metadata_of(error) == {"event_type": "order.lost"}

    error = await baseline("order.placed")
    assert reason_of(error) == (grpc.StatusCode.NOT_FOUND, "BASELINE_NOT_FOUND")
    assert metadata_of(error) == {"check": "statistics.three_sigma"}
