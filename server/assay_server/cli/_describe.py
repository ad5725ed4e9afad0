"""Contracts as the catalog describes them, from a folder or from a server."""

import json
from collections.abc import Mapping
from typing import Any

from assay.v1 import catalog_service_pb2
from assay_client import EventType, NotFoundError
from assay_server.engine import Engine
from assay_server.rpc.convert import write_event_type, write_whole_event_type

from ._errors import UserError
from ._options import Where
from ._where import catalog_of, connect, settings_of


def event_types(where: Where) -> list[EventType]:
    """Return all contracts, by event type, newest first, without their details.

    Raises:
        AssayError: If the server does not answer.
        ContractsError: If the folder cannot be loaded.
    """
    if where.server is not None:
        with connect(where) as client:
            return list(client.list_event_types())
    found = []
    for contract in catalog_of(where):
        message = catalog_service_pb2.EventType()
        write_event_type(message, contract)
        found.append(EventType.from_message(message))
    return found


def event_type(where: Where, name: str, version: str) -> EventType:
    """Return one contract, with its details.

    Raises:
        AssayError: If the server does not answer.
        ContractsError: If the folder cannot be loaded.
        UserError: If there is no such contract.
    """
    if where.server is not None:
        with connect(where) as client:
            try:
                return client.get_event_type(name, version)
            except NotFoundError:
                raise _unknown(name, version, [each.event_type for each in client.list_event_types()]) from None
    engine = Engine.from_folder(settings_of(where).contracts)
    contract = engine.catalog.find(name, version)
    if contract is None:
        raise _unknown(name, version, [each.event_type for each in engine.catalog])
    message = catalog_service_pb2.EventType()
    write_whole_event_type(message, contract, engine.describe(contract))
    return EventType.from_message(message)


def example_payload(described: EventType, order: list[str]) -> Mapping[str, Any] | None:
    """Return the first example of a contract, None if it has none.

    Args:
        described: The contract.
        order: The fields in their order, which a Struct does not keep.
    """
    for example in described.examples:
        if isinstance(example.payload, bytes | str):
            loaded: dict[str, Any] = json.loads(example.payload)
            return loaded
        if isinstance(example.payload, Mapping):
            names = dict.fromkeys([*(name for name in order if name in example.payload), *example.payload])
            return {name: _whole(example.payload[name]) for name in names}
    return None


def _whole(value: Any) -> Any:
    """Return a value of a Struct, whose numbers are all floats, with those that are whole as integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return value


def _unknown(name: str, version: str, known: list[str]) -> UserError:
    if version and name in known:
        return UserError(f"there is no version {version} of the contract for {name}", "See assay contracts list.")
    names = ", ".join(dict.fromkeys(known)) or "none"
    return UserError(f"there is no contract for {name}", f"There are: {names}.")
