"""From a folder of modules to the contracts in it, all or nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ._check import Checker
from ._contract import EventContract
from ._loaded import Catalog, Contract, Signature
from ._modules import Package, module_name
from ._places import problem_of
from ._problems import ContractsError, Problem
from ._sources import read_sources

_TABLES = frozenset({".csv", ".parquet"})
_ATTEMPTS = 5


def signature_of(folder: Path) -> Signature:
    """Return what tells whether anything in a folder of contracts has changed.

    Raises:
        OSError: If the folder cannot be read.
    """
    entries = []
    for path in sorted(_files(folder)):
        name = path.relative_to(folder).as_posix()
        try:
            status = path.stat()
        except OSError:  # It went, or is a link to nothing: what loads the folder will see.
            entries.append((name, 0, -1, 0))
        else:
            entries.append((name, status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(entries)


def load(folder: Path) -> Catalog:
    """Return the contracts of a folder, which may be none.

    Every file is read as it stands at one moment: where one changes meanwhile, the folder is read again.

    Raises:
        ContractsError: If the folder is missing, or anything in it is wrong; it tells of everything that is.
    """
    try:
        return _load_at_rest(folder)
    except (FileNotFoundError, NotADirectoryError):
        message = "there is no such folder"
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}"
    raise ContractsError([Problem(path=str(folder), message=message, remedy="Make it, or name another with --contracts.")])


def _load_at_rest(folder: Path) -> Catalog:
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


def _files(folder: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Yield the files of a folder that a catalog may rest on, hidden ones left out; links to folders are followed."""
    here = folder.resolve()
    if here in above:  # A link to a folder that it lies in.
        return
    try:
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        if above:  # It has just gone.
            return
        raise
    for path in paths:
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir():
            yield from _files(path, (*above, here))
        elif path.suffix == ".py" or path.suffix.lower() in _TABLES:
            yield path


def _load(folder: Path, signature: Signature) -> Catalog:
    sources, problems = read_sources(folder, [(path, size) for path, _, size, _ in signature])
    package = Package(sources)
    package.install()
    try:
        contracts, others = _contracts(package, folder, {module_name(PurePosixPath(problem.path)) for problem in problems})
    except BaseException:
        package.discard()
        raise
    if problems or others:
        package.discard()
        raise ContractsError([*problems, *others])
    return Catalog(contracts, package=package, signature=signature)


def _contracts(package: Package, folder: Path, unread: set[str]) -> tuple[list[Contract], list[Problem]]:
    """Return the contracts of a package, and what is wrong with it; what rests on a module that was not read is left out."""
    problems: list[Problem] = []
    contracts: list[Contract] = []
    for source in package.sources.values():
        if any(imported.imports() & unread for imported in package.with_imports(source)):
            continue
        try:
            package.load(source)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # An author's own code may raise anything.
            problem = problem_of(error, package, source)
            if problem not in problems:  # A module that fails does so again for each that imports it.
                problems.append(problem)
    for model in package.declared:
        declaring = package.source_of(model.__module__)
        if declaring is None or model.__module__ not in sys.modules or not issubclass(model, EventContract):
            continue
        checker = Checker(model, declaring, package, folder)
        contract = checker.contract()
        problems += checker.problems
        if contract is not None:
            contracts.append(contract)
    return contracts, [*problems, *_repeated(contracts)]


def _repeated(contracts: list[Contract]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Contract] = {}
    for contract in sorted(contracts, key=lambda contract: (contract.path, contract.line)):
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
