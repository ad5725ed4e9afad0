"""Reads the conformance cases, and compares answers with what they expect; README.md describes both."""

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2

from assay.v1 import event_pb2, validation_service_pb2, verdict_pb2

_FOLDER = Path(__file__).parent
CONTRACTS = _FOLDER / "contracts"


@dataclass(frozen=True, slots=True)
class Case:
    """One event, how to judge it, and what must come of it."""

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
        text = self._text()
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
        differences = [*_differences(expected, actual, "verdict")]
        assert "processedAt" in actual
        if (text := self.data.get("normalized_text")) is not None and self.as_struct:
            wanted = json_format.MessageToDict(json_format.Parse(text, struct_pb2.Struct()))
            differences += _differences([wanted], [actual.get("normalizedPayload")], "normalized payload", whole=True)
        elif text is not None:
            written = base64.b64decode(actual.get("normalizedPayloadJson", "")).decode()
            differences += _differences(text, written, "normalized payload")
        assert not differences, "\n".join(differences)

    def _text(self) -> bytes | None:
        if repeat := self.data.get("payload_repeat"):
            return str(repeat["before"] + repeat["part"] * repeat["times"] + repeat["after"]).encode()
        text: str | None = self.data.get("payload_text")
        return None if text is None else text.encode()


def cases() -> list[Case]:
    """Return all cases, once for each encoding in which they are to be run."""
    found = [
        Case(data["name"] + (" (as a Struct)" if as_struct else ""), data, as_struct)
        for path in sorted((_FOLDER / "cases").glob("*.json"))
        for data in json.loads(path.read_text())["cases"]
        for as_struct in ((False, True) if data.get("also_as_struct") else (False,))
    ]
    assert len({case.name for case in found}) == len(found), "two cases have one name"
    return found


def _differences(expected: Any, actual: Any, where: str, *, whole: bool = False) -> Iterator[str]:
    match expected, actual:
        case {"$matches": str(pattern)}, str():
            if not re.fullmatch(pattern, actual):
                yield f"{where}: {actual!r} does not match {pattern!r}"
        case dict(), dict():
            if whole and expected.keys() != actual.keys():
                yield f"{where}: {sorted(actual)} and not {sorted(expected)}"
            for key, value in expected.items():
                if value is None and not whole:
                    if key in actual:
                        yield f"{where}.{key}: {actual[key]!r} and not absent"
                else:
                    yield from _differences(value, actual.get(key), f"{where}.{key}", whole=whole)
        case list(), list():
            if len(expected) != len(actual):
                yield f"{where}: {len(actual)} and not {len(expected)}: {actual!r}"
            for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
                yield from _differences(one, other, f"{where}[{index}]", whole=whole)
        case _:
            if expected != actual or isinstance(expected, bool) is not isinstance(actual, bool):
                yield f"{where}: {actual!r} and not {expected!r}"
