"""What a file's content is recognised by."""

import hashlib
from pathlib import Path

from ._problems import FileError
from ._sources import Source, unreadable

_PART = 1 << 20


class Digest:
    """The SHA-256 of a file, with what tells whether it was written to since.

    Attributes:
        source: The file; not standard input.
        value: The digest, in hexadecimal.

    Raises:
        FileError: If the file cannot be read.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        sha = hashlib.sha256()
        try:
            self._state = self._look()
            with Path(source.name).open("rb") as file:
                while part := file.read(_PART):
                    sha.update(part)
        except OSError as error:
            raise unreadable(source.name, error) from None
        self.value = sha.hexdigest()

    def check(self) -> None:
        """See that the file is still the one that the digest is of.

        Raises:
            FileError: If it was written to, or is gone.
        """
        try:
            same = self._look() == self._state
        except OSError as error:
            raise unreadable(self.source.name, error) from None
        if not same:
            raise FileError(self.source.name, "it changed while it was read", "Wait until it is whole, and begin anew.")

    def _look(self) -> tuple[int, int, int]:
        found = Path(self.source.name).stat()
        return found.st_ino, found.st_size, found.st_mtime_ns
