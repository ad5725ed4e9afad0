"""What a registry's folders hold."""

from dataclasses import dataclass
from pathlib import Path

from ._errors import ModelRefusedError
from ._kept import read_manifest
from ._manifest import Manifest
from ._names import TEMPORARY, Version, folder_of, name_of
from ._state import State, read_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A version that is kept."""

    event_type: str
    name: str
    version: Version
    state: str
    """"active", "audit" for the one on trial, "previous" for one that was active, or empty."""

    manifest: Manifest | None
    problem: str = ""
    """Why there is no manifest."""


def folders_in(parent: Path, name: str | None) -> list[Path]:
    """Return the folders of event types or checks in the folder above; the one of a name, if there is one, or all."""
    found = [parent / folder_of(name)] if name is not None else sorted(parent.iterdir()) if parent.is_dir() else []
    return [folder for folder in found if folder.is_dir() and not folder.name.startswith(TEMPORARY)]


def versions_in(folder: Path) -> list[Version]:
    """Return the versions that a folder holds, the newest first."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(filter(None, map(Version.parse, names)), reverse=True)


def entries_of(folder: Path) -> list[Entry]:
    """Return what a check's folder holds, the newest first."""
    event_type, name = name_of(folder.parent.name), name_of(folder.name)
    try:
        state = read_state(folder)
    except ModelRefusedError:
        state = None
    found = []
    for version in versions_in(folder):
        manifest, problem = None, ""
        try:
            manifest, _ = read_manifest(folder / str(version))
        except ModelRefusedError as refused:
            problem = refused.reason
        found.append(
            Entry(
                event_type=event_type,
                name=name,
                version=version,
                state=_standing(state, str(version)),
                manifest=manifest,
                problem=problem,
            )
        )
    return found


def _standing(state: State | None, version: str) -> str:
    if state is None:
        return "unknown"
    if version == state.active:
        return "active"
    if version == state.audit:
        return "audit"
    return "previous" if version in state.previous else ""
