"""Generated files that are not as they are made are noticed."""

import subprocess
from pathlib import Path

import pytest

from scripts.drift import differences


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with one generated file, and one that is not."""
    kept = tmp_path / "kept"
    (kept / "gen").mkdir(parents=True)
    (kept / ".gitattributes").write_text("gen/** linguist-generated=true\n")
    (kept / "gen/made.py").write_text("x = 1\n")
    (kept / "own.py").write_text("y = 2\n")
    subprocess.run(["git", "init", "--quiet", kept], check=True)
    return kept


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """What is made anew, which is the same."""
    folder = tmp_path / "made/gen"
    folder.mkdir(parents=True)
    (folder / "made.py").write_text("x = 1\n")
    return folder.parent


def test_files_as_they_are_made_are_no_difference(made: Path, folder: Path) -> None:
    """Whatever else is there."""
    assert [*differences(made, folder)] == []


def test_another_text_is_shown(made: Path, folder: Path) -> None:
    """As a patch would have it."""
    (folder / "gen/made.py").write_text("x = 3\n")

    [difference] = differences(made, folder)

    assert "-x = 3" in difference
    assert "+x = 1" in difference


def test_a_file_that_is_missing_or_left_over_is_named(made: Path, folder: Path) -> None:
    """Both ways."""
    (folder / "gen/old.py").touch()
    (made / "gen/new.py").touch()

    assert [*differences(made, folder)] == [
        f"{folder / 'gen/new.py'} is not there",
        f"{folder / 'gen/old.py'} is not made any more",
    ]


def test_a_generated_file_that_git_does_not_know_as_one_is_named(made: Path, folder: Path) -> None:
    """It would be counted as written by hand."""
    (made / "own.py").write_text("y = 2\n")

    assert [*differences(made, folder)] == [f"{folder / 'own.py'} is generated, and .gitattributes does not say so"]
