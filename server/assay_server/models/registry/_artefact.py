"""What training hands over to be kept."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assay_server.models.explanation import Typical
from assay_server.models.features import Encoding, Floats, fingerprint
from assay_server.models.scoring import ModelKind, Percentiles

from ._errors import ModelRefusedError
from ._manifest import CANARIES, COMPILED, ESTIMATOR, Encoded, FileDigest, FileName, Manifest, TrainingData, TypicalEvent
from .inspection import check_compiled, estimator_bytes

if TYPE_CHECKING:  # Training loads what a server need not.
    from assay_server.models.training import Trained

_LIBRARIES = ("assay", "numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx", "skops")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Artefact:
    """A trained model, and all that is to be known of it."""

    event_type: str
    name: str
    """The check's name: what comes after "anomaly."."""

    contract: str
    """The contract's version that it was trained through, with the contract's fingerprint: "1.4.0+9f3ab2c1"."""

    kind: ModelKind
    encoding: Encoding
    estimator: Any
    compiled: bytes | None
    """Its compiled form; None if the estimator itself is to serve."""

    threshold: float
    threshold_by: str
    """How the threshold was chosen, in words."""

    percentiles: Percentiles
    typical: Typical
    canaries: Floats
    """Rows to try the model on wherever it is read: (n, width), 1 to 1,000 of them."""

    expected: Floats
    """The scores that these get, (n,)."""

    seed: int
    data: TrainingData
    metrics: Mapping[str, float | int | str | bool | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        trained: "Trained",
        *,
        event_type: str,
        name: str,
        contract: str,
        threshold_by: str,
        data: TrainingData,
        metrics: Mapping[str, float | int | str | bool | None] | None = None,
    ) -> Self:
        """Return what training made of a check's model, with what is to be known of it."""
        return cls(
            event_type=event_type,
            name=name,
            contract=contract,
            kind=trained.kind,
            encoding=trained.encoding,
            estimator=trained.estimator,
            compiled=trained.compiled.model,
            threshold=trained.threshold,
            threshold_by=threshold_by,
            percentiles=trained.percentiles,
            typical=trained.typical,
            canaries=trained.canaries.matrix,
            expected=trained.canaries.scores,
            seed=trained.seed,
            data=data,
            metrics=metrics or {},
        )

    def files(self) -> dict[FileName, bytes]:
        """Return the files that hold it, but for the manifest.

        A compiled form of operators that are not on the list is left out: the estimator itself serves then.

        Raises:
            ModelRefusedError: If the estimator is made of anything that could not be read back safely.
        """
        table = np.column_stack((self.canaries, self.expected)).astype(np.float64)
        stream = io.BytesIO()
        np.save(stream, table, allow_pickle=False)
        files: dict[FileName, bytes] = {ESTIMATOR: estimator_bytes(self.estimator), CANARIES: stream.getvalue()}
        if self.compiled is not None:
            try:
                check_compiled(self.compiled, self.encoding.width)
            except ModelRefusedError:
                return files
            files[COMPILED] = self.compiled
        return files

    def manifest(self, number: int, created: datetime, files: Mapping[FileName, bytes]) -> Manifest:
        """Return the manifest of the version that it becomes."""
        return Manifest(
            event_type=self.event_type,
            name=self.name,
            number=number,
            created=created,
            contract=self.contract,
            kind=self.kind,
            fingerprint=fingerprint(self.encoding.features, self.kind.value),
            encoding=Encoded.model_validate_json(json.dumps(self.encoding.as_json())),
            threshold=float(self.threshold),
            threshold_by=self.threshold_by,
            percentiles=tuple(self.percentiles.as_json()),
            typical=TypicalEvent(row=tuple(self.typical.row.tolist()), deviations=tuple(self.typical.deviations.tolist())),
            seed=int(self.seed),
            data=self.data,
            metrics=dict(self.metrics),
            libraries={name: version(name) for name in _LIBRARIES},
            files={
                name: FileDigest(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
                for name, data in sorted(files.items())
            },
        )


def _digest(data: bytes) -> FileDigest:
    return FileDigest(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
