"""Libraries' own threads are kept from the tests of models: on busy machines they wait for each other for most of the time."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="package")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(limits=1):
        yield
