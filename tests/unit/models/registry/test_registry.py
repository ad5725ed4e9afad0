"""Keeping versions, and putting them in service."""

import json
import os
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import KNeighborsClassifier

from assay_server.models.registry import ModelRefusedError, Registry, RegistryError
from tests.unit.models.registry.making import OF, artefact, classifier, detector, trained, uncompiled


def test_a_version_says_what_it_holds(registry: Registry, versions: list[str]) -> None:
    """Its number, and the digest of its manifest, which has the digests of the files, what it was trained on, and with."""
    assert [version.partition("+")[0] for version in versions] == ["1", "2", "3", "4", "5"]
    manifest, digest = registry.manifest(*OF, versions[0])
    assert versions[0] == f"1+{digest[:8]}"
    assert set(manifest.files) == {"estimator.skops", "model.onnx", "canaries.npy"}
    assert (manifest.contract, manifest.seed, manifest.data.rows) == ("1.0.0+0a1b2c3d", 1, 400)
    assert {"numpy", "scikit-learn", "skops", "onnxruntime"} <= set(manifest.libraries)
    assert [feature.name for feature in manifest.features] == ["a", "b", "c"]


def test_a_hundred_canaries_are_kept(registry: Registry, versions: list[str]) -> None:
    """With the scores that they got."""
    rows, scores = registry.read(*OF, versions[0]).canaries()
    assert (rows.shape, scores.shape) == ((100, 3), (100,))


def test_activation_and_rollback(registry: Registry, versions: list[str]) -> None:
    """Each goes back to the one that was active before, and before that."""
    assert registry.activate(*OF, "1") == versions[0]
    assert registry.activate(*OF, versions[2]) == versions[2]
    assert registry.activate(*OF) == versions[4]
    assert registry.state(*OF).previous == (versions[2], versions[0])
    assert registry.rollback(*OF) == versions[2]
    assert registry.rollback(*OF) == versions[0]
    assert registry.state(*OF).active == versions[0]
    with pytest.raises(RegistryError, match="was active before"):
        registry.rollback(*OF)


def test_a_trial_beside_the_active_one(registry: Registry, versions: list[str]) -> None:
    """It ends when it is told to, or when the one on trial becomes active."""
    registry.activate(*OF, "1")
    with pytest.raises(RegistryError, match="is active already"):
        registry.activate(*OF, "1", audit=True)
    registry.activate(*OF, "2", audit=True)
    state = registry.state(*OF)
    assert (state.active, state.audit, state.previous) == (versions[0], versions[1], ())
    assert registry.end_trial(*OF) == versions[1]
    with pytest.raises(RegistryError, match="is on trial"):
        registry.end_trial(*OF)
    registry.activate(*OF, "2", audit=True)
    registry.activate(*OF, "2")
    state = registry.state(*OF)
    assert (state.active, state.audit, state.previous) == (versions[1], None, (versions[0],))


def test_features_that_the_contract_does_not_have(registry: Registry) -> None:
    """Nothing changes."""
    (fingerprint,) = {entry.manifest.fingerprint for entry in registry.entries() if entry.manifest}
    with pytest.raises(ModelRefusedError, match="trained for other features"):
        registry.activate(*OF, "1", fingerprints={"00000000"})
    assert registry.state(*OF).active is None
    registry.activate(*OF, "1", fingerprints={"00000000", fingerprint})


def test_pruning_keeps_the_newest_and_what_may_be_needed(registry: Registry, versions: list[str]) -> None:
    """The active one, that on trial, and those that were active before, however old."""
    registry.activate(*OF, "1")
    registry.activate(*OF, "2")
    registry.activate(*OF, "3", audit=True)
    assert [str(entry.version) for entry in registry.prune(keep=1)] == [versions[3]]
    standing = {str(entry.version): entry.state for entry in registry.entries()}
    assert standing == {versions[4]: "", versions[2]: "audit", versions[1]: "active", versions[0]: "previous"}
    assert registry.prune("other.type", keep=0) == []
    assert [str(entry.version) for entry in registry.prune(*OF, keep=0)] == [versions[4]]


