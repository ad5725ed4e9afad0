"""What `assay contracts lint` does."""

import dataclasses
import json
import sys
from pathlib import Path

import typer

from assay_server.contracts import ContractsError, load

from ._errors import EXIT_FOUND, user_errors
from ._options import Where
from ._where import settings_of


def lint_folder(folder: Path | None, *, as_json: bool) -> int:
    """Say what is wrong with a folder of contracts, and return the exit code.

    Raises:
        UserError: If there is no such folder.
    """
    with user_errors():
        folder = settings_of(Where(contracts=folder)).contracts
    try:
        catalog = load(folder)
    except ContractsError as error:
        problems, count = error.problems, 0
    else:
        problems, count = (), len(catalog)
        catalog.close()
    if as_json:
        told = {"folder": str(folder), "contracts": count, "problems": [dataclasses.asdict(each) for each in problems]}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return EXIT_FOUND if problems else 0
    for problem in problems:
        typer.echo(str(problem))
    if problems:
        typer.echo(f"{len(problems)} problem{_s(len(problems))}: a server would not take {folder} in service", err=True)
        return EXIT_FOUND
    typer.echo(f"{count} contract{_s(count)} {'is' if count == 1 else 'are'} good" if count else f"{folder} has no contracts")
    return 0


def _s(count: int) -> str:
    return "" if count == 1 else "s"
