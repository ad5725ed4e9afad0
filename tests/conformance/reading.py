"""Reads the conformance cases of one event each, and compares verdicts with what they expect: see README.md."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2

from assay.v1 import event_pb2, validation_service_pb2, verdict_pb2
from tests.conformance.comparing import differences

_CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One event, how to judge it, and what must come of it."""

    subject: str
    name: str
    data: dict[str, Any]
    as_struct: bool

    @property
    def expects_verdict(self) -> bool:
        """Whether the call is to succeed."""
        return "expected" in self.data

    def event(self) -> event_pb2.Event:
        """Return the event, with a timestamp as of now if it is to have some age."""
        event = json_format.ParseDict(self.data["event"], event_pb2.Event())
        text = payload_text(self.data)
        if text is not None and self.as_struct:
            json_format.Parse(text, event.payload)
            event.payload.SetInParent()
        elif text is not None:
            event.payload_json = text
        if "timestamp" in self.data:
            event.timestamp.seconds = self.data["timestamp"]["seconds"]
            event.timestamp.nanos = self.data["timestamp"]["nanos"]
            event.timestamp.SetInParent()
        if "age_seconds" in self.data:
            event.timestamp.FromNanoseconds(time.time_ns() - self.data["age_seconds"] * 10**9)
        return event

    def options(self) -> validation_service_pb2.ValidateOptions:
        """Return the options of the call."""
        return json_format.ParseDict(self.data.get("options", {}), validation_service_pb2.ValidateOptions())

    def check(self, verdict: verdict_pb2.Verdict) -> None:
        """Raise AssertionError where a verdict is other than expected."""
        actual = json_format.MessageToDict(verdict, always_print_fields_with_no_presence=True)
        expected = {"eventId": self.data["event"].get("eventId", ""), **self.data["expected"]}
        found = [*differences(expected, actual, "verdict")]
        assert "processedAt" in actual
        if (text := self.data.get("normalized_text")) is not None and self.as_struct:
            wanted = json_format.MessageToDict(json_format.Parse(text, struct_pb2.Struct()))
            found += differences([wanted], [actual.get("normalizedPayload")], "normalized payload", whole=True)
        elif text is not None:
            written = base64.b64decode(actual.get("normalizedPayloadJson", "")).decode()
            found += differences(text, written, "normalized payload")
        assert not found, "\n".join(found)


def payload_text(data: dict[str, Any]) -> bytes | None:
    """Return the JSON text that an event's description holds in one form or the other; None if there is none."""
    if repeat := data.get("payload_repeat"):
        return str(repeat["before"] + repeat["part"] * repeat["times"] + repeat["after"]).encode()
    text: str | None = data.get("payload_text")
    return None if text is None else text.encode()


def described(key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of the file and the description of every case that has this key."""
    for path in sorted(_CASES.glob("*.json")):
        for data in json.loads(path.read_text())["cases"]:
            if key in data:
                yield path.stem, data


def cases() -> list[Case]:
    """Return all cases of one event, once for each encoding in which they are to be run."""
    found = [
        Case(subject, data["name"] + (" (as a Struct)" if as_struct else ""), data, as_struct)
        for subject, data in described("event")
        for as_struct in ((False, True) if data.get("also_as_struct") else (False,))
    ]
    assert len({case.name for case in found}) == len(found), "two cases have one name"
    return found
