"""`assay contracts list | show | lint`, from a folder and from a real server."""

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.doing import Assay, runner

from .conftest import Spawn

ROOT = Path(__file__).parents[2]

SECOND_VERSION = '''
from typing import Annotated

from pydantic import BaseModel, Field

from assay_server.contracts import EventContract


class Customer(BaseModel):
    country: Annotated[str, Field(min_length=2, max_length=2, description="ISO 3166.")]


class OrderPlaced(EventContract, event_type="order.placed", version="2.0.0"):
    """A customer has placed an order, and who it was."""

    number: Annotated[int, Field(ge=2**60, description="Beyond what a double holds.")]
    customer: Customer
    tags: list[str] = []
'''


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Assay:
    """Run the command line in this process."""
    return runner(monkeypatch, capsysbinary)


@pytest.fixture(params=["here", "there"])
def where(request: pytest.FixtureRequest, folder: Path) -> Iterator[list[str]]:
    """Return the options for where the contracts are: in the folder, or with a server that has it."""
    (folder / "orders_2.py").write_text(SECOND_VERSION)
    if request.param == "here":
        yield ["--contracts", str(folder)]
    else:
        spawn: Spawn = request.getfixturevalue("spawn")
        yield ["--server", spawn().address]


def test_list_names_all_versions_newest_first(assay: Assay, where: list[str]) -> None:
    """For people and for programs."""
    result = assay("contracts", "list", *where)
    assert (result.code, result.err) == (0, "")
    assert result.text.index("2.0.0+") < result.text.index("1.0.0+")
    assert "A customer has placed an order, and who it was." in result.text
    told = assay("contracts", "list", *where, "--json").json
    assert [each["event_type"] for each in told] == ["order.placed"] * 2
    assert [each["contract_version"].partition("+")[0] for each in told] == ["2.0.0", "1.0.0"]


def test_show_tells_fields_checks_and_a_call(assay: Assay, where: list[str]) -> None:
    """Of the version that is asked for."""
    result = assay("contracts", "show", "order.placed", "--version", "1", *where)
    assert (result.code, result.err) == (0, "")
    assert result.text.startswith("order.placed 1.0.0+")
    assert "sku string, at least 2 characters required" in result.text
    assert "quantity integer, > 0 default 1" in result.text
    assert "rules.not_too_many reject Nobody orders more than a thousand." in result.text
    assert "An example call:" in result.text


def test_show_for_programs(assay: Assay, where: list[str]) -> None:
    """The newest version, with nested fields and its JSON Schema."""
    told = assay("contracts", "show", "order.placed", *where, "--json").json
    assert told["contract_version"].startswith("2.0.0+")
    assert [(field["name"], field["type"], field["required"]) for field in told["fields"]] == [
        ("number", "integer", True),
        ("customer", "object", True),
        ("customer.country", "string", True),
        ("tags", "list of string", False),
    ]
    assert told["fields"][2]["constraints"] == "2 characters"
    assert told["json_schema"]["title"] == "OrderPlaced"
    assert told["checks"] == []


def test_what_is_not_there_is_told_with_what_is(assay: Assay, where: list[str]) -> None:
    """Event types and versions."""
    result = assay("contracts", "show", "order.paid", *where)
    assert (result.code, result.err) == (2, "error: there is no contract for order.paid\n  There are: order.placed.\n")
    result = assay("contracts", "show", "order.placed", "--version", "3", *where)
    assert result.code == 2
    assert result.err.startswith("error: there is no version 3 of the contract for order.placed\n")


@pytest.mark.parametrize("version", ["", "1"])
@pytest.mark.parametrize("listen", ["127.0.0.1:0", "unix"])
def test_the_call_shown_can_be_pasted(
    assay: Assay, folder: Path, spawn: Spawn, tmp_path: Path, grpcurl: str, version: str, listen: str
) -> None:
    """With the contract's example, or one made up from its schema, large integers too; over TCP and a Unix socket."""
    (folder / "orders_2.py").write_text(SECOND_VERSION)
    address = spawn("--listen", f"unix:{tmp_path}/s" if listen == "unix" else listen).address
    call = assay("contracts", "show", "order.placed", "--version", version, "--server", address, "--json").json
    words = shlex.split(call["example_call"])
    assert words[0] == "grpcurl"
    answer = subprocess.run([grpcurl, *words[1:]], capture_output=True, text=True, timeout=30, check=True)
    verdict = json.loads(answer.stdout)["verdict"]
    assert verdict["valid"], verdict
    assert verdict["contractVersion"] == call["contract_version"]


def test_without_a_server_the_call_is_for_the_usual_port(assay: Assay, folder: Path) -> None:
    """Of this machine."""
    call = assay("contracts", "show", "order.placed", "--contracts", folder, "--json").json["example_call"]
    assert shlex.split(call)[-2:] == ["localhost:50051", "assay.v1.ValidationService/Validate"]


def test_lint_of_good_contracts(assay: Assay, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder as an argument, as an option, and from the settings."""
    monkeypatch.chdir(tmp_path)
    for arguments in ([folder], ["--contracts", folder], []):
        result = assay("contracts", "lint", *arguments)
        assert (result.code, result.out, result.err) == (0, b"1 contract is good\n", "")
    (folder / "orders_2.py").write_text(SECOND_VERSION)
    assert assay("contracts", "lint").out == b"2 contracts are good\n"
    assert assay("contracts", "lint", "--json").json == {"folder": "contracts", "contracts": 2, "problems": []}


def test_lint_tells_all_problems_with_place_and_remedy(assay: Assay, folder: Path) -> None:
    """File, line, class and field; a server would not take any of the folder in service."""
    (folder / "a.py").write_text("def broken(:\n")
    (folder / "b.py").write_text(
        "from assay_server.contracts import Clock, EventContract\n\n\n"
        'class B(EventContract, event_type="b", version="1"):\n    clock = Clock(max_age="soon")\n'
    )
    result = assay("contracts", "lint", folder)
    assert result.code == 1
    lines = result.out.decode().splitlines()
    assert lines[0].startswith("a.py:1: this is no Python")
    assert lines[1].startswith("    ")
    assert result.err == f"2 problems: a server would not take {folder} in service\n"
    (folder / "a.py").unlink()
    problems = assay("contracts", "lint", folder, "--json").json["problems"]
    assert [(each["path"], each["line"], each["contract"], each["field"]) for each in problems] == [("b.py", 5, "B", "clock")]
    assert problems[0]["remedy"]


def test_a_folder_that_is_not_there_exits_2(assay: Assay, tmp_path: Path) -> None:
    """It is no folder with problems."""
    result = assay("contracts", "lint", tmp_path / "none")
    assert (result.code, result.out) == (2, b"")
    assert "there is no such folder" in result.err


def test_an_empty_folder_has_no_contracts(assay: Assay, tmp_path: Path) -> None:
    """Which is no problem."""
    assert assay("contracts", "lint", tmp_path).code == 0
    assert assay("contracts", "list", "--contracts", tmp_path).text == "There are no contracts."
