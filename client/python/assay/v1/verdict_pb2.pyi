import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Layer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LAYER_UNSPECIFIED: _ClassVar[Layer]
    LAYER_ENVELOPE: _ClassVar[Layer]
    LAYER_SCHEMA: _ClassVar[Layer]
    LAYER_RULES: _ClassVar[Layer]
    LAYER_STATISTICS: _ClassVar[Layer]
    LAYER_ANOMALY: _ClassVar[Layer]

class Enforcement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENFORCEMENT_UNSPECIFIED: _ClassVar[Enforcement]
    ENFORCEMENT_AUDIT: _ClassVar[Enforcement]
    ENFORCEMENT_WARN: _ClassVar[Enforcement]
    ENFORCEMENT_REJECT: _ClassVar[Enforcement]

class SkipReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SKIP_REASON_UNSPECIFIED: _ClassVar[SkipReason]
    SKIP_REASON_WARMING_UP: _ClassVar[SkipReason]
    SKIP_REASON_INPUT_MISSING: _ClassVar[SkipReason]
    SKIP_REASON_NO_MODEL: _ClassVar[SkipReason]
    SKIP_REASON_UNAVAILABLE: _ClassVar[SkipReason]
    SKIP_REASON_GROUP_LIMIT: _ClassVar[SkipReason]
    SKIP_REASON_MODEL_MISMATCH: _ClassVar[SkipReason]
LAYER_UNSPECIFIED: Layer
LAYER_ENVELOPE: Layer
LAYER_SCHEMA: Layer
LAYER_RULES: Layer
LAYER_STATISTICS: Layer
LAYER_ANOMALY: Layer
ENFORCEMENT_UNSPECIFIED: Enforcement
ENFORCEMENT_AUDIT: Enforcement
ENFORCEMENT_WARN: Enforcement
ENFORCEMENT_REJECT: Enforcement
SKIP_REASON_UNSPECIFIED: SkipReason
SKIP_REASON_WARMING_UP: SkipReason
SKIP_REASON_INPUT_MISSING: SkipReason
SKIP_REASON_NO_MODEL: SkipReason
SKIP_REASON_UNAVAILABLE: SkipReason
SKIP_REASON_GROUP_LIMIT: SkipReason
SKIP_REASON_MODEL_MISMATCH: SkipReason

class Verdict(_message.Message):
    __slots__ = ("event_id", "valid", "processed_at", "findings", "omitted_findings", "skipped_checks", "normalized_payload", "normalized_payload_json", "contract_version", "explanations", "details_omitted")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_AT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    OMITTED_FINDINGS_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_CHECKS_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_PAYLOAD_JSON_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    EXPLANATIONS_FIELD_NUMBER: _ClassVar[int]
    DETAILS_OMITTED_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    valid: bool
    processed_at: _timestamp_pb2.Timestamp
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    omitted_findings: int
    skipped_checks: _containers.RepeatedCompositeFieldContainer[SkippedCheck]
    normalized_payload: _struct_pb2.Struct
    normalized_payload_json: bytes
    contract_version: str
    explanations: _containers.RepeatedCompositeFieldContainer[Explanation]
    details_omitted: bool
    def __init__(self, event_id: _Optional[str] = ..., valid: bool = ..., processed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., omitted_findings: _Optional[int] = ..., skipped_checks: _Optional[_Iterable[_Union[SkippedCheck, _Mapping]]] = ..., normalized_payload: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., normalized_payload_json: _Optional[bytes] = ..., contract_version: _Optional[str] = ..., explanations: _Optional[_Iterable[_Union[Explanation, _Mapping]]] = ..., details_omitted: bool = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("check", "layer", "enforcement", "field", "message", "evidence", "skip_reason")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    LAYER_FIELD_NUMBER: _ClassVar[int]
    ENFORCEMENT_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    SKIP_REASON_FIELD_NUMBER: _ClassVar[int]
    check: str
    layer: Layer
    enforcement: Enforcement
    field: str
    message: str
    evidence: Evidence
    skip_reason: SkipReason
    def __init__(self, check: _Optional[str] = ..., layer: _Optional[_Union[Layer, str]] = ..., enforcement: _Optional[_Union[Enforcement, str]] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., skip_reason: _Optional[_Union[SkipReason, str]] = ...) -> None: ...

class SkippedCheck(_message.Message):
    __slots__ = ("check", "field", "reason", "message")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    check: str
    field: str
    reason: SkipReason
    message: str
    def __init__(self, check: _Optional[str] = ..., field: _Optional[str] = ..., reason: _Optional[_Union[SkipReason, str]] = ..., message: _Optional[str] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("check", "field", "evidence")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    check: str
    field: str
    evidence: Evidence
    def __init__(self, check: _Optional[str] = ..., field: _Optional[str] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("statistical", "categorical", "anomaly")
    STATISTICAL_FIELD_NUMBER: _ClassVar[int]
    CATEGORICAL_FIELD_NUMBER: _ClassVar[int]
    ANOMALY_FIELD_NUMBER: _ClassVar[int]
    statistical: StatisticalEvidence
    categorical: CategoricalEvidence
    anomaly: AnomalyEvidence
    def __init__(self, statistical: _Optional[_Union[StatisticalEvidence, _Mapping]] = ..., categorical: _Optional[_Union[CategoricalEvidence, _Mapping]] = ..., anomaly: _Optional[_Union[AnomalyEvidence, _Mapping]] = ...) -> None: ...

class StatisticalEvidence(_message.Message):
    __slots__ = ("observed", "expected", "deviation", "lower", "upper", "sample_count", "group")
    class GroupEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    OBSERVED_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    DEVIATION_FIELD_NUMBER: _ClassVar[int]
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    observed: float
    expected: float
    deviation: float
    lower: float
    upper: float
    sample_count: int
    group: _containers.ScalarMap[str, str]
    def __init__(self, observed: _Optional[float] = ..., expected: _Optional[float] = ..., deviation: _Optional[float] = ..., lower: _Optional[float] = ..., upper: _Optional[float] = ..., sample_count: _Optional[int] = ..., group: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CategoricalEvidence(_message.Message):
    __slots__ = ("observed", "count", "sample_count", "group")
    class GroupEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    OBSERVED_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    observed: str
    count: int
    sample_count: int
    group: _containers.ScalarMap[str, str]
    def __init__(self, observed: _Optional[str] = ..., count: _Optional[int] = ..., sample_count: _Optional[int] = ..., group: _Optional[_Mapping[str, str]] = ...) -> None: ...

class AnomalyEvidence(_message.Message):
    __slots__ = ("score", "threshold", "percentile", "model_version", "typical_score", "contributions")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    PERCENTILE_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    TYPICAL_SCORE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    score: float
    threshold: float
    percentile: float
    model_version: str
    typical_score: float
    contributions: _containers.RepeatedCompositeFieldContainer[Contribution]
    def __init__(self, score: _Optional[float] = ..., threshold: _Optional[float] = ..., percentile: _Optional[float] = ..., model_version: _Optional[str] = ..., typical_score: _Optional[float] = ..., contributions: _Optional[_Iterable[_Union[Contribution, _Mapping]]] = ...) -> None: ...

class Contribution(_message.Message):
    __slots__ = ("feature", "value", "amount")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    feature: str
    value: float
    amount: float
    def __init__(self, feature: _Optional[str] = ..., value: _Optional[float] = ..., amount: _Optional[float] = ...) -> None: ...
