"""The layers that are measured: contracts with some of them or all, what they learned, and what is right for each event."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io

from assay_server.models.registry import Registry

from . import workload
from .workload import EVENT_TYPE, FEATURES, Sample

_CONTRACT = Path(__file__).parent / "contracts" / "payments.py"
_MODEL = "unusual"
_FOUND_BY_MODEL = f"anomaly.{_MODEL}"
_HISTORY = 20_000
_UNCERTAIN = 1e-5
"""So close to the threshold the rounding of scores may decide: such an event is not sent."""


class Layers(Enum):
    """How much is checked: schema and rule, and history, and a model."""

    SCHEMA = "schema"
    STATISTICS = "+ statistics"
    ALL = "+ model"


@dataclass(frozen=True, slots=True)
class Work:
    """What is served, and what is sent.

    Attributes:
        contracts: A folder with contracts for each of the layers.
        data: A folder with what was learned and trained.
        estimator: The trained forest as scikit-learn has it, written by joblib.
        peer: A JSON file for a peer: mean and deviation of each currency's amounts, and the forest's threshold.
        samples: The events, with what is right where all is checked.
    """

    contracts: dict[Layers, Path]
    data: Path
    estimator: Path
    peer: Path
    samples: Sequence[Sample]

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """Make a copy of what was learned and trained, for one server, until the block ends."""
        with tempfile.TemporaryDirectory() as name:
            yield shutil.copytree(self.data, Path(name) / "data")

    def samples_for(self, layers: Layers) -> Sequence[Sample]:
        """Return the events, with what is right where these layers are checked."""
        if layers is Layers.ALL:
            return self.samples
        left_out = {_FOUND_BY_MODEL} if layers is Layers.STATISTICS else {_FOUND_BY_MODEL, "/amount"}
        return [replace(sample, found=sample.found - left_out) if sample.found else sample for sample in self.samples]


@contextmanager
def prepared(count: int, *, report: Callable[[str], Any] = lambda _: None) -> Iterator[Work]:
    """Generate history, have `assay learn` and `assay train` take it, and so many events, until the block ends."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        contracts = {layers: _contract(root / f"contracts-{layers.name.lower()}", layers) for layers in Layers}
        past = workload.history(_HISTORY)
        pq.write_table(pa.Table.from_pylist(past), root / "past.parquet")
        data = root / "data"
        for words in (("learn",), ("train", "--activate")):
            report(f"assay {words[0]} …")
            _assay(*words, EVENT_TYPE, str(root / "past.parquet"), contracts=contracts[Layers.ALL], data=data)
        report("what scikit-learn says of the events …")
        estimator, threshold = _trained(data)
        joblib.dump(estimator, root / "forest.joblib")
        (root / "peer.json").write_text(json.dumps({"moments": _moments(past), "threshold": threshold}))
        samples = _scored(workload.samples(count), estimator, threshold)
        yield Work(contracts, data, root / "forest.joblib", root / "peer.json", samples)


def _contract(folder: Path, layers: Layers) -> Path:
    text = _CONTRACT.read_text()
    model = next(line for line in text.splitlines() if line.startswith(f"    {_MODEL} = "))
    left_out = {Layers.SCHEMA: (', ThreeSigma(by="currency")', model), Layers.STATISTICS: (model,), Layers.ALL: ()}
    for part in left_out[layers]:
        text = text.replace(part, "")
    folder.mkdir()
    (folder / _CONTRACT.name).write_text(text)
    return folder


def _assay(*words: str, contracts: Path, data: Path) -> None:
    program = Path(sys.executable).with_name("assay")
    done = subprocess.run(
        [program, *words, "--contracts", contracts, "--data", data], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"assay {words[0]} failed: {done.stderr or done.stdout}")


def _trained(data: Path) -> tuple[Any, float]:
    """Return the forest that was trained, as scikit-learn has it, and the score from which an event is anomalous."""
    registry = Registry(data / "models")
    version = str(registry.find(EVENT_TYPE, _MODEL))
    manifest, _ = registry.manifest(EVENT_TYPE, _MODEL, version)
    file = registry.folder(EVENT_TYPE, _MODEL) / version / "estimator.skops"
    return skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file)), manifest.threshold


def _moments(past: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    amounts: dict[str, list[float]] = {}
    for payment in past:
        amounts.setdefault(payment["currency"], []).append(payment["amount"])
    return {currency: (float(np.mean(each)), float(np.std(each, ddof=1))) for currency, each in amounts.items()}


def _scored(samples: Sequence[Sample], estimator: Any, threshold: float) -> list[Sample]:
    """Return the events with what the model finds; without those that lie on the threshold, or nearly so."""
    matrix = np.array([[float(sample.payload[name]) if sample.valid else 0.0 for name in FEATURES] for sample in samples])
    scores = -estimator.score_samples(matrix)
    found = []
    for sample, score in zip(samples, scores.tolist(), strict=True):
        if not sample.valid or score < threshold - _UNCERTAIN:
            found.append(sample)
        elif score >= threshold + _UNCERTAIN:
            found.append(replace(sample, found=sample.found | {_FOUND_BY_MODEL}))
    return found
