"""`assay baselines`: what was learned, drawn with the bounds of the checks, and forgotten."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.unit.cli.doing import Assay, runner

METERS = '''
from typing import Annotated

from assay_server.contracts import EventContract, Novelty, QuantileRange, RobustSigma, Sensitive, ThreeSigma


class MeterRead(EventContract, event_type="meter.read", version="1.0.0"):
    """A meter was read."""

    site: Annotated[str, Novelty()]
    value: Annotated[float, ThreeSigma(by="site"), RobustSigma(), QuantileRange(window="90d")]
    secret: Annotated[float, Sensitive(), RobustSigma()]
'''

VALUES = np.random.default_rng(1).lognormal(3, 0.4, 400)
SITES = ["ab"[row % 4 == 0] for row in range(400)]


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Assay:
    """Run the command line in this process, in a folder where history was learned."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "meters.py").write_text(METERS)
    rows = [
        {"site": site, "value": value, "secret": value + 7000, "at": "2026-05-01"}
        for site, value in zip(SITES, VALUES.tolist(), strict=True)
    ]
    (tmp_path / "rows.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assay = runner(monkeypatch, capsysbinary)
    assert assay("learn", "meter.read", "rows.ndjson", "--timestamp", "at").code == 0
    return assay


def test_list_names_all_that_was_learned(assay: Assay) -> None:
    """With how many groups and values, when the newest happened, and from which files."""
    told = assay("baselines", "list", "--json").json
    found = {(one["check"], one["field"]): (one["groups"], one["values"], one["newest"]) for one in told["baselines"]}
    newest = "2026-05-01T00:00:00Z"
    assert found == {
        ("statistics.novelty", "/site"): (1, 400, newest),
        ("statistics.three_sigma", "/value"): (2, 400, newest),
        ("statistics.robust_sigma", "/value"): (1, 400, newest),
        ("statistics.quantile_range", "/value"): (1, 400, newest),
        ("statistics.robust_sigma", "/secret"): (1, 400, newest),
    }
    assert [file["name"] for file in told["files"]["meter.read"]] == ["rows.ndjson"]
    text = assay("baselines", "list").text
    assert "meter.read statistics.three_sigma /value by site 2 400 2026-05-01" in text
    assert "statistics.quantile_range /value over 90 d" in text
    assert "meter.read was taught by rows.ndjson." in text


def test_show_gives_the_bounds_of_the_check(assay: Assay) -> None:
    """Mean and deviation are NumPy's, and the bounds what the check makes of them."""
    shown = ("baselines", "show", "meter.read", "value", "--check", "statistics.three_sigma")
    (told,) = assay(*shown, "--group", "site=a", "--json").json
    values = VALUES[[site == "a" for site in SITES]]
    mean, deviation = values.mean(), values.std(ddof=1)
    assert (told["samples"], told["group"]) == (len(values), {"site": "a"})
    assert told["mean"] == pytest.approx(mean, rel=1e-9)
    assert told["standard_deviation"] == pytest.approx(deviation, rel=1e-9)
    assert told["lower"] == pytest.approx(mean - 3 * deviation, rel=1e-9)
    assert told["upper"] == pytest.approx(mean + 3 * deviation, rel=1e-9)
    assert [one["group"]["site"] for one in assay(*shown, "--json").json] == ["a", "b"]
    assert [one["group"]["site"] for one in assay(*shown, "--groups", "1", "--json").json] == ["a"]


def test_show_draws_what_is_kept(assay: Assay) -> None:
    """A line from moments, bars from a histogram, with the bounds on them, and bars of categories."""
    line = assay("baselines", "show", "meter.read", "value", "--check", "statistics.three_sigma", "--group", "site=a")
    assert re.search(r"\[.*━●━.*\]|─●", line.out.decode())
    for check in ("robust_sigma", "quantile_range"):
        bars = assay("baselines", "show", "meter.read", "/value", "--check", f"statistics.{check}").out.decode().splitlines()
        heights = [int(row.split()[-1].replace(",", "")) for row in bars if "│" in row or "┤" in row]
        assert sum(heights) == 400
        assert 1 <= sum("┤" in row for row in bars) <= 2
    assert re.search(r"a █+ 300 b █+ 100", assay("baselines", "show", "meter.read", "site").text)


def test_show_withholds_single_values_of_a_sensitive_field(assay: Assay) -> None:
    """Neither least and greatest nor the histogram are shown."""
    result = assay("baselines", "show", "meter.read", "secret", "--json")
    (told,) = result.json
    assert (told["minimum"], told["maximum"]) == (None, None)
    drawn = assay("baselines", "show", "meter.read", "secret").out.decode()
    assert f"{VALUES.max() + 7000:.6g}" not in drawn
    assert "│" not in drawn


def test_reset_forgets(assay: Assay) -> None:
    """Some of it, or all, and then the files too."""
    assert (
        assay("baselines", "reset", "meter.read", "--field", "value", "--check", "statistics.robust_sigma", "--yes").code == 0
    )
    told = assay("baselines", "list", "--json").json
    assert len(told["baselines"]) == 4
    assert assay("learn", "meter.read", "rows.ndjson").code == 2
    assert assay("baselines", "reset", "meter.read", "--yes").code == 0
    assert assay("baselines", "list", "--json").json == {"baselines": [], "files": {}}
    assert "Nothing was learned" in assay("baselines", "list").text
    assert assay("learn", "meter.read", "rows.ndjson").code == 0


def test_what_is_not_there_is_an_error(assay: Assay) -> None:
    """That says what is there."""
    for arguments, said in (
        (("show", "no.such", "value"), "no contract describes no.such"),
        (("show", "meter.read", "nothing"), "nothing compares nothing with history"),
        (("show", "meter.read", "value", "--check", "statistics.three_sigma", "--group", "city=x"), "--group site=…"),
        (("show", "meter.read", "value", "--check", "statistics.three_sigma", "--group", "site=x"), "no such history"),
        (("reset", "meter.read", "--field", "nothing", "--yes"), "no such history"),
    ):
        result = assay("baselines", *arguments)
        assert (result.code, said in result.err) == (2, True), result.err
