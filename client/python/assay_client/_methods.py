"""The methods of the contract, as both kinds of channel take them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message

from assay.v1 import catalog_service_pb2 as catalog
from assay.v1 import validation_service_pb2 as validation

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)

_VALIDATION: ServiceDescriptor = validation.DESCRIPTOR.services_by_name["ValidationService"]
_CATALOG: ServiceDescriptor = catalog.DESCRIPTOR.services_by_name["CatalogService"]


@dataclass(frozen=True, slots=True)
class Method(Generic[Q, R]):
    """One method: where it is, and what goes in and comes out."""

    service: ServiceDescriptor
    name: str
    request: type[Q]
    response: type[R]

    @property
    def path(self) -> str:
        """The method's path on the wire."""
        return f"/{self.service.full_name}/{self.name}"


VALIDATE = Method(_VALIDATION, "Validate", validation.ValidateRequest, validation.ValidateResponse)
VALIDATE_BATCH = Method(_VALIDATION, "ValidateBatch", validation.ValidateBatchRequest, validation.ValidateBatchResponse)
VALIDATE_STREAM = Method(_VALIDATION, "ValidateStream", validation.ValidateStreamRequest, validation.ValidateStreamResponse)
LIST_EVENT_TYPES = Method(_CATALOG, "ListEventTypes", catalog.ListEventTypesRequest, catalog.ListEventTypesResponse)
GET_EVENT_TYPE = Method(_CATALOG, "GetEventType", catalog.GetEventTypeRequest, catalog.GetEventTypeResponse)
GET_BASELINE = Method(_CATALOG, "GetBaseline", catalog.GetBaselineRequest, catalog.GetBaselineResponse)

UNARY = (VALIDATE, VALIDATE_BATCH, LIST_EVENT_TYPES, GET_EVENT_TYPE, GET_BASELINE)
