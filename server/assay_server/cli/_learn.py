"""`assay learn`."""

from typing import Annotated

import typer

from . import _options as options
from ._errors import UserError

_EventType = Annotated[str, typer.Argument(metavar="EVENT_TYPE", show_default=False, help="Such as `flight.arrived`.")]
_Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="NDJSON, CSV, TSV (each also as .gz) or Parquet; a folder or a glob of them; `-` is NDJSON on standard input.",
    ),
]
_Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD",
        rich_help_panel=options.ROWS,
        help="What the contract calls a column; may be repeated.",
    ),
]
_Query = Annotated[
    str | None,
    typer.Option(
        "--query",
        metavar="SELECT",
        rich_help_panel=options.ROWS,
        help="Learn the rows that this makes of the files, in DuckDB's SQL: flights.parquet is the table `flights`.",
    ),
]
_Rejected = Annotated[
    str | None,
    typer.Option(
        "--rejected",
        metavar="FILE",
        rich_help_panel=options.OUTPUT,
        help="Write the rows there that are left out, as they are.",
    ),
]
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
    event_type: _EventType,
    files: _Files,
    *,
    timestamp: options.Timestamp = "",
    event_id: options.EventId = "",
    contract_version: options.ContractVersion = "",
    map_: _Map = None,
    null: options.Nulls = None,
    query: _Query = None,
    contracts: options.Contracts = None,
    data: options.Data = None,
    store: options.Store = None,
    again: _Again = False,
    replace: _Replace = False,
    rejected: _Rejected = None,
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
    from assay_server.files import RowOptions  # noqa: PLC0415

    from ._learning import Teaching, run  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    rows = RowOptions(
        event_type=event_type,
        timestamp=timestamp,
        event_id=event_id,
        contract_version=contract_version,
        nulls=frozenset(null or ()),
    )
    teaching = Teaching(
        event_type=event_type,
        files=files,
        rows=rows,
        names=_names(map_ or []),
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


def _names(pairs: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for pair in pairs:
        column, _, field = pair.partition("=")
        if not column or not field:
            raise UserError(f"--map {pair}: it says no column and field", "Write --map COLUMN=FIELD.")
        if column in names or field in names.values():
            raise UserError(f"--map {pair}: one of the two is mapped twice", "Map each column to a field of its own.")
        names[column] = field
    return names
