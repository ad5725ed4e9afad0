"""Nothing in a model's folder runs code, or ends or hangs a process that serves: each is refused, and the old one serves on."""

import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from assay_server.models.registry import Change, ModelRefusedError, Registry, Shelf, Slot, State, Wanted
from assay_server.models.registry._state import write_state
from tests.unit.models.registry.bad import BAD
from tests.unit.models.registry.breaking import RAN, TREE
from tests.unit.models.registry.making import Damaged, copied, node_at, npy

pytestmark = pytest.mark.timeout(600)

A_FEW = ["a_file_is_replaced_by_a_pickle", "a_cycle", "a_score_that_is_no_number", "a_file_is_swapped"]


@dataclass
class Outcome:
    """What a server made of a bad folder, with a sound version that was active before."""

    slot: Slot
    good: str
    bad: str
    changes: list[Change]


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Return the registry of all bad folders."""
    return Registry(tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="session")
def outcomes(sound: dict[str, tuple[Registry, str]], registry: Registry) -> dict[str, Outcome]:
    """Let one shelf meet all bad folders: each an event type of its own, where a sound version was active before."""
    wanted, versions = [], {}
    for name, bad in BAD.items():
        source, version = sound[bad.base]
        good = copied(source, version, registry, name, 1).folder
        damaged = copied(source, version, registry, name, 2)
        bad.damage(damaged)
        versions[name] = good.name, damaged.folder.name
        write_state(good.parent, State(active=damaged.folder.name, previous=(good.name,)))
        fingerprint = source.manifest("meter.read", "unusual", version)[0].fingerprint
        wanted.append(Wanted(event_type=name, name="unusual", fingerprint=fingerprint))
    shelf = Shelf(registry)
    shelf.use(wanted)
    changes = shelf.refresh()
    return {
        name: Outcome(shelf.of(name, "unusual"), good, bad, [change for change in changes if change.event_type == name])
        for name, (good, bad) in versions.items()
    }


@pytest.mark.parametrize("name", BAD)
def test_a_bad_folder_is_refused_in_words_and_the_old_model_serves_on(outcomes: dict[str, Outcome], name: str) -> None:
    """Whatever is wrong with it: the process that serves goes on, and says what."""
    outcome = outcomes[name]
    assert outcome.slot.active is not None
    assert outcome.slot.active.version == outcome.good
    assert np.isfinite(outcome.slot.active.scorer.score(np.zeros((1, outcome.slot.active.encoding.width)))).all()
    assert outcome.slot.refused is not None
    version, _, reason = outcome.slot.refused.partition(": ")
    assert version == outcome.bad
    assert re.search(BAD[name].says, reason), reason
    assert [(change.what, change.version) for change in outcome.changes] == [("active", outcome.good), ("refused", outcome.bad)]


def test_no_code_in_any_of_them_has_run(outcomes: dict[str, Outcome]) -> None:
    """The pickles among them would have made a folder."""
    assert len(outcomes) == len(BAD)
    assert not RAN.exists()


@pytest.mark.parametrize("name", A_FEW)
def test_activation_refuses_it_too(registry: Registry, outcomes: dict[str, Outcome], name: str) -> None:
    """Before anything changes."""
    write_state(registry.folder(name, "unusual"), State(active=outcomes[name].good))
    with pytest.raises(ModelRefusedError, match=BAD[name].says):
        registry.activate(name, "unusual", outcomes[name].bad)
    with pytest.raises(ModelRefusedError, match=BAD[name].says):
        registry.activate(name, "unusual", outcomes[name].bad, audit=True)
    assert registry.state(name, "unusual") == State(active=outcomes[name].good)


def test_a_node_that_passes_for_another_is_not_what_is_built(
    sound: dict[str, tuple[Registry, str]], registry: Registry
) -> None:
    """To skops it is the earlier one of the same identity, whatever it holds: what was checked is built all the same."""
    source, version = sound["forest"]
    damaged = copied(source, version, registry, "identity", 1)
    _smuggle(damaged)
    (reason,) = registry.verify([(damaged.folder, registry.manifest("identity", "unusual", damaged.folder.name)[1])])
    assert reason == ""


def _smuggle(damaged: Damaged) -> None:
    """Give a tree's nodes the identity of an array that comes before, and leads out of bounds."""

    def change(document: dict[str, Any], parts: dict[str, bytes]) -> None:
        nodes = node_at(document, f"{TREE}.nodes")
        evil = np.load(io.BytesIO(parts[nodes["file"]]))
        evil["left_child"][0] = 2**40
        parts["1.npy"] = npy(evil)
        attributes = document["content"]
        attributes["content"] = {"first": {**nodes, "file": "1.npy"}, **attributes["content"]}
        attributes["key_types"]["content"].append(attributes["key_types"]["content"][0])

    damaged.schema(change)
