"""The command itself: what it is without the server's dependencies, and how soon it answers."""

import subprocess
import sys
import time
from importlib.metadata import version

import pytest

from tests.unit.cli.doing import runner

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
sys.argv = ["assay", *{arguments}]
from assay_server.cli import main
main()
"""


def run(arguments: list[str], *blocked: str) -> subprocess.CompletedProcess[str]:
    """Run `assay` in a Python that does not have some packages."""
    program = BLOCKED.format(blocked=set(blocked) or {""}, arguments=arguments)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["--help"], "typer"),
        (["check", "-"], "pydantic"),
        (["check", "-"], "pyarrow"),
        (["contracts", "list"], "pydantic_settings"),
        (["new", "a.b", "--from", "-"], "rich"),
        (["serve"], "structlog"),
    ],
)
def test_a_missing_extra_is_named(arguments: list[str], missing: str) -> None:
    """Whichever dependency it is that the client alone does not bring."""
    done = run(arguments, missing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: assay needs {missing}, which is not installed\n"
        "  The command line comes with the server: pip install 'assay[server]'\n"
    )


def test_its_own_faults_are_not_taken_for_a_missing_extra() -> None:
    """A module of ours that is not there is a fault of the package."""
    done = run(["check", "-"], "assay_client")
    assert done.returncode == 1
    assert "No module named 'assay_client'" in done.stderr


def test_help_loads_none_of_the_server() -> None:
    """So that it answers at once: the engine alone takes longer to load than people wait gladly."""
    program = (
        "import sys; sys.argv = ['assay', '--help']\n"
        "from assay_server.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    heavy = {'grpc', 'numpy', 'pyarrow', 'pydantic', 'pydantic_core', 'assay_server.engine'} & set(sys.modules)\n"
        "    sys.stderr.write(' '.join(sorted(heavy)))\n"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(command in done.stdout for command in ("serve", "check", "contracts", "new"))
    assert time.perf_counter() - start < 10


def test_version(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The distribution's."""
    result = runner(monkeypatch, capsysbinary)("--version")
    assert (result.code, result.text) == (0, f"assay {version('assay')}")


@pytest.mark.parametrize(
    "command", ["serve", "check", "contracts", "contracts list", "contracts show", "contracts lint", "new"], ids=str
)
def test_every_command_has_help(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], command: str
) -> None:
    """With -h too."""
    result = runner(monkeypatch, capsysbinary)(*command.split(), "-h")
    assert result.code == 0
    assert f"Usage: assay {command}" in result.text
