"""What the catalog tells: event types, their checks, and what history has taught."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from assay.v1 import catalog_service_pb2, event_pb2
from assay_client._enums import Enforcement, Layer, SkipReason
from assay_client._events import Event, Timestamp, set_timestamp
from assay_client._payload import from_struct


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDescription:
    """One check of a contract.

    `not_ready` says why it cannot run now: no group has enough history, or no model is active; None if it can.
    """

    check: str
    layer: Layer
    enforcement: Enforcement
    field: str
    description: str
    not_ready: SkipReason | None

    @classmethod
    def from_message(cls, message: catalog_service_pb2.CheckDescription) -> Self:
        """Return what `message` says."""
        return cls(
            check=message.check,
            layer=Layer(message.layer),
            enforcement=Enforcement(message.enforcement),
            field=message.field,
            description=message.description,
            not_ready=SkipReason(message.not_ready) if message.not_ready else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """An event type and its contract.

    `json_schema` is the payload's schema as JSON Schema 2020-12 text, `checks` every check beyond it in the order in
    which they run, `examples` events that the contract accepts. A list of event types comes without these three.
    """

    event_type: str
    contract_version: str
    description: str
    json_schema: str
    checks: tuple[CheckDescription, ...]
    examples: tuple[Event, ...]

    @classmethod
    def from_message(cls, message: catalog_service_pb2.EventType) -> Self:
        """Return what `message` says."""
        return cls(
            event_type=message.event_type,
            contract_version=message.contract_version,
            description=message.description,
            json_schema=message.json_schema,
            checks=tuple(map(CheckDescription.from_message, message.checks)),
            examples=tuple(map(_event, message.examples)),
        )


@dataclass(frozen=True, slots=True)
class Quantile:
    """The value at a rank, 0 to 1, of a distribution."""

    rank: float
    value: float


@dataclass(frozen=True, slots=True)
class Category:
    """How often a category was seen."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What history has taught about one field.

    `quantiles` is by ascending rank; `categories`, for a check of categories, most frequent first. For a field marked
    sensitive, `minimum` and `maximum` are 0 and `quantiles` is empty. `updated_at` is when the newest value happened,
    None if there is none or none had a time.
    """

    sample_count: int
    mean: float
    standard_deviation: float
    minimum: float
    maximum: float
    quantiles: tuple[Quantile, ...]
    categories: tuple[Category, ...]
    updated_at: datetime | None

    @classmethod
    def from_message(cls, message: catalog_service_pb2.GetBaselineResponse) -> Self:
        """Return what `message` says."""
        return cls(
            sample_count=message.sample_count,
            mean=message.mean,
            standard_deviation=message.standard_deviation,
            minimum=message.minimum,
            maximum=message.maximum,
            quantiles=tuple(Quantile(each.rank, each.value) for each in message.quantiles),
            categories=tuple(Category(each.value, each.count) for each in message.categories),
            updated_at=message.updated_at.ToDatetime(tzinfo=UTC) if message.HasField("updated_at") else None,
        )


def baseline_request(
    event_type: str, check: str, field: str, group: Mapping[str, str] | None, at: Timestamp | None
) -> catalog_service_pb2.GetBaselineRequest:
    """Return the request that asks for a baseline.

    Raises:
        EncodingError: If `at` has no time zone.
    """
    request = catalog_service_pb2.GetBaselineRequest(event_type=event_type, check=check, field=field, group=group or {})
    if at is not None:
        set_timestamp(request.at, at)
    return request


def _event(message: event_pb2.Event) -> Event:
    payload = from_struct(message.payload) if message.HasField("payload") else message.payload_json or None
    return Event(
        event_type=message.event_type,
        payload=payload,
        timestamp=message.timestamp.ToDatetime(tzinfo=UTC) if message.HasField("timestamp") else None,
        event_id=message.event_id,
        contract_version=message.contract_version,
    )
