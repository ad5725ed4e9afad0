"""The conformance cases, through the clients of all languages, each by its runner, against real servers."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.clients import Client, RunnerError, Runners, clients
from tests.conformance.gathering import EXPECTED_TO_FAIL
from tests.conformance.reading import Case, cases
from tests.conformance.scenarios import Scenario, check, message_of, scenarios, uniform
from tests.conformance.servers import Servers
from tests.conformance.together import Together, request_of

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


@pytest.fixture(scope="session")
def together(runners: Runners) -> Together:
    """All cases that expect verdicts, at once."""
    return Together(runners, [case for case in CASES if case.expects_verdict])


@pytest.mark.parametrize(("client", "case"), every(CASES))
def test_case(client: Client, case: Case, servers: Servers, runners: Runners, together: Together) -> None:
    """What the case says, in a call of its own, and among all others in a batch and on a stream."""
    address = servers.address("default")

    def by_all_methods() -> None:
        answer = runners.ask(client, {"address": address, "call": "validate", **request_of(case)})
        if not case.expects_verdict:
            _check_error(case, answer)
            return
        assert not answer.get("error"), answer["error"]
        [verdict] = answer["verdicts"]
        case.check(message_of(verdict))
        for call in ("validateBatch", "validateStream"):
            case.check(together.verdict(client, address, call, case))

    _hold(client, case.name, by_all_methods)


@pytest.mark.parametrize(
    ("client", "scenario"),
    [each for each in every(SCENARIOS) if each.values[0].name != "python-gather" or each.values[1].gathers],
)
def test_scenario(client: Client, scenario: Scenario, servers: Servers, runners: Runners, tmp_path: Path) -> None:
    """What the case says, call by call."""
    servers.scripted.use(scenario.script)
    address = servers.address(scenario.server)
    streams = servers.streams(scenario.server)
    values = {**servers.values, "folder": str(tmp_path)}

    def all_calls() -> None:
        for call in scenario.filled(values):
            triggers = any(event.get("eventType") == "triggers" for event in call.request.get("events", ()))
            if triggers:
                (tmp_path / "armed").touch()
            ask = {"address": address, **call.request}
            if triggers and scenario.triggered == "drain":
                with servers.draining(scenario.server, tmp_path):
                    answer = runners.ask(client, ask)
            else:
                answer = runners.ask(client, ask)
            check(call, answer)
            if triggers:
                assert not (tmp_path / "armed").exists(), "no event has triggered anything"
            if call.awaits is not None:
                servers.wait_for((tmp_path / call.awaits).exists, f"the server to make {call.awaits}")
        if scenario.server_calls is not None:
            assert Counter(method for method, _ in servers.scripted.calls) == scenario.server_calls
        servers.wait_until_idle(scenario.server, streams)

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


def _check_error(case: Case, answer: dict[str, Any]) -> None:
    error, expected = uniform(answer)["error"], case.data["expected_error"]
    assert not answer.get("verdicts")
    assert (error["code"], error["reason"], error["violations"]) == (expected["code"], expected["reason"], expected["fields"])


def _available(client: Client) -> None:
    if lack := client.lack():
        pytest.skip(lack)


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
