"""Whatever ends a process, and however many there are: the registry is as it was before or after, and never in between."""

import json
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assay_server.models.registry import Registry
from tests.unit.models.registry.making import OF

ACTIVATE = """
import sys
from pathlib import Path
from assay_server.models.registry import Registry, _registry
_registry.try_out = lambda versions: [""] * len(versions)  # They were tried.
registry = Registry(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    registry.activate("meter.read", "unusual", str(number % 5 + 1))
"""

ADD = """
import sys
from pathlib import Path
from assay_server.models.registry import Registry
from tests.unit.models.registry.making import artefact, trained
registry = Registry(Path(sys.argv[1]))
kept = artefact(trained())
print("ready", flush=True)
sys.stdin.readline()
while True:
    registry.add(kept)
"""


@contextmanager
def running(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a program that waits for a line before it begins."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def begin(process: subprocess.Popen[str]) -> None:
    """Let a program begin."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.timeout(300)
def test_many_processes_activate_at_once(registry: Registry, versions: list[str]) -> None:
    """Each activation counts, none undoes another, and the state is whole at any moment."""
    each = 20
    programs = [running(ACTIVATE, registry.root, each) for _ in range(8)]
    processes = [program.__enter__() for program in programs]
    for process in processes:
        begin(process)
    while any(process.poll() is None for process in processes):
        state = registry.state(*OF)
        assert state.active is None or state.active in versions
    assert [process.returncode for process in processes] == [0] * 8
    for program in programs:
        program.__exit__(None, None, None)
    state = registry.state(*OF)
    assert state.changes == 8 * each
    assert {state.active, *state.previous} == set(versions)
    assert [path.name for path in registry.folder(*OF).iterdir() if path.name.startswith(".")] == [".lock"]


@pytest.mark.timeout(300)
def test_killed_while_it_activates(registry: Registry, versions: list[str]) -> None:
    """What is left is the state before or after; what was being written is removed by the next pruning."""
    for _ in range(5):
        with running(ACTIVATE, registry.root, 100_000) as process:
            before = registry.state(*OF).changes
            begin(process)
            while registry.state(*OF).changes < before + 3:
                pass
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        state = registry.state(*OF)
        assert state.active in versions
        registry.activate(*OF, "5")
    registry.prune(keep=5)
    assert sorted(path.name for path in registry.folder(*OF).iterdir()) == sorted([".lock", "state.json", *versions])


@pytest.mark.timeout(300)
def test_killed_while_it_adds(registry: Registry, versions: list[str]) -> None:
    """A version is there as a whole, or not at all."""
    folder = registry.folder(*OF)
    with running(ADD, registry.root) as process:
        begin(process)
        while not any(path.is_dir() and path.name.startswith(".") for path in folder.iterdir()):
            pass  # Until one is being written.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    found = [str(entry.version) for entry in registry.entries()]
    assert set(versions) <= set(found)
    for version in found:
        registry.read(*OF, version)
    registry.prune(keep=len(found))
    assert sorted(path.name for path in folder.iterdir()) == sorted([".lock", *found])


def test_the_process_that_tries_models_ends_with_whoever_asked(tmp_path: Path) -> None:
    """Even if that was killed: so none is left behind that works for nobody."""
    nothing = tmp_path / "models" / "a" / "b" / "1+00000000"
    program = f"""
    import json, subprocess, sys
    from pathlib import Path
    from assay_server.models.registry import _trials
    start = subprocess.Popen.__init__
    def noted(self, *arguments, **options):
        start(self, *arguments, **options)
        print(json.dumps(self.pid), flush=True)
    subprocess.Popen.__init__ = noted
    print("ready", flush=True)
    _trials.try_out([(Path({str(nothing)!r}), "0" * 64)] * 10_000)
    """
    with running(program) as process:
        assert process.stdout is not None
        child = json.loads(process.stdout.readline())
        process.kill()
        process.wait()
        descriptor = os.pidfd_open(child)
        try:
            ended, _, _ = select.select([descriptor], [], [], 60)
        finally:
            os.close(descriptor)
        assert ended
