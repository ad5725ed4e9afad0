"""The CatalogService: which contracts are in service, and what they expect."""

import base64
import json

from assay.v1 import catalog_service_pb2
from assay_server.contracts import Contract, Version
from assay_server.engine import Engine

from .convert import decode, read_at, write_baseline, write_event_type, write_whole_event_type
from .handlers import Handlers
from .status import CallError, malformed
from .streams import Context

SERVICE = "assay.v1.CatalogService"

_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000

_Place = tuple[str, tuple[int, ...]]


class CatalogService:
    """Tells what is in an engine's catalog."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def register(self, handlers: Handlers) -> None:
        """Add the service's methods to `handlers`."""
        handlers.add_unary(SERVICE, "ListEventTypes", self.list_event_types)
        handlers.add_unary(SERVICE, "GetEventType", self.get_event_type)
        handlers.add_unary(SERVICE, "GetBaseline", self.get_baseline)

    async def list_event_types(self, data: bytes, _: Context) -> bytes:
        """Answer a ListEventTypesRequest."""
        request = decode(catalog_service_pb2.ListEventTypesRequest, data)
        if request.page_size < 0:
            raise malformed("page_size", "a page_size is 0, for the default, or above")
        size = min(request.page_size or _DEFAULT_PAGE, _LARGEST_PAGE)
        after = _place_of(request.page_token) if request.page_token else None
        found = [contract for contract in self._engine.catalog if after is None or _place(contract) > after]
        response = catalog_service_pb2.ListEventTypesResponse()
        for contract in found[:size]:
            write_event_type(response.event_types.add(), contract)
        if len(found) > size:
            response.next_page_token = _token(found[size - 1])
        return response.SerializeToString()

    async def get_event_type(self, data: bytes, _: Context) -> bytes:
        """Answer a GetEventTypeRequest."""
        request = decode(catalog_service_pb2.GetEventTypeRequest, data)
        contract = self._find(request.event_type, request.contract_version)
        response = catalog_service_pb2.GetEventTypeResponse()
        write_whole_event_type(response.event_type, contract, self._engine.describe(contract))
        return response.SerializeToString()

    async def get_baseline(self, data: bytes, _: Context) -> bytes:
        """Answer a GetBaselineRequest."""
        request = decode(catalog_service_pb2.GetBaselineRequest, data)
        self._find(request.event_type)
        series = self._engine.find_series(request.event_type, request.check, request.field)
        if series is None:
            raise CallError(
                "BASELINE_NOT_FOUND",
                f"{request.event_type} has no check {request.check!r} of {request.field!r} with a baseline",
                metadata={"check": request.check},
            )
        group = dict(request.group)
        if group.keys() != set(series.by):
            raise malformed("group", f"a group of this check names {' and '.join(series.by) or 'nothing'}")
        response = catalog_service_pb2.GetBaselineResponse()
        write_baseline(response, self._engine.baseline(series, group, read_at(request)))
        return response.SerializeToString()

    def _find(self, event_type: str, version: str = "") -> Contract:
        contract = self._engine.catalog.find(event_type, version)
        if contract is None:
            which = f"version {version!r} of {event_type!r}" if version else f"{event_type!r}"
            raise CallError("EVENT_TYPE_NOT_FOUND", f"the catalog does not have {which}", metadata={"event_type": event_type})
        return contract


def _place(contract: Contract) -> _Place:
    """Return where a contract stands in the order of a catalog: by event type, newest version first."""
    return contract.event_type, tuple(-number for number in contract.version)


def _token(contract: Contract) -> str:
    """Return a token for the page after `contract`: it names the contract, so that it holds when others come and go."""
    text = json.dumps([contract.event_type, str(contract.version)])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _place_of(token: str) -> _Place:
    try:
        event_type, version = json.loads(base64.urlsafe_b64decode(token))
        if isinstance(event_type, str):
            return event_type, tuple(-number for number in Version.parse(version))
    except (ValueError, TypeError, RecursionError):
        pass
    raise malformed("page_token", "a page_token is the next_page_token of the page before")
