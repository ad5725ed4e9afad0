"""Tests that several processes run: who runs what, and what is told of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.clients import clients
from tests.sharing import group

ROOT = Path(__file__).parents[3]
CASES = """
import pytest

CASES = ("passes", "fails", "is left out", "is expected to fail", "ends badly")
EACH = [(client, case) for client in ("python", "go") for case in CASES]


@pytest.fixture
def ending(case):
    yield
    assert case != "ends badly"


@pytest.mark.parametrize(
    ("client", "case"),
    [pytest.param(*each, marks=pytest.mark.conformance(each[0], "numbers", each[1])) for each in EACH],
)
def test_case(client, case, ending):
    assert case != "fails"
    if case == "is left out":
        pytest.skip("there is no toolchain")
    if case == "is expected to fail":
        pytest.skip("expected to fail: it cannot")
"""
DEADLY = """
import os

import pytest


@pytest.mark.parametrize("number", range(20))
def test_number(number):
    if number == 7:
        os._exit(1)
"""


def run(folder: Path, tests: str, processes: int) -> str:
    """Run tests of a folder's own as those of the project are run, some of which fail, and return what is printed."""
    (folder / "test_some.py").write_text(tests)
    plugins = ("-p", "tests.conformance.gathering", "-p", "tests.sharing", "-p", "no:cacheprovider")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-n", str(processes), folder],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    return done.stdout


def table(printed: str) -> list[str]:
    """Return the lines of the table of cases."""
    found = re.search(r"^=+ cases by clients =+\n(.*?)^=", printed, re.MULTILINE | re.DOTALL)
    assert found is not None, printed
    return found[1].splitlines()


def test_the_table_is_the_same_whichever_processes_have_run_the_cases(tmp_path: Path) -> None:
    """The one that shows it, or others."""
    (tmp_path / "test_others.py").write_text(CASES.replace("numbers", "clock"))
    one, two = (table(run(tmp_path, CASES, processes)) for processes in (0, 2))

    assert one == two
    assert [" ".join(line.split()) for line in one] == [
        "conformance python go",
        "clock 2 of 6 2 of 6",
        "numbers 2 of 6 2 of 6",
        "all 4 of 12 4 of 12",
        *(f"{client} was not run: there is no toolchain" for client in ("go", "python")),
        *(
            f"{client} {what}"
            for client in ("python", "go")
            for subject in ("clock", "numbers")
            for what in (
                f"failed: {subject}: ends badly (in the end)",
                f"failed: {subject}: fails",
                f"expected to fail: {subject}: is expected to fail (it cannot)",
            )
        ),
    ]


def test_a_process_that_dies_is_a_failure_of_the_test_that_it_ran(tmp_path: Path) -> None:
    """Another runs the rest."""
    printed = run(tmp_path, DEADLY, 2)

    assert re.search(r"crashed while running .*test_number\[7\]", printed)
    assert "1 failed, 19 passed" in printed


@pytest.mark.parametrize("client", [client.name for client in clients()])
def test_the_cases_of_one_client_are_a_group(client: str) -> None:
    """Calls, scenarios, and the end of its runner, in the order that they stand in."""
    file = "tests/conformance/test_clients.py"
    tests = [f"test_case[{client}-numbers: a-b [c]]", f"test_scenario[{client}-two]", f"test_the_runner_ends_well[{client}]"]

    assert {group(f"{file}::{test}") for test in tests} == {f"{file}[{client}]"}


def test_other_tests_of_one_file_are_a_group() -> None:
    """So that what a module makes for its tests is made once."""
    tests = ["tests/unit/test_x.py::test_a[python-1]", "tests/unit/test_x.py::Test::test_b", "tests/unit/test_y.py::test_a"]

    assert [group(test) for test in tests] == ["tests/unit/test_x.py"] * 2 + ["tests/unit/test_y.py"]
