"""Runs the command line in this process."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from assay_server.cli import main


@dataclass
class Result:
    """What a command did."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text, its spaces and line ends as single spaces, so that the width of tables does not matter."""
        return " ".join(self.out.decode().split())

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Standard output as NDJSON."""
        return [json.loads(line) for line in self.out.splitlines()]


Assay = Callable[..., Result]


def runner(monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> Assay:
    """Return a function that runs `assay` with arguments."""

    def assay(*arguments: object, stdin: bytes = b"") -> Result:
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["assay", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capture.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = capture.readouterr()
        code = exit_.value.code
        return Result(code if isinstance(code, int) else int(code is not None), out, err.decode())

    return assay
