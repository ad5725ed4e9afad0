"""The only place where protobuf and the core's types meet."""

from ._baselines import read_at, write_baseline
from ._catalog import write_event_type, write_whole_event_type
from ._events import TIMESTAMP_OUT_OF_RANGE, EventReader, decode, read_options
from ._requests import RequestReader, Requests
from ._responses import ResponseWriter

__all__ = [
    "TIMESTAMP_OUT_OF_RANGE",
    "EventReader",
    "RequestReader",
    "Requests",
    "ResponseWriter",
    "decode",
    "read_at",
    "read_options",
    "write_baseline",
    "write_event_type",
    "write_whole_event_type",
]
