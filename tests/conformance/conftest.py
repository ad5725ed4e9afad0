"""Servers and runners for all cases, and the table at the end."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.conformance.clients import Runners, clients
from tests.conformance.servers import Servers
from tests.conformance.table import Result, lines

_RESULTS = pytest.StashKey[list[Result]]()
EXPECTED_TO_FAIL = "expected to fail: "


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The servers that cases need."""
    with Servers(tmp_path_factory.mktemp("conformance")) as made:
        yield made


@pytest.fixture(scope="session")
def runners() -> Iterator[Runners]:
    """A runner for each client."""
    made = Runners()
    yield made
    made.close_all()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Remember what became of a case."""
    report = yield
    marker = item.get_closest_marker("conformance")
    if marker is not None and (report.when == "call" or report.outcome != "passed"):
        results = item.config.stash.setdefault(_RESULTS, [])
        client, subject, case = marker.args
        if report.when == "teardown":
            results.append(Result(client, subject, case, "failed", "in the end"))
        elif report.skipped:
            why = str(report.longrepr[2]).removeprefix("Skipped: ")
            expected = why.startswith(EXPECTED_TO_FAIL)
            outcome: Any = "expected to fail" if expected else "not run"
            results.append(Result(client, subject, case, outcome, why.removeprefix(EXPECTED_TO_FAIL)))
        else:
            results.append(Result(client, subject, case, "passed" if report.passed else "failed"))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    if results := config.stash.get(_RESULTS, []):
        terminalreporter.section("cases by clients")
        for line in lines(results, [client.name for client in clients()]):
            terminalreporter.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "conformance(client, subject, case): a cell of the table at the end")
