"""`assay train`: models from files, through the contract, tried on the latest fifth, kept, and put in service."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay_server.models.registry import Registry
from tests.unit.cli.doing import Assay, runner

PAYMENTS = '''
from typing import Annotated

from pydantic import Field
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assay_server.contracts import (
    Classifier, Clock, Estimator, EventContract, Hour, IsolationForest, OneHot, Sensitive, feature, rule,
)


class Paid(EventContract, event_type="paid", version="1.0.0"):
    """Somebody has paid."""

    amount: Annotated[float, Field(gt=0)]
    items: int
    currency: str
    income: Annotated[float | None, Sensitive()] = None
    fraud: bool | None = None

    clock = Clock(max_age="1d", enforcement="warn")
    unusual = IsolationForest(features=("amount", "items", "each", OneHot("currency"), Hour()), contamination=0.01)
    local = Estimator(
        lambda: make_pipeline(StandardScaler(), LocalOutlierFactor(novelty=True)), features=("amount", "items", "income")
    )
    fraudulent = Classifier(
        lambda: make_pipeline(StandardScaler(), LogisticRegression()), features=("amount", "items"), label="fraud"
    )

    @feature
    def each(self) -> float:
        """What one costs."""
        return self.amount / self.items

    @rule
    def something_was_bought(self) -> bool:
        """Nobody pays for nothing."""
        return self.items > 0
'''

ROWS = 1000
DAY = np.timedelta64(24, "h")


@pytest.fixture
def assay(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Assay:
    """Run the command line in a folder with the contract, and payments of years ago: newest first, 10 unfit, 20 lacking."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "paid.py").write_text(PAYMENTS)
    random = np.random.default_rng(5)
    items = random.integers(1, 9, ROWS)
    fraud = random.random(ROWS) < 0.1
    income: list[float | None] = random.normal(3000, 400, ROWS).tolist()
    income[100:120] = [None] * 20
    items[:10] = 0
    table = {
        "amount": random.lognormal(3, 0.5, ROWS) * np.where(fraud, 30, 1),
        "items": items,
        "currency": random.choice(["EUR", "USD", "CHF"], ROWS, p=[0.6, 0.3, 0.1]),
        "income": pa.array(income),
        "fraud": fraud,
        "at": np.datetime64("2020-03-01", "s") - np.arange(ROWS) * np.timedelta64(1, "h"),
    }
    pq.write_table(pa.table(table), tmp_path / "paid.parquet")
    return runner(monkeypatch, capsysbinary)


def trained(assay: Assay, *arguments: str) -> dict[str, dict[str, object]]:
    """Train on the file, and return what came of each model."""
    result = assay("train", "paid", "paid.parquet", "--timestamp", "at", "--json", *arguments)
    assert result.code == 0, result.err
    return {model["model"]: model for model in result.json["models"]}


def test_it_trains_every_model_of_the_contract_and_keeps_it(assay: Assay, tmp_path: Path) -> None:
    """What rules reject is left out, what lacks a feature too, Clock does not count, and a fifth is held out."""
    result = assay("train", "paid", "paid.parquet", "--timestamp", "at", "--json", "--rejected", "out.parquet")

    assert (result.json["events"], result.json["fit"], result.json["left_out"]) == (1000, 990, 10)
    found = {model["model"]: model for model in result.json["models"]}
    assert list(found) == ["unusual", "local", "fraudulent"]
    assert {name: (one["trained_on"], one["held_out"], one["lacking_features"]) for name, one in found.items()} == {
        "unusual": (792, 198, 0),
        "local": (776, 194, 20),
        "fraudulent": (792, 198, 0),
    }
    assert {(entry.name, str(entry.version), entry.state) for entry in Registry(tmp_path / "data" / "models").entries()} == {
        (name, one["version"], "") for name, one in found.items()
    }
    assert pq.read_table(tmp_path / "out.parquet")["items"].to_pylist() == [0] * 10


def test_the_latest_fifth_is_held_out_whatever_the_order_of_the_file(assay: Assay) -> None:
    """The file begins with the newest; the most anomalous events shown are among its first."""
    shown = trained(assay, "--show", "50", "--model", "unusual")["unusual"]["most_anomalous"]
    assert isinstance(shown, list)
    rows = [int(one["event"].partition(":")[2]) for one in shown]
    assert len(rows) == 50
    assert all(10 < row <= 10 + 198 for row in rows)


