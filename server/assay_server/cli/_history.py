"""The history that commands learn and show, and where it is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay_server.baselines import Baselines, Series, Store
from assay_server.contracts import load
from assay_server.engine import Engine
from assay_server.settings import Settings

from ._errors import UserError
from ._where import require_folder


def settings_with(contracts: Path | None, data: Path | None) -> Settings:
    """Return the settings, with the folders that are named.

    Raises:
        SettingsError: If any of them cannot be.
        UserError: If there is no such folder of contracts.
    """
    settings = Settings.load(contracts=contracts, data=data)
    require_folder(settings.contracts)
    return settings


@contextmanager
def opened_store(settings: Settings, url: str | None) -> Iterator[Store]:
    """Open the store that is named, or else the one that the settings name, for a while.

    Raises:
        StoreError: If it cannot be used.
        SQLAlchemyError: If it cannot be reached.
    """
    store = Store(url or settings.baselines)
    try:
        store.prepare()
        yield store
    finally:
        store.close()


def learning_engine(settings: Settings) -> tuple[Engine, Baselines]:
    """Return an engine, and the empty history in memory that it reads and teaches.

    Raises:
        ContractsError: If the contracts cannot be loaded.
    """
    baselines = Baselines(limits=settings.baseline_limits)
    return Engine(load(settings.contracts), limits=settings.limits, baselines=baselines), baselines


def series_of(engine: Engine, event_type: str) -> list[Series]:
    """Return what all versions of a contract compare with.

    Raises:
        UserError: If there is no such contract, or it compares nothing with history.
    """
    contracts = [contract for contract in engine.catalog if contract.event_type == event_type]
    if not contracts:
        known = ", ".join(sorted({contract.event_type for contract in engine.catalog}))
        raise UserError(f"no contract describes {event_type}", f"There are contracts of {known}." if known else "")
    found = {series: None for contract in contracts for series in engine.series(event_type, str(contract.version))}
    if not found:
        raise UserError(
            f"the contract of {event_type} compares nothing with history",
            "Give a field a marker, such as Annotated[float, ThreeSigma()].",
        )
    return list(found)
