"""Writes the version that pyproject.toml has into every other file that states it; `--check` tells where they differ.

A package manager wants the version of its package in a file of its own form, so it cannot stand in one place alone; but
it is decided in one.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

_NUMBER = r"[0-9][0-9A-Za-z.+-]*"


@dataclass(frozen=True, slots=True)
class Place:
    """A file that states the version, if it is there, and the text before and after the version."""

    file: str
    before: str
    after: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What matches the version with what stands around it."""
        return re.compile(f"({self.before})({_NUMBER})({self.after})")


PLACES = (
    Place("client/typescript/package.json", r'\A\{\s*"name": "[^"]+",\s*"version": "', '"'),
    Place("client/typescript/package-lock.json", r'\A\{\s*"name": "[^"]+",\s*"version": "', '"'),
    Place("client/typescript/package-lock.json", r'"": \{\s*"name": "[^"]+",\s*"version": "', '"'),
    Place("client/typescript/src/version.ts", r'VERSION = "', '"'),
    Place("client/go/version.go", r'Version = "', '"'),
    Place("client/java/pom.xml", r"<artifactId>assay[a-z-]*</artifactId>\s*<version>", "</version>"),
    Place("client/java/README.md", r"<artifactId>assay[a-z-]*</artifactId>\s*<version>", "</version>"),
    Place("client/rust/Cargo.toml", r'\A\[package\]\s*name = "[^"]+"\s*version = "', '"'),
    Place("client/rust/Cargo.lock", r'name = "assay[a-z-]*"\s*version = "', '"'),
    Place("client/cpp/CMakeLists.txt", r"project\(\s*assay\w*\s+VERSION ", r"\b"),
)
"""Where the version stands. A package's own comes first in its file: those of what it depends on are not touched."""


def project_version() -> str:
    """Return the version of the project."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def stated() -> Iterator[tuple[Place, str | None]]:
    """Yield each place whose file is there, and the version that it states; None if there is none at that place."""
    for place in PLACES:
        path = ROOT / place.file
        if path.exists():
            match = place.pattern.search(path.read_text())
            yield place, match[2] if match else None


def write(version: str) -> None:
    """Write `version` to all places whose files are there."""
    for place, _ in stated():
        path = ROOT / place.file
        path.write_text(place.pattern.sub(lambda match: f"{match[1]}{version}{match[3]}", path.read_text(), count=1))


def problems(version: str) -> list[str]:
    """Return a line for each place that states another version, or none."""
    return [
        f"{place.file} states no version where it should: see scripts/versions.py"
        if found is None
        else f"{place.file} states version {found}, and pyproject.toml {version}: run make versions"
        for place, found in stated()
        if found != version
    ]


def main() -> None:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a version differs")
    version = project_version()
    if not parser.parse_args().check:
        write(version)
    if found := problems(version):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
