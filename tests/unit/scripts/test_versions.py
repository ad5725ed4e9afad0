"""The version stands in many files, and is decided in one."""

from pathlib import Path

import pytest

from scripts import versions

VERSION = versions.project_version()


def test_every_file_states_the_version_of_the_project() -> None:
    """Those of languages that are there."""
    assert versions.problems(VERSION) == []
    assert len([*versions.stated()]) >= 1


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of copies."""
    for place in versions.PLACES:
        if (path := versions.ROOT / place.file).exists():
            copy = tmp_path / place.file
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    return tmp_path


def test_another_version_is_written_everywhere(root: Path) -> None:
    """And nothing else is changed."""
    before = {path: path.read_text() for path in root.rglob("*") if path.is_file()}
    assert len(versions.problems("77.88.99")) == len([*versions.stated()])

    versions.write("77.88.99")

    assert versions.problems("77.88.99") == []
    versions.write(VERSION)
    assert before == {path: path.read_text() for path in before}


def test_a_file_without_a_version_is_named(root: Path) -> None:
    """It would be forgotten otherwise."""
    place, _ = next(versions.stated())
    (root / place.file).write_text("nothing")

    assert f"{place.file} states no version where it should: see scripts/versions.py" in versions.problems(VERSION)
