import datetime

from assay.v1 import event_pb2 as _event_pb2
from assay.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListEventTypesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEventTypesResponse(_message.Message):
    __slots__ = ("event_types", "next_page_token")
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    event_types: _containers.RepeatedCompositeFieldContainer[EventType]
    next_page_token: str
    def __init__(self, event_types: _Optional[_Iterable[_Union[EventType, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetEventTypeRequest(_message.Message):
    __slots__ = ("event_type", "contract_version")
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    event_type: str
    contract_version: str
    def __init__(self, event_type: _Optional[str] = ..., contract_version: _Optional[str] = ...) -> None: ...

class GetEventTypeResponse(_message.Message):
    __slots__ = ("event_type",)
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    event_type: EventType
    def __init__(self, event_type: _Optional[_Union[EventType, _Mapping]] = ...) -> None: ...

class EventType(_message.Message):
    __slots__ = ("event_type", "contract_version", "description", "json_schema", "checks", "examples")
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    JSON_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    event_type: str
    contract_version: str
    description: str
    json_schema: str
    checks: _containers.RepeatedCompositeFieldContainer[CheckDescription]
    examples: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    def __init__(self, event_type: _Optional[str] = ..., contract_version: _Optional[str] = ..., description: _Optional[str] = ..., json_schema: _Optional[str] = ..., checks: _Optional[_Iterable[_Union[CheckDescription, _Mapping]]] = ..., examples: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ...) -> None: ...

class CheckDescription(_message.Message):
    __slots__ = ("check", "layer", "enforcement", "field", "description", "not_ready")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    LAYER_FIELD_NUMBER: _ClassVar[int]
    ENFORCEMENT_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    NOT_READY_FIELD_NUMBER: _ClassVar[int]
    check: str
    layer: _verdict_pb2.Layer
    enforcement: _verdict_pb2.Enforcement
    field: str
    description: str
    not_ready: _verdict_pb2.SkipReason
    def __init__(self, check: _Optional[str] = ..., layer: _Optional[_Union[_verdict_pb2.Layer, str]] = ..., enforcement: _Optional[_Union[_verdict_pb2.Enforcement, str]] = ..., field: _Optional[str] = ..., description: _Optional[str] = ..., not_ready: _Optional[_Union[_verdict_pb2.SkipReason, str]] = ...) -> None: ...

class GetBaselineRequest(_message.Message):
    __slots__ = ("event_type", "check", "field", "group", "at")
    class GroupEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    event_type: str
    check: str
    field: str
    group: _containers.ScalarMap[str, str]
    at: _timestamp_pb2.Timestamp
    def __init__(self, event_type: _Optional[str] = ..., check: _Optional[str] = ..., field: _Optional[str] = ..., group: _Optional[_Mapping[str, str]] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetBaselineResponse(_message.Message):
    __slots__ = ("sample_count", "mean", "standard_deviation", "minimum", "maximum", "quantiles", "categories", "updated_at")
    SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STANDARD_DEVIATION_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    QUANTILES_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    sample_count: int
    mean: float
    standard_deviation: float
    minimum: float
    maximum: float
    quantiles: _containers.RepeatedCompositeFieldContainer[Quantile]
    categories: _containers.RepeatedCompositeFieldContainer[Category]
    updated_at: _timestamp_pb2.Timestamp
    def __init__(self, sample_count: _Optional[int] = ..., mean: _Optional[float] = ..., standard_deviation: _Optional[float] = ..., minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., quantiles: _Optional[_Iterable[_Union[Quantile, _Mapping]]] = ..., categories: _Optional[_Iterable[_Union[Category, _Mapping]]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Category(_message.Message):
    __slots__ = ("value", "count")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    value: str
    count: int
    def __init__(self, value: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class Quantile(_message.Message):
    __slots__ = ("rank", "value")
    RANK_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    rank: float
    value: float
    def __init__(self, rank: _Optional[float] = ..., value: _Optional[float] = ...) -> None: ...
