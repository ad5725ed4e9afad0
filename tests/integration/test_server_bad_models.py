"""Models that are damaged, hostile or slow, activated in a real server under load: each is refused, and no call notices."""

import asyncio
import json
from pathlib import Path

import pytest

from assay.v1 import event_pb2
from assay_server.models.registry import Registry, State
from assay_server.models.registry._state import write_state
from tests.unit.models.registry.bad import BAD
from tests.unit.models.registry.breaking import RAN
from tests.unit.models.registry.conftest import SPECS
from tests.unit.models.registry.making import artefact, copied, trained, uncompiled

from .conftest import Remote, Spawn
from .test_admin import metric
from .wire import STREAM, answer, connected, message

pytestmark = pytest.mark.timeout(600)  # Each model is tried in a process of its own, and one is slow.

KINDS = [
    *("a_file_is_replaced_by_a_pickle", "a_pickle_for_a_graph", "a_child_out_of_bounds", "a_cycle"),
    *("a_compiled_child_out_of_bounds", "a_compiled_cycle", "a_truncated_archive", "a_truncated_graph", "other_features"),
    *("a_score_that_is_no_number", "ten_seconds_for_the_canaries"),
]
"""Ways to be bad, each with an event type of that name."""

HEAD = """
from sklearn.neighbors import LocalOutlierFactor

from assay_server.contracts import Estimator, EventContract, IsolationForest
"""
CONTRACT = '''
class Number{number}(EventContract, event_type="{name}", version="1.0.0"):
    """Three numbers."""

    a: float
    b: float
    c: float

    unusual = {model}
'''
MODELS = {
    "forest": 'IsolationForest(features=("a", "b", "c"))',
    "lof": 'Estimator(lambda: LocalOutlierFactor(novelty=True), features=("a", "b", "c"))',
}


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, tuple[Registry, str]]:
    """Sound models to copy, by what they are: each in a registry of its own."""
    kept = {}
    for base in MODELS:
        registry, model = Registry(tmp_path / base), trained(SPECS[base])
        kept[base] = registry, registry.add(artefact(model) if base == "forest" else uncompiled(model))
    return kept


@pytest.fixture
def good(folder: Path, tmp_path: Path, sound: dict[str, tuple[Registry, str]]) -> dict[str, str]:
    """Contracts, and a sound model in service for each; the version by event type."""
    contracts = [CONTRACT.format(number=number, name=name, model=MODELS[BAD[name].base]) for number, name in enumerate(KINDS)]
    (folder / "bad.py").write_text(HEAD + "".join(contracts))
    registry = Registry(tmp_path / "data" / "models")
    versions = {}
    for name in KINDS:
        kept = copied(*sound[BAD[name].base], registry, name, 1).folder
        write_state(kept.parent, State(active=kept.name))
        versions[name] = kept.name
    return versions


async def test_none_is_taken_and_the_old_ones_serve_on(
    spawn: Spawn, sound: dict[str, tuple[Registry, str]], good: dict[str, str], tmp_path: Path
) -> None:
    """Two streams that never pause get every verdict from the sound models while eleven bad ones are tried."""
    remote = spawn("--set", "admin=127.0.0.1:0", drain_pause="0", drain_timeout="5s")
    async with connected(remote.address) as channel:
        await load(channel, good, messages=1)
        working = [asyncio.create_task(load(channel, good)) for _ in range(2)]
        registry = Registry(tmp_path / "data" / "models")
        for name, version in good.items():
            damaged = copied(*sound[BAD[name].base], registry, name, 2)
            BAD[name].damage(damaged)
            write_state(damaged.folder.parent, State(active=damaged.folder.name, previous=(version,)))
        await until_all_are_refused(remote)
        await load(channel, good, messages=1)
        assert not any(task.done() for task in working)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    assert not RAN.exists()
    assert remote.stop() == 0


async def load(channel: object, good: dict[str, str], messages: int = 1_000_000_000) -> None:
    """Stream messages with an event of each type, and hold each verdict to the sound model."""
    events = [
        event_pb2.Event(event_type=name, payload_json=json.dumps({"a": 0.1, "b": 0.2, "c": 0.3}).encode()) for name in good
    ]
    talk = channel.stream_stream(f"/{STREAM}")()  # type: ignore[attr-defined]  # A channel, of either kind.
    for number in range(messages):
        await talk.write(message(number, *events, explain=True))
        for version, verdict in zip(good.values(), answer(await talk.read()).verdicts, strict=True):
            assert verdict.valid
            assert [seen.evidence.anomaly.model_version for seen in verdict.explanations] == [version]
    await talk.done_writing()


async def until_all_are_refused(remote: Remote) -> None:
    """Look at the metrics until as many models are refused as there are kinds; the log says so of each."""
    async with asyncio.timeout(300):
        while metric(remote, "assay_model_changes_total", outcome="refused") < len(KINDS):  # noqa: ASYNC110  # Another process.
            await asyncio.sleep(0.5)
    remote.read_until(rf"(?s)(model refused.*?){{{len(KINDS)}}}")
