"""`assay check`."""

from typing import Annotated, Literal

import typer

from . import _options as options

Level = Literal["audit", "warn", "reject"]

_Type = Annotated[
    str,
    typer.Option(
        "--type", "-t", metavar="EVENT_TYPE", rich_help_panel=options.ROWS, help="What rows are that are no events themselves."
    ),
]
_Explain = Annotated[
    bool, typer.Option("--explain", rich_help_panel=options.OUTPUT, help="In --output: what each check saw, on every event.")
]
_Normalized = Annotated[
    bool,
    typer.Option("--normalized", rich_help_panel=options.OUTPUT, help="In --output: the payload as its contract reads it."),
]
_ReportFrom = Annotated[
    Level, typer.Option("--report-from", rich_help_panel=options.JUDGE, help="The least strict findings to report.")
]
_RejectFrom = Annotated[
    Level,
    typer.Option(
        "--reject-from", rich_help_panel=options.JUDGE, help="The least strict findings that make an event not valid."
    ),
]
_Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=options.OUTPUT,
        help="Write all verdicts there, as NDJSON: each with its `file` and `row`, then as the wire contract names things.",
    ),
]
_Valid = Annotated[
    str | None,
    typer.Option(
        "--valid", metavar="FILE", rich_help_panel=options.OUTPUT, help="Write the rows there that are valid, just as they are."
    ),
]
_Invalid = Annotated[
    str | None,
    typer.Option(
        "--invalid", metavar="FILE", rich_help_panel=options.OUTPUT, help="Write the other rows there, just as they are."
    ),
]


def check(  # noqa: PLR0913  # Each is an option.
    files: options.Files,
    *,
    event_type: _Type = "",
    timestamp: options.Timestamp = "",
    event_id: options.EventId = "",
    contract_version: options.ContractVersion = "",
    null: options.Nulls = None,
    contracts: options.Contracts = None,
    data: options.Data = None,
    server: options.Server = None,
    report_from: _ReportFrom = "warn",
    reject_from: _RejectFrom = "reject",
    output: _Output = None,
    valid: _Valid = None,
    invalid: _Invalid = None,
    as_json: options.AsJson = False,
    explain: _Explain = False,
    normalized: _Normalized = False,
    tls: options.Tls = False,
    tls_ca: options.TlsCa = None,
    tls_certificate: options.TlsCertificate = None,
    tls_key: options.TlsKey = None,
    plaintext: options.Plaintext = False,
    token: options.Token = None,
) -> None:
    """Judge the events in files, and sum up what was found. Nothing is learned from them.

    A row with an `event_type` and an object `payload` is an event, with its own `timestamp`, `event_id` and
    `contract_version`. Any other row is the payload of `--type`. In CSV an empty cell is a key that is not there, in Parquet
    null and NaN are; a timestamp is RFC 3339, a date, or a number of seconds (or milli-, micro-, nanoseconds) since 1970.

    Exits with 0 if all events are valid, with 1 if any is not, and with 2 if not all of them could be judged. Files are
    written under the name FILE.partial, and get their own once they are whole.

        assay check events.ndjson

        assay check flights.csv --type flight.arrived --timestamp time_hour --null NA --invalid bad.csv

        tail -f events.ndjson | assay check - --server localhost:50051 --output -
    """
    from ._checking import Outputs, Wishes, run  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.
    from ._reading import rows_from  # noqa: PLC0415

    where = options.Where(
        contracts=contracts,
        data=data,
        server=server,
        tls=tls,
        tls_ca=tls_ca,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        plaintext=plaintext,
        token=token,
    )
    rows = rows_from(event_type, timestamp, event_id, contract_version, null)
    wishes = Wishes(explain=explain, normalized=normalized, report_from=report_from, reject_from=reject_from)
    outputs = Outputs(verdicts=output, valid=valid, invalid=invalid, as_json=as_json)
    raise typer.Exit(run(files, rows, where, wishes, outputs))
