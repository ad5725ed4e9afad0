"""The composition root: the only place that knows all the others.

A server is one process that serves, or several and a supervisor, which is to be small: it does without gRPC.
"""

import asyncio
import contextlib
import functools
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import structlog

from assay_server import logs
from assay_server._addresses import ListenError
from assay_server._keeper import Keeper
from assay_server._process import StopSignals, collect_seldom, leave_behind_hung_threads, on_terminal, run, wake_gently
from assay_server._watchdog import Watchdog
from assay_server.admin import Admin, Condition, Phase, Process, Reloads, Source
from assay_server.baselines import Baselines, Store, StoreError
from assay_server.contracts import Catalog, ContractsError, Watcher, load
from assay_server.engine import Engine, ResourceError
from assay_server.models.registry import Registry, Shelf, TrialError, Trials, TryOut
from assay_server.settings import Settings, SettingsError
from assay_server.workers import Link, Supervisor, how_many

EXIT_WRONG = 2
"""The server cannot start as it is told to."""

_LOOK_AT_MODELS = 0.5  # Seconds.
_MARGIN = 2.0  # Seconds beyond drain_timeout for what comes after the last call.
_HURRY = 0.4  # Seconds that a worker goes on without its supervisor.
_WORKER = ("-m", "assay_server._worker")

_log = structlog.stdlib.get_logger(__name__)


def main(**flags: Any) -> int:
    """Serve until told to stop; return the process's exit code.

    Args:
        **flags: Settings by name; None for those that are not given.
    """
    try:
        settings = Settings.load(**flags)
    except SettingsError as error:
        return _complain(error)
    logs.set_up(settings.log_level, settings.log_format)
    count = how_many(settings.workers, settings.listen)
    return work(settings) if count == 1 else _run(lambda: supervise(settings, count))


def work(settings: Settings, link: Link | None = None) -> int:
    """Serve in this process until told to stop; return its exit code.

    Args:
        settings: What to serve by.
        link: Of a worker: the line to its supervisor.
    """
    if settings.batch_scheduling:
        wake_gently()
    trials = Trials()
    if link is None:
        _expect_trials(settings, trials)
    return _run(lambda: serve(settings, load(settings.contracts), trials, link), busy=True)


def _run(make: Callable[[], Coroutine[Any, Any, int]], *, busy: bool = False) -> int:
    try:
        code = run(make(), busy=busy)
    except (SettingsError, ContractsError, ResourceError, StoreError, ListenError) as error:
        code = _complain(error)
    leave_behind_hung_threads(code)
    return code


def _complain(error: Exception) -> int:
    sys.stderr.write(f"{error}\n")
    return EXIT_WRONG


async def supervise(settings: Settings, count: int) -> int:
    """Have so many workers serve until SIGTERM or SIGINT; return the worst of their exit codes.

    Raises:
        ListenError: If an address cannot be listened on.
    """
    patience = settings.drain_timeout + _MARGIN
    signals = StopSignals(patience + _MARGIN)
    trials = Trials()
    _expect_trials(settings, trials)
    supervisor = Supervisor(settings, count, _WORKER, patience, _trials(Registry(settings.models, trying=trials)))
    if not on_terminal():
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, supervisor.reload)
    admin = _admin(settings.admin, supervisor.source)
    try:
        return await supervisor.run(signals.wait())
    finally:
        trials.close()
        if admin is not None:
            admin.stop()


def _expect_trials(settings: Settings, trials: Trials) -> None:
    """Begin what tries models, if there may be one in service: it loads its libraries while contracts are loaded."""
    if Registry(settings.models).is_used():
        trials.begin()


def _trials(registry: Registry) -> Callable[[Any], Any]:
    """Return what answers workers that ask whether models may be taken."""

    def answer(versions: Any) -> list[str] | str:
        try:
            return registry.verify([(Path(folder), digest) for folder, digest in versions])
        except TrialError as error:
            return str(error)

    return answer


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
    from assay_server.rpc import Server  # noqa: PLC0415  # A supervisor does without.

    signals = StopSignals(settings.drain_timeout + _MARGIN)
    if not catalog:
        _log.warning("no contracts: every event will be refused until there are some", folder=str(settings.contracts))
    baselines = Baselines(Store(settings.baselines), limits=settings.baseline_limits)
    models = Shelf(Registry(settings.models, trying=trials if link is None else _tried_for_all(link)))
    engine = Engine(catalog, limits=settings.limits, baselines=baselines, models=models)
    keeper = Keeper(baselines, lambda: any(contract.statistics for contract in engine.catalog))
    condition = Condition(engine, baselines)
    source = Process(condition)
    if link is not None:
        link.lost = functools.partial(signals.hurry, _HURRY)
        link.source = source
    admin = _admin(settings.admin, source)
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
            await asyncio.wait_for(keeper.stop(), _MARGIN / 2)
        with contextlib.suppress(TimeoutError):  # What has not let go of the engine by now never will.
            await asyncio.wait_for(engine.close(), _MARGIN / 4)
        if admin is not None:
            admin.stop()
    _log.info("shut down")
    return 0


def _say_what_is_served(addresses: Sequence[str], catalog: Catalog, settings: Settings) -> None:
    for address in addresses:
        _log.info(f"listening on {address}", address=address, tls=settings.tls_certificate is not None)
    _log.info("contracts in service", contracts=_versions(catalog))


def _admin(address: str | None, source: Source) -> Admin | None:
    if address is None:
        return None
    admin = Admin(address, source)
    admin.start()
    _log.info(f"metrics and health at http://{admin.address}", address=admin.address)
    return admin


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
