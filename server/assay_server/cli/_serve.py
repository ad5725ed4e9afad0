"""`assay serve`."""

from pathlib import Path
from typing import Annotated, Any

import typer


def serve(  # noqa: PLR0913  # Each is a flag.
    *,
    listen: Annotated[list[str] | None, typer.Option(help="Where to listen: HOST:PORT or unix:PATH; may be repeated.")] = None,
    admin: Annotated[str | None, typer.Option(help="Where to serve metrics and health over HTTP: HOST:PORT, or off.")] = None,
    workers: Annotated[int | None, typer.Option(help="How many processes serve; by default one a core.")] = None,
    contracts: Annotated[Path | None, typer.Option(help="The folder with the contracts.")] = None,
    data: Annotated[Path | None, typer.Option(help="The folder for what the server learns.")] = None,
    store: Annotated[str | None, typer.Option(help="The URL of the database for baselines; else a file in --data.")] = None,
    config: Annotated[Path | None, typer.Option(help="The file with settings; assay.toml if there is one.")] = None,
    tls_certificate: Annotated[Path | None, typer.Option(help="The server's certificate chain, in PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key, in PEM.")] = None,
    tls_client_ca: Annotated[Path | None, typer.Option(help="Who signs the callers' certificates, for mTLS.")] = None,
    insecure: Annotated[bool | None, typer.Option("--insecure", help="Allow plain text beyond this machine.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    log_format: Annotated[str | None, typer.Option(help="auto, console or json.")] = None,
    others: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; may be repeated.")
    ] = None,
) -> None:
    """Serve the contracts of a folder over gRPC, in the foreground.

    Flags beat the environment (ASSAY_LISTEN and so on), which beats assay.toml; README lists all settings. On SIGTERM the
    server finishes what it has begun, and exits with 0; on SIGHUP it loads the contracts anew. It exits with 2 if it cannot
    start as it is told to.
    """
    # The server's libraries take most of a second to import, which the other commands need not wait for.
    from assay_server.app import main  # noqa: PLC0415

    flags: dict[str, Any] = {
        "listen": listen or None,
        "admin": admin,
        "workers": workers,
        "contracts": contracts,
        "data": data,
        "store": store,
        "config": config,
        "tls_certificate": tls_certificate,
        "tls_key": tls_key,
        "tls_client_ca": tls_client_ca,
        "insecure": insecure,
        "log_level": log_level,
        "log_format": log_format,
    }
    for other in others or ():
        name, equals, value = other.partition("=")
        if not equals or flags.get(name) is not None:
            raise typer.BadParameter(f"{other!r}: write NAME=VALUE, and each setting once", param_hint="--set")
        flags[name] = value
    raise typer.Exit(main(**flags))
