"""What the catalog tells: contracts as messages."""

from collections.abc import Iterable
from typing import Any

from pydantic_core import to_json

from assay.v1 import catalog_service_pb2, event_pb2
from assay_server.checks import CheckDescription
from assay_server.contracts import Contract

from ._structs import NotHoldableError, encodable, write_struct


def write_event_type(message: catalog_service_pb2.EventType, contract: Contract) -> None:
    """Write into the empty `message` what a list of event types tells about `contract`."""
    message.event_type = contract.event_type
    message.contract_version = contract.full_version
    message.description = encodable(contract.description)


def write_whole_event_type(
    message: catalog_service_pb2.EventType, contract: Contract, checks: Iterable[CheckDescription]
) -> None:
    """Write into the empty `message` all there is to tell about `contract`, which has these `checks`."""
    write_event_type(message, contract)
    message.json_schema = encodable(contract.json_schema)
    for check in checks:
        _write_check(message.checks.add(), check)
    for example in contract.examples:
        _write_example(message.examples.add(), contract.event_type, example)


def _write_check(message: catalog_service_pb2.CheckDescription, check: CheckDescription) -> None:
    message.check = check.check
    message.layer = check.layer  # type: ignore[assignment]  # The numbers are the contract's; a test compares them.
    message.enforcement = check.enforcement  # type: ignore[assignment]
    message.field = encodable(check.field)
    message.description = encodable(check.description)
    if check.not_ready is not None:
        message.not_ready = check.not_ready  # type: ignore[assignment]


def _write_example(message: event_pb2.Event, event_type: str, payload: dict[str, Any]) -> None:
    message.event_type = event_type
    message.payload.SetInParent()
    try:
        write_struct(message.payload, payload)
    except NotHoldableError:
        message.payload_json = to_json(payload)
