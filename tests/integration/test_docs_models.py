"""docs/models.md: the contract loads, and each command does what the page says, typed as it stands."""

import re
import shlex
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.cli.doing import Assay, runner

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
CONTRACT = re.search(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    shlex.split(line, comments=True)[1:]
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Assay:
    """Run the command line in a folder with the page's contract and a file of rides."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    assert CONTRACT is not None
    (tmp_path / "contracts" / "rides.py").write_text(CONTRACT[1])
    random = np.random.default_rng(8)
    size = 400
    minutes = random.lognormal(3, 0.3, size)
    table = {
        "station": random.choice(["Mole", "Quay", "Park"], size),
        "minutes": minutes,
        "kilometres": minutes / 60 * random.normal(15, 2, size).clip(1),
        "ended_at": np.datetime64("2026-03-01", "s") + np.arange(size) * np.timedelta64(20, "m"),
    }
    pq.write_table(pa.table(table), tmp_path / "rides.parquet")
    return runner(monkeypatch, capsysbinary)


def test_the_commands_do_what_the_page_says(assay: Assay) -> None:
    """They train, list, activate, put on trial, roll back and prune."""
    train, *others = COMMANDS
    told = [assay(*train), assay(*train, "--seed", "1")]
    assert [one.code for one in told] == [0, 0]
    assert "anomaly.unusual" in told[0].text
    assert "anomaly.outlying" in told[0].text
    assert "assay models activate ride.ended unusual 1" in told[0].text

    done = {" ".join(command): assay(*command) for command in others[:3]}
    assert [one.code for one in done.values()] == [0, 0, 0], [one.err for one in done.values()]
    assert assay("models", "activate", "ride.ended", "unusual", "1").code == 0
    assert [assay(*command).code for command in others[3:]] == [0, 0]
    listed = assay("models", "list", "--json").json
    states = {(one["name"], one["version"].partition("+")[0]): one["state"] for one in listed}
    assert states["unusual", "2"] == "active"
