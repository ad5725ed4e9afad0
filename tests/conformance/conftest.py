"""Servers and runners for all cases."""

from collections.abc import Iterator

import pytest

from tests.conformance.clients import Runners
from tests.conformance.servers import Servers


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
