"""How tests are shared out among the processes that run them: `pytest -n auto` has one for each core."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.conformance.clients import clients

_CASES = "tests/conformance/test_clients.py"


def group(test: str) -> str:
    """Return what is equal for tests that one process runs, in their order, as they share what takes long to make.

    It is their file; the conformance cases, which are a third of all tests, are apart by their client.

    Args:
        test: The test, as pytest names it.
    """
    file, _, name = test.partition("::")
    if file != _CASES:
        return file
    parameters = name.partition("[")[2].removesuffix("]")
    found = [client.name for client in clients() if f"{parameters}-".startswith(f"{client.name}-")]
    return f"{file}[{max(found, key=len, default='')}]"


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # It is without types.
    """Gives the next group to a process that is done with its last."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)

    def remove_node(self, node: Any) -> str | None:
        """Give what a process that has died had left to others, but for the test that it died of: that has failed."""
        groups: list[dict[str, bool]] = [*self.assigned_work[node].values()]
        died_of = next((test for tests in groups for test, ran in tests.items() if not ran), None)
        for tests in groups:
            if died_of in tests:
                tests[died_of] = True
        super().remove_node(node)
        return died_of


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Have one process for each core that may be used."""
    from assay_server.workers import how_many  # It takes seconds to load, which nobody else waits for.

    return how_many(None, ())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    """Share the tests out by group."""
    return Sharing(config, log)
