"""`assay learn`."""

from typing import Annotated

import typer

from . import _options as options

_Again = Annotated[
    bool, typer.Option("--again", rich_help_panel=options.HISTORY, help="Count files that have been learned before once more.")
]
_Replace = Annotated[
    bool,
    typer.Option(
        "--replace", rich_help_panel=options.HISTORY, help="Forget all that is known of the event type, and start over."
    ),
]


def learn(  # noqa: PLR0913  # Each is an option.
    event_type: options.EventType,
    files: options.Files,
    *,
    timestamp: options.Timestamp = "",
    event_id: options.EventId = "",
    contract_version: options.ContractVersion = "",
    map_: options.Map = None,
    null: options.Nulls = None,
    query: options.Query = None,
    contracts: options.Contracts = None,
    data: options.Data = None,
    store: options.Store = None,
    again: _Again = False,
    replace: _Replace = False,
    rejected: options.Rejected = None,
    as_json: options.AsJson = False,
) -> None:
    """Teach history the events in files, for the checks that compare with it.

    Rows are read as `assay check` reads them, and go through their contract: what envelope, schema or rules reject is left
    out, whatever is older than its Clock allows is not. All is learned at once in the end, or nothing; running servers read it
    within a second. From then on, live events move what verdicts read only so far from it.

    A file that was learned before is recognised by its content, and refused. Of standard input that is not so.

    Exits with 0 if something was learned, with 1 if no event was fit for it, and with 2 if it could not be done.

        assay learn flight.arrived flights.csv --timestamp time_hour --null NA --rejected left_out.csv

        assay learn flight.arrived flights.parquet airports.csv --query
        'SELECT f.* FROM flights f JOIN airports a ON a.faa = f.dest'
    """
    from ._learning import Teaching, run  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.
    from ._reading import names_of, rows_from  # noqa: PLC0415

    rows = rows_from(event_type, timestamp, event_id, contract_version, null)
    teaching = Teaching(
        event_type=event_type,
        files=files,
        rows=rows,
        names=names_of(map_ or []),
        query=query,
        rejected=rejected,
        again=again,
        replace=replace,
        contracts=contracts,
        data=data,
        store=store,
        as_json=as_json,
    )
    raise typer.Exit(run(teaching))
