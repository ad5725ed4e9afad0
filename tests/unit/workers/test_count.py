"""How many workers there are."""

import os
from pathlib import Path

import pytest

from assay_server.workers import how_many
from assay_server.workers._count import cores

AVAILABLE = len(os.sched_getaffinity(0))


def test_as_many_as_were_asked_for() -> None:
    """Whatever the machine has."""
    assert how_many(7, ["127.0.0.1:0"]) == 7


def test_one_where_a_socket_cannot_be_shared() -> None:
    """The others would not be reached there."""
    assert how_many(None, ["127.0.0.1:0", "unix:/tmp/assay.sock"]) == 1


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000\n", AVAILABLE),
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("99900000 100000\n", AVAILABLE),
        ("", AVAILABLE),
    ],
)
def test_one_a_core_that_may_be_used(tmp_path: Path, quota: str, expected: int) -> None:
    """No more than the container is allowed to compute at a time."""
    (tmp_path / "cpu.max").write_text(quota)
    assert cores(tmp_path / "cpu.max") == expected
    assert cores(tmp_path / "nowhere") == AVAILABLE
