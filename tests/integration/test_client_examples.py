"""The examples of the clients, run as their READMEs say: short, and doing what they say."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.turns import turn

from .conftest import ROOT, Spawn

README = (ROOT / "README.md").read_text()


@dataclass(frozen=True, slots=True)
class Examples:
    """Where the examples of a language are, as sources and as programs, what runs them, and how they are told the address.

    A program without a slash is no file, and means something to what runs it.
    """

    language: str
    source: str
    program: str
    server: str = "{}"
    interpreter: tuple[str, ...] = ()
    names: tuple[str, str] = ("unary", "stream")

    @property
    def folder(self) -> Path:
        """The language's folder."""
        return ROOT / "client" / self.language

    def make(self, target: str) -> "subprocess.CompletedProcess[str]":
        """Make a target of the language's own Makefile; Python has none, and nothing to be built."""
        if not (self.folder / "Makefile").exists():
            return subprocess.CompletedProcess((), 0, "", "")
        command = ["make", "--silent", "--no-print-directory", "-C", str(self.folder), target]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)

    def run(self, name: str, address: str) -> list[str]:
        """Run one example against a server, and return the lines that it prints."""
        done = self.start(name, address)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def start(self, name: str, address: str) -> "subprocess.CompletedProcess[str]":
        """Run one example against a server, if there is one."""
        program = self.program.format(name)
        if "/" in program:
            program = str(self.folder / program)
        command = [*self.interpreter, program, self.server.format(address)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


LANGUAGES = (
    Examples("python", "examples/{}.py", "examples/{}.py", interpreter=(sys.executable,)),
    Examples("typescript", "examples/{}.ts", "build/examples/{}.js", interpreter=("node",)),
    Examples(
        "java",
        "examples/{}.java",
        "{}",
        interpreter=("java", f"@{ROOT}/client/java/target/options"),
        names=("Unary", "Streaming"),
    ),
    Examples("go", "examples/{}/main.go", "build/{}"),
    Examples("rust", "examples/{}.rs", "target/debug/examples/{}", "http://{}"),
    Examples("cpp", "examples/{}.cpp", "build/{}"),
)


@pytest.fixture(params=LANGUAGES, ids=lambda examples: examples.language)
def examples(request: pytest.FixtureRequest) -> Examples:
    """A language's examples, built."""
    found: Examples = request.param
    available = found.make("available")
    if available.returncode:
        assert os.environ.get("CI") != "true", available.stdout
        pytest.skip(available.stdout.strip())
    with turn(found.folder):
        built = found.make("build")
    assert built.returncode == 0, built.stdout + built.stderr
    return found


@pytest.fixture
def address(spawn: Spawn, folder: Path) -> str:
    """Where a server has README's contract."""
    [contract] = re.findall(r"^```python\n([^`]*class OrderPlaced.*?)^```", README, re.MULTILINE | re.DOTALL)
    (folder / "orders.py").write_text(contract)
    return spawn().address


@pytest.mark.timeout(1000)  # What `make tools` has not built before is built here.
def test_examples_are_short_and_do_what_they_say(examples: Examples, address: str) -> None:
    """One asks for a verdict and shows its findings; the other streams orders of 0 to 999 items, where 1 to 100 are allowed."""
    unary, stream = examples.names
    for name in examples.names:
        assert len((examples.folder / examples.source.format(name)).read_text().splitlines()) < 40

    verdict, clock, rule = examples.run(unary, address)
    assert verdict == "valid: false"
    assert re.match(r"envelope.clock_skew \w*warn: ", clock, re.IGNORECASE)
    assert rule.startswith("rules.refund_is_within_total ")
    assert rule.lower().endswith("reject: 12.0 is more than 10.0")
    assert examples.run(stream, address) == ["100 of 1000 are valid"]


@pytest.mark.timeout(1000)
def test_a_server_that_is_not_there_is_one_clear_error(examples: Examples) -> None:
    """On standard error, with an exit code."""
    done = examples.start(examples.names[0], "127.0.0.1:1")

    assert done.returncode != 0
    assert done.stderr
