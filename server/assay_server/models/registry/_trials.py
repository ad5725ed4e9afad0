"""Has models tried in a process of its own, before they are let into this one."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ._limits import TRIAL_SECONDS, TRIAL_START_SECONDS

_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from assay_server.models.trial import main; main()"
"""Runs the same code as this process, found where this process finds it."""

# One thread for each library: what the machine has is for those whom the server serves.
_ENVIRONMENT = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "TZ")


TryOut = Callable[[Sequence[tuple[Path, str]]], list[str]]
"""What has models tried, as `try_out` does."""


class TrialError(Exception):
    """The process that tries models could not be run; that says nothing of the models."""


def try_out(versions: Sequence[tuple[Path, str]]) -> list[str]:
    """Have models tried, one after the other, and return for each why it must be refused; an empty text if it need not be.

    Blocks for a second or two, and up to a minute more for each model that must be waited for.

    Args:
        versions: Their folders, and the SHA-256 of the manifest that each must have.

    Raises:
        TrialError: If the process could not be run.
    """
    return Trials()(versions)


class Trials:
    """Has models tried, as `try_out` does, by a process that may be begun before it is known which models they are.

    It takes a second or two to load what it needs, and whoever begins it has other things to do meanwhile.
    """

    def __init__(self) -> None:
        self._begun: _Process | None = None

    def begin(self) -> None:
        """Begin the process that the next call will need. If there is none, it is to be closed."""
        if self._begun is None:
            with contextlib.suppress(TrialError):  # The call will meet it too, and say it.
                self._begun = _Process()

    def close(self) -> None:
        """End the process that was begun and not needed."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.close()

    def __call__(self, versions: Sequence[tuple[Path, str]]) -> list[str]:
        """Have models tried, and return for each why it must be refused.

        Raises:
            TrialError: If the process could not be run.
        """
        begun, self._begun = self._begun, None
        with contextlib.closing(begun or _Process()) as process:
            return process.try_out(versions)


class _Process:
    """The process that tries models: it ends when what it reads from does, even if this one is killed.

    Raises:
        TrialError: If it cannot be started.
    """

    def __init__(self) -> None:
        paths = [str(Path(path).absolute()) for path in dict.fromkeys(sys.path) if path]
        environment = {**_ENVIRONMENT, **{name: os.environ[name] for name in _PASSED_ON if name in os.environ}}
        theirs, self._ours = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # Our own program.
                [sys.executable, "-I", "-c", _PROGRAM, json.dumps(paths)],
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._ours)
            raise TrialError(f"it cannot be started: {error}") from None
        finally:
            os.close(theirs)

    def try_out(self, versions: Sequence[tuple[Path, str]]) -> list[str]:
        """Have models tried; once."""
        named = json.dumps([(str(folder.absolute()), digest) for folder, digest in versions])
        try:
            with open(self._ours, "w", closefd=False) as line:  # It stays open: its end would be taken for this process's.
                line.write(named + "\n")
        except OSError:  # It has ended, and may have said why.
            pass
        try:
            out, err = self._process.communicate(timeout=TRIAL_START_SECONDS + len(versions) * (TRIAL_SECONDS + 1))
        except subprocess.TimeoutExpired:
            raise TrialError("it took too long") from None
        lines = out.decode(errors="replace").splitlines()
        if self._process.returncode or len(lines) != len(versions):
            last = (err.decode(errors="replace").strip().splitlines() or ["nothing"])[-1]
            raise TrialError(f"it ended with {self._process.returncode}, and said: {last[:300]}")
        return [str(json.loads(line)) for line in lines]

    def close(self) -> None:
        """End it."""
        with self._process:
            self._process.kill()
        os.close(self._ours)
