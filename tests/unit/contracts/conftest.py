"""Fixtures for the tests of contracts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.contracts.folders import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """Give an empty folder of contracts; what is loaded from it is forgotten afterwards."""
    path = tmp_path / "contracts"
    path.mkdir()
    made = Folder(path)
    yield made
    made.close()
