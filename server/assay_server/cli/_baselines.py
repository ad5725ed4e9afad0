"""`assay baselines list | show | reset`."""

from typing import Annotated

import typer

from . import _options as options

baselines = typer.Typer(
    name="baselines",
    help="Show what history says, and make the checks that compare with it forget.",
    no_args_is_help=True,
)

_EventType = Annotated[str, typer.Argument(metavar="EVENT_TYPE", show_default=False, help="Such as `flight.arrived`.")]
_AnyType = Annotated[
    str | None, typer.Argument(metavar="[EVENT_TYPE]", show_default=False, help="Such as `flight.arrived`; else all.")
]
_Field = Annotated[
    str, typer.Argument(metavar="FIELD", show_default=False, help="Such as `arr_delay`, `/address/city` or `@speed`.")
]
_Check = Annotated[
    str | None, typer.Option("--check", metavar="CHECK", help="Such as `statistics.three_sigma`, where a field has several.")
]
_OfField = Annotated[str | None, typer.Option("--field", metavar="FIELD", help="Only what was learned of it.")]
_Group = Annotated[
    list[str] | None,
    typer.Option("--group", metavar="FIELD=VALUE", help="Whose history; one for each field that it goes by."),
]
_Groups = Annotated[int, typer.Option("--groups", metavar="NUMBER", min=1, help="How many groups to show, the largest first.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@baselines.command("list")
def list_all(
    event_type: _AnyType = None, *, data: options.Data = None, store: options.Store = None, as_json: options.AsJson = False
) -> None:
    """List what was learned: by event type, check and field, with how many groups and values."""
    from ._past import list_baselines  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    list_baselines(event_type, data, store, as_json=as_json)


@baselines.command()
def show(  # noqa: PLR0913  # Each is an option.
    event_type: _EventType,
    field: _Field,
    *,
    check: _Check = None,
    group: _Group = None,
    groups: _Groups = 5,
    contracts: options.Contracts = None,
    data: options.Data = None,
    store: options.Store = None,
    as_json: options.AsJson = False,
) -> None:
    """Show how a field's values lie in history, with the bounds beyond which a check finds a value.

    A check that needs only mean and deviation keeps no more than these, the least and the greatest value.

        assay baselines show flight.arrived arr_delay --group carrier=UA
    """
    from ._past import show_baselines  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    show_baselines(event_type, field, check, group or [], groups, contracts, data, store, as_json=as_json)


@baselines.command()
def reset(
    event_type: _EventType,
    *,
    check: _Check = None,
    field: _OfField = None,
    yes: _Yes = False,
    data: options.Data = None,
    store: options.Store = None,
) -> None:
    """Forget what was learned of an event type, and with all of it which files were learned. Running servers follow suit."""
    from ._past import reset_baselines  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    reset_baselines(event_type, check, field, data, store, yes=yes)
