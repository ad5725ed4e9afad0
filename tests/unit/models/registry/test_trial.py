"""The process that tries models outlives whatever a model does to it, and says what that was."""

import json
import os
import subprocess
import sys

import pytest

DOES = {
    "nothing": ("scoring()", ""),
    "talk": ("scoring(); print('[]', flush=True); sys.stderr.write('[]')", ""),
    "crash": ("scoring(); ctypes.string_at(0)", "scoring with it ends the process that tries it (SIGSEGV)"),
    "crash_early": ("ctypes.string_at(0)", "reading it ends the process that tries it (SIGSEGV)"),
    "abort": ("scoring(); os.abort()", "scoring with it ends the process that tries it (SIGABRT)"),
    "loop": ("scoring()\nwhile True: pass", "scoring with it takes more than 1 s of a processor"),
    "loop_early": ("while True: pass", "reading it takes more than 1 s of a processor"),
    "wait": ("scoring(); signal.pause()", "scoring with it takes more than 1 s"),
    "exit": ("scoring(); os._exit(3)", "scoring with it ends the process that tries it (exit code 3)"),
    "leave": ("scoring(); os._exit(0)", "scoring with it ends the process that tries it (exit code 0)"),
    "grow": ("bytearray(1 << 40)", "it takes more than 2048 MiB of memory"),
    "raise": ("raise SystemExit('no')", "it cannot be read, or does not score: SystemExit: no"),
    "write": (
        "open(f'{folder}.written', 'wb', buffering=0).write(b'x')",
        "it cannot be read, or does not score: OSError: [Errno 27] File too large",
    ),
}
"""What a model might do once it is read, and what is said of it."""

PROGRAM = """
import ctypes, os, signal, sys
from assay_server.models import trial

does = {does}
in_a_process = trial._in_a_process

def in_less_time(folder, digest):
    trial.limits.TRIAL_SECONDS = 1 if folder.name == "wait" else 60
    return in_a_process(folder, digest)

def judge(folder, digest, scoring):
    exec(does[folder.name])

trial.judge, trial._in_a_process = judge, in_less_time
trial.limits.READING_SECONDS = trial.limits.SCORING_SECONDS = 1
trial.main()
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what is said of each, all tried by one process."""
    folder = tmp_path_factory.mktemp("trial")
    theirs, ours = os.pipe()  # It ends with its standard input.
    os.write(ours, json.dumps([(str(folder / what), "0") for what in DOES]).encode() + b"\n")
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(does={what: does for what, (does, _) in DOES.items()})],
            stdin=theirs,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            check=True,
        )
    finally:
        os.close(theirs)
        os.close(ours)
    return dict(zip(DOES, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("what", DOES)
def test_whatever_a_model_does_is_told(said: dict[str, str], what: str) -> None:
    """And the next one is tried all the same."""
    assert said[what] == DOES[what][1]
