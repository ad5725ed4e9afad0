"""`assay models`: what was trained, put in service and taken out of it."""

from pathlib import Path

import numpy as np
import pytest

from assay_server.models import FeatureKind, FeatureSpec, ModelKind
from assay_server.models.registry import Artefact, DataFile, Registry, TrainingData
from assay_server.models.training import ModelSpec, train
from tests.unit.cli.doing import Assay, runner

METERS = '''
from assay_server.contracts import EventContract, IsolationForest


class MeterRead(EventContract, event_type="meter.read", version="1.0.0"):
    """A meter was read."""

    value: float
    voltage: float

    unusual = IsolationForest(features=("value", "voltage"))
'''

FEATURES = tuple(FeatureSpec(name=name, kind=FeatureKind.NUMBER, source=name) for name in ("value", "voltage", "site"))


def kept(registry: Registry, features: tuple[FeatureSpec, ...]) -> str:
    """Train a model and keep it."""
    rng = np.random.default_rng(0)
    columns = {feature.name: rng.normal(size=300) for feature in features}
    spec = ModelSpec(kind=ModelKind.ISOLATION_FOREST, trees=5, samples=32)
    data = TrainingData(rows=300, held_out=60, files=(DataFile(name="rows.ndjson", sha256="0" * 64, rows=360),))
    made = Artefact.of(
        train(spec, features, columns),
        event_type="meter.read",
        name="unusual",
        contract="1.0.0+0a1b2c3d",
        threshold_by="contamination 0.001",
        data=data,
        metrics={"held_out_share": 0.0125},
    )
    return registry.add(made)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return a folder with a contract and three models, the last of other features."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "contracts").mkdir()
    (folder / "contracts" / "meters.py").write_text(METERS)
    registry = Registry(folder / "data" / "models")
    return folder, [kept(registry, FEATURES[:2]), kept(registry, FEATURES[:2]), kept(registry, FEATURES[1:])]


@pytest.fixture
def assay(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], trained: tuple[Path, list[str]]
) -> Assay:
    """Run the command line in this process, in the folder."""
    monkeypatch.chdir(trained[0])
    return runner(monkeypatch, capsysbinary)


def states(assay: Assay) -> dict[str, str]:
    """Return the versions and what they are."""
    return {one["version"]: one["state"] for one in assay("models", "list", "--json").json}


@pytest.mark.timeout(300)
def test_the_life_of_models(assay: Assay, trained: tuple[Path, list[str]]) -> None:
    """Activated, rolled back, on trial, refused, and removed: each says what it did, and `list` what came of it."""
    first, second, other = trained[1]
    assert states(assay) == dict.fromkeys((first, second, other), "")

    done = assay("models", "activate", "meter.read", "unusual", "1")
    assert (done.code, done.text) == (0, f"In service: meter.read unusual {first}.")
    done = assay("models", "activate", "meter.read", "unusual", second)
    assert done.text == (
        f"In service: meter.read unusual {second}. {first} was before: assay models rollback meter.read unusual"
    )
    assert states(assay) == {first: "previous", second: "active", other: ""}

    refused = assay("models", "activate", "meter.read", "unusual")
    assert refused.code == 2
    assert "is refused: it was trained for other features than the contract has: train it again" in refused.err
    assert "What is in service stays." in refused.err
    assert states(assay)[second] == "active"

    assert assay("models", "rollback", "meter.read", "unusual").text == f"In service again: meter.read unusual {first}."
    done = assay("models", "activate", "meter.read", "unusual", "2", "--audit")
    assert done.text == f"On trial: meter.read unusual {second}, beside {first}."
    assert states(assay) == {first: "active", second: "audit", other: ""}
    assert assay("models", "rollback", "meter.read", "unusual", "--audit").code == 0
    assert states(assay) == {first: "active", second: "", other: ""}

    assert assay("models", "prune", "--keep", "1", "--yes").text == f"Removed: meter.read unusual {second}."
    assert assay("models", "prune", "--keep", "1", "--yes").text == "Nothing to remove."
    assert states(assay) == {first: "active", other: ""}


def test_list_is_a_table(assay: Assay, trained: tuple[Path, list[str]]) -> None:
    """A line a version, the newest first."""
    text = assay("models", "list").text
    assert f"meter.read unusual {trained[1][2]}" in text
    assert "1.0.0+0a1b2c3d compiled" in text
    assert assay("models", "list", "other.type").text == "There are no models. Train one with `assay train EVENT_TYPE FILE…`."


def test_show_tells_what_is_known(assay: Assay, trained: tuple[Path, list[str]]) -> None:
    """Of the newest, or of the one that is named; for programs the whole manifest."""
    text = assay("models", "show", "meter.read", "unusual").text
    assert f"meter.read unusual {trained[1][2]}" in text
    for part in (
        "features voltage, site",
        "300 events; 60 later ones held out",
        "rows.ndjson (360 rows)",
        "by contamination 0.001",
    ):
        assert part in text
    assert "held out share 0.0125" in text
    told = assay("models", "show", "meter.read", "unusual", "1", "--json").json
    assert told["version"] == trained[1][0]
    assert told["manifest"]["seed"] == 0
    assert set(told["manifest"]["files"]) == {"estimator.skops", "model.onnx", "canaries.npy"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "meter.read", "odd"), "no model 'odd' of meter.read"),
        (("show", "meter.read", "unusual", "9"), "no version 9"),
        (("activate", "meter.read", "odd"), "no contract of meter.read has a model 'odd'\n  There is unusual."),
        (("activate", "other.type", "unusual"), "no contract of other.type has a model 'unusual'\n  Declare one"),
        (("rollback", "meter.read", "unusual", "--audit"), "is on trial"),
    ],
)
def test_what_is_not_there(assay: Assay, arguments: tuple[str, ...], says: str) -> None:
    """It says what is wrong, and what there is."""
    done = assay("models", *arguments)
    assert done.code == 2
    assert says in done.err


def test_a_damaged_version_is_refused(assay: Assay, trained: tuple[Path, list[str]]) -> None:
    """In words, without a stack, and what is in service stays."""
    folder = trained[0] / "data" / "models" / "meter.read" / "unusual" / trained[1][0]
    estimator = folder / "estimator.skops"
    estimator.write_bytes(estimator.read_bytes()[:-1])
    before = states(assay)
    done = assay("models", "activate", "meter.read", "unusual", "1")
    assert done.code == 2
    assert "is refused: estimator.skops has" in done.err
    assert "Traceback" not in done.err
    assert states(assay) == before
