"""A folder of contracts to write into and load from."""

import textwrap
from pathlib import Path
from typing import Any

from assay_server.contracts import Catalog, Contract, ContractsError, Problem, load

HEADER = """\
from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
import re
from typing import Annotated, Any, ClassVar, Literal, Optional, Union

from pydantic import *

from assay_server.contracts import Clock, EventContract, Reference, Resource, Sensitive, rule
from assay_server.contracts import Novelty, QuantileRange, RobustSigma, ThreeSigma, feature
from assay_server.contracts import Classifier, Estimator, Frequency, Hour, IsolationForest, OneHot, Weekday

"""


def contract_text(body: str, *, event_type: str = "a", version: str = "1.0.0", name: str = "A", bases: str = "") -> str:
    """Return a class of a contract."""
    head = f'class {name}({bases}EventContract, event_type="{event_type}", version="{version}"):\n'
    return "\n\n" + head + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"


class Folder:
    """Writes files into a folder, loads it, and closes what it has loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._loaded: list[Catalog] = []

    def write(self, name: str, content: str | bytes, *, header: str = "") -> Path:
        """Write a file, whatever was there."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else (header + textwrap.dedent(content)).encode())
        return file

    def contract(self, body: str = "x: int", *, file: str = "a.py", before: str = "", after: str = "", **options: str) -> Path:
        """Write a module with one contract, and with what should stand before and after it."""
        text = textwrap.dedent(before) + contract_text(body, **options) + textwrap.dedent(after)
        return self.write(file, text, header=HEADER)

    def load(self) -> Catalog:
        """Load the folder."""
        catalog = load(self.path)
        self._loaded.append(catalog)
        return catalog

    def one(self) -> Contract:
        """Load the folder, which has one contract."""
        [contract] = self.load()
        return contract

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the folder; nothing, if it loads."""
        try:
            self.load()
        except ContractsError as error:
            return error.problems
        return ()

    def close(self) -> None:
        """Forget everything that was loaded."""
        for catalog in self._loaded:
            catalog.close()


def read(contract: Contract, payload: str | bytes) -> Any:
    """Return a payload as a contract reads it; Any, since the class is known at run time only."""
    return contract.validator.validate_json(payload)


def outcomes(contract: Contract, payload: str = '{"x": 1}') -> dict[str, Any]:
    """Return what each rule in line says of a payload."""
    event = read(contract, payload)
    return {rule.name: rule.function(event) for rule in contract.rules}
