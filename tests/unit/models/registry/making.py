"""Models to keep, and folders to damage."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from assay_server.models import FeatureKind, FeatureSpec, ModelKind
from assay_server.models.registry import Artefact, Registry, TrainingData
from assay_server.models.training import ModelSpec, Trained, train

OF = ("meter.read", "unusual")
"""The event type and the check whose models are kept."""

ROWS = 400
A = FeatureSpec(name="a", kind=FeatureKind.NUMBER, source="a")
B = FeatureSpec(name="b", kind=FeatureKind.NUMBER, source="b")
C = FeatureSpec(name="c", kind=FeatureKind.NUMBER, source="c")

FOREST = ModelSpec(kind=ModelKind.ISOLATION_FOREST, trees=8, samples=32)


def detector(factory: Callable[[], Any]) -> ModelSpec:
    """Return what to train: an outlier detector."""
    return ModelSpec(kind=ModelKind.ESTIMATOR, factory=factory)


def classifier(factory: Callable[[], Any]) -> ModelSpec:
    """Return what to train: a classifier."""
    return ModelSpec(kind=ModelKind.CLASSIFIER, factory=factory, threshold=0.5)


def trained(spec: ModelSpec = FOREST, *, seed: int = 1, features: tuple[FeatureSpec, ...] = (A, B, C)) -> Trained:
    """Return a model that was trained on normal numbers; what a classifier learns is whether the first is large."""
    rng = np.random.default_rng(0)
    columns = {feature.name: rng.normal(size=ROWS) for feature in features}
    return train(spec, features, columns, labels=columns[features[0].name] > 1, seed=seed)


def artefact(model: Trained, *, event_type: str = "meter.read", name: str = "unusual") -> Artefact:
    """Return what of a model is to be kept."""
    return Artefact.of(
        model,
        event_type=event_type,
        name=name,
        contract="1.0.0+0a1b2c3d",
        threshold_by="contamination 0.001",
        data=TrainingData(rows=ROWS),
        metrics={"auc": 0.5},
    )


def uncompiled(model: Trained, *, event_type: str = "meter.read") -> Artefact:
    """Return what of a model is to be kept, without its compiled form."""
    kept = artefact(model, event_type=event_type)
    object.__setattr__(kept, "compiled", None)
    return kept


class Damaged:
    """A version's folder that someone changes, and may seal again: then all digests are as they should be.

    Args:
        folder: The folder of a sound version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return the path of a file."""
        return self.folder / name

    def manifest(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change the manifest, and seal it."""
        document = json.loads(self.path("manifest.json").read_bytes())
        change(document)
        self.seal_with(json.dumps(document).encode())

    def seal_with(self, manifest: bytes) -> None:
        """Replace the manifest, and name the folder by it."""
        self.path("manifest.json").write_bytes(manifest)
        number = self.folder.name.partition("+")[0]
        self.folder = self.folder.rename(self.folder.with_name(f"{number}+{hashlib.sha256(manifest).hexdigest()[:8]}"))

    def file(self, name: str, data: bytes) -> None:
        """Replace a file, or add one, and seal the manifest that names it."""
        self.path(name).write_bytes(data)

        def change(document: dict[str, Any]) -> None:
            document["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

        self.manifest(change)

    def schema(self, change: Callable[[dict[str, Any], dict[str, bytes]], Any]) -> None:
        """Change what the estimator is made of, the document and the arrays by name, and seal it."""
        with zipfile.ZipFile(self.path("estimator.skops")) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        document = json.loads(parts.pop("schema.json"))
        change(document, parts)
        self.file("estimator.skops", zipped({"schema.json": json.dumps(document).encode(), **parts}))

    def array(self, path: str, change: Callable[[NDArray[Any]], Any]) -> None:
        """Change an array in place that the estimator holds, by attributes and positions, "estimators_.0.tree_.nodes"."""

        def apply(document: dict[str, Any], parts: dict[str, bytes]) -> None:
            node = node_at(document, path)
            array = np.load(io.BytesIO(parts[node["file"]]))
            changed = change(array)
            node["file"] = "99.npy"
            parts["99.npy"] = npy(array if changed is None else changed)

        self.schema(apply)

    def attribute(self, path: str, value: Any) -> None:
        """Set an attribute of the estimator to plain data."""

        def apply(document: dict[str, Any], parts: dict[str, bytes]) -> None:
            node_at(document, path).update(plain(value))

        self.schema(apply)

    def graph(self, change: Callable[[onnx.ModelProto], Any]) -> None:
        """Change the compiled form, and seal it."""
        model = onnx.load_model_from_string(self.path("model.onnx").read_bytes())
        change(model)
        self.file("model.onnx", model.SerializeToString())


def copied(source: Registry, version: str, registry: Registry, event_type: str, number: int) -> Damaged:
    """Return a copy of a version of meter.read as one of another event type, in another registry, to be damaged."""
    folder = registry.folder(event_type, "unusual") / f"{number}+00000000"
    shutil.copytree(source.folder("meter.read", "unusual") / version, folder)
    copy = Damaged(folder)
    copy.manifest(lambda document: document.update(event_type=event_type, number=number))
    return copy


def plain(value: Any) -> dict[str, Any]:
    """Return the node of plain data."""
    content = json.dumps(value)
    return {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": content, "is_json": True}


def node_at(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Return a node by the attributes and positions that lead to it."""
    node = document
    for part in path.split("."):
        content = node["content"]
        if isinstance(content, dict) and "__loader__" in content:
            content = content["content"]
        node = content[int(part)] if isinstance(content, list) else content[part]
    return node


def zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def npy(array: NDArray[Any], *, allow_pickle: bool = False) -> bytes:
    """Return an array as a file."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()
