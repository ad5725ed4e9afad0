"""What is known of a version: the file that is written last, and read first."""

import hashlib
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assay_server.models.explanation import Typical
from assay_server.models.features import Encoding, FeatureSpec, fingerprint
from assay_server.models.scoring import ModelKind, Percentiles

from ._errors import ModelRefusedError

FileName = Literal["estimator.skops", "model.onnx", "canaries.npy"]
ESTIMATOR: FileName = "estimator.skops"
COMPILED: FileName = "model.onnx"
CANARIES: FileName = "canaries.npy"

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Metric = _Finite | int | str | bool | None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class FileDigest(_Part):
    """One file of a version."""

    sha256: _Sha256
    bytes: _Count


class DataFile(_Part):
    """One file that a model was trained on."""

    name: str
    sha256: str
    rows: _Count


class TrainingData(_Part):
    """What a model was trained on, and evaluated with."""

    rows: _Count
    """How many events it was trained on."""

    held_out: _Count = 0
    """How many later events it was evaluated with."""

    first: datetime | None = None
    last: datetime | None = None
    """When the first and the last of all of them happened."""

    files: tuple[DataFile, ...] = ()


class TypicalEvent(_Part):
    """The event that others are compared with, and how far events commonly are from it."""

    row: tuple[_Finite, ...]
    deviations: tuple[_Finite, ...]


class EncodedFeature(_Part):
    """A feature, and the shares of its categories in training."""

    name: str
    kind: str
    source: str
    sensitive: bool
    categories: dict[str, _Finite]


class Encoded(_Part):
    """How the values of features become a matrix."""

    features: tuple[EncodedFeature, ...]


class Manifest(_Part):
    """All that is known of a version but what its files hold."""

    format: Literal[1] = 1
    event_type: str
    name: str
    """The check's name: what comes after "anomaly."."""

    number: Annotated[int, Field(ge=1, lt=10**9)]
    created: datetime
    contract: str
    """The contract's version that it was trained through, with the contract's fingerprint: "1.4.0+9f3ab2c1"."""

    kind: Annotated[ModelKind, Field(strict=False)]
    fingerprint: str
    """Which kind and features it was trained for."""

    encoding: Encoded
    threshold: _Finite
    threshold_by: str
    """How the threshold was chosen, in words."""

    percentiles: tuple[_Finite, ...]
    """The scores of the training events, as `Percentiles` keeps them."""

    typical: TypicalEvent
    seed: int
    data: TrainingData
    metrics: dict[str, _Metric]
    libraries: dict[str, str]
    """The versions of what it was trained with, by name."""

    files: dict[FileName, FileDigest]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if missing := {ESTIMATOR, CANARIES} - set(self.files):
            raise ValueError(f"{', '.join(sorted(missing))} is not among its files")
        encoding = self.encoder
        if fingerprint(encoding.features, self.kind.value) != self.fingerprint:
            raise ValueError("its fingerprint is not that of its features")
        if not len(self.typical_event.row) == len(self.typical_event.deviations) == encoding.width:
            raise ValueError(f"its typical event has other columns than its features, which have {encoding.width}")
        Percentiles.from_json(list(self.percentiles))
        return self

    @cached_property
    def encoder(self) -> Encoding:
        """How the values of features become a matrix."""
        return Encoding.from_json(self.encoding.model_dump(mode="json"))

    @cached_property
    def typical_event(self) -> Typical:
        """The event that others are compared with."""
        return Typical.from_json({"row": list(self.typical.row), "deviations": list(self.typical.deviations)})

    @property
    def features(self) -> tuple[FeatureSpec, ...]:
        """What it looks at, in the author's order."""
        return self.encoder.features

    def as_bytes(self) -> bytes:
        """Return what the file holds."""
        return self.model_dump_json(indent=2).encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the manifest that a file holds.

        Raises:
            ModelRefusedError: If it holds none.
        """
        try:
            return cls.model_validate_json(data)
        except (ValidationError, RecursionError) as error:
            raise ModelRefusedError(f"manifest.json is none: {_first(error)}") from None


def digest_of(manifest: bytes) -> str:
    """Return the SHA-256 of a manifest, which tells all that a version holds, in hexadecimal digits."""
    return hashlib.sha256(manifest).hexdigest()


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it nests too deeply"
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, problem["loc"]))
    message = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
