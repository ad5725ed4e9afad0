"""`assay new`."""

from pathlib import Path
from typing import Annotated

import typer

_EventType = Annotated[str, typer.Argument(metavar="EVENT_TYPE", show_default=False, help="Such as `flight.arrived`.")]
_Samples = Annotated[
    list[str],
    typer.Option(
        "--from",
        metavar="FILE",
        show_default=False,
        help="Samples: NDJSON, CSV, TSV or Parquet; a folder or a glob of them; `-` is NDJSON on standard input. "
        "May be repeated.",
    ),
]
_Null = Annotated[
    list[str] | None,
    typer.Option("--null", metavar="TEXT", help="What stands in CSV for a missing value, such as NA; may be repeated."),
]
_Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="The module to write, in the contracts folder. Else it is printed.")
]
_Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]


def new(event_type: _EventType, *, samples: _Samples, null: _Null = None, out: _Out = None, force: _Force = False) -> None:
    """Draft a contract from samples of an event type.

    The draft accepts every sample. What a program cannot know is yours to add: bounds, rules, what is sensitive. Rows
    are read as `assay check` reads them; events of other types among them are left out.

        assay new user.registered --from users.ndjson --out contracts/users.py
    """
    from .draft import draft_contract  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    draft_contract(event_type, samples, nulls=frozenset(null or ()), out=out, force=force)
