"""Reads the conformance cases that are one call after the other; README.md describes them."""

import base64
import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format

from assay.v1 import catalog_service_pb2, verdict_pb2
from tests.conformance.comparing import differences
from tests.conformance.reading import described, payload_text


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a runner, and the answer that is expected."""

    request: dict[str, Any]
    answer: dict[str, Any]
    awaits: str | None
    """The file that the server must make before the case goes on."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Calls of one client, what server they need, and what must come of each."""

    subject: str
    name: str
    server: str
    script: dict[str, Any]
    triggered: str | None
    """What happens when an event triggers it: "drain" or "kill"."""

    server_calls: dict[str, int] | None
    """How many calls of which method a scripted server must have got."""

    calls: tuple[dict[str, Any], ...]

    @property
    def gathers(self) -> bool:
        """Whether it tells something about a client that gathers calls of `validate` into streams, which it keeps open."""
        single = all(call["request"]["call"] == "validate" for call in self.calls)
        return single and not self.keeps_client and self.server_calls is None and self.server != "busy"

    @property
    def keeps_client(self) -> bool:
        """Whether a client is kept after a call."""
        return any(not call["request"].get("fresh", True) for call in self.calls)

    def filled(self, values: Mapping[str, str]) -> Iterator[Call]:
        """Yield the calls, with {{names}} replaced by values."""
        for call in self.calls:
            filled = json.loads(_replace(json.dumps(call), values))
            request = {"fresh": True, "leaks": True, **filled["request"]}
            if "events" in request:
                request["events"] = [*_events(request["events"])]
            yield Call(request, filled["answer"], filled.get("awaits"))


def scenarios() -> list[Scenario]:
    """Return all cases of several calls."""
    return [
        Scenario(
            subject,
            data["name"],
            data.get("server", "default"),
            data.get("script", {}),
            data.get("triggered"),
            data.get("server_calls"),
            tuple(data["calls"]),
        )
        for subject, data in described("calls")
    ]


def check(call: Call, answer: dict[str, Any]) -> None:
    """Raise AssertionError where an answer is other than expected.

    Whether or not the case says so: there is no error, and nothing is left behind; each verdict stands where its event does.
    """
    answer = uniform(answer)
    found = [*differences({"error": None, "leaks": [], **call.answer}, {"leaks": [], **answer}, "answer")]
    sent = [event.get("eventId", "") for event in call.request.get("events", ())]
    got = [verdict["eventId"] for verdict in answer.get("verdicts", ())]
    wanted = (sent * call.request.get("repeat", 1))[: len(got)]
    if wanted != got:
        first = next((n for n, (one, other) in enumerate(zip(wanted, got, strict=False)) if one != other), len(wanted))
        found.append(f"answer: verdict {first} of {len(got)} is that of event {got[first]!r}")
    assert not found, "\n".join(found)


def uniform(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with every message as protobuf's own JSON has it, with all that has its default, and no nulls."""
    plain = {key: value for key, value in answer.items() if value is not None}
    if "error" in plain:
        plain["error"] = {key: value for key, value in plain["error"].items() if value is not None}
    if "verdicts" in plain:
        plain["verdicts"] = [_printed(verdict, verdict_pb2.Verdict()) for verdict in plain["verdicts"]]
    if "eventType" in plain:
        plain["eventType"] = _printed(plain["eventType"], catalog_service_pb2.EventType())
    if "baseline" in plain:
        plain["baseline"] = _printed(plain["baseline"], catalog_service_pb2.GetBaselineResponse())
    return plain


def message_of(verdict: dict[str, Any]) -> verdict_pb2.Verdict:
    """Return a runner's verdict as a message."""
    return json_format.ParseDict(verdict, verdict_pb2.Verdict())


def _printed(data: dict[str, Any], message: Any) -> dict[str, Any]:
    parsed = json_format.ParseDict(data, message)
    return json_format.MessageToDict(parsed, always_print_fields_with_no_presence=True)


def _replace(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def _events(described_events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    number = 0
    for data in described_events:
        times = data.get("times", 1)
        for _ in range(times):
            event = copy.copy(data)
            event.pop("times", None)
            if (text := payload_text(event)) is not None:
                event.pop("payload_repeat", None)
                event.pop("payload_text", None)
                event["payloadJson"] = base64.b64encode(text).decode()
            if event.get("eventId") == "#":
                event["eventId"] = str(number)
            number += 1
            yield event
