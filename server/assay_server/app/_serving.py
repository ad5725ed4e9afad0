"""One process that serves, alone or as a worker."""

import asyncio
import contextlib
import functools
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from assay_server._keeper import Keeper
from assay_server._process import StopSignals, collect_seldom, on_terminal, wake_gently
from assay_server._watchdog import Watchdog
from assay_server.admin import Phase
from assay_server.admin.serving import Condition, Reloads, ServingProcess
from assay_server.baselines import Baselines, Store, StoreError
from assay_server.contracts import Catalog, ContractsError, Watcher, load
from assay_server.engine import Engine, ResourceError
from assay_server.models.registry import Registry, Shelf, TrialError, Trials, TryOut
from assay_server.rpc import Server
from assay_server.settings import Settings
from assay_server.workers import Link

from ._running import MARGIN, admin_at, run_to_its_end

_LOOK_AT_MODELS = 0.5  # Seconds.
_HURRY = 0.4  # Seconds that a worker goes on without its supervisor.

_log = structlog.stdlib.get_logger(__name__)


def work(settings: Settings, link: Link | None = None) -> int:
    """Serve in this process until told to stop; return its exit code.

    Args:
        settings: What to serve by.
        link: Of a worker: the line to its supervisor.
    """
    if settings.batch_scheduling:
        wake_gently()
    trials = Trials()
    if link is None and Registry(settings.models).is_used():
        trials.begin()  # It loads its libraries while contracts are loaded.
    refusals = ContractsError, ResourceError, StoreError
    return run_to_its_end(lambda: serve(settings, load(settings.contracts), trials, link), *refusals, busy=True)


def _tried_for_all(link: Link) -> TryOut:
    """Return what has models tried once for all workers: so they all take them at the same time."""

    def try_out(versions: Sequence[tuple[Path, str]]) -> list[str]:
        answer = link.ask([(str(folder), digest) for folder, digest in versions])
        if not isinstance(answer, list):
            raise TrialError(answer or "the supervisor could not have it tried")
        return answer

    return try_out


async def serve(settings: Settings, catalog: Catalog, trials: Trials, link: Link | None = None) -> int:
    """Serve `catalog`, and what becomes of its folder, until SIGTERM or SIGINT.

    Raises:
        ResourceError: If a contract's resource cannot be opened.
        SettingsError: If the certificates cannot be used.
        ListenError: If an address cannot be listened on.
        StoreError: If the store of baselines is none that can be used.
    """
    signals = StopSignals(settings.drain_timeout + MARGIN)
    if not catalog:
        _log.warning("no contracts: every event will be refused until there are some", folder=str(settings.contracts))
    baselines = Baselines(Store(settings.baselines), limits=settings.baseline_limits)
    models = Shelf(Registry(settings.models, trying=trials if link is None else _tried_for_all(link)))
    engine = Engine(catalog, limits=settings.limits, baselines=baselines, models=models)
    keeper = Keeper(baselines, lambda: any(contract.statistics for contract in engine.catalog))
    condition = Condition(engine, baselines)
    source = ServingProcess(condition)
    if link is not None:
        link.lost = functools.partial(signals.hurry, _HURRY)
        link.source = source
    admin = admin_at(settings.admin, source)
    try:
        await engine.start()
        trials.close()
        await keeper.start()
        server = Server(engine, settings)
        await server.start()
        watcher = Watcher(settings.contracts, catalog)
        if not on_terminal():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, watcher.ask)
        collect_seldom()
        condition.phase = Phase.SERVING
        _say_what_is_served(server.addresses, catalog, settings)
        watchdog = Watchdog(settings.stall_after, engine.running_rule)
        watchdog.start()
        reloading = asyncio.create_task(reload(engine, watcher, condition.reloads), name="reload")
        refreshing = asyncio.create_task(refresh_models(engine), name="refresh models")
        await signals.wait()
        condition.phase = Phase.DRAINING
        _log.info("shutting down")
        reloading.cancel()
        refreshing.cancel()
        await server.leave()
        if not signals.hurried:
            await asyncio.sleep(settings.drain_pause)
        await server.stop(_HURRY / 2 if signals.hurried else settings.drain_timeout - settings.drain_pause)
        watchdog.stop()
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(keeper.stop(), MARGIN / 2)
        with contextlib.suppress(TimeoutError):  # What has not let go of the engine by now never will.
            await asyncio.wait_for(engine.close(), MARGIN / 4)
        if admin is not None:
            admin.stop()
    _log.info("shut down")
    return 0


def _say_what_is_served(addresses: Sequence[str], catalog: Catalog, settings: Settings) -> None:
    for address in addresses:
        _log.info(f"listening on {address}", address=address, tls=settings.tls_certificate is not None)
    _log.info("contracts in service", contracts=_versions(catalog))


async def reload(engine: Engine, watcher: Watcher, reloads: Reloads) -> None:
    """Put what becomes of a contracts folder in service; what cannot be leaves the contracts as they are."""
    async for found in watcher.changes():
        try:
            if isinstance(found, ContractsError):
                raise found
            await engine.replace(found)
        except (ContractsError, ResourceError) as error:
            reloads.failures += 1
            problems = error.problems if isinstance(error, ContractsError) else (error,)
            for problem in problems:
                _log.error("contracts not replaced", problem=str(problem), failures=reloads.failures)
        else:
            reloads.successes += 1
            _log.info("contracts replaced", contracts=_versions(found))


async def refresh_models(engine: Engine) -> None:
    """Look twice a second whether other models have been activated, and take them; all processes at the same moments."""
    while True:
        await asyncio.sleep(_LOOK_AT_MODELS - time.time() % _LOOK_AT_MODELS)
        await engine.models.refresh()


def _versions(catalog: Catalog) -> list[str]:
    return [f"{contract.event_type} {contract.full_version}" for contract in catalog]
