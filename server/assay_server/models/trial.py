"""Tries models: `python -m assay_server.models.trial`.

Takes one line from standard input, a JSON list of folders and the digests of their manifests. Reads each model, which nobody
should who has anything to lose, scores with it, and says on a line of its own, as a JSON text, why it must be refused; an empty
text if it need not be. Each is tried in a process of its own, whose memory, processor time and time are limited, and which ends
if this one's standard input does.
"""

import json
import math
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import skops.io  # noqa: F401  # Loaded here, once, for all models that are tried.

from assay_server.models.registry import _limits as limits
from assay_server.models.registry._errors import ModelRefusedError
from assay_server.models.registry._kept import Kept, read_version
from assay_server.models.registry._served import check_canaries, estimator_scorer
from assay_server.models.registry.inspection import check_compiled
from assay_server.models.scoring import OnnxScorer, Scorer

_MOST_WORDS = 1_000
_NICENESS = 5
_WAS_READ, _SOUND = b"read\n", b"sound\n"
"""What the process that tries a model says besides a reason."""


def main() -> None:
    """Try the models that standard input names; none if it ends."""
    os.nice(_NICENESS)
    for folder, digest in json.loads(sys.stdin.readline() or "[]"):
        sys.stdout.write(json.dumps(_in_a_process(Path(folder), digest)) + "\n")
        sys.stdout.flush()


def judge(folder: Path, digest: str, scoring: Callable[[], None]) -> None:
    """Read a model and score with it, in both of its forms.

    Args:
        folder: Where it is.
        digest: The SHA-256 of its manifest.
        scoring: Is called once it was read.

    Raises:
        ModelRefusedError: If it is not what it should be.
    """
    kept = read_version(folder)
    if kept.digest != digest:
        raise ModelRefusedError("its manifest was replaced while it was tried")
    estimator = estimator_scorer(kept)
    if kept.compiled is not None:
        check_compiled(kept.compiled, kept.manifest.encoder.width)
    compiled = OnnxScorer(kept.compiled) if kept.compiled is not None else None
    scoring()
    for scorer in filter(None, (estimator, compiled)):
        check_canaries(kept, scorer)
    _check_pace(kept, compiled or estimator)


def _check_pace(kept: Kept, scorer: Scorer) -> None:
    """Score a row, and a batch, in the form that serves."""
    rows, _ = kept.canaries()
    taken = math.inf
    for _ in range(3):
        start = time.process_time()
        scorer.score(rows[:1])
        taken = min(taken, time.process_time() - start)
    if taken > limits.ROW_SECONDS:
        raise ModelRefusedError(f"scoring one row takes {taken:.2f} s of a processor, and may take {limits.ROW_SECONDS:g} s")
    scores = scorer.score(np.resize(rows, (limits.BATCH_ROWS, rows.shape[1])))
    if not np.isfinite(scores).all():
        raise ModelRefusedError("it gives a score that is no finite number")


def _in_a_process(folder: Path, digest: str) -> str:
    """Return why a model must be refused, whatever it does to the process that tries it."""
    theirs, ours = os.pipe()
    child = os.fork()
    if not child:
        os.close(theirs)
        _judge_and_exit(folder, digest, ours)
    os.close(ours)
    said = b""
    while True:
        ready, _, _ = select.select([theirs, sys.stdin], [], [])
        if theirs not in ready:  # Whoever wants to know is gone.
            os.kill(child, signal.SIGKILL)
            sys.exit(1)
        part = os.read(theirs, _MOST_WORDS)
        if not part:
            break
        said += part
    os.close(theirs)
    _, status = os.waitpid(child, 0)
    was_read, answer = said.startswith(_WAS_READ), said.removeprefix(_WAS_READ)
    if answer and status == 0:
        return "" if answer == _SOUND else answer.decode(errors="replace")
    doing, seconds = ("scoring with it", limits.SCORING_SECONDS) if was_read else ("reading it", limits.READING_SECONDS)
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return f"{doing} takes more than {seconds} s of a processor"
    if number == signal.SIGALRM:
        return f"{doing} takes more than {limits.TRIAL_SECONDS:g} s"
    how = signal.Signals(number).name if number else f"exit code {os.WEXITSTATUS(status)}"
    return f"{doing} ends the process that tries it ({how})"


def _judge_and_exit(folder: Path, digest: str, answer: int) -> None:
    """Judge a model within limits, write why it must be refused, and end the process."""
    try:
        _limit()
        judge(folder, digest, partial(_limit_scoring, answer))
        said = _SOUND
    except ModelRefusedError as refused:
        said = refused.reason.encode(errors="replace")
    except MemoryError:
        said = b"it takes more than %d MiB of memory" % (limits.TRIAL_MEMORY >> 20)
    except BaseException as error:  # noqa: BLE001  # Whatever a library raises for what is wrong with a model.
        words = str(error).split("\n", 1)[0][:300]
        said = f"it cannot be read, or does not score: {type(error).__name__}: {words}".encode(errors="replace")
    os.write(answer, said[:_MOST_WORDS])
    os._exit(0)


def _limit() -> None:
    """Limit what this process may take, and let no library write where its words would be taken for an answer."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    _set(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.TRIAL_MEMORY)
    _set(resource.RLIMIT_CPU, limits.READING_SECONDS)
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    signal.setitimer(signal.ITIMER_REAL, limits.TRIAL_SECONDS)


def _limit_scoring(answer: int) -> None:
    """Say that the model was read, and limit what scoring may take."""
    os.write(answer, _WAS_READ)
    _set(resource.RLIMIT_CPU, math.ceil(time.process_time()) + limits.SCORING_SECONDS)


def _set(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    main()
