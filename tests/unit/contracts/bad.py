"""A folder with one thing wrong, and what its one problem says: the place is where a line ends with `# here`."""

from dataclasses import dataclass

from tests.unit.contracts.folders import HEADER, contract_text

HERE = "# here"


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A folder with one thing wrong."""

    files: dict[str, str | bytes]
    says: str
    """What the message has."""
    remedy: str
    """What the remedy has."""
    contract: str = "A"
    field: str = ""

    @property
    def place(self) -> tuple[str, int | None]:
        """Return the file and the line that the problem names; the first file, and no line, where nothing is marked."""
        for path, content in self.files.items():
            if isinstance(content, str):
                for number, line in enumerate(content.splitlines(), 1):
                    if line.endswith(HERE):
                        return path, number
        return next(iter(self.files)), None


def module(text: str, says: str, remedy: str, *, contract: str = "", field: str = "", **others: str | bytes) -> Bad:
    """Return a case of a module without a contract, and of other modules beside it."""
    return Bad(
        files={"a.py": text, **{f"{name}.py": content for name, content in others.items()}},
        says=says,
        remedy=remedy,
        contract=contract,
        field=field,
    )


def body(text: str, says: str, remedy: str, *, field: str = "x", before: str = "", **files: str | bytes) -> Bad:
    """Return a case of the body of a contract, and of tables beside it."""
    code = HEADER + before + contract_text(text)
    return Bad(
        files={"a.py": code, **{name.replace("_", "."): content for name, content in files.items()}},
        says=says,
        remedy=remedy,
        field=field,
    )


def header(line: str, says: str, remedy: str) -> Bad:
    """Return a case of the line that begins a class."""
    return Bad(files={"a.py": f"{HEADER}\n\n{line}  # here\n    x: int\n"}, says=says, remedy=remedy)


def bare(files: dict[str, str | bytes], says: str, remedy: str) -> Bad:
    """Return a case of files as such."""
    return Bad(files=files, says=says, remedy=remedy, contract="")
