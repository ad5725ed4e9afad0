"""Reads files that anyone may have made, and writes files that are whole or not there."""

import contextlib
import fcntl
import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

from ._errors import ModelRefusedError
from ._names import TEMPORARY

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Opening a pipe would wait for whoever writes to it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextlib.contextmanager
def opened_folder(path: Path) -> Iterator[int]:
    """Open a folder for a while, as a descriptor to open its files by; one that is a link is refused.

    Raises:
        ModelRefusedError: If there is none.
    """
    try:
        folder = os.open(path, _DIRECTORY)
    except OSError as error:
        raise ModelRefusedError(f"{path.name} cannot be opened as a folder: {_said(error)}") from None
    try:
        yield folder
    finally:
        os.close(folder)


def read_bytes(name: str, most: int, folder: int | None = None) -> bytes:
    """Return what a plain file holds.

    Args:
        name: Its path, or its name in a folder.
        most: How many bytes it may hold.
        folder: The descriptor of the folder.

    Raises:
        ModelRefusedError: If it is missing, a link, a pipe or anything else but a file, too large, or cannot be read.
    """
    shown = Path(name).name
    try:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        raise ModelRefusedError(f"{shown} is missing") from None
    except OSError as error:
        raise ModelRefusedError(f"{shown} cannot be opened as a file: {_said(error)}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ModelRefusedError(f"{shown} is no plain file")
        if status.st_size > most:
            raise ModelRefusedError(f"{shown} has {status.st_size:,} bytes, and may have {most:,}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(status.st_size)
    except OSError as error:
        raise ModelRefusedError(f"{shown} cannot be read: {_said(error)}") from None
    finally:
        os.close(descriptor)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a new file, and see that it is on the disk."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_bytes(path: Path, data: bytes) -> None:
    """Replace a file as a whole: whoever reads it finds the old or the new, whatever happens in between."""
    new = temporary(path.parent)
    try:
        write_bytes(new, data)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """See that the names in a folder are on the disk."""
    with opened_folder(path) as folder:
        os.fsync(folder)


def temporary(folder: Path) -> Path:
    """Return a path in a folder for what is being written, which nobody reads."""
    return folder / f"{TEMPORARY}{uuid.uuid4().hex}"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one of all threads and processes that changes a folder, for a while. The lock ends with its holder."""
    descriptor = os.open(folder / f"{TEMPORARY}lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _said(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
