"""Reads the modules of a contracts folder, and tells which cannot be modules."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ._modules import Source, module_name
from ._problems import Problem


def read_sources(folder: Path, files: Iterable[tuple[str, int]]) -> tuple[dict[str, Source], list[Problem]]:
    """Return the modules among the files of a folder, by name, and what is wrong with those that are none.

    Args:
        folder: The folder.
        files: The path of each file, relative to the folder, and its size, which is below zero if it is not there.
    """
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    modules = {PurePosixPath(path): size for path, size in files if path.endswith(".py")}
    names = {path: module_name(path) for path in modules}
    for path, size in modules.items():
        read = _unfit(path, size) or _hidden(path, names) or _read(folder, path)
        if isinstance(read, Source):
            sources[read.name] = read
        else:
            problems.append(read)
    return sources, problems


def _unfit(path: PurePosixPath, size: int) -> Problem | None:
    if any("." in part for part in path.with_suffix("").parts):
        return Problem(path=str(path), message="a module's name cannot have a dot", remedy="Rename the file or its folder.")
    if size < 0:
        return Problem(path=str(path), message="it is a link to nothing", remedy="Mend the link, or delete it.")
    if size == 0 and path.name != "__init__.py":
        return Problem(
            path=str(path), message="the file is empty", remedy="If it is being written, wait; if it is not needed, delete it."
        )
    return None


def _hidden(path: PurePosixPath, names: dict[PurePosixPath, str]) -> Problem | None:
    """Return a problem if a folder goes by the name of a module, since only one of them can be imported."""
    name = names[path]
    if path.name == "__init__.py" or not any(
        (other == name and where != path) or other.startswith(f"{name}.") for where, other in names.items()
    ):
        return None
    return Problem(path=str(path), message=f"the folder {path.stem}/ has the same name", remedy="Rename one of them.")


def _read(folder: Path, path: PurePosixPath) -> Source | Problem:
    try:
        return Source.parse(folder, path)
    except SyntaxError as error:
        return Problem(path=str(path), line=error.lineno, message=f"this is no Python: {error.msg}", remedy="Mend the syntax.")
    except (RecursionError, MemoryError):
        return Problem(path=str(path), message="an expression is nested too deep", remedy="Write it in parts.")
    except ValueError as error:
        return Problem(path=str(path), message=f"this is no Python: {error}", remedy="Write it as UTF-8 text.")
    except OSError as error:
        return Problem(path=str(path), message=f"it cannot be read: {error.strerror}", remedy="Let the server read it.")