def test_contributions_add_up_and_hide_what_is_sensitive(assay: Assay) -> None:
    """To the score less the typical score; a sensitive feature shows no value."""
    found = trained(assay)
    for model in found.values():
        shown, typical = model["most_anomalous"], model["typical_score"]
        assert isinstance(shown, list)
        assert isinstance(typical, float)
        assert shown
        for one in shown:
            assert sum(part["amount"] for part in one["contributions"]) == pytest.approx(one["score"] - typical, abs=1e-6)
            values = {part["feature"]: part["value"] for part in one["contributions"]}
            assert values.get("income") is None
            assert values["amount"] > 0


def test_a_classifier_tells_how_well_it_does_on_later_events(assay: Assay) -> None:
    """Frauds pay thirty times as much, which is not hard to learn; its threshold is the contract's."""
    model = trained(assay)["fraudulent"]
    assert model["threshold"] == 0.5
    assert model["threshold_by"] == "set by the contract"
    assert isinstance(model["auc"], float)
    assert model["auc"] > 0.95
    for name in ("precision", "recall"):
        share = model[name]
        assert isinstance(share, float)
        assert 0.5 < share <= 1


def test_one_seed_gives_the_same_model_again(assay: Assay) -> None:
    """Threshold, scores and explanations are equal; another seed's are not."""
    told = ("threshold", "scores", "most_anomalous", "typical_score")
    first, again, other = (trained(assay, "--seed", seed, "--model", "unusual")["unusual"] for seed in ("1", "1", "2"))
    assert [first[name] for name in told] == [again[name] for name in told]
    assert first["threshold"] != other["threshold"]


def test_activate_and_audit_put_it_in_service_and_on_trial(assay: Assay, tmp_path: Path) -> None:
    """Each once it is kept; without either, nothing is in service."""
    registry = Registry(tmp_path / "data" / "models")
    first = trained(assay, "--model", "unusual")["unusual"]
    assert registry.state("paid", "unusual").active is None
    second = trained(assay, "--model", "unusual", "--activate")["unusual"]
    third = trained(assay, "--model", "unusual", "--audit", "--seed", "9")["unusual"]
    state = registry.state("paid", "unusual")
    assert (str(state.active), str(state.audit)) == (second["version"], third["version"])
    assert [str(one["version"]).partition("+")[0] for one in (first, second, third)] == ["1", "2", "3"]


def test_what_is_in_service_judges(assay: Assay) -> None:
    """`assay check` asks it, and says by which version an event was scored, and why."""
    version = trained(assay, "--model", "unusual", "--activate")["unusual"]["version"]
    event = {"event_type": "paid", "payload": {"amount": 90_000, "items": 9_000, "currency": "ZZZ"}}
    checked = assay("check", "-", "--output", "-", "--explain", stdin=json.dumps(event).encode())
    [seen] = [one for one in checked.records[0]["explanations"] if one["check"] == "anomaly.unusual"]
    evidence = seen["evidence"]["anomaly"]
    assert evidence["model_version"] == version
    assert evidence["score"] > evidence["typical_score"]
    assert evidence["contributions"][0]["feature"] in {"amount", "items"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "nothing", "paid.parquet"), "no contract describes nothing"),
        (("train", "paid", "paid.parquet", "--model", "other"), "declares no model 'other'"),
        (("train", "paid", "missing.parquet"), "missing.parquet"),
        (("train", "paid", "paid.parquet", "--activate", "--audit"), "exclude each other"),
        (("train", "paid", "few.ndjson", "--model", "fraudulent"), "too few"),
        (("train", "paid", "few.ndjson"), "every event lacks a feature or the label"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_kept(
    assay: Assay, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Exit code 2, in words."""
    row = {"amount": 3, "items": 1, "currency": "EUR", "income": 1, "fraud": False}
    (tmp_path / "few.ndjson").write_text((json.dumps(row) + "\n") * 20)
    result = assay(*arguments)
    assert result.code == 2
    assert message in result.err
    assert not Registry(tmp_path / "data" / "models").entries()


def test_nothing_that_is_fit_trains_nothing(assay: Assay, tmp_path: Path) -> None:
    """Exit code 1, and why."""
    (tmp_path / "unfit.ndjson").write_text('{"amount": -1, "items": 1, "currency": "EUR"}\n' * 50)
    result = assay("train", "paid", "unfit.ndjson")
    assert result.code == 1
    assert "schema.greater_than" in result.text
    assert not Registry(tmp_path / "data" / "models").entries()
