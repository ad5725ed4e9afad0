"""The conformance cases, through the clients of all languages, each by its runner, against real servers."""

import base64
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from tests.conformance.clients import Client, RunnerError, Runners, clients
from tests.conformance.conftest import EXPECTED_TO_FAIL
from tests.conformance.reading import Case, cases
from tests.conformance.scenarios import Scenario, check, message_of, scenarios, uniform
from tests.conformance.servers import Servers

CLIENTS = [*clients()]
CASES = cases()
SCENARIOS = scenarios()
EXPECTED_FAILURES = {
    (each["client"], each["case"]): each["reason"]
    for each in json.loads((Path(__file__).parent / "expected_failures.json").read_text())
}

pytestmark = pytest.mark.timeout(300)  # The first case of a language waits for its client to be built.


def every(found: Iterable[Case | Scenario]) -> list[Any]:
    """Return each case with each client, one client after the other."""
    listed = list(found)
    return [
        pytest.param(
            client, case, id=f"{client.name}-{case.name}", marks=pytest.mark.conformance(client.name, case.subject, case.name)
        )
        for client in CLIENTS
        for case in listed
    ]


@pytest.mark.parametrize("client", CLIENTS, ids=[client.name for client in CLIENTS])
def test_the_toolchain_is_there(client: Client) -> None:
    """Continuous integration runs all clients; another machine those that it can."""
    if lack := client.lack():
        assert os.environ.get("CI") != "true", lack
        pytest.skip(lack)


@pytest.mark.parametrize(("client", "case"), every(CASES))
def test_case(client: Client, case: Case, servers: Servers, runners: Runners) -> None:
    """What the case says, by each of the three methods."""
    event = _request_event(case)
    options = {
        key: value for key, value in json_format.MessageToDict(case.options(), use_integers_for_enums=True).items() if value
    }
    common = {"address": servers.address("default"), **({"options": options} if options else {})}

    def ask(call: str, times: int) -> None:
        answer = _ask(client, runners, {**common, "call": call, "events": [event] * times})
        if not case.expects_verdict:
            _check_error(case, answer)
            return
        assert not answer.get("error"), answer["error"]
        verdicts = [message_of(verdict) for verdict in answer["verdicts"]]
        assert len(verdicts) == times
        for verdict in verdicts:
            case.check(verdict)

    def all_three() -> None:
        ask("validate", 1)
        ask("validateBatch", 2)
        ask("validateStream", 1)

    _hold(client, case.name, all_three)


@pytest.mark.parametrize(("client", "scenario"), every(SCENARIOS))
def test_scenario(client: Client, scenario: Scenario, servers: Servers, runners: Runners, tmp_path: Path) -> None:
    """What the case says, call by call."""
    servers.scripted.use(scenario.script)
    address = servers.address(scenario.server)
    values = {**servers.values, "folder": str(tmp_path)}

    def all_calls() -> None:
        for call in scenario.filled(values):
            if scenario.triggered is not None:
                (tmp_path / "armed").touch()
            ask = {"address": address, **call.request}
            if scenario.triggered == "drain":
                with servers.draining(scenario.server, tmp_path):
                    answer = _ask(client, runners, ask)
            else:
                answer = _ask(client, runners, ask)
            check(call, answer)
            if scenario.triggered is not None:
                assert not (tmp_path / "armed").exists(), "no event has triggered anything"
            if call.awaits is not None:
                servers.wait_for((tmp_path / call.awaits).exists, f"the server to make {call.awaits}")
        if scenario.server_calls is not None:
            assert len(servers.scripted.calls) == scenario.server_calls

    _hold(client, scenario.name, all_calls)


@pytest.mark.parametrize(
    "client",
    [
        pytest.param(client, id=client.name, marks=pytest.mark.conformance(client.name, "runner", "ends well"))
        for client in CLIENTS
    ],
)
def test_the_runner_ends_well(client: Client, runners: Runners) -> None:
    """When its input ends, all that its clients have begun ends too, and no error was left untaken."""
    _available(client)
    runners.close(client)


def _request_event(case: Case) -> dict[str, Any]:
    event = case.event()
    request: dict[str, Any] = {
        key: value
        for key, value in (
            ("eventType", event.event_type),
            ("eventId", event.event_id),
            ("contractVersion", event.contract_version),
        )
        if value
    }
    if event.HasField("timestamp"):
        seconds = event.timestamp.seconds
        request["timestamp"] = {"seconds": seconds if abs(seconds) < 2**53 else str(seconds), "nanos": event.timestamp.nanos}
    match event.WhichOneof("body"):
        case "payload_json":
            request["payloadJson"] = base64.b64encode(event.payload_json).decode()
        case "payload":
            request["payload"] = json_format.MessageToDict(event.payload)
    return request


def _check_error(case: Case, answer: dict[str, Any]) -> None:
    error, expected = uniform(answer)["error"], case.data["expected_error"]
    assert not answer.get("verdicts")
    assert (error["code"], error["reason"], error["violations"]) == (expected["code"], expected["reason"], expected["fields"])


def _available(client: Client) -> None:
    if lack := client.lack():
        pytest.skip(lack)


def _ask(client: Client, runners: Runners, request: dict[str, Any]) -> dict[str, Any]:
    _available(client)
    return runners.ask(client, request)


def _hold(client: Client, name: str, run: Any) -> None:
    """Run a case; one that is listed as failing is not run as a test, but must fail."""
    _available(client)
    reason = EXPECTED_FAILURES.get((client.name, name))
    if reason is None:
        run()
        return
    try:
        run()
    except (AssertionError, RunnerError):
        pytest.skip(EXPECTED_TO_FAIL + reason)
    pytest.fail("it passes, and expected_failures.json says that it fails: take it off the list")
