"""What is wrong with a folder of contracts, for the person who can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps a folder of contracts from being loaded: what it is, where, and what to do about it."""

    message: str
    remedy: str
    path: str = ""
    """The file, relative to the folder."""
    line: int | None = None
    contract: str = ""
    """The name of the class."""
    field: str = ""
    """The attribute of the class."""

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        what = ".".join(name for name in (self.contract, self.field) if name)
        return ": ".join(part for part in (where, what, self.message) if part) + f"\n    {self.remedy}"


class ContractsError(Exception):
    """A folder of contracts cannot be loaded.

    Attributes:
        problems: All that is wrong with it, by file and line; never empty.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda problem: (problem.path, problem.line or 0, problem.field, problem.message))
        )
        super().__init__("\n".join(map(str, self.problems)))


class DeclarationError(Exception):
    """A declaration on a contract is wrong; the loader adds file and line.

    Attributes:
        message: What is wrong.
        remedy: What to write instead.
        field: The attribute of the contract, where the place of the error does not tell it.
    """

    def __init__(self, message: str, remedy: str, field: str = "") -> None:
        super().__init__(f"{message}. {remedy}")
        self.message = message
        self.remedy = remedy
        self.field = field
