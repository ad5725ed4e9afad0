"""`make run`: the main job, on real events, as somebody new sees it first."""

import re
import shlex
import subprocess
import sys

from .conftest import ROOT


def test_make_run_judges_real_flights_and_says_what_was_found() -> None:
    """Without a terminal it stops the server in the end, and exits with 0."""
    done = subprocess.run(
        [sys.executable, "-m", "examples.run"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Learned 81,761 of 84,205 events" in done.stdout + done.stderr
    assert "28,889 flights" in done.stdout
    assert re.search(r"rules\.has_arrived +reject +247", done.stdout)
    assert re.search(r"statistics\.three_sigma +warn +510", done.stdout)
    assert re.search(r"anomaly\.unusual +warn +[1-9]", done.stdout)
    assert re.search(r"typical 0\.\d+, .*arr_delay", done.stdout.partition("The most anomalous flights")[2])
    [line] = [line for line in done.stdout.splitlines() if line.strip().startswith("grpcurl")]
    assert shlex.split(line)[-1] == "assay.v1.ValidationService/Validate"
