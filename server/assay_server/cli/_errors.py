"""What commands say when they cannot do what they are told, and how they exit."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

EXIT_FOUND = 1
"""Something was found: an event is not valid, a folder of contracts has problems."""

EXIT_USAGE = 2
"""The command could not be done as it was given."""

_EXIT_PIPE = 141
"""Whoever read the output has gone: what shells report of a process that SIGPIPE ended."""


class UserError(Exception):
    """A command cannot be done: what is wrong and, on a line of its own, what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        lines = f"{message}\n{remedy}".strip().splitlines()
        super().__init__("\n  ".join(line.strip() for line in lines))


@contextmanager
def user_errors() -> Iterator[None]:
    """Turn the errors of the parts that a command is made of into what its user is told."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  # Loaded for commands that do something.

    from assay_client import AssayError  # noqa: PLC0415
    from assay_server.baselines import StoreError  # noqa: PLC0415
    from assay_server.contracts import ContractsError  # noqa: PLC0415
    from assay_server.engine import ResourceError  # noqa: PLC0415
    from assay_server.files import FileError  # noqa: PLC0415
    from assay_server.models.registry import ModelRefusedError, RegistryError  # noqa: PLC0415
    from assay_server.settings import SettingsError  # noqa: PLC0415

    try:
        yield
    except FileError as error:
        where = error.path if error.row is None else f"{error.path}:{error.row}"
        raise UserError(f"{where}: {error.message}", error.remedy) from None
    except ContractsError as error:
        raise UserError(f"the contracts cannot be loaded\n{error}") from None
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise UserError(
            f"the store of baselines cannot be used: {cause}", "See that it is there, and may be written."
        ) from None
    except (AssayError, ModelRefusedError, RegistryError, ResourceError, SettingsError, StoreError) as error:
        raise UserError(str(error)) from None
    except BrokenPipeError:
        # What is still buffered would be complained about when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_EXIT_PIPE) from None
