"""What a process serves, and how it follows what is activated."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from assay_server.models.registry import Change, Registry, Shelf, State, Wanted, _registry
from assay_server.models.registry._state import write_state
from assay_server.models.registry._trials import TrialError
from tests.unit.models.registry.making import OF, A, B, artefact, trained


class Clock:
    """Seconds that go by when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """Return the clock that the shelf goes by."""
    return Clock()


@pytest.fixture
def wanted(registry: Registry, versions: list[str]) -> Wanted:
    """Return what a contract asks for whose features are those of the models."""
    manifest, _ = registry.manifest(*OF, versions[0])
    return Wanted(event_type="meter.read", name="unusual", fingerprint=manifest.fingerprint)


@pytest.fixture
def shelf(registry: Registry, wanted: Wanted, clock: Clock) -> Shelf:
    """Return a shelf that wants the models."""
    shelf = Shelf(registry, clock=clock)
    shelf.use([wanted])
    return shelf


def put(registry: Registry, **state: object) -> None:
    """Write a state, as somebody might who asks nobody."""
    write_state(registry.folder(*OF), State(**state))  # type: ignore[arg-type]  # Are its fields.


def told(changes: list[Change]) -> list[tuple[str, str | None]]:
    """Return what was told, in short."""
    return [(change.what, change.version) for change in changes]


def test_nothing_is_served_before_anything_is_active(shelf: Shelf) -> None:
    """And nobody is told of it."""
    assert shelf.refresh() == []
    slot = shelf.of(*OF)
    assert (slot.active, slot.trial, slot.mismatch, slot.refused) == (None, None, None, None)
    assert shelf.of("other.type", "unusual").active is None


def test_without_a_registry_nothing_is_served(wanted: Wanted) -> None:
    """As in a process that has no models."""
    shelf = Shelf(None)
    shelf.use([wanted])
    assert shelf.refresh() == []
    assert shelf.of(*OF).active is None


def test_what_is_activated_serves(registry: Registry, shelf: Shelf, versions: list[str]) -> None:
    """From the next look on; a version that served before is not read again."""
    registry.activate(*OF, "1")
    assert told(shelf.refresh()) == [("active", versions[0])]
    first = shelf.of(*OF).active
    assert first is not None
    assert shelf.refresh() == []
    registry.activate(*OF, "2")
    assert told(shelf.refresh()) == [("active", versions[1])]
    registry.rollback(*OF)
    assert told(shelf.refresh()) == [("active", versions[0])]
    assert shelf.of(*OF).active is first
    assert first.scorer.compiled
    assert 0 <= first.percentile(first.threshold) <= 1


def test_a_trial_is_served_beside_the_active_one(registry: Registry, shelf: Shelf, versions: list[str]) -> None:
    """Until it ends, or becomes the active one."""
    registry.activate(*OF, "1")
    registry.activate(*OF, "2", audit=True)
    assert told(shelf.refresh()) == [("active", versions[0]), ("trial", versions[1])]
    trial = shelf.of(*OF).trial
    registry.activate(*OF, "2")
    assert told(shelf.refresh()) == [("active", versions[1]), ("trial", None)]
    assert shelf.of(*OF).active is trial
    registry.activate(*OF, "3", audit=True)
    registry.end_trial(*OF)
    assert shelf.refresh() == []


def test_a_trial_without_an_active_one(registry: Registry, shelf: Shelf, versions: list[str]) -> None:
    """A first model may be tried before it counts."""
    registry.activate(*OF, "1", audit=True)
    assert told(shelf.refresh()) == [("trial", versions[0])]
    assert shelf.of(*OF).active is None


def test_a_contract_with_other_features_has_no_model(
    registry: Registry, shelf: Shelf, wanted: Wanted, versions: list[str]
) -> None:
    """It is told once, and over as soon as the contract is back."""
    registry.activate(*OF, "1")
    shelf.refresh()
    shelf.use([Wanted(event_type=wanted.event_type, name=wanted.name, fingerprint="00000000")])
    assert told(shelf.refresh()) == [("active", None), ("mismatch", versions[0])]
    slot = shelf.of(*OF)
    assert (slot.active, slot.mismatch) == (None, versions[0])
    assert shelf.refresh() == []
    shelf.use([wanted])
    assert told(shelf.refresh()) == [("active", versions[0])]
    assert shelf.of(*OF).mismatch is None


def test_contracts_with_different_features_each_have_a_model(
    registry: Registry, shelf: Shelf, wanted: Wanted, versions: list[str], clock: Clock
) -> None:
    """The latest that fits it: two versions of a contract may be in service. Also in processes that start later."""
    other = registry.add(artefact(trained(features=(A, B))))
    manifest, _ = registry.manifest(*OF, other)
    both = [wanted, Wanted(event_type=wanted.event_type, name=wanted.name, fingerprint=manifest.fingerprint)]
    for version in (versions[0], versions[1], other):
        registry.activate(*OF, version)
    later = Shelf(registry, clock=clock)
    for one in (shelf, later):
        one.use(both)
        one.refresh()
        slot = one.of(*OF)
        served = [slot.serving(each.fingerprint) for each in both]
        assert [each and each.version for each in served] == [versions[1], other]
        assert slot.serving("00000000") is None
        assert slot.active is served[1]
        assert slot.refused is None
    shelf.use([wanted])
    assert told(shelf.refresh()) == [("active", versions[1]), ("mismatch", other)]


