"""Has models tried in a process of its own, before they are let into this one."""

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

    Blocks for a second or two, and up to half a minute more for each model that must be waited for.

    Args:
        versions: Their folders, and the SHA-256 of the manifest that each must have.

    Raises:
        TrialError: If the process could not be run.
    """
    paths = [str(Path(path).absolute()) for path in dict.fromkeys(sys.path) if path]
    named = [argument for folder, digest in versions for argument in (str(folder.absolute()), digest)]
    environment = {**_ENVIRONMENT, **{name: os.environ[name] for name in _PASSED_ON if name in os.environ}}
    theirs, ours = os.pipe()
    try:
        with subprocess.Popen(  # noqa: S603  # Our own program, and folders that are its arguments.
            [sys.executable, "-I", "-c", _PROGRAM, json.dumps(paths), *named],
            stdin=theirs,  # Its end is that of the process, even if this one is killed.
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=environment,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(timeout=TRIAL_START_SECONDS + len(versions) * (TRIAL_SECONDS + 1))
            except subprocess.TimeoutExpired:
                raise TrialError("it took too long") from None
            finally:
                process.kill()
    except OSError as error:
        raise TrialError(f"it cannot be started: {error}") from None
    finally:
        os.close(theirs)
        os.close(ours)
    lines = out.decode(errors="replace").splitlines()
    if process.returncode or len(lines) != len(versions):
        last = (err.decode(errors="replace").strip().splitlines() or ["nothing"])[-1]
        raise TrialError(f"it ended with {process.returncode}, and said: {last[:300]}")
    return [str(json.loads(line)) for line in lines]
