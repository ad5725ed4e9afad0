"""The Python client of Assay, which tells whether events are well-formed, plausible and normal.

One event, with an answer that a program can act on:

>>> from assay_client import Client, Event, InvalidEventError
>>> client = Client("localhost:50051")
>>> verdict = client.validate("user.registered", {"name": "", "email": "ada@example.com", "age": 36})
>>> verdict.valid
False
>>> for finding in verdict.findings:
...     print(finding.check, finding.field, finding.enforcement.name)
schema.string_too_short /name REJECT

An event that is not valid is an answer. Where an exception serves better, ask for one:

>>> try:
...     verdict.raise_if_invalid()
... except InvalidEventError as error:
...     print(error.verdict.findings[0].check)
schema.string_too_short

Several events at once, with the payload as the contract normalises it:

>>> events = [
...     Event("user.registered", {"name": "Ada", "email": "Ada@Example.com", "age": 36}, event_id="1"),
...     Event("user.registered", b'{"name":"Grace","email":"grace@example.com","age":85}', event_id="2"),
... ]
>>> [verdict.normalized["email"] for verdict in client.validate_batch(events, return_normalized=True)]
['ada@example.com', 'grace@example.com']

As many as there are, one verdict for each, in order, whatever becomes of the servers meanwhile:

>>> for verdict in client.validate_stream(events):
...     print(verdict.event_id, verdict.valid)
1 True
2 True
>>> client.close()

One at a time, but from many threads or tasks at once: a client that gathers sends them together, at a fraction of the cost,
and is otherwise as any other:

>>> with Client("localhost:50051", gather=True) as client:
...     client.validate("user.registered", {"name": "Ada", "email": "ada@example.com", "age": 36}).valid
True

`AsyncClient` has the same methods for asyncio. All that is raised on purpose is an `AssayError`: an `EncodingError` for an
event that cannot be sent, an `InvalidEventError` where it was asked for, and a `CallError` for a call without an answer,
which keeps the status code, the server's reason and metadata, and when to try again.

What is tried again without being asked: a call that got UNAVAILABLE, up to four times within its timeout; a stream
that breaks off, as `StreamTuning` says, also where the server asks to wait; a gathered event whose stream breaks off, by a
call of its own. Any other call that is turned away because the server is busy raises `OverloadedError`: whether to wait for
its `retry_delay` is the caller's to know.
"""

from assay_client._async_client import AsyncClient
from assay_client._catalog import Baseline, Category, CheckDescription, EventType, Quantile
from assay_client._channel import Tls
from assay_client._client import Client
from assay_client._enums import Enforcement, Layer, SkipReason
from assay_client._errors import (
    AssayError,
    CallError,
    DeadlineExceededError,
    EncodingError,
    FieldViolation,
    InternalError,
    InvalidEventError,
    MalformedRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    UnauthenticatedError,
    UnavailableError,
)
from assay_client._events import Event
from assay_client._findings import (
    AnomalyEvidence,
    CategoricalEvidence,
    Contribution,
    Explanation,
    Finding,
    SkippedCheck,
    StatisticalEvidence,
)
from assay_client._options import GatherTuning, StreamTuning, ValidateOptions
from assay_client._verdict import Verdict

__all__ = [
    "AnomalyEvidence",
    "AssayError",
    "AsyncClient",
    "Baseline",
    "CallError",
    "CategoricalEvidence",
    "Category",
    "CheckDescription",
    "Client",
    "Contribution",
    "DeadlineExceededError",
    "EncodingError",
    "Enforcement",
    "Event",
    "EventType",
    "Explanation",
    "FieldViolation",
    "Finding",
    "GatherTuning",
    "InternalError",
    "InvalidEventError",
    "Layer",
    "MalformedRequestError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "Quantile",
    "SkipReason",
    "SkippedCheck",
    "StatisticalEvidence",
    "StreamTuning",
    "Tls",
    "UnauthenticatedError",
    "UnavailableError",
    "ValidateOptions",
    "Verdict",
]
