"""The models that are kept, and which of them are in service."""

import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ._artefact import Artefact
from ._entries import Entry, entries_of, folders_in, versions_in
from ._errors import ModelRefusedError, RegistryError
from ._files import locked, sync_folder, temporary, write_bytes
from ._kept import MANIFEST, Kept, read_manifest, read_version
from ._manifest import Manifest, digest_of
from ._names import TEMPORARY, Version, folder_of
from ._state import FILE as STATE_FILE
from ._state import State, read_state, write_state
from ._trials import TrialError, TryOut, try_out

_REMEMBERED = 1_000


class Registry:
    """A folder of models: `<event type>/<check>/<version>/`, and beside the versions which of them is active.

    Any number of processes may use it at the same time. A version never changes once it is there, and is there as a whole;
    what is active is one small file, replaced as a whole.

    Args:
        root: The folder; made when it is needed.
        trying: What has models tried; by default a process for each call of `verify`.
    """

    def __init__(self, root: Path, *, trying: TryOut | None = None) -> None:
        self.root = root
        self._trying = trying
        self._sound: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, artefact: Artefact) -> str:
        """Keep a trained model as the next version of its check, and return that version.

        Raises:
            ModelRefusedError: If it is made of anything that could not be read back safely.
            OSError: If it cannot be written.
        """
        files = artefact.files()
        folder = self.folder(artefact.event_type, artefact.name)
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            number = max((version.number for version in versions_in(folder)), default=0) + 1
            manifest = artefact.manifest(number, datetime.now(UTC), files).as_bytes()
            version = Version(number, digest_of(manifest)[:8])
            new = temporary(folder)
            try:
                new.mkdir()
                for name, data in files.items():
                    write_bytes(new / name, data)
                write_bytes(new / MANIFEST, manifest)
                sync_folder(new)
                new.rename(folder / str(version))
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
            sync_folder(folder)
        return str(version)

    def entries(self, event_type: str | None = None, name: str | None = None) -> list[Entry]:
        """Return what is kept, by event type, check and number, the newest first."""
        return [entry for folder in self._folders(event_type, name) for entry in entries_of(folder)]

    def state(self, event_type: str, name: str) -> State:
        """Return which version of a check is active, and which is on trial.

        Raises:
            ModelRefusedError: If the file that says so is damaged.
        """
        return read_state(self.folder(event_type, name))

    def find(self, event_type: str, name: str, version: str | None = None) -> Version:
        """Return a version by its text or its number alone, or the newest.

        Raises:
            RegistryError: If there is none.
        """
        kept = versions_in(self.folder(event_type, name))
        if not kept:
            known = sorted({f"{entry.event_type} {entry.name}" for entry in self.entries()})
            there = f"There are models of {', '.join(known)}." if known else f"Train one: assay train {event_type} FILE…"
            raise RegistryError(f"there is no model {name!r} of {event_type}", there)
        found = [one for one in kept if version in {None, str(one), str(one.number)}]
        if not found:
            raise RegistryError(f"there is no version {version} of it", f"There is {', '.join(map(str, kept))}.")
        return found[0]

    def manifest(self, event_type: str, name: str, version: str) -> tuple[Manifest, str]:
        """Return the manifest of a version, and its SHA-256.

        Raises:
            ModelRefusedError: If it is not what was registered.
        """
        return read_manifest(self.folder(event_type, name) / version)

    def read(self, event_type: str, name: str, version: str, digest: str | None = None) -> Kept:
        """Return a version as it is kept.

        Args:
            event_type: The event type.
            name: The check's name.
            version: Which one.
            digest: The SHA-256 that its manifest must have.

        Raises:
            ModelRefusedError: If it is not whole, or not what was registered.
        """
        kept = read_version(self.folder(event_type, name) / version)
        if digest not in {None, kept.digest}:
            raise ModelRefusedError("its manifest was replaced after it was tried")
        return kept

    def is_used(self) -> bool:
        """Return whether any check has, or had, an active model."""
        return any(self.root.glob(f"*/*/{STATE_FILE}"))

    def verify(self, versions: Sequence[tuple[Path, str]]) -> list[str]:
        """Return for each version why it must be refused, an empty text if it need not be; blocks for seconds.

        They are tried in a process of their own, unless they have passed before.

        Args:
            versions: Their folders, and the SHA-256 of their manifests, which tell all that is in them.

        Raises:
            TrialError: If that process could not be run.
        """
        unknown = [one for one in versions if one[1] not in self._sound]
        found = (self._trying or try_out)(unknown) if unknown else ()
        reasons = dict(zip((digest for _, digest in unknown), found, strict=True))
        with self._lock:
            self._sound.update(dict.fromkeys(digest for digest, reason in reasons.items() if not reason))
            while len(self._sound) > _REMEMBERED:
                del self._sound[next(iter(self._sound))]
        return [reasons.get(digest, "") for _, digest in versions]

    def activate(
        self,
        event_type: str,
        name: str,
        version: str | None = None,
        *,
        audit: bool = False,
        fingerprints: Collection[str] | None = None,
    ) -> str:
        """Put a version in service once it was tried, and return it. Running servers follow suit.

        Args:
            event_type: The event type.
            name: The check's name.
            version: Which one, or its number; the newest if None.
            audit: Put it on trial beside the active one instead.
            fingerprints: What the contracts in service want of a model of this check; None if that is not known.

        Raises:
            RegistryError: If there is no such version.
            ModelRefusedError: If it does not pass; what was active stays so.
        """
        folder, found = self.folder(event_type, name), str(self.find(event_type, name, version))
        self._check(event_type, name, found, fingerprints)
        with locked(folder):
            self._check_there(folder, found)
            state = read_state(folder)
            if audit and state.active == found:
                raise RegistryError(f"version {found} is active already", "Try another one beside it.")
            write_state(folder, state.on_trial(found) if audit else state.activated(found))
        return found

    def rollback(self, event_type: str, name: str, *, fingerprints: Collection[str] | None = None) -> str:
        """Put the version in service that was active before, and return it.

        Raises:
            RegistryError: If there is none.
            ModelRefusedError: If it does not pass; what was active stays so.
        """
        self.find(event_type, name)
        folder = self.folder(event_type, name)
        previous = read_state(folder).previous
        if not previous:
            raise RegistryError(f"no other model {name!r} of {event_type} was active before", "Name the one to activate.")
        self._check(event_type, name, previous[0], fingerprints)
        with locked(folder):
            state = read_state(folder)
            if state.previous[:1] != previous[:1]:
                raise RegistryError("another one was activated at the same time", "See what is active, and decide again.")
            self._check_there(folder, previous[0])
            write_state(folder, state.rolled_back())
        return previous[0]

    def end_trial(self, event_type: str, name: str) -> str:
        """Take the version that is on trial out of it, and return it.

        Raises:
            RegistryError: If there is none.
        """
        self.find(event_type, name)
        folder = self.folder(event_type, name)
        with locked(folder):
            state = read_state(folder)
            if state.audit is None:
                raise RegistryError(f"no model {name!r} of {event_type} is on trial")
            write_state(folder, state.on_trial(None))
        return state.audit

    def prune(self, event_type: str | None = None, name: str | None = None, *, keep: int) -> list[Entry]:
        """Remove old versions, and what was left of those that could not be finished; return the versions.

        Args:
            event_type: Of which event type; None for all.
            name: Of which check; None for all.
            keep: How many of each check stay, the newest; besides those that are active, on trial, or were active before.
        """
        removed = []
        for folder in self._folders(event_type, name):
            with locked(folder):
                for entry in entries_of(folder)[keep:]:
                    if not entry.state:
                        _remove(folder / str(entry.version))
                        removed.append(entry)
                for rest in _unfinished(folder):
                    _remove(rest)
        return removed

    def folder(self, event_type: str, name: str) -> Path:
        """Return the folder of a check's models."""
        return self.root / folder_of(event_type) / folder_of(name)

    def _check(self, event_type: str, name: str, version: str, fingerprints: Collection[str] | None) -> None:
        kept = self.read(event_type, name, version)
        if fingerprints is not None and kept.manifest.fingerprint not in fingerprints:
            raise ModelRefusedError("it was trained for other features than the contract has: train it again")
        try:
            (reason,) = self.verify([(self.folder(event_type, name) / version, kept.digest)])
        except TrialError as error:
            raise ModelRefusedError(f"the process that tries it could not be run: {error}") from None
        if reason:
            raise ModelRefusedError(reason)

    def _check_there(self, folder: Path, version: str) -> None:
        if not (folder / version).is_dir():
            raise RegistryError(f"version {version} was removed at the same time")

    def _folders(self, event_type: str | None, name: str | None) -> Iterator[Path]:
        for of_type in folders_in(self.root, event_type):
            yield from folders_in(of_type, name)


def _unfinished(folder: Path) -> list[Path]:
    """Return what was being written or removed when a process ended: whoever holds the lock is the only one to write."""
    return [path for path in folder.iterdir() if path.name.startswith(TEMPORARY) and path.name != f"{TEMPORARY}lock"]


def _remove(path: Path) -> None:
    """Remove a file, a link or a folder; a version is gone as a whole, whatever happens in between."""
    if not path.name.startswith(TEMPORARY):
        gone = temporary(path.parent)
        path.rename(gone)
        path = gone
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
