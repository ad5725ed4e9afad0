"""Baselines of the sample of flights, however they are learned, are what NumPy says of the same rows."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.integration import flights
from tests.integration.databases import postgres, where
from tests.unit.cli.doing import runner

__all__ = ["postgres", "where"]

FULL = "ASSAY_TEST_FULL" in os.environ
"""Whether to take all rows, and any number of processes, as a release does; it takes some minutes."""


@pytest.fixture
def contracts(tmp_path: Path) -> str:
    """A folder with the contract."""
    folder = tmp_path / "flights"
    folder.mkdir()
    (folder / "flights.py").write_text(flights.CONTRACT)
    return str(folder)


@pytest.fixture
def store(where: str | Path) -> str:
    """The URL of a new, empty store."""
    return f"sqlite:///{where}" if isinstance(where, Path) else where


def assert_all_learned(store: str, contracts: str, rows: list[dict[str, object]]) -> None:
    """A process that reads the store knows of every group what NumPy says."""
    engine, baselines = flights.opened(store, contracts)
    series = engine.series("flight")
    groups = list(flights.groups(series, rows))
    for group in groups:
        flights.assert_as_numpy_says(engine.baseline(group.series, group.group), group)
    for one in series:
        if one.by == ("origin",):
            for origin in {row["origin"] for row in rows}:
                carriers = Counter(row["carrier"] for row in rows if row["origin"] == origin)
                assert dict(engine.baseline(one, {"origin": str(origin)}).categories) == carriers
        else:
            assert len(baselines.snapshot[one].groups()) == sum(group.series == one for group in groups)
    baselines.close()


@pytest.mark.parametrize("where", ["sqlite", "postgresql"] if FULL else ["sqlite"], indirect=True)
def test_assay_learn_teaches_what_numpy_says(
    store: str, contracts: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """All rows of the sample, by carrier, by route, and ungrouped, through the command and the contract."""
    assay = runner(monkeypatch, capsysbinary)
    result = assay("learn", "flight", flights.FLIGHTS, "--contracts", contracts, "--store", store, "--json")
    assert (result.code, result.err) == (0, "")
    rows = flights.rows()
    assert (result.json["learned"], len(rows)) == (113_094, 113_094)
    assert_all_learned(store, contracts, rows)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("parts", range(1, 9) if FULL else [4])
def test_any_split_over_processes_gives_what_numpy_says(store: str, contracts: str, parts: int) -> None:
    """Each learns rows of its own through an engine, in an order of its own, beside the others."""
    count = 113_094 if FULL else 6_000
    command = [sys.executable, "-m", "tests.integration.flights", store, contracts]
    arguments = [[*command, str(part), str(parts), str(count)] for part in range(parts)]
    running = [subprocess.Popen(each, stderr=subprocess.PIPE) for each in arguments]
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()
    assert_all_learned(store, contracts, flights.rows(count))
