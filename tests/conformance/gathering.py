"""What became of the cases: gathered from all processes that run tests, and shown as a table at the end."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.conformance.clients import clients
from tests.conformance.table import Result, lines

EXPECTED_TO_FAIL = "expected to fail: "
_RESULT = "conformance"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Write what became of a case into its report, which reaches the process that shows the table."""
    report = yield
    marker = item.get_closest_marker("conformance")
    if marker is not None and (report.when == "call" or report.outcome != "passed"):
        report.user_properties.append((_RESULT, [*marker.args, *_outcome(report)]))
    return report


def _outcome(report: pytest.TestReport) -> tuple[str, str]:
    if report.when == "teardown":
        return "failed", "in the end"
    if not report.skipped:
        return report.outcome, ""
    assert isinstance(report.longrepr, tuple)
    why = report.longrepr[2].removeprefix("Skipped: ")
    outcome = "expected to fail" if why.startswith(EXPECTED_TO_FAIL) else "not run"
    return outcome, why.removeprefix(EXPECTED_TO_FAIL)


class Table:
    """The table of one run."""

    def __init__(self) -> None:
        self._results: list[Result] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what became of a case."""
        found: Any
        for name, found in report.user_properties:
            if name == _RESULT:
                self._results.append(Result(*found))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        if self._results:
            terminalreporter.section("cases by clients")
            for line in lines(self._results, [client.name for client in clients()]):
                terminalreporter.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and begin a table."""
    config.addinivalue_line("markers", "conformance(client, subject, case): a cell of the table at the end")
    config.pluginmanager.register(Table())
