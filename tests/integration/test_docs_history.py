"""docs/history.md: the contract loads, and each command does what the page says, typed as it stands."""

import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.cli.doing import Assay, runner

PAGE = (Path(__file__).parents[2] / "docs" / "history.md").read_text()
CONTRACT = re.search(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    shlex.split(line, comments=True)[1:]
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("assay ")
]


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Assay:
    """Run the command line in a folder with the page's contract, and deliveries as its first command names them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    assert CONTRACT is not None
    (tmp_path / "contracts" / "parcels.py").write_text(CONTRACT[1])
    random = np.random.default_rng(4)
    for month in (1, 2):
        size = 300
        table = {
            "depot": random.choice(["K1", "K2"], size),
            "kilometres": random.lognormal(2, 0.4, size).clip(0.1),
            "hours": random.lognormal(1, 0.5, size).clip(0.1),
            "delivered_at": np.datetime64(f"2026-0{month}-01", "s") + np.arange(size) * np.timedelta64(1, "h"),
        }
        table["kilometres"][0] = -1
        pq.write_table(pa.table(table), tmp_path / f"deliveries-{month}.parquet")
    return runner(monkeypatch, capsysbinary)


def test_the_commands_do_what_the_page_says(assay: Assay, tmp_path: Path) -> None:
    """They learn, write aside what is left out, list, draw, and forget."""
    ran = {" ".join(command[:2]): command for command in COMMANDS}
    assert list(ran) == [
        *("learn parcel.delivered", "backtest parcel.delivered", "baselines list", "baselines show", "baselines reset")
    ]

    learned = assay(*ran["learn parcel.delivered"])
    assert learned.code == 0
    assert "598 of 600" in learned.text
    assert pq.read_table(tmp_path / "left_out.parquet")["kilometres"].to_pylist() == [-1, -1]

    shutil.copytree("contracts", "stricter")
    parcels = tmp_path / "stricter" / "parcels.py"
    parcels.write_text(
        parcels.read_text().replace('ThreeSigma(by="depot", window="90d")', 'ThreeSigma(1, by="depot", window="90d")')
    )
    assert assay(*ran["backtest parcel.delivered"]).code == 1
    differing = [json.loads(line) for line in (tmp_path / "differing.ndjson").read_text().splitlines()]
    assert len(differing) > 20

    assert "statistics.absurd" in assay(*ran["baselines list"]).text
    assert "K2" in assay(*ran["baselines show"]).text
    assert assay(*ran["baselines reset"], "--yes").code == 0
    assert "/kilometres" not in assay(*ran["baselines list"]).text
