"""The project's own make targets, over the clients of languages whose toolchains are there, or are not."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with clients in two languages, of which this machine knows one."""
    (tmp_path / "Makefile").write_text(f"include {ROOT}/Makefile\nprobe:\n\t@$(call in_each,build)\n")
    for language, available in (("algol", "@true"), ("cobol", "@echo 'no COBOL: install one'; exit 1")):
        folder = tmp_path / "client" / language
        folder.mkdir(parents=True)
        (folder / "Makefile").write_text(f"available:\n\t{available}\nbuild:\n\t@echo building {language}\n")
    return tmp_path


def make(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"CI", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    return subprocess.run(
        ["make", "--silent", "-C", project, "probe"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**kept, **environment},
        check=False,
    )


def test_a_language_whose_toolchain_is_missing_is_named_and_left_out(project: Path) -> None:
    """The others are made, and all is well."""
    done = make(project)

    assert done.stdout.splitlines() == ["building algol", "client/cobol is left out: no COBOL: install one"]
    assert done.returncode == 0


def test_in_continuous_integration_a_missing_toolchain_is_a_failure(project: Path) -> None:
    """Nobody would notice otherwise."""
    assert make(project, CI="true").returncode != 0


def test_a_language_that_fails_fails_all(project: Path) -> None:
    """Also if it is not the last."""
    (project / "client/algol/Makefile").write_text("available:\nbuild:\n\t@false\n")

    assert make(project).returncode != 0


def test_there_may_be_no_other_language_at_all(tmp_path: Path) -> None:
    """Then nothing is done."""
    (tmp_path / "Makefile").write_text(f"include {ROOT}/Makefile\nprobe:\n\t@$(call in_each,build)\n")

    done = make(tmp_path)

    assert (done.returncode, done.stdout) == (0, "")
