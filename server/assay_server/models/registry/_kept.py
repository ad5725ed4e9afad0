"""A version as it is kept in its folder: read once, and known to be whole, before anything is built of it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay_server.models.features import Floats

from ._errors import ModelRefusedError
from ._files import opened_folder, read_bytes
from ._limits import CANARIES as MOST_CANARIES
from ._limits import FILE_BYTES, MANIFEST_BYTES
from ._manifest import CANARIES, COMPILED, Manifest, digest_of
from ._names import Version, folder_of
from .inspection import read_array

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """The bytes of a version, as its manifest says they are."""

    manifest: Manifest
    digest: str
    """The SHA-256 of the manifest, which tells all that the version holds."""

    files: Mapping[str, bytes]

    @property
    def version(self) -> str:
        """The version, "7+51c0de42"."""
        return str(Version(self.manifest.number, self.digest[:8]))

    @property
    def compiled(self) -> bytes | None:
        """The compiled form, if there is one."""
        return self.files.get(COMPILED)

    def canaries(self) -> tuple[Floats, Floats]:
        """Return rows, (n, width), and the scores that they got in training, (n,).

        Raises:
            ModelRefusedError: If there are none, or none that are numbers.
        """
        table = read_array(self.files[CANARIES], CANARIES)
        width = self.manifest.encoder.width
        if table.dtype != np.float64 or table.ndim != 2 or table.shape[1] != width + 1:  # noqa: PLR2004
            raise ModelRefusedError(f"{CANARIES} has other columns than the features and the score")
        if not 1 <= len(table) <= MOST_CANARIES:
            raise ModelRefusedError(f"{CANARIES} has {len(table)} rows, and should have 1 to {MOST_CANARIES:,}")
        if not np.isfinite(table).all():
            raise ModelRefusedError(f"{CANARIES} has a score or a feature that is no finite number")
        return np.ascontiguousarray(table[:, :-1]), table[:, -1]


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """Return the manifest of a version's folder, and its SHA-256.

    Raises:
        ModelRefusedError: If it is not that of the version.
    """
    with opened_folder(folder) as descriptor:
        return _manifest(folder, descriptor)


def read_version(folder: Path) -> Kept:
    """Return the version that a folder holds.

    Raises:
        ModelRefusedError: If anything is missing, or other than the manifest says, or the manifest is not that of the version.
    """
    with opened_folder(folder) as descriptor:
        manifest, digest = _manifest(folder, descriptor)
        with os.scandir(descriptor) as entries:
            others = {entry.name for entry in entries} - {MANIFEST, *manifest.files}
        if others:
            raise ModelRefusedError(f"its folder has a file that its manifest does not name: {min(others)[:100]!r}")
        files = {}
        for name, expected in manifest.files.items():
            data = read_bytes(name, FILE_BYTES[name], descriptor)
            if len(data) != expected.bytes:
                raise ModelRefusedError(f"{name} has {len(data):,} bytes, and had {expected.bytes:,} when it was registered")
            if hashlib.sha256(data).hexdigest() != expected.sha256:
                raise ModelRefusedError(f"{name} is not what was registered: its SHA-256 differs")
            files[str(name)] = data
    return Kept(manifest=manifest, digest=digest, files=files)


def _manifest(folder: Path, descriptor: int) -> tuple[Manifest, str]:
    version = Version.parse(folder.name)
    if version is None:
        raise ModelRefusedError(f"{folder.name[:100]!r} is no name of a version")
    data = read_bytes(MANIFEST, MANIFEST_BYTES, descriptor)
    digest = digest_of(data)
    if not digest.startswith(version.digest):
        raise ModelRefusedError(f"{MANIFEST} is not what was registered: its SHA-256 differs")
    manifest = Manifest.parse(data)
    of_check, of_type = folder.parent.name, folder.parent.parent.name
    if (folder_of(manifest.event_type), folder_of(manifest.name)) != (of_type, of_check) or manifest.number != version.number:
        raise ModelRefusedError(f"it is {manifest.event_type} {manifest.name} {manifest.number}, and in the wrong folder")
    return manifest, digest
