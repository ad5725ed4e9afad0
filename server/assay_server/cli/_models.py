"""`assay models list | show | activate | rollback | prune`."""

from typing import Annotated

import typer

from . import _options as options

models = typer.Typer(
    name="models",
    help="Show what was trained, and say which model is in service. Running servers follow suit within a second or two.",
    no_args_is_help=True,
)

_EventType = Annotated[str, typer.Argument(metavar="EVENT_TYPE", show_default=False, help="Such as `flight.arrived`.")]
_AnyType = Annotated[
    str | None, typer.Argument(metavar="[EVENT_TYPE]", show_default=False, help="Such as `flight.arrived`; else all.")
]
_Name = Annotated[
    str, typer.Argument(metavar="NAME", show_default=False, help="What the contract calls it: `unusual` of `anomaly.unusual`.")
]
_AnyName = Annotated[
    str | None, typer.Argument(metavar="[NAME]", show_default=False, help="What the contract calls it; else all.")
]
_Version = Annotated[
    str | None,
    typer.Argument(metavar="[VERSION]", show_default=False, help="Such as `7+51c0de42`, or `7` alone; else the newest."),
]
_Audit = Annotated[
    bool, typer.Option("--audit", help="On trial, beside the one in service: its findings are counted, and shown to who asks.")
]
_EndAudit = Annotated[bool, typer.Option("--audit", help="End the trial of the one on audit; the one in service stays.")]
_Keep = Annotated[int, typer.Option("--keep", metavar="NUMBER", min=0, help="How many of each model stay, the newest.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@models.command("list")
def list_all(event_type: _AnyType = None, *, data: options.Data = None, as_json: options.AsJson = False) -> None:
    """List the versions that there are, the newest first, and which are in service."""
    from ._modelling import list_models  # noqa: PLC0415  # It loads what `assay --help` need not wait for.

    list_models(event_type, data, as_json=as_json)


@models.command()
def show(
    event_type: _EventType,
    name: _Name,
    version: _Version = None,
    *,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what a version was trained on and with, and how good it is."""
    from ._modelling import show_model  # noqa: PLC0415  # It loads what `assay --help` need not wait for.

    show_model(event_type, name, version, data, as_json=as_json)


@models.command()
def activate(
    event_type: _EventType,
    name: _Name,
    version: _Version = None,
    *,
    audit: _Audit = False,
    contracts: options.Contracts = None,
    data: options.Data = None,
) -> None:
    """Put a version in service, or on trial, once it was tried in a process of its own.

    A version that is damaged, was trained for other features than the contract has, or gives other scores than in training is
    refused, and the one in service stays.

        assay models activate flight.arrived unusual 7 --audit
    """
    from ._modelling import activate_model  # noqa: PLC0415  # It loads what `assay --help` need not wait for.

    activate_model(event_type, name, version, contracts, data, audit=audit)


@models.command()
def rollback(
    event_type: _EventType,
    name: _Name,
    *,
    audit: _EndAudit = False,
    contracts: options.Contracts = None,
    data: options.Data = None,
) -> None:
    """Put the version in service again that was before."""
    from ._modelling import end_audit, roll_back  # noqa: PLC0415  # It loads what `assay --help` need not wait for.

    if audit:
        end_audit(event_type, name, data)
    else:
        roll_back(event_type, name, contracts, data)


@models.command()
def prune(
    event_type: _AnyType = None,
    name: _AnyName = None,
    *,
    keep: _Keep = 5,
    yes: _Yes = False,
    data: options.Data = None,
) -> None:
    """Remove old versions, but for those in service, on trial, or in service before; and what was left unfinished."""
    from ._modelling import prune_models  # noqa: PLC0415  # It loads what `assay --help` need not wait for.

    prune_models(event_type, name, keep, data, yes=yes)
