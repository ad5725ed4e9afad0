"""Options that several commands have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

ROWS = "From rows to events"
JUDGE = "What judges"
HISTORY = "Where history is kept"
CONNECTION = "The connection to a server"
OUTPUT = "Output"

Contracts = Annotated[
    Path | None,
    typer.Option(
        "--contracts",
        metavar="DIR",
        rich_help_panel=JUDGE,
        help="The folder with the contracts, in this process. "
        "Else ASSAY_CONTRACTS, else what assay.toml says, else `contracts`.",
    ),
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="ADDRESS", rich_help_panel=JUDGE, help="A server instead, such as `localhost:50051`."),
]
Tls = Annotated[bool, typer.Option("--tls", rich_help_panel=CONNECTION, help="Encrypt, and trust the system's authorities.")]
TlsCa = Annotated[
    Path | None,
    typer.Option("--tls-ca", metavar="FILE", rich_help_panel=CONNECTION, help="Encrypt, and trust these authorities (PEM)."),
]
TlsCertificate = Annotated[
    Path | None,
    typer.Option("--tls-certificate", metavar="FILE", rich_help_panel=CONNECTION, help="For mTLS: your certificate (PEM)."),
]
TlsKey = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", rich_help_panel=CONNECTION, help="For mTLS: its key (PEM).")
]
Plaintext = Annotated[
    bool, typer.Option("--plaintext", rich_help_panel=CONNECTION, help="Do not encrypt, even to another machine.")
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN",
        envvar="ASSAY_TOKEN",
        show_envvar=True,
        rich_help_panel=CONNECTION,
        help="Who you are: sent with every call, as a bearer token.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        rich_help_panel=HISTORY,
        help="The folder with what was learned. Else ASSAY_DATA, else what assay.toml says, else `data`.",
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        rich_help_panel=HISTORY,
        help="The database with what was learned, such as `postgresql://…`, instead of the one in the folder.",
    ),
]
Timestamp = Annotated[
    str,
    typer.Option("--timestamp", metavar="COLUMN", rich_help_panel=ROWS, help="When such a row happened."),
]
EventId = Annotated[str, typer.Option("--id", metavar="COLUMN", rich_help_panel=ROWS, help="What identifies such a row.")]
ContractVersion = Annotated[
    str,
    typer.Option(
        "--contract-version", metavar="VERSION", rich_help_panel=ROWS, help="Which version of the contract such rows are for."
    ),
]
Nulls = Annotated[
    list[str] | None,
    typer.Option(
        "--null",
        metavar="TEXT",
        rich_help_panel=ROWS,
        help="What stands in CSV for a missing value, such as NA, besides an empty cell; may be repeated.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD",
        rich_help_panel=ROWS,
        help="What the contract calls a column; may be repeated.",
    ),
]
Query = Annotated[
    str | None,
    typer.Option(
        "--query",
        metavar="SELECT",
        rich_help_panel=ROWS,
        help="Take the rows that this makes of the files, in DuckDB's SQL: flights.parquet is the table `flights`.",
    ),
]
EventType = Annotated[str, typer.Argument(metavar="EVENT_TYPE", show_default=False, help="Such as `flight.arrived`.")]
Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="NDJSON, CSV, TSV (each also as .gz) or Parquet; a folder or a glob of them; `-` is NDJSON on standard input.",
    ),
]
Rejected = Annotated[
    str | None,
    typer.Option(
        "--rejected",
        metavar="FILE",
        rich_help_panel=OUTPUT,
        help="Write the rows there that envelope, schema or rules reject, as they are.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", rich_help_panel=OUTPUT, help="For programs: JSON on standard output.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where the contracts are: in a folder, or with a server."""

    contracts: Path | None = None
    data: Path | None = None
    server: str | None = None
    tls: bool = False
    tls_ca: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    plaintext: bool = False
    token: str | None = None

    @property
    def encrypts(self) -> bool:
        """Whether the connection to the server is to be encrypted."""
        return self.tls or any((self.tls_ca, self.tls_certificate, self.tls_key))
