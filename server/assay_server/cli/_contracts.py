"""`assay contracts list | show | lint`."""

from pathlib import Path
from typing import Annotated

import typer

from . import _options as options

contracts = typer.Typer(
    name="contracts",
    help="Show the contracts of a folder or of a server, and find what is wrong with them.",
    no_args_is_help=True,
)

_EventType = Annotated[str, typer.Argument(metavar="EVENT_TYPE", show_default=False, help="Such as `flight.arrived`.")]
_Version = Annotated[
    str, typer.Option("--version", metavar="VERSION", help="Such as `1.2.0`, or `1` for the newest that begins so.")
]
_Folder = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR",
        show_default=False,
        help="The folder. Else ASSAY_CONTRACTS, else what assay.toml says, else `contracts`.",
    ),
]


@contracts.command("list")
def list_all(  # noqa: PLR0913  # Each is an option.
    *,
    contracts: options.Contracts = None,
    server: options.Server = None,
    as_json: options.AsJson = False,
    tls: options.Tls = False,
    tls_ca: options.TlsCa = None,
    tls_certificate: options.TlsCertificate = None,
    tls_key: options.TlsKey = None,
    plaintext: options.Plaintext = False,
    token: options.Token = None,
) -> None:
    """List the event types, with the versions of their contracts, newest first."""
    from ._showing import list_contracts  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    where = options.Where(
        contracts=contracts,
        server=server,
        tls=tls,
        tls_ca=tls_ca,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        plaintext=plaintext,
        token=token,
    )
    list_contracts(where, as_json=as_json)


@contracts.command()
def show(  # noqa: PLR0913  # Each is an option.
    event_type: _EventType,
    *,
    version: _Version = "",
    contracts: options.Contracts = None,
    server: options.Server = None,
    as_json: options.AsJson = False,
    tls: options.Tls = False,
    tls_ca: options.TlsCa = None,
    tls_certificate: options.TlsCertificate = None,
    tls_key: options.TlsKey = None,
    plaintext: options.Plaintext = False,
    token: options.Token = None,
) -> None:
    """Show what a contract expects: its fields and checks, and a call for grpcurl, ready to paste."""
    from ._showing import show_contract  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    where = options.Where(
        contracts=contracts,
        server=server,
        tls=tls,
        tls_ca=tls_ca,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        plaintext=plaintext,
        token=token,
    )
    show_contract(where, event_type, version, as_json=as_json)


@contracts.command()
def lint(folder: _Folder = None, *, contracts: options.Contracts = None, as_json: options.AsJson = False) -> None:
    """Load a folder of contracts as a server would, and list all that is wrong with it.

    Exits with 0 if all contracts are good, with 1 if any is not, and with 2 if there is no such folder.
    """
    from ._linting import lint_folder  # noqa: PLC0415  # It loads the engine, for which `assay --help` need not wait.

    raise typer.Exit(lint_folder(folder or contracts, as_json=as_json))
