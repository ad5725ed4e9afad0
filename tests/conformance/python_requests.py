"""A request to the Python client's runner, as what the client's methods take."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from google.protobuf import json_format, struct_pb2, timestamp_pb2

from assay_client import Enforcement, Event, StreamTuning, Tls, ValidateOptions

_OPTIONS = {"returnNormalized": "return_normalized", "explain": "explain", "dryRun": "dry_run"}
_FROM = {"reportFrom": "report_from", "rejectFrom": "reject_from"}
_TUNING = {
    "maxEventsPerMessage": "max_events_per_message",
    "lookAhead": "look_ahead",
    "maxAttempts": "max_attempts",
}


def address(request: dict[str, Any]) -> str:
    """Return the target for one or several addresses."""
    given: str = request["address"]
    return f"ipv4:{given}" if "," in given else given


def settings(request: dict[str, Any]) -> dict[str, Any]:
    """Return what a client's constructor takes."""
    given = request.get("client") or {}
    chosen = {name: given[name] for name in ("timeout", "token") if name in given}
    if (tls := given.get("tls")) is not None:
        chosen["tls"] = Tls(
            root_certificates=_path(tls.get("ca")),
            certificate_chain=_path(tls.get("certificate")),
            private_key=_path(tls.get("key")),
            server_name=tls.get("serverName"),
        )
    return chosen


def events(request: dict[str, Any]) -> list[Event]:
    """Return the events, as often as they are to be sent."""
    repeat: int = request.get("repeat", 1)
    return [_event(data) for data in request.get("events", ())] * repeat


def options(request: dict[str, Any]) -> ValidateOptions:
    """Return the options of the call."""
    given = request.get("options") or {}
    chosen: Any = {name: given[key] for key, name in _OPTIONS.items() if key in given}
    chosen |= {name: Enforcement(given[key]) for key, name in _FROM.items() if key in given}
    return cast("ValidateOptions", chosen)


def tuning(request: dict[str, Any]) -> StreamTuning:
    """Return how a stream is to be."""
    return StreamTuning(**{name: request[key] for key, name in _TUNING.items() if key in request})


def single(event: Event) -> Iterator[tuple[str, Any]]:
    """Yield the arguments by which `validate` takes an event."""
    yield "event_type", event.event_type
    yield "payload", event.payload
    yield "timestamp", event.timestamp
    yield "event_id", event.event_id
    yield "contract_version", event.contract_version


def _event(data: dict[str, Any]) -> Event:
    payload: Any = None
    if "payloadJson" in data:
        payload = base64.b64decode(data["payloadJson"])
    elif "payload" in data:
        payload = json_format.ParseDict(data["payload"], struct_pb2.Struct())
    timestamp = None
    if (given := data.get("timestamp")) is not None:
        timestamp = timestamp_pb2.Timestamp(seconds=int(given["seconds"]), nanos=given["nanos"])
    return Event(data.get("eventType", ""), payload, timestamp, data.get("eventId", ""), data.get("contractVersion", ""))


def _path(given: str | None) -> Path | None:
    return None if given is None else Path(given)
