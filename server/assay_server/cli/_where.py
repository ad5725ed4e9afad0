"""The engine or the server that a command is to use."""

import sys
from pathlib import Path

from assay_client import Client, Tls
from assay_server.baselines import Baselines, Store
from assay_server.contracts import Catalog, load
from assay_server.engine import Engine
from assay_server.models.registry import Registry, Shelf
from assay_server.settings import Settings

from ._errors import UserError
from ._options import Where

_SECONDS = 10.0


def connect(where: Where) -> Client:
    """Return a client of the server that is named.

    Raises:
        UserError: If the options do not go together, or do not suffice.
    """
    if where.contracts is not None:
        raise UserError("--server and --contracts exclude each other", "A server has contracts of its own: leave one out.")
    if where.data is not None:
        raise UserError("--server and --data exclude each other", "A server has history of its own: leave one out.")
    if (where.tls_certificate is None) != (where.tls_key is None):
        raise UserError("--tls-certificate and --tls-key go together", "Give both, or neither.")
    if where.encrypts and where.plaintext:
        raise UserError("--plaintext excludes --tls and its options", "Leave one of them out.")
    tls = None
    if where.encrypts:
        tls = Tls(root_certificates=where.tls_ca, certificate_chain=where.tls_certificate, private_key=where.tls_key)
    address = where.server or ""
    try:
        return Client(address, tls=tls, plaintext=where.plaintext, token=where.token, timeout=_SECONDS)
    except OSError as error:
        raise UserError(f"{error.filename}: it cannot be read: {error.strerror}", "Name a PEM file.") from None
    except ValueError:
        remedy = "Encrypt with --tls, or --tls-ca FILE; or say --plaintext, and send events and tokens unprotected."
        raise UserError(f"{address} is not on this machine", remedy) from None


def settings_of(where: Where) -> Settings:
    """Return the settings, with the folder that is named.

    Raises:
        SettingsError: If any of them cannot be.
        UserError: If there is no such folder.
    """
    settings = Settings.load(contracts=where.contracts, data=where.data)
    require_folder(settings.contracts)
    return settings


def require_folder(folder: Path) -> None:
    """See that there is a folder of contracts.

    Raises:
        UserError: If there is none.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder", "Name the contracts with --contracts DIR, or a --server ADDRESS.")


def engine_of(where: Where) -> Engine:
    """Return an engine with the contracts that are named, and the limits, history and models that a server would have.

    History that cannot be read leaves the checks that compare with it WARMING_UP, and is said on standard error.

    Raises:
        ContractsError: If they cannot be loaded.
        SettingsError: If a setting cannot be.
        UserError: If there is no such folder.
    """
    settings = settings_of(where)
    there = not isinstance(settings.baselines, Path) or settings.baselines.exists()
    baselines = Baselines(Store(settings.baselines), limits=settings.baseline_limits) if there else None
    models = Shelf(Registry(settings.models))
    engine = Engine(load(settings.contracts), limits=settings.limits, baselines=baselines, models=models)
    if baselines is not None:
        if error := baselines.exchange().error:
            sys.stderr.write(f"history cannot be read: {error}\n")
        baselines.close()
    return engine


def catalog_of(where: Where) -> Catalog:
    """Return the contracts that are named, with nothing that they need opened.

    Raises:
        ContractsError: If they cannot be loaded.
        SettingsError: If a setting cannot be.
        UserError: If there is no such folder.
    """
    return load(settings_of(where).contracts)