def test_a_model_of_other_features_is_not_taken(registry: Registry, shelf: Shelf, versions: list[str]) -> None:
    """The one that fits serves on, in processes that start later too."""
    other = registry.add(artefact(trained(features=(A, B))))
    registry.activate(*OF, "1")
    shelf.refresh()
    put(registry, active=other, previous=(versions[0],))
    assert told(shelf.refresh()) == [("mismatch", other)]
    active = shelf.of(*OF).active
    assert active is not None
    assert active.version == versions[0]
    later = Shelf(registry)
    later.use(Wanted(event_type="meter.read", name="unusual", fingerprint=one) for one in [active.fingerprint, "00000000"])
    assert told(later.refresh()) == [("active", versions[0]), ("mismatch", other)]


def test_two_versions_of_a_contract_may_want_different_models(registry: Registry, shelf: Shelf, wanted: Wanted) -> None:
    """What serves fits one of them; the other one sees that by the fingerprint."""
    registry.activate(*OF, "1")
    shelf.use([wanted, Wanted(event_type="meter.read", name="unusual", fingerprint="00000000")])
    shelf.refresh()
    active = shelf.of(*OF).active
    assert active is not None
    assert active.fingerprint == wanted.fingerprint


def test_what_nobody_wants_is_let_go(registry: Registry, shelf: Shelf, wanted: Wanted, versions: list[str]) -> None:
    """And found again when it is wanted again."""
    registry.activate(*OF, "1")
    shelf.refresh()
    shelf.use([])
    assert shelf.refresh() == []
    assert shelf.of(*OF).active is None
    shelf.use([wanted])
    assert told(shelf.refresh()) == [("active", versions[0])]


def test_a_state_that_is_none_changes_nothing(registry: Registry, shelf: Shelf, versions: list[str]) -> None:
    """What serves does so on, and it is told once."""
    registry.activate(*OF, "1")
    shelf.refresh()
    active = shelf.of(*OF).active
    (registry.folder(*OF) / "state.json").write_bytes(b"{")
    assert told(shelf.refresh()) == [("refused", None)]
    assert shelf.refresh() == []
    assert shelf.of(*OF).active is active
    assert "state.json is none" in (shelf.of(*OF).refused or "")
    put(registry, active=versions[1])
    assert told(shelf.refresh()) == [("active", versions[1])]
    assert shelf.of(*OF).refused is None


def test_a_folder_that_vanishes_changes_nothing(registry: Registry, shelf: Shelf, versions: list[str], clock: Clock) -> None:
    """What is in memory serves."""
    registry.activate(*OF, "1")
    shelf.refresh()
    active = shelf.of(*OF).active
    shutil.rmtree(registry.folder(*OF) / versions[0])
    clock.seconds += 3600
    assert shelf.refresh() == []
    assert shelf.of(*OF).active is active


def test_files_that_come_later_are_found(registry: Registry, shelf: Shelf, versions: list[str], clock: Clock) -> None:
    """As where a folder is copied piece by piece: what could not be read is looked at again after ten seconds."""
    folder = registry.folder(*OF) / versions[0]
    away = folder.rename(registry.root / "away")
    put(registry, active=versions[0])
    assert told(shelf.refresh()) == [("refused", versions[0])]
    away.rename(folder)
    assert shelf.refresh() == []
    clock.seconds += 11
    assert told(shelf.refresh()) == [("active", versions[0])]


def test_a_trial_that_cannot_be_run_is_run_later(
    registry: Registry, shelf: Shelf, versions: list[str], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the machine has no room for another process says nothing of the model."""

    def fail(_: object) -> list[str]:
        raise TrialError("out of processes")

    registry.activate(*OF, "1")
    registry._sound.clear()
    with monkeypatch.context() as patch:
        patch.setattr(_registry, "try_out", fail)
        assert told(shelf.refresh()) == [("refused", versions[0])]
        assert "out of processes" in (shelf.of(*OF).refused or "")
        clock.seconds += 11
        assert shelf.refresh() == []
    clock.seconds += 11
    assert told(shelf.refresh()) == [("active", versions[0])]


def test_a_model_is_tried_once(registry: Registry, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was refused is not tried again before somebody activates it again."""
    tried = []

    def refuse(versions: list[tuple[Path, str]]) -> list[str]:
        tried.extend(versions)
        return ["it is not to be"] * len(versions)

    registry.activate(*OF, "1")
    registry._sound.clear()
    monkeypatch.setattr(_registry, "try_out", refuse)
    for _ in range(3):
        shelf.refresh()
    assert len(tried) == 1
    put(registry, active=registry.state(*OF).active, changes=9)
    shelf.refresh()
    assert len(tried) == 2


@pytest.mark.timeout(600)
def test_a_thousand_activations_while_it_is_asked(registry: Registry, shelf: Shelf, versions: list[str]) -> None:
    """Whoever asks always finds a whole model, one that was active at the time or shortly before."""
    registry.activate(*OF, "1")
    shelf.refresh()
    rows = np.zeros((5_000, 3))
    seen: set[str] = set()
    failed: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                served = shelf.of(*OF).active
                assert served is not None
                assert np.isfinite(served.scorer.score(rows)).all()
                seen.add(served.version)
        except BaseException as error:
            failed.append(error)
            raise

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for number in range(1000):
            active = registry.activate(*OF, str(number % 5 + 1))
            shelf.refresh()
            served = shelf.of(*OF).active
            assert served is not None
            assert served.version == active
    finally:
        done.set()
        thread.join()
    assert failed == []
    assert len(seen) > 1
    assert registry.state(*OF).changes == 1001


def test_a_server_without_models_loads_nothing_for_them() -> None:
    """Neither what scores, nor what trains, compiles and reads estimators, which takes seconds to load."""
    program = (
        "import sys; import assay_server.models.registry\n"
        "print({'sklearn', 'skops', 'onnx', 'skl2onnx', 'scipy', 'onnxruntime', 'numba'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout == "set()\n"
