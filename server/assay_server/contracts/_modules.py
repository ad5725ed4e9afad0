"""The modules of a contracts folder, imported under a package name of their own.

Every load imports the folder anew and under a new name, so that the old contracts go on as they are until the new ones are
complete. Modules of the folder import each other relatively: `from .common import Currency`.
"""

import ast
import importlib
import itertools
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePosixPath
from types import CodeType, ModuleType

_serial = itertools.count(1)

_finders = threading.Lock()
"""Held while `sys.meta_path` is replaced; it is never changed in place, since other threads may be importing."""


def module_name(path: PurePosixPath) -> str:
    """Return the name that a file gives a module: "billing.payments", and empty for the folder's own `__init__.py`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True, slots=True)
class Source:
    """One module as it stood when the folder was read."""

    path: PurePosixPath
    """Relative to the folder."""
    name: str
    """Relative to the package, see `module_name`."""
    tree: ast.Module
    code: CodeType

    @classmethod
    def parse(cls, folder: Path, path: PurePosixPath) -> "Source":
        """Read and compile a module.

        Raises:
            SyntaxError, ValueError: If it is no Python.
            RecursionError, MemoryError: If it is nested too deep for Python.
            OSError: If it cannot be read.
        """
        file = folder / path
        text = file.read_bytes()
        tree = ast.parse(text, str(file))
        return cls(path, module_name(path), tree, compile(tree, str(file), "exec", dont_inherit=True))

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def imports(self) -> set[str]:
        """Return the names of the modules of the folder that this one may import, itself left out."""
        package = self.name.split(".") if self.name else []
        if not self.is_package:
            package = package[:-1]
        names: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(package) + 1:
                base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
                names.update(".".join(base[:end]) for end in range(len(base) + 1))
                names.update(".".join([*base, alias.name]) for alias in node.names)
        return names - {self.name}


@dataclass(slots=True, eq=False)
class Package(MetaPathFinder, Loader):
    """The modules of a folder as a package, importable until `discard`."""

    sources: dict[str, Source]
    root: str = field(default_factory=lambda: f"assay_contracts_{next(_serial)}")
    declared: list[type] = field(default_factory=list)
    """The contracts that the modules define, wherever in them, in the order in which they came to be."""

    def install(self) -> None:
        """Make the modules importable."""
        with _finders:
            sys.meta_path = [self, *sys.meta_path]

    def discard(self) -> None:
        """Forget the modules."""
        with _finders:
            sys.meta_path = [finder for finder in sys.meta_path if finder is not self]
        for name in list(sys.modules):
            if name == self.root or name.startswith(f"{self.root}."):
                del sys.modules[name]

    def load(self, source: Source) -> ModuleType:
        """Import a module; raises whatever its code raises."""
        return importlib.import_module(f"{self.root}.{source.name}" if source.name else self.root)

    def with_imports(self, source: Source) -> list[Source]:
        """Return a module and all those of the folder that it imports, directly or through others, by path."""
        names, waiting = {source.name}, [source.name]
        while waiting:
            for name in self.sources[waiting.pop()].imports() & self.sources.keys() - names:
                names.add(name)
                waiting.append(name)
        return sorted((self.sources[name] for name in names), key=lambda found: found.path)

    def source_of(self, module: str) -> Source | None:
        """Return the source of the module that goes by this name in `sys.modules`; None if it is not of the folder."""
        if module != self.root and not module.startswith(f"{self.root}."):
            return None
        return self.sources.get(module.removeprefix(self.root).removeprefix("."))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of the folder; what `import` asks."""
        del path, target
        if fullname == self.root:
            return ModuleSpec(fullname, self, is_package=True)
        name = fullname.removeprefix(f"{self.root}.")
        if name == fullname:
            return None
        source = self.sources.get(name)
        is_package = source.is_package if source else any(other.startswith(f"{name}.") for other in self.sources)
        if source is None and not is_package:
            return None
        spec = ModuleSpec(fullname, self, origin=source.code.co_filename if source else None, is_package=is_package)
        spec.has_location = source is not None
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making of the module to the import system."""
        del spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        source = self.source_of(module.__name__)
        if source is not None:
            exec(source.code, vars(module))  # noqa: S102  # This is what importing is.
