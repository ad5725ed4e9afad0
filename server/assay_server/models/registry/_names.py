"""What folders and versions are called."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

_VERSION = re.compile(r"([1-9][0-9]{0,8})\+([0-9a-f]{8})")

TEMPORARY = "."
"""What the names of files and folders begin with that are no part of the registry: those being written or removed."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of a model: "7+51c0de42"."""

    number: int
    """Counts the versions of one check, from 1."""

    digest: str
    """The first 8 hexadecimal digits of the SHA-256 of its manifest, which has the digests of all other files."""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the version that a text names, or None if it names none."""
        found = _VERSION.fullmatch(text)
        return cls(int(found[1]), found[2]) if found else None

    def __str__(self) -> str:
        return f"{self.number}+{self.digest}"


def folder_of(name: str) -> str:
    """Return the name of the folder for an event type or a check: one that stays within the folder above."""
    quoted = quote(name, safe="")
    return quoted if quoted and not quoted.startswith(TEMPORARY) else f"%2E{quoted[1:]}"


def name_of(folder: str) -> str:
    """Return the event type or check that a folder is for."""
    return unquote(folder)
