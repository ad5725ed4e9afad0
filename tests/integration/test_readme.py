"""README: what it shows is what happens, typed as it stands."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assay_server import settings

from .conftest import Spawn

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def block(language: str, containing: str) -> str:
    """Return the one block of README in a language that has this in it."""
    [found] = [text for kind, text in BLOCKS if kind == language and containing in text]
    return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A contracts folder with README's contract, named as README names it."""
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "orders.py").write_text(block("python", "class OrderPlaced"))
    return contracts


def run_python(code: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_grpcurl_line_gives_the_answer_shown(spawn: Spawn, grpcurl: str) -> None:
    """But for the time and the fingerprint."""
    server = spawn()
    line = block("sh", "grpcurl -plaintext").replace("localhost:50051", server.address)

    command = [grpcurl if word == "grpcurl" else word for word in shlex.split(line.replace("\\\n", " "))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert likened(json.loads(block("json", "verdict"))) == likened(json.loads(done.stdout))


def likened(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its time and fingerprint made equal."""
    verdict = answer["verdict"]
    return {**verdict, "processedAt": "", "contractVersion": verdict["contractVersion"].partition("+")[0]}


def test_the_client_finds_the_one_bad_order_count(spawn: Spawn, tmp_path: Path) -> None:
    """The stream sends orders with 0 to 999 items, of which the contract allows 1 to 100."""
    server = spawn()
    code = block("python", "from assay_client import").replace("localhost:50051", server.address)

    lines = run_python(code, tmp_path).splitlines()

    assert lines[0].startswith("True 1.0.0+")
    assert len(lines) - 1 == 1000 - 100
    assert lines[1] == "/items Input should be greater than or equal to 1"


def test_the_engine_works_as_a_library(folder: Path, tmp_path: Path) -> None:
    """It judges by the contracts of a folder beside the script."""
    lines = run_python(block("python", "from assay_server.engine import"), tmp_path).splitlines()

    assert "schema.missing /email Field required" in lines
    assert "schema.greater_than_equal /items Input should be greater than or equal to 1" in lines


def test_contracts_are_served_from_the_working_directory(folder: Path, tmp_path: Path) -> None:
    """`assay serve` needs no flag for them; `contracts lint` says that they are good."""
    assay = str(Path(sys.executable).with_name("assay"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}

    done = subprocess.run(
        [assay, "contracts", "lint"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "1 contract" in done.stdout


def test_the_table_of_settings_is_complete() -> None:
    """It is the one that the settings themselves give: `python -m assay_server.settings`."""
    shown = README.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]

    assert settings.table().strip() == shown.strip()


def test_the_commands_exist() -> None:
    """README starts with the two commands that do everything."""
    makefile = (ROOT / "Makefile").read_text()
    assert {"run", "test"} <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert block("sh", "make run").index("make run") < block("sh", "make run").index("make test")
