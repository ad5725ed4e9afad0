from assay.v1 import event_pb2 as _event_pb2
from assay.v1 import verdict_pb2 as _verdict_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ValidateOptions(_message.Message):
    __slots__ = ("return_normalized", "explain", "dry_run", "report_from", "reject_from")
    RETURN_NORMALIZED_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    REPORT_FROM_FIELD_NUMBER: _ClassVar[int]
    REJECT_FROM_FIELD_NUMBER: _ClassVar[int]
    return_normalized: bool
    explain: bool
    dry_run: bool
    report_from: _verdict_pb2.Enforcement
    reject_from: _verdict_pb2.Enforcement
    def __init__(self, return_normalized: bool = ..., explain: bool = ..., dry_run: bool = ..., report_from: _Optional[_Union[_verdict_pb2.Enforcement, str]] = ..., reject_from: _Optional[_Union[_verdict_pb2.Enforcement, str]] = ...) -> None: ...

class ValidateRequest(_message.Message):
    __slots__ = ("event", "options")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    event: _event_pb2.Event
    options: ValidateOptions
    def __init__(self, event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., options: _Optional[_Union[ValidateOptions, _Mapping]] = ...) -> None: ...

class ValidateResponse(_message.Message):
    __slots__ = ("verdict",)
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    verdict: _verdict_pb2.Verdict
    def __init__(self, verdict: _Optional[_Union[_verdict_pb2.Verdict, _Mapping]] = ...) -> None: ...

class ValidateBatchRequest(_message.Message):
    __slots__ = ("events", "options")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    options: ValidateOptions
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., options: _Optional[_Union[ValidateOptions, _Mapping]] = ...) -> None: ...

class ValidateBatchResponse(_message.Message):
    __slots__ = ("verdicts",)
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    verdicts: _containers.RepeatedCompositeFieldContainer[_verdict_pb2.Verdict]
    def __init__(self, verdicts: _Optional[_Iterable[_Union[_verdict_pb2.Verdict, _Mapping]]] = ...) -> None: ...

class ValidateStreamRequest(_message.Message):
    __slots__ = ("sequence", "events", "options")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    options: ValidateOptions
    def __init__(self, sequence: _Optional[int] = ..., events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., options: _Optional[_Union[ValidateOptions, _Mapping]] = ...) -> None: ...

class ValidateStreamResponse(_message.Message):
    __slots__ = ("sequence", "verdicts")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    verdicts: _containers.RepeatedCompositeFieldContainer[_verdict_pb2.Verdict]
    def __init__(self, sequence: _Optional[int] = ..., verdicts: _Optional[_Iterable[_Union[_verdict_pb2.Verdict, _Mapping]]] = ...) -> None: ...
