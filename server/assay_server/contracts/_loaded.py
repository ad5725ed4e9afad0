"""Contracts that are loaded and found good."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import CoreSchema, SchemaValidator

from ._contract import EventContract
from ._feature import Feature
from ._markers import Clock, Resource
from ._models import ModelDeclaration
from ._modules import Package
from ._reference import Reference
from ._rule import Rule
from ._statistics import Statistic
from ._version import Version, parse_prefix

Signature = tuple[tuple[str, int, int, int], ...]
"""The files of a folder: path, time of change in nanoseconds, size in bytes, inode."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contract:
    """One version of one event type, ready to judge by."""

    model: type[EventContract]
    event_type: str
    version: Version
    fingerprint: str
    """8 hexadecimal digits of the SHA-256 of schema, markers and the syntax trees of its modules."""
    full_version: str
    """Version and fingerprint, such as "1.2.0+9f3a12c4"."""
    description: str
    json_schema: str
    """The payload's schema as JSON Schema 2020-12 text."""
    examples: tuple[dict[str, Any], ...]
    """Payloads that the contract accepts."""
    schema: CoreSchema
    """What `validator` was built from."""
    validator: SchemaValidator
    clock: Clock | None
    rules: tuple[Rule, ...]
    discreet_rules: frozenset[str]
    """The names of the rules that may read a sensitive field: what they say is not passed on."""
    features: tuple[Feature[Any], ...]
    """What it derives from an event, in the order in which it is declared."""
    statistics: tuple[Statistic, ...]
    """What it compares with history: fields first, then features."""
    models: tuple[ModelDeclaration, ...]
    """What models score it, in the order in which they are declared."""
    learns_live: bool
    """Whether events that are judged teach history."""
    references: dict[str, Reference]
    resources: dict[str, Resource[Any]]
    path: str
    """The module that it comes from, relative to the folder."""
    line: int


class Catalog:
    """The contracts of a folder, by event type and version. Never changes."""

    def __init__(
        self, contracts: Iterable[Contract] = (), *, package: Package | None = None, signature: Signature = ()
    ) -> None:
        ordered = sorted(contracts, key=lambda contract: contract.version, reverse=True)
        ordered.sort(key=lambda contract: contract.event_type)
        self._contracts = tuple(ordered)
        self._by_type: dict[str, list[Contract]] = {}
        for contract in ordered:
            self._by_type.setdefault(contract.event_type, []).append(contract)
        self._package = package
        self.signature = signature
        """The files that it was loaded from."""

    def __iter__(self) -> Iterator[Contract]:
        """Iterate by event type, the newest version of each first."""
        return iter(self._contracts)

    def __len__(self) -> int:
        return len(self._contracts)

    def __contains__(self, event_type: object) -> bool:
        return event_type in self._by_type

    def find(self, event_type: str, version: str = "") -> Contract | None:
        """Return the newest contract of an event type whose version begins as asked, such as "1" or "1.2.0"."""
        contracts = self._by_type.get(event_type)
        if not contracts:
            return None
        if not version:
            return contracts[0]
        prefix = parse_prefix(version)
        if prefix is None:
            return None
        return next((contract for contract in contracts if contract.version[: len(prefix)] == prefix), None)

    def close(self) -> None:
        """Forget the modules that the contracts came from. They must not be judged by any more."""
        if self._package is not None:
            self._package.discard()
