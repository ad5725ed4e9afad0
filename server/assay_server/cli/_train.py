"""`assay train`."""

from typing import Annotated

import typer

from . import _options as options
from ._errors import UserError

_Model = Annotated[
    list[str] | None,
    typer.Option("--model", metavar="NAME", help="Which of the contract's models; may be repeated. All of them by default."),
]
_Seed = Annotated[
    int,
    typer.Option("--seed", min=0, max=2**32 - 1, help="Whatever is random is so from this number: it gives the same again."),
]
_Activate = Annotated[bool, typer.Option("--activate", help="Put what is trained in service; running servers follow suit.")]
_Audit = Annotated[
    bool,
    typer.Option("--audit", help="Put what is trained on trial, beside what is in service: counted, shown to those who ask."),
]
_Shown = Annotated[
    int,
    typer.Option(
        "--show",
        metavar="NUMBER",
        min=0,
        max=1000,
        rich_help_panel=options.OUTPUT,
        help="How many of the most anomalous later events to show.",
    ),
]


def train(  # noqa: PLR0913  # Each is an option.
    event_type: options.EventType,
    files: options.Files,
    *,
    model: _Model = None,
    seed: _Seed = 0,
    activate: _Activate = False,
    audit: _Audit = False,
    timestamp: options.Timestamp = "",
    event_id: options.EventId = "",
    contract_version: options.ContractVersion = "",
    map_: options.Map = None,
    null: options.Nulls = None,
    query: options.Query = None,
    contracts: options.Contracts = None,
    data: options.Data = None,
    show: _Shown = 5,
    rejected: options.Rejected = None,
    as_json: options.AsJson = False,
) -> None:
    """Train the models that a contract declares, on the events in files, and keep them as new versions.

    Rows are read as `assay learn` reads them, and go through their contract: what envelope, schema or rules reject is left
    out, and so is an event that lacks a feature, or the label. How old an event is does not matter.

    A model is trained on the earlier four fifths of the events, and tried on the last fifth: it is told how many of those it
    would flag, which the most anomalous are and why, and how long scoring takes. Nothing is put in service unless --activate
    or --audit says so: see `assay models`.

    Exits with 0 if all models were trained, with 1 if no event was fit for it, and with 2 if it could not be done; then none
    is kept.

        assay train flight.arrived flights.parquet --timestamp time_hour --activate
    """
    from ._reading import names_of, rows_from  # noqa: PLC0415
    from ._training import Training, run  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    if activate and audit:
        raise UserError("--activate and --audit exclude each other", "Give one of them.")
    rows = rows_from(event_type, timestamp, event_id, contract_version, null)
    training = Training(
        event_type=event_type,
        files=files,
        rows=rows,
        names=names_of(map_ or []),
        query=query,
        models=tuple(dict.fromkeys(model or ())),
        seed=seed,
        activate=activate,
        audit=audit,
        contracts=contracts,
        data=data,
        shown=show,
        rejected=rejected,
        as_json=as_json,
    )
    raise typer.Exit(run(training))
