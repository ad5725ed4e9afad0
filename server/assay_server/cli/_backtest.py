"""`assay backtest`."""

from pathlib import Path
from typing import Annotated

import typer

from . import _options as options
from ._errors import UserError

_Candidate = Annotated[
    Path | None,
    typer.Option(
        "--candidate",
        metavar="DIR",
        rich_help_panel=options.JUDGE,
        help="Contracts to judge by beside them: what would be flagged, and where the two differ.",
    ),
]
_Since = Annotated[
    str,
    typer.Option(
        "--since",
        metavar="TIME",
        rich_help_panel=options.ROWS,
        help="Count the events of this time and after; those before it only teach.",
    ),
]
_Until = Annotated[
    str, typer.Option("--until", metavar="TIME", rich_help_panel=options.ROWS, help="Leave out events of this time and after.")
]
_Differing = Annotated[
    str | None,
    typer.Option(
        "--differing",
        metavar="FILE",
        rich_help_panel=options.OUTPUT,
        help="Write the events there on which the two differ, as NDJSON: each with its payload and both verdicts.",
    ),
]


def backtest(  # noqa: PLR0913  # Each is an option.
    event_type: options.EventType,
    files: options.Files,
    *,
    timestamp: options.Timestamp = "",
    event_id: options.EventId = "",
    contract_version: options.ContractVersion = "",
    map_: options.Map = None,
    null: options.Nulls = None,
    query: options.Query = None,
    since: _Since = "",
    until: _Until = "",
    contracts: options.Contracts = None,
    candidate: _Candidate = None,
    differing: _Differing = None,
    as_json: options.AsJson = False,
) -> None:
    """Tell how many events of the past the contract would flag, and a candidate beside it: this is how to choose a threshold.

    Rows are read as `assay learn` reads them, and put in the order of their times; one without a time stays behind the row
    before it in its file. Each event is judged by what all those before it teach, and then teaches itself, as `assay learn`
    would have it: what envelope, schema or rules reject is left out, Clock is ignored, nothing is clipped. History begins
    empty and is kept in memory: no store is read or written.

    A check that had too little history for an event is counted apart, as warming up. With --since, the events before it are
    history and nothing else. The two sides differ on an event if one says it is valid and the other does not, or if other
    checks find something in it.

    Exits with 0 if all events that count are valid, by the candidate too if there is one; with 1 if any is not; and with 2 if
    not all of them could be judged.

        assay backtest flight.arrived flights.parquet --timestamp time_hour --since 2013-10-01

        assay backtest flight.arrived flights.parquet --timestamp time_hour --candidate stricter --differing differing.ndjson
    """
    from assay_server.files import parse_timestamp  # noqa: PLC0415

    from ._backtesting import Trial, run  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.
    from ._reading import names_of, rows_from  # noqa: PLC0415

    def time_of(option: str, value: str) -> int | None:
        try:
            return parse_timestamp(value) if value else None
        except ValueError as error:
            raise UserError(f"{option} {value}: {error}", "Write a time such as 2013-10-01 or 2013-10-01T12:00:00Z.") from None

    rows = rows_from(event_type, timestamp, event_id, contract_version, null)
    trial = Trial(
        event_type=event_type,
        files=files,
        rows=rows,
        names=names_of(map_ or []),
        query=query,
        since=time_of("--since", since),
        until=time_of("--until", until),
        contracts=contracts,
        candidate=candidate,
        differing=differing,
        as_json=as_json,
    )
    raise typer.Exit(run(trial))
