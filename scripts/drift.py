"""Compares the generated files in a folder with those made anew; what .gitattributes calls linguist-generated is meant."""

import argparse
import difflib
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_SHOWN = 20


def kept(folder: Path) -> set[Path]:
    """Return the generated files in `folder`, relative to it, that git has or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607  # The user's own git.
        cwd=folder,
        check=True,
        capture_output=True,
    ).stdout
    attributes = subprocess.run(
        ["git", "check-attr", "-z", "--stdin", "linguist-generated"],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        input=listed,
    ).stdout.decode()
    fields = attributes.split("\0")[:-1]
    marked = {Path(name) for name, value in zip(fields[::3], fields[2::3], strict=True) if value in {"true", "set"}}
    return {path for path in marked if (folder / path).exists()}


def differences(made: Path, folder: Path) -> Iterator[str]:
    """Yield a text for each file that is not in `folder` as it is in `made`."""
    new = {path.relative_to(made) for path in made.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    old = kept(folder)
    for path in sorted(new | old):
        if path not in new:
            yield f"{folder / path} is not made any more"
        elif not (folder / path).exists():
            yield f"{folder / path} is not there"
        elif path not in old:
            yield f"{folder / path} is generated, and .gitattributes does not say so"
        elif (folder / path).read_bytes() != (made / path).read_bytes():
            was, is_now = ((base / path).read_text(errors="replace").splitlines() for base in (folder, made))
            yield "\n".join(islice(difflib.unified_diff(was, is_now, str(folder / path), "as made", lineterm=""), _SHOWN))


def main() -> None:
    """Print what differs, and fail if something does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("made", type=Path, help="a folder with the files as they are made, and nothing else")
    parser.add_argument("folder", type=Path, help="the folder in git in which they belong")
    arguments = parser.parse_args()
    if found := [*differences(arguments.made, arguments.folder)]:
        sys.exit(
            "\n".join([*found, "The generated files are not as they are made: run make generate, and commit what it changes."])
        )


if __name__ == "__main__":
    main()