def test_pruning_leaves_all_where_nobody_knows_what_is_active(registry: Registry) -> None:
    """A state that cannot be read says of none that it is not needed."""
    (registry.folder(*OF) / "state.json").write_bytes(b"{")
    assert registry.prune(keep=0) == []
    assert {entry.state for entry in registry.entries()} == {"unknown"}


def test_numbers_are_not_used_twice(registry: Registry, versions: list[str]) -> None:
    """The next one comes after the newest that there is."""
    model = trained()
    assert registry.add(artefact(model)).startswith("6+")
    assert registry.add(artefact(model, event_type="other.type")).startswith("1+")


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../../etc", ".hidden", "a\0b", "ä b"])
def test_names_stay_within_the_folder(registry: Registry, name: str) -> None:
    """Whatever an event type or a check is called."""
    folder = registry.folder(name, name)
    assert folder.parent.parent == registry.root
    assert not folder.name.startswith(".")
    assert os.sep not in folder.name


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (
            lambda registry: registry.activate("meter.read", "odd"),
            r"no model 'odd' of meter.read. There are .*meter.read unusual",
        ),
        (lambda registry: registry.activate(*OF, "9"), "no version 9 of it. There is 5"),
        (lambda registry: registry.activate(*OF, "../1"), r"no version \.\./1"),
        (lambda registry: registry.rollback("a", "b"), "no model 'b' of a"),
        (lambda registry: registry.end_trial("a", "b"), "no model 'b' of a"),
    ],
)
def test_what_is_not_there(registry: Registry, ask: Callable[[Registry], object], says: str) -> None:
    """It says what there is."""
    with pytest.raises(RegistryError, match=says):
        ask(registry)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (b"{", "state.json is none: .*Invalid JSON"),
        (b"\x80\x04", "state.json is none"),
        (b" " * 70_000, "state.json has 70,000 bytes"),
        (json.dumps({"active": "../../x"}).encode(), "names no version"),
        (json.dumps({"active": None, "code": "x"}).encode(), "code Extra inputs"),
    ],
)
def test_a_state_that_is_none(registry: Registry, state: bytes, says: str) -> None:
    """It is said, and not replaced by what is activated next."""
    path = registry.folder(*OF) / "state.json"
    path.write_bytes(state)
    with pytest.raises(ModelRefusedError, match=says):
        registry.activate(*OF, "1")
    assert path.read_bytes() == state


def test_a_version_that_cannot_be_read_is_listed(registry: Registry, versions: list[str]) -> None:
    """With what is wrong with it."""
    (registry.folder(*OF) / versions[1] / "manifest.json").unlink()
    found = {str(entry.version): entry.problem for entry in registry.entries()}
    assert found == {**dict.fromkeys(versions, ""), versions[1]: "manifest.json is missing"}


def test_an_estimator_that_is_not_on_the_list(registry: Registry) -> None:
    """It is refused when it is to be kept, with what could be kept instead, and leaves nothing behind."""
    model = trained(classifier(KNeighborsClassifier))
    with pytest.raises(ModelRefusedError, match=r"KNeighborsClassifier is not among .* IsolationForest, .* pipelines of these"):
        registry.add(artefact(model, event_type="new.type"))
    assert not registry.folder("new.type", "unusual").exists()


def test_a_compiled_form_that_is_not_known_to_be_harmless(registry: Registry) -> None:
    """It is left out: the estimator itself serves."""
    kept = artefact(trained())
    object.__setattr__(kept, "compiled", b"something else")
    version = registry.add(kept)
    assert set(registry.read(*OF, version).files) == {"estimator.skops", "canaries.npy"}


def test_what_an_estimator_does_not_need_is_not_kept(registry: Registry) -> None:
    """Sources of random numbers, and how many processors it was trained with; the one that was handed over stays as it was."""
    forest = IsolationForest(n_estimators=3, n_jobs=2, random_state=np.random.RandomState(1))
    version = registry.add(uncompiled(trained(detector(lambda: forest))))
    registry.activate(*OF, version)
    assert registry.state(*OF).active == version
    assert forest.n_jobs == 2
