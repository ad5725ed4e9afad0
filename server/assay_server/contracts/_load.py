"""From a folder of modules to the contracts in it, all or nothing."""

import inspect
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import ModuleType

from ._check import Checker
from ._contract import EventContract
from ._loaded import Catalog, Contract, Signature
from ._modules import Package, Source
from ._places import problem_of
from ._problems import ContractsError, Problem

_SUFFIXES = frozenset({".py", ".csv", ".parquet"})
_ATTEMPTS = 5


def signature_of(folder: Path) -> Signature:
    """Return what tells whether anything in a folder of contracts has changed.

    Raises:
        OSError: If the folder cannot be read.
    """
    entries = []
    for path in _files(folder):
        try:
            status = (folder / path).stat()
        except FileNotFoundError:  # It went, or is a link to nothing: what loads the folder will see.
            continue
        entries.append((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(entries)


def load(folder: Path) -> Catalog:
    """Return the contracts of a folder, which may be none.

    Every file is read as it stands at one moment: where one changes meanwhile, the folder is read again.

    Raises:
        ContractsError: If the folder is missing, or anything in it is wrong; it tells of everything that is.
    """
    if not folder.is_dir():
        raise ContractsError(
            [Problem(path=str(folder), message="there is no such folder", remedy="Make it, or name another with --contracts.")]
        )
    for _ in range(_ATTEMPTS):
        signature = signature_of(folder)
        failure: ContractsError | None = None
        catalog: Catalog | None = None
        try:
            catalog = _load(folder, signature)
        except ContractsError as error:
            failure = error
        if signature_of(folder) == signature:
            if failure is not None:
                raise failure
            if catalog is not None:
                return catalog
        if catalog is not None:
            catalog.close()
    raise ContractsError(
        [Problem(path=str(folder), message="the folder changes faster than it can be read", remedy="Wait, and load it again.")]
    )


def _files(folder: Path) -> list[PurePosixPath]:
    """Return the files of a folder that a catalog may rest on, relative to it; hidden ones are left out."""
    paths = (PurePosixPath(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in _SUFFIXES)
    return sorted(path for path in paths if not any(part.startswith((".", "__pycache__")) for part in path.parts))


def _load(folder: Path, signature: Signature) -> Catalog:
    package = Package(_sources(folder, signature))
    package.install()
    try:
        contracts = _contracts(package, folder)
    except BaseException:
        package.discard()
        raise
    return Catalog(contracts, package=package, signature=signature)


def _sources(folder: Path, signature: Signature) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for entry, _, size, _ in signature:
        path = PurePosixPath(entry)
        if path.suffix != ".py":
            continue
        problem = _unfit(path, size)
        if problem is None:
            try:
                source = Source.parse(folder, path)
                sources[source.name] = source
            except SyntaxError as error:
                problem = Problem(
                    path=entry, line=error.lineno, message=f"this is no Python: {error.msg}", remedy="Mend the syntax."
                )
            except (OSError, ValueError) as error:
                problem = Problem(path=entry, message=f"it cannot be read: {error}", remedy="Write it as UTF-8 text.")
        if problem is not None:
            problems.append(problem)
    if problems:
        raise ContractsError(problems)
    return sources


def _unfit(path: PurePosixPath, size: int) -> Problem | None:
    if "." in path.stem:
        return Problem(path=str(path), message="a module's name cannot have a dot", remedy="Rename the file.")
    if size == 0 and path.name != "__init__.py":
        return Problem(
            path=str(path), message="the file is empty", remedy="If it is being written, wait; if it is not needed, delete it."
        )
    return None


def _contracts(package: Package, folder: Path) -> list[Contract]:
    problems: list[Problem] = []
    contracts: list[Contract] = []
    for source in package.sources.values():
        try:
            module = package.load(source)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # An author's own code may raise anything.
            problem = problem_of(error, package, source)
            if problem not in problems:  # A module that fails does so again for each that imports it.
                problems.append(problem)
            continue
        for model in _models(module):
            checker = Checker(model, source, package, folder)
            contract = checker.contract()
            problems += checker.problems
            if contract is not None:
                contracts.append(contract)
    problems += _repeated(contracts)
    if problems:
        raise ContractsError(problems)
    return contracts


def _models(module: ModuleType) -> Iterator[type[EventContract]]:
    for _, model in inspect.getmembers(module, inspect.isclass):
        if not issubclass(model, EventContract) or model.__module__ != module.__name__:
            continue
        if model.__assay_event_type__ is not None or model.__assay_version__ is not None:
            yield model


def _repeated(contracts: list[Contract]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Contract] = {}
    for contract in contracts:
        other = first.setdefault((contract.event_type, str(contract.version)), contract)
        if other is not contract:
            yield Problem(
                path=contract.path,
                line=contract.line,
                contract=contract.model.__name__,
                message=f"{contract.event_type} {contract.version} is described in {other.path}:{other.line} too, "
                f"by {other.model.__name__}",
                remedy="Give one of them another version or event type.",
            )
