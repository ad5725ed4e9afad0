"""What becomes of all cases of one event in one batch, and on one stream: each is to be judged there as it is alone."""

import base64
import json
from collections import defaultdict
from typing import Any

from google.protobuf import json_format

from assay.v1 import verdict_pb2
from tests.conformance.clients import Client, Runners
from tests.conformance.reading import Case
from tests.conformance.scenarios import message_of


def request_of(case: Case) -> dict[str, Any]:
    """Return the event and the options of a case as a request has them."""
    event = case.event()
    written = {"eventType": event.event_type, "eventId": event.event_id, "contractVersion": event.contract_version}
    sent: dict[str, Any] = {key: value for key, value in written.items() if value}
    if event.HasField("timestamp"):
        seconds = event.timestamp.seconds
        sent["timestamp"] = {"seconds": seconds if abs(seconds) < 2**53 else str(seconds), "nanos": event.timestamp.nanos}
    match event.WhichOneof("body"):
        case "payload_json":
            sent["payloadJson"] = base64.b64encode(event.payload_json).decode()
        case "payload":
            sent["payload"] = json_format.MessageToDict(event.payload)
    options = json_format.MessageToDict(case.options(), use_integers_for_enums=True)
    return {"events": [sent], **({"options": options} if options else {})}


class Together:
    """Asks for all cases together, once a client and a method; those with different options go in different calls.

    Args:
        runners: The runners to ask.
        cases: The cases, all of which expect verdicts.
    """

    def __init__(self, runners: Runners, cases: list[Case]) -> None:
        self._runners = runners
        self._cases = cases
        self._verdicts: dict[tuple[str, str], dict[str, verdict_pb2.Verdict]] = {}

    def verdict(self, client: Client, address: str, call: str, case: Case) -> verdict_pb2.Verdict:
        """Return the verdict on one case among all."""
        key = client.name, call
        if key not in self._verdicts:
            self._verdicts[key] = {}
            self._verdicts[key] = self._ask(client, address, call)
        verdicts = self._verdicts[key]
        assert verdicts, f"{call} with all cases together has failed"
        return verdicts[case.name]

    def _ask(self, client: Client, address: str, call: str) -> dict[str, verdict_pb2.Verdict]:
        groups: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for case in self._cases:
            request = request_of(case)
            groups[json.dumps(request.get("options", {}), sort_keys=True)].append((case.name, request["events"][0]))
        found: dict[str, verdict_pb2.Verdict] = {}
        for options, members in groups.items():
            request = {
                "address": address,
                "call": call,
                "options": json.loads(options),
                "events": [sent for _, sent in members],
            }
            answer = self._runners.ask(client, request)
            assert not answer.get("error"), answer["error"]
            assert len(answer["verdicts"]) == len(members)
            found |= {name: message_of(verdict) for (name, _), verdict in zip(members, answer["verdicts"], strict=True)}
        return found
